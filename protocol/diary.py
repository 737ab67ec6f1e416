"""The day's diary, as both vocabularies carry it and the page shows it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from protocol.messages import Id, Name, Part, Text

Meal = Literal["breakfast", "lunch", "dinner", "snack"]


MAX_EXPORT_BYTES = 512 * 1024
"""Longest diary file on the wire, in UTF-8; the oldest days of a longer diary are left out of it."""


class Totals(Part):
    """Sums. Energy in kilocalories, the rest in grams."""

    kcal: float = 0
    protein_g: float = 0
    carbs_g: float = 0
    fat_g: float = 0


class DiaryItem(Totals):
    """One food as it was said. `known` is false where no figures are known: they are then 0."""

    id: Id
    food: Text
    quantity: float
    unit: Name
    """What `quantity` counts, in words a person uses: "slice", "cup", "" for pieces."""
    grams: float | None = None
    known: bool = True


class DiaryMeal(Part):
    meal: Meal
    items: list[DiaryItem]
    totals: Totals


class Goal(Part):
    """What the person aims at in a day; absent figures have no goal."""

    kcal: float | None = None
    protein_g: float | None = None
    carbs_g: float | None = None
    fat_g: float | None = None


class DayTotals(Totals):
    """One day's sums."""

    date: str
    """ISO 8601, `YYYY-MM-DD`."""


class Diary(Part):
    """One day of one person, in the person's time zone."""

    date: str
    """ISO 8601, `YYYY-MM-DD`: today, or the other day that was talked about or asked for last."""
    meals: list[DiaryMeal]
    totals: Totals
    goal: Goal | None = None
    week: list[DayTotals] = []
    """The last seven days, oldest first and today last; a day without food is there with zeros."""


class DiaryFile(Part):
    """The diary as a file to keep."""

    name: Name
    """What to call it: "diary-2026-11-21.csv"."""
    media_type: Literal["text/csv", "application/json"]
    text: Annotated[str, Field(max_length=MAX_EXPORT_BYTES)]
