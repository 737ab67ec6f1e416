"""What each stretch of a sentence is: a food, a number, a unit, a time, a link between foods, talk.

The words are cut where the whole comes out best: every way to read a stretch has a cost, names of foods the
less the longer they are and words that mean nothing here the most, and the cheapest reading of the whole
sentence is taken. So "grilled chicken breast" is a grilled chicken breast even where "grilled chicken" is known
too, and "mac and cheese" is one food while "eggs and cheese" are two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from receiver.assistants.diet.parser.brands import brand_at
from receiver.assistants.diet.parser.food_index import Named, food_named, names_at, words_to_look_up
from receiver.assistants.diet.parser.meal_times import when_at
from receiver.assistants.diet.parser.measures import amounts_at, counts_only_the_first
from receiver.assistants.diet.parser.mishearing import misheard_at
from receiver.assistants.diet.parser.numbers import CARDINALS
from receiver.assistants.diet.parser.spans import PREPARED_STEMS, Kind, Span
from receiver.assistants.diet.parser.tokens import MARKS, at, word_set
from receiver.assistants.diet.parser.toppings import is_topping
from receiver.assistants.diet.parser.vocabulary import (
    ATE,
    ENDS_NOT,
    FILLERS,
    FOOD_SOUNDS,
    JOINERS,
    LINKS,
    NOT,
    PREPARED,
    SENTENCE_ENDS,
    SIZES,
    TALK,
    WITHOUT,
)
from receiver.assistants.diet.parser.word_forms import stem
from receiver.nutrition.foods import Food
from receiver.nutrition.units import UNITS

_REPAIR_PHRASES = """
no wait; wait no; no sorry; sorry no; sorry; wait; i mean; i meant; make that; make it; or rather;
rather; scratch that; strike that; correction; no make that; no i mean; sorry i mean; sorry i meant;
no actually; actually no; well actually; oops; my mistake; my bad; no no; no i meant; wait sorry;
sorry wait; no it was; no they were; hang on; hold on; let me correct that; wait actually; actually
it was; actually; no that's wrong; no wait sorry; no wait i mean; wait no i mean
"""
_REPAIRS = sorted((tuple(phrase.split()) for phrase in _REPAIR_PHRASES.split(";")), key=len, reverse=True)

_CUT = word_set("slice piece wedge square")
"""Units that follow the name of what is cut."""

_LACKING = word_set("sugar fat gluten dairy lactose caffeine alcohol cholesterol nut egg salt wheat carb")
"""Before "free", these say what a food has not."""


def read_spans(words: Sequence[str], weekday: int | None = None) -> list[Span]:
    """The cheapest reading of the words, as spans that follow on each other without gaps."""
    written = words_to_look_up(words)
    count = len(words)
    best: list[tuple[float, Span | None]] = [(0.0, None)] * (count + 1)
    for start in range(count - 1, -1, -1):
        cheapest: tuple[float, Span | None] = (float("inf"), None)
        for reading in _readings(words, written, start, weekday):
            total = reading.cost + best[reading.end][0]
            if total < cheapest[0] - 1e-9:
                cheapest = (total, reading)
        best[start] = cheapest
    spans: list[Span] = []
    start = 0
    while start < count:
        span = best[start][1]
        if span is None:
            break
        spans.append(span)
        start = span.end
    return spans


def _readings(words: Sequence[str], written: list[str], start: int, weekday: int | None) -> Iterator[Span]:
    word = words[start]
    for named in names_at(written, start):
        if _is_said_in_parts(words, start, named) or _begins_before(words, written, start, named):
            continue
        measure = named.words > 2 and word in UNITS and words[start + 1] == "of"
        cost = named.cost + (4.0 if measure or counts_only_the_first(words, start, named) else 0.0)
        yield Span(Kind.FOOD, start, start + named.words, cost, named)
    if word in MARKS and word != "&":
        yield Span(Kind.STOP if word in SENTENCE_ENDS else Kind.COMMA, start, start + 1, 0.0)
        return
    yield from amounts_at(words, written, start)
    if word in _LACKING and at(words, start + 1) == "free":
        yield Span(Kind.PREPARED, start, start + 2, 0.2)
    if (when := when_at(words, start, weekday)) is not None:
        yield Span(Kind.WHEN, start, when[1], 0.0, when=when[0])
    if (word, at(words, start + 1)) in (("ice", "cold"), ("piping", "hot"), ("stone", "cold")):
        yield Span(Kind.PREPARED, start, start + 2, -0.3)
    if (word, at(words, start + 1)) == ("extra", "large"):
        yield Span(Kind.SIZE, start, start + 2, 0.0, text="extra large")
    if (word, at(words, start + 1)) in (("instead", "of"), ("rather", "than")):
        yield Span(Kind.WITHOUT, start, start + 2, 0.0)
        return
    if list(words[start : start + 3]) == ["in", "place", "of"]:
        yield Span(Kind.WITHOUT, start, start + 3, -0.2)
    for phrase in _REPAIRS:
        if tuple(words[start : start + len(phrase)]) == phrase:
            yield Span(Kind.REPAIR, start, start + len(phrase), 0.05, text=" ".join(phrase))
            break
    if brand := brand_at(words, start):
        yield Span(Kind.BRAND, start, start + brand, 0.15)
    single = _single(word, start)
    if single.kind is not Kind.PREPARED or word in PREPARED or food_named([word]) is None:
        yield single
    if word in FOOD_SOUNDS and (food := _sounds_like_food(words, written, start)) is not None:
        yield Span(Kind.FOOD, start, start + 1, 1.0, Named(food, 1, 1.0, FOOD_SOUNDS[word]))
    yield from misheard_at(words, start)


def _is_said_in_parts(words: Sequence[str], start: int, named: Named) -> bool:
    """Whether a name holds an amount or several toppings: "large fries" are large, "a pizza slice" is a slice."""
    said = words[start : start + named.words]
    if len(said) < 2:
        return False
    if "with" in said and said[-2] == "and" and said[0] not in CARDINALS:
        parts = (said[: said.index("with")], said[said.index("with") + 1 : -2], said[-1:])
        foods = [food_named(part) for part in parts if part]
        # "Toast with butter and jam" are three.
        return len(foods) == 3 and named.food is not foods[0] is not None and all(map(is_topping, foods[1:]))
    if "with" in said and _is_amount(said, said.index("with") + 1) and food_named(said[: said.index("with")]):
        return True  # "Tea with a splash of milk", "coffee with two sugars".
    if SIZES.get(said[0]) in named.food.portions and food_named(said[1:]) is named.food:
        return True
    unit = UNITS.get(said[-1])
    if said[0] in PREPARED and food_named(said[1:]) not in (None, named.food):
        return False
    return unit in _CUT and unit in named.food.portions and food_named(said[:-1]) is named.food


def _is_amount(said: Sequence[str], start: int) -> bool:
    if at(said, start) in CARDINALS:
        return True
    return at(said, start) in ("a", "an") and (at(said, start + 1) in UNITS or at(said, start + 2) == "of")


def _begins_before(words: Sequence[str], written: list[str], start: int, named: Named) -> bool:
    """Whether the first part of a name ends a longer one: "banana bread" + "with butter"."""
    joint = next((at for at in range(1, named.words) if words[start + at] in ("with", "in", "on")), 0)
    return bool(joint and start) and any(before.words == joint + 1 for before in names_at(written, start - 1))


def _sounds_like_food(words: Sequence[str], written: list[str], start: int) -> Food | None:
    """ "I ate a pair": a food that was heard as an English word, where the word makes no sense."""
    before, after = at(words, start - 1), at(words, start + 1)
    counted = (
        before in CARDINALS or before.isdecimal() or before in ("a", "an", "of", "some", "the", "and", "with")
    )
    in_company = (not before or before in ATE) and (after in ("and", "with", ",", "&"))
    if not (counted or in_company) or after == "of" or (after and names_at(written, start + 1)):
        return None
    return food_named([FOOD_SOUNDS[words[start]]])


def _single(word: str, start: int) -> Span:
    """What a word is by itself."""
    end = start + 1
    if word in LINKS:
        return Span(Kind.LINK, start, end, 0.1, text=LINKS[word])
    for kind, known, cost in _CLASSES:
        if word in known:
            return Span(kind, start, end, cost)
    if word in SIZES:
        return Span(Kind.SIZE, start, end, 0.1, text=SIZES[word])
    if word in PREPARED or stem(word) in PREPARED_STEMS:
        return Span(Kind.PREPARED, start, end, 0.3 if word in PREPARED else 1.8)
    if word in FILLERS:
        return Span(Kind.FILLER, start, end, 0.2)
    return Span(Kind.WORD, start, end, 3.0)


_CLASSES: tuple[tuple[Kind, frozenset[str], float], ...] = (
    (Kind.JOIN, JOINERS, 0.0),
    (Kind.NOT, NOT, 0.0),
    (Kind.WITHOUT, WITHOUT, 0.0),
    (Kind.BUT, ENDS_NOT, 0.1),
    (Kind.ATE, ATE, 0.1),
    (Kind.TALK, TALK - ATE, 0.2),
)
