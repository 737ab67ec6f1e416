"""Where a sentence may name a food that was misheard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from receiver.assistants.diet.food_index import Named, food_named
from receiver.assistants.diet.hearing import POSSIBLE, sounds_like
from receiver.assistants.diet.numbers import CARDINALS
from receiver.assistants.diet.spans import MEANT, PREPARED_STEMS, Kind, Span
from receiver.assistants.diet.talk import NOT_FOOD, PEOPLE_AND_PLACES
from receiver.assistants.diet.tokens import at, word_set
from receiver.assistants.diet.vocabulary import ATE, ENDS_NOT, JOINERS, NOT, WITHOUT
from receiver.assistants.diet.word_forms import stem
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
        strange = [word for word in said if word not in MEANT and word not in UNITS]
        if not strange or (not measured and any(word in NOT_FOOD for word in strange)):
            continue
        heard = sounds_like(" ".join(said))
        if heard is None or heard.likeness < (POSSIBLE if count == 1 else POSSIBLE_IN_PARTS):
            continue
        if not heard.sure and any(food_named([word]) is not None for word in said):
            continue  # "Zorble soup" sounds like cereal soup only because both are soups.
        cost = (1.6 if heard.sure else 2.7) + 0.05 * count + (1 - heard.likeness)
        yield Span(
            Kind.FOOD,
            start,
            start + count,
            cost,
            Named(heard.food, count, cost, heard.name),
            doubtful=not heard.sure,
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
        word.isalpha() and (word not in MEANT or stem(word) in PREPARED_STEMS) and word not in _NEVER_MISHEARD
    )
