"""What a stretch of a sentence may be: a food, a number, a unit, a time, a link between foods, talk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from receiver.assistants.diet.parser.food_index import Named
from receiver.assistants.diet.parser.meal_times import When
from receiver.assistants.diet.parser.tokens import MARKS
from receiver.assistants.diet.parser.vocabulary import (
    ENDS_NOT,
    FILLERS,
    JOINERS,
    LINKS,
    NOT,
    PREPARED,
    SIZES,
    TALK,
    WITHOUT,
)
from receiver.assistants.diet.parser.word_forms import stem


class Kind(Enum):
    FOOD = auto()
    NUMBER = auto()
    UNIT = auto()
    SIZE = auto()
    WHEN = auto()
    BRAND = auto()
    PREPARED = auto()
    LINK = auto()
    JOIN = auto()
    WITHOUT = auto()
    NOT = auto()
    BUT = auto()
    ATE = auto()
    REPAIR = auto()
    STOP = auto()
    COMMA = auto()
    FILLER = auto()
    TALK = auto()
    WORD = auto()


@dataclass(frozen=True, slots=True)
class Span:
    kind: Kind
    start: int
    end: int
    cost: float
    named: Named | None = None
    doubtful: bool = False
    number: float = 0.0
    text: str = ""
    """The unit, size or link that the words stand for."""
    when: When | None = None


PREPARED_STEMS = frozenset(map(stem, PREPARED))
MEANT = FILLERS | TALK | PREPARED | JOINERS | WITHOUT | NOT | ENDS_NOT | LINKS.keys() | SIZES.keys() | MARKS
"""Words that mean something here, and are no food themselves."""
