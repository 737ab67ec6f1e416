"""What a spoken sentence says, as the parser gives it to the dialogue."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.diary import Meal
from receiver.nutrition.foods import Food


@dataclass(frozen=True, slots=True)
class Mention:
    """One food that was named."""

    name: str
    """As said, without quantity and fillers."""
    food: Food | None
    """None: not known."""
    quantity: float | None = None
    unit: str | None = None
    """None: not said. The quantity then counts pieces, or usual portions. A size ("large") is a unit too."""
    plural: bool = False
    meal: Meal | None = None
    """None: none was named for it."""
    days_ago: int | None = None
    """0 today, 1 yesterday; None: no day was named for it."""
    negated: bool = False
    """Said not to have been eaten: "I didn't have the coffee"."""
    without: tuple[str, ...] = ()
    """What it came without: "a burger without cheese"."""
    doubtful: bool = False
    """`food` only sounds like what was said: to be confirmed before it counts."""
    planned: bool = False
    """Wished for, planned or only talked about, not eaten: "I want pizza tonight", "I love pizza"."""


@dataclass(frozen=True, slots=True)
class Utterance:
    words: tuple[str, ...]
    mentions: tuple[Mention, ...]
    meals: tuple[Meal, ...]
    """Every meal that was named, in order."""
    days_ago: int | None = None
    """The day that was named, if the whole sentence is about one."""

    @property
    def text(self) -> str:
        """The words without punctuation, for matching phrases."""
        return " ".join(word for word in self.words if word[0].isalnum())
