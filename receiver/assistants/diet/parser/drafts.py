"""A food of a sentence while the sentence is being read."""

from __future__ import annotations

from dataclasses import dataclass, field

from protocol.diary import Meal
from receiver.assistants.diet.parser.food_index import food_named
from receiver.assistants.diet.utterance import Mention
from receiver.nutrition.foods import Food, by_name, plural_names
from receiver.nutrition.units import GRAMS


@dataclass(slots=True, eq=False)
class Draft:
    said: list[str]
    """The food's own words."""
    food: Food | None
    start: int
    end: int
    modifiers: list[str] = field(default_factory=list)
    """Words before or after that say what kind it was."""
    quantity: float | None = None
    unit: str | None = None
    article: bool = False
    """The quantity is only an "a"."""
    link: str = ""
    """How it hangs on the one before: "with", "on", "in", "and", "," or nothing."""
    denied: bool = False
    without: list[str] = field(default_factory=list)
    doubtful: bool = False
    planned: bool = False
    filling: bool = False
    """What it is made of was listed: what follows may be more of that."""
    kept_with: list[str] = field(default_factory=list)
    """Words after the name that belong to it: "with oat milk"."""
    meal: Meal | None = None
    days_ago: int | None = None

    @property
    def name(self) -> str:
        return " ".join([*self.modifiers, *self.said])

    @property
    def plural(self) -> bool:
        """Whether it was said in the plural of something counted."""
        food = self.food
        if food is None or not food.plural:
            return False
        said = tuple(self.said)
        if said in by_name():
            return said in plural_names()
        return self.said[-1].endswith("s") and self.said[-1] != food.name.split()[-1]

    def mention(self) -> Mention:
        name = " ".join([self.name, *self.kept_with])
        return Mention(
            name, self.food, self.quantity, self.unit, self.plural, self.meal, self.days_ago, self.denied,
            tuple(self.without), self.doubtful, self.planned,
        )  # fmt: skip


def kind_said_after(draft: Draft, kind: list[str]) -> None:
    """ "Eggs, scrambled": the food that is named so, if there is one."""
    for first in range(len(kind)):
        food = food_named([*kind[first:], *draft.said])
        if food is not None:
            draft.food, draft.said = food, [*kind[first:], *draft.said]
            return


def amount_said_after(draft: Draft, quantity: float | None, unit: str | None, *, again: bool) -> None:
    """ "Eggs, two of them", "a steak, eight ounces", "a sandwich and ate half"; `again`: "two eggs, no, three"."""
    weighed = unit in GRAMS and draft.unit not in GRAMS and draft.quantity == 1
    if (
        again
        or weighed
        or draft.quantity is None
        or draft.article
        or (draft.unit is None and unit is not None)
    ):
        draft.quantity = quantity if quantity is not None else draft.quantity
        draft.unit = unit or draft.unit
        draft.article = False
