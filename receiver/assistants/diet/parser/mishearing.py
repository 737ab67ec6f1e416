"""Where a sentence may name a food that was misheard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from receiver.assistants.diet.parser.food_index import Named, food_named, names_at
from receiver.assistants.diet.parser.hearing import POSSIBLE, SURE, Heard, sounds_like
from receiver.assistants.diet.parser.modifiers import NO_FOODS
from receiver.assistants.diet.parser.numbers import CARDINALS
from receiver.assistants.diet.parser.phonetics import skeleton, sound_of
from receiver.assistants.diet.parser.spans import MEANT, PREPARED_STEMS, Kind, Span
from receiver.assistants.diet.parser.talk import NOT_FOOD, PEOPLE_AND_PLACES
from receiver.assistants.diet.parser.tokens import MARKS, at, word_set
from receiver.assistants.diet.parser.vocabulary import ATE, ENDS_NOT, JOINERS, NOT, WITHOUT
from receiver.assistants.diet.parser.word_forms import stem
from receiver.nutrition.units import UNITS

POSSIBLE_IN_PARTS = 0.72
"""How alike a name must be to what was heard as several words."""


def misheard_at(words: Sequence[str], start: int) -> Iterator[Span]:
    """Foods that sound like words that mean nothing here."""
    yield from _misheard_words(words, start)
    yield from _torn_apart(words, start)


def _misheard_words(words: Sequence[str], start: int) -> Iterator[Span]:
    measured = at(words, start - 1) == "of" and at(words, start - 2) in UNITS
    if at(words, start - 1) in PEOPLE_AND_PLACES:
        return  # "With my friend Sarah".
    for count in (1, 2, 3):
        said = words[start : start + count]
        if len(said) < count or not all(map(_may_be_misheard, said[:-1], said[1:])):
            return
        if not said[-1].isalpha() or said[-1] in _NEVER_MISHEARD:
            return
        if count == 1 and said[0] in NO_FOODS:
            continue
        strange = [word for word in said if word not in MEANT and word not in UNITS]
        if not strange or (not measured and any(word in NOT_FOOD for word in strange)):
            continue
        if any(word in PEOPLE_AND_PLACES for word in strange):
            continue
        heard = sounds_like(" ".join(said))
        if heard is None or heard.likeness < (POSSIBLE if count == 1 else POSSIBLE_IN_PARTS):
            continue
        if not heard.sure and not _is_a_foods_place(words, start, start + count):
            continue
        if not heard.sure and any(word not in NOT_FOOD and food_named([word]) is not None for word in said):
            continue  # "Zorble soup" sounds like cereal soup only because both are soups.
        cost = (1.6 if heard.sure else 2.7) + 0.05 * count + (1 - heard.likeness)
        yield Span(
            Kind.FOOD,
            start,
            start + count,
            cost,
            Named(heard.food, count, cost, _well_spelt(heard)),
            doubtful=not heard.sure,
        )


def _torn_apart(words: Sequence[str], start: int) -> Iterator[Span]:
    """One name heard as two to four words, small ones among them: "die it coke", "all mends", "black barry's"."""
    if at(words, start - 1) in PEOPLE_AND_PLACES or words[start] in _BEGIN_NONE:
        return
    for count in (2, 3, 4):
        end = start + count
        if end > len(words) or words[end - 1] in _KEEPS_APART:
            return
        said = [word.removesuffix("'s") + "s" if word.endswith("'s") else word for word in words[start:end]]
        if not all(map(str.isalpha, said)):
            return
        whole = list(words[start:end]) == said and all(map(_may_be_misheard, said[:-1], said[1:]))
        whole = whole and said[-1] not in _NEVER_MISHEARD and not NOT_FOOD.intersection(said)
        if (count < 4 and whole) or not _is_nonsense(said):
            continue
        if (
            said[-1] in ("a", "an", "the", "my", "i")
            and at(words, end)
            and at(words, end) not in JOINERS | MARKS
        ):
            continue
        heard = _nearest(said)
        known = not any(_is_nonsense([word]) and word not in NOT_FOOD for word in said)
        if heard is not None and not heard.sure and known and count < _MANY:
            continue  # "A good night" is no goat.
        if heard is None or (heard.likeness < _THE_SAME and len(skeleton(sound_of(heard.name))) < _BONES):
            continue
        if heard.likeness < (SURE if heard.sure else _TORN) or not _is_a_foods_place(words, start, end, said):
            continue
        owned = any(word.endswith("'s") for word in words[start:end])  # Else a maker's name.
        cost = (
            (0.3 if heard.sure and owned else 1.3 if heard.sure else 2.5)
            + 0.05 * count
            + (1 - heard.likeness)
        )
        named = Named(heard.food, count, cost, _well_spelt(heard))
        yield Span(Kind.FOOD, start, end, cost, named, doubtful=not heard.sure)


def _is_nonsense(said: Sequence[str]) -> bool:
    """Whether one of the words has no meaning at a meal: of sensible words, none was misheard."""
    return any(
        word not in MEANT
        and word not in UNITS
        and word not in NO_FOODS
        and word not in PEOPLE_AND_PLACES
        and food_named([word]) is None
        for word in said
    )


def _nearest(said: Sequence[str]) -> Heard | None:
    """What sounds the most like the words, one after the other or run together."""
    found = [
        heard for heard in (sounds_like(" ".join(said)), sounds_like("".join(said))) if heard is not None
    ]
    return max(found, key=lambda heard: (heard.likeness, heard.sure), default=None)


def _well_spelt(heard: Heard) -> str:
    """The food's own name, where it sounds like the one that was heard: "chicken cesar salad" is an alias."""
    own = heard.food.name
    same = SequenceMatcher(None, own, heard.name, autojunk=False).ratio() >= _SAME_NAME
    return own if same and own.endswith("s") == heard.name.endswith("s") else heard.name


