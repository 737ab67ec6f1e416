"""Where a sentence may name a food that was misheard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from receiver.assistants.diet.parser.food_index import Named, food_named, names_at
from receiver.assistants.diet.parser.hearing import POSSIBLE, Heard, sounds_like
from receiver.assistants.diet.parser.modifiers import NO_FOODS
from receiver.assistants.diet.parser.numbers import CARDINALS
from receiver.assistants.diet.parser.spans import MEANT, PREPARED_STEMS, Kind, Span
from receiver.assistants.diet.parser.talk import NOT_FOOD, PEOPLE_AND_PLACES
from receiver.assistants.diet.parser.tokens import at, word_set
from receiver.assistants.diet.parser.vocabulary import ATE, ENDS_NOT, JOINERS, NOT, WITHOUT
from receiver.assistants.diet.parser.word_forms import stem
from receiver.nutrition.units import UNITS

POSSIBLE_IN_PARTS = 0.72
"""How alike a name must be to what was heard as several words."""


def misheard_at(words: Sequence[str], start: int) -> Iterator[Span]:
    """Foods that sound like words that mean nothing here."""
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
        if not heard.sure and any(food_named([word]) is not None for word in said):
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


def _well_spelt(heard: Heard) -> str:
    """The food's own name, where it sounds like the one that was heard: "chicken cesar salad" is an alias."""
    own = heard.food.name
    same = SequenceMatcher(None, own, heard.name, autojunk=False).ratio() >= _SAME_NAME
    return own if same and own.endswith("s") == heard.name.endswith("s") else heard.name


_SAME_NAME = 0.9
_NO_NAMES = ("ing", "ly", "ed")
_BEFORE_FOODS = ATE | word_set("and & with on some the of plus or then a an another more for was , . no")


def _is_a_foods_place(words: Sequence[str], start: int, end: int) -> bool:
    """Whether a food would stand here: a guess needs more than a sound, or every name would be a fruit."""
    if words[end - 1].endswith(_NO_NAMES) or "'" in words[end - 1]:
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


def _may_be_misheard(word: str, follows: str) -> bool:
    """Whether a word that is not the last of a stretch may be a part of a misheard name."""
    return (
        word.isalpha()
        and (word not in MEANT or word == "diet" or stem(word) in PREPARED_STEMS)
        and word not in _NEVER_MISHEARD
    )
