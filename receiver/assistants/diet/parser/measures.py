"""Where a sentence says how much: numbers, units and what they count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from receiver.assistants.diet.parser.food_index import Named, food_named, names_at
from receiver.assistants.diet.parser.numbers import CARDINALS, read_number
from receiver.assistants.diet.parser.spans import MEANT, Kind, Span
from receiver.assistants.diet.parser.tokens import at, word_set
from receiver.assistants.diet.parser.toppings import is_topping
from receiver.assistants.diet.parser.vocabulary import (
    ATE,
    NUMBER_SOUNDS,
    PREPARED,
    SIZES,
    UNIT_SOUNDS,
    VAGUE_UNITS,
)
from receiver.assistants.diet.parser.word_forms import stem
from receiver.nutrition.units import GRAMS, UNITS

_COUNTS = (
    CARDINALS.keys()
    | SIZES.keys()
    | word_set(
        "a an half quarter third couple few several dozen hundred of another thirds quarters each whole "
        "one's full heaped heaping level generous good decent nice the my"
    )
)


def amounts_at(words: Sequence[str], written: list[str], start: int) -> Iterator[Span]:
    number = read_number(words, start)
    if number is not None:
        yield Span(
            Kind.NUMBER,
            start,
            number[1],
            0.0,
            number=number[0],
            text="a" if _is_article(words, start, number[1]) else "",
        )
    elif (sound := NUMBER_SOUNDS.get(words[start])) and _is_number_sound(words, written, start):
        yield Span(Kind.NUMBER, start, start + 1, -0.2, number=sound)
    word, follows = words[start], at(words, start + 1)
    if word in CARDINALS and follows == "egg" and stem(at(words, start + 2)) == "omelet":
        yield Span(Kind.PREPARED, start, start + 2, -0.5)  # Eggs of one omelet.
    if word == "pack" and follows == "of" and at(words, start - 1) in CARDINALS:
        yield Span(Kind.UNIT, start, start + 2, -0.1, text="can")
    if word in ("fluid", "fl") and UNITS.get(follows) == "ounce":
        yield Span(
            Kind.UNIT,
            start,
            _after_of(words, start + 2),
            0.0,
            text="fluid ounce" if "fluid ounce" in UNITS.values() else "ounce",
        )
    if follows == "of" and word in UNIT_SOUNDS and _is_unit_sound(words, written, start):
        yield Span(Kind.UNIT, start, _after_of(words, start + 1), -0.3, text=UNIT_SOUNDS[word])
    if word in VAGUE_UNITS and follows == "of" and (not VAGUE_UNITS[word] or word not in UNITS):
        yield Span(Kind.UNIT, start, start + 2, 0.0, text=VAGUE_UNITS[word])
    elif word in UNITS and _is_unit(words, written, start):
        yield Span(Kind.UNIT, start, _after_of(words, start + 1), 0.0, text=UNITS[word])
    elif word in UNITS and _names_a_food(words, start - 1) and food_named([word]) is None:
        yield Span(Kind.UNIT, start, start + 1, 0.5, text=UNITS[word])


def _names_a_food(words: Sequence[str], index: int) -> bool:
    """Whether the word there may be a food's, so that a unit after it is the food's: "a salmon fillet"."""
    word = at(words, index)
    return word.isalpha() and word not in MEANT and word not in _COUNTS and word not in CARDINALS


def _is_article(words: Sequence[str], start: int, end: int) -> bool:
    return end == start + 1 and words[start] in ("a", "an")


def _is_unit(words: Sequence[str], written: list[str], start: int) -> bool:
    """Whether a word that can be a unit is one here: "a can of", "two slices", but not "can you"."""
    follows = at(words, start + 1)
    if follows == "of":
        return True
    before = at(words, start - 1)
    counted = before in _COUNTS or before[:1].isdigit() or before in UNITS or before in NUMBER_SOUNDS
    is_food = any(named.words == 1 for named in names_at(written, start))
    if is_food:
        # "A roll" is a roll; "two shots espresso" are shots.
        return counted and start + 1 < len(words) and bool(names_at(written, start + 1))
    return counted


def _is_unit_sound(words: Sequence[str], written: list[str], start: int) -> bool:
    """ "A cap of coffee", "a ball of cereal": a unit that was heard as another word; mozzarella does come in balls."""
    before = at(words, start - 1)
    if not (before in _COUNTS or before[:1].isdigit()) or start + 2 >= len(words):
        return False
    foods = names_at(written, _after_of(words, start + 1)) if _after_of(words, start + 1) < len(words) else []
    as_said = UNITS.get(words[start])
    return bool(foods) and (as_said is None or all(as_said not in named.food.portions for named in foods))


def _after_of(words: Sequence[str], start: int) -> int:
    """After "of", and the "the" or "my" that may follow it."""
    if at(words, start) == "of":
        start += 1
        while at(words, start) in (
            "the",
            "my",
            "our",
            "some",
            "that",
            "this",
            "those",
            "these",
            "her",
            "his",
        ):
            start += 1
    return start


def _is_number_sound(words: Sequence[str], written: list[str], start: int) -> bool:
    """ "I had to eggs", "I had ate almonds", "for ounces of steak": a number that was heard as another word."""
    word, before, follows = words[start], at(words, start - 1), at(words, start + 1)
    if not follows or not follows.isalpha():
        return False
    several = follows in UNITS and follows.endswith("s")
    if not several:
        foods = [named for named in names_at(written, start + 1) if named.cost < 1.2]
        last = words[start + max((named.words for named in foods), default=0)]
        several = bool(foods) and (last.endswith("s") or word == "won")
    after_verb = before in ATE and before != "ate"
    weighed = several and UNITS.get(follows) in (*GRAMS, "cup", "tablespoon", "teaspoon")
    match word:
        case "ate":
            return several and (
                before in ("had", "have", "ate", "eat", "got")
                or (weighed and before not in ("i", "we", "just", "then", "also"))
            )
        case "for" | "fore":
            measured = several and follows in UNITS and before in ("", "and", ",", "with", "then", "plus")
            return (several and after_verb) or measured
        case "to" | "tu":
            return several and (after_verb or before in ("", "and", ",", "with"))
        case "too":
            return several
        case _:
            return several and before not in ("a", "an", "the")


_DISH_GRAMS = 100.0
"""What weighs as much apiece is counted as a dish; "two crackers and cheese" are two crackers."""


def counts_only_the_first(words: Sequence[str], start: int, named: Named) -> bool:
    """Whether "two eggs and toast" are two eggs, and not twice a food called "eggs and toast".

    Without a number, only a food that is mainly called so ("biscuits and gravy") keeps two foods together.
    """
    joint = next((at for at in range(1, named.words) if words[start + at] in ("and", "on", "&")), 0)
    if not joint:
        return False
    whole = " ".join(words[start : start + named.words]) in (named.food.name, named.food.plural)
    if whole and named.food.portions.get("", 0.0) >= _DISH_GRAMS:
        return False  # "Two biscuits and gravy".
    back = start - 1
    while at(words, back) in PREPARED or at(words, back) in SIZES:
        back -= 1
    before = at(words, back)
    if (
        words[start + joint] == "on"
        and before in ("a", "an")
        and at(words, back - 1) in ("half", "quarter", "third")
    ):
        return True  # "Half an avocado on toast".
    if not words[start + joint - 1].endswith("s"):
        return False
    if before in ("of", "few", "couple") or (before.isdecimal() and before != "1"):
        return True
    if before in CARDINALS and before != "one":
        return True
    first, second = words[start : start + joint], words[start + joint + 1 : start + named.words]
    said = " ".join(words[start : start + named.words])
    if words[start + joint] == "on" or said in (named.food.name, named.food.plural):
        return False
    other = food_named(second)
    return food_named(first) is not None and other is not None and not is_topping(other)