_SAME_NAME = 0.9
_NO_NAMES = ("ing", "ly", "ed")
_BEFORE_FOODS = ATE | word_set("and & with on some the of plus or then a an another more for was , . no")


def _is_a_foods_place(words: Sequence[str], start: int, end: int, said: Sequence[str] = ()) -> bool:
    """Whether a food would stand here: a guess needs more than a sound, or every name would be a fruit."""
    last = said[-1] if said else words[end - 1]
    if last.endswith(_NO_NAMES) or "'" in last:
        return False
    if end < len(words) and names_at(words, end):
        return False  # It says of what kind that food is.
    before = at(words, start - 1)
    if not before:
        return start + 2 >= len(words) or words[-1] == at(words, start + 1)
    return (
        before in _BEFORE_FOODS
        or before in CARDINALS
        or before[:1].isdigit()
        or before in UNITS
        or stem(before) in PREPARED_STEMS
        or food_named([before]) is not None
    )


_NEVER_MISHEARD = (
    JOINERS
    | WITHOUT
    | NOT
    | ENDS_NOT
    | ATE
    | CARDINALS.keys()
    | word_set("a an the of i with my to for at it")
)


_KEEPS_APART = (
    (JOINERS | WITHOUT | NOT | ENDS_NOT | ATE | CARDINALS.keys() | MARKS)
    | word_set("with of for i i'm i've my the from by had have was is then just")
) - word_set("eat ate")
"""Words that are never inside of a name, however it was torn apart."""

_BEGIN_NONE = _KEEPS_APART | word_set("a an some any it its it's this that at into over we you")

_BONES = 3
"""Consonants that a name needs to be known again in other words."""

_THE_SAME = 0.97
"""As alike as this, a name may be as short as it will."""

_MANY = 3
"""So many words of other meanings beside a food are unlikely unless they are one name."""

_TORN = 0.76
"""How alike a name must be to several words, small ones among them, to be asked about."""


def _may_be_misheard(word: str, follows: str) -> bool:
    """Whether a word that is not the last of a stretch may be a part of a misheard name."""
    return (
        word.isalpha()
        and (word not in MEANT or word == "diet" or stem(word) in PREPARED_STEMS)
        and word not in _NEVER_MISHEARD
    )
