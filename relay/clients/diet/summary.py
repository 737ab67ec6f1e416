"""The day's diary in the words and fields of the diet page."""

from __future__ import annotations

from typing import Any

from protocol.diary import Diary, DiaryItem, DiaryMeal, Totals

NOTHING_YET = "Nothing has been written down yet."


def summary_of(diary: Diary | None) -> dict[str, Any]:
    """`{date, entries, totals}`; `date` is null without a diary, as with an assistant that keeps none."""
    if diary is None:
        return {"date": None, "entries": [], "totals": _totals(Totals())}
    return {
        "date": diary.date,
        "entries": [_entry(meal) for meal in diary.meals],
        "totals": _totals(diary.totals),
    }


def summary_text(diary: Diary | None) -> str:
    """The same for a person to read."""
    if diary is None or not any(meal.items for meal in diary.meals):
        return NOTHING_YET
    meals = [
        f"{meal.meal}: {', '.join(_portion(item) for item in meal.items)} ({meal.totals.kcal:.0f} kcal)"
        for meal in diary.meals
        if meal.items
    ]
    totals = diary.totals
    return (
        f"{diary.date}, {'; '.join(meals)}. In all {totals.kcal:.0f} kcal, {totals.protein_g:.0f} g protein, "
        f"{totals.carbs_g:.0f} g carbohydrates, {totals.fat_g:.0f} g fat."
    )


def _entry(meal: DiaryMeal) -> dict[str, Any]:
    return {
        "mealType": meal.meal,
        "items": [
            {"name": item.food, "quantity": item.quantity, "unit": item.unit, **_totals(item)}
            for item in meal.items
        ],
        "totals": _totals(meal.totals),
    }


def _totals(totals: Totals) -> dict[str, float]:
    return {
        "calories": round(totals.kcal, 1),
        "protein": round(totals.protein_g, 1),
        "carbs": round(totals.carbs_g, 1),
        "fat": round(totals.fat_g, 1),
    }


def _portion(item: DiaryItem) -> str:
    return " ".join(part for part in (f"{item.quantity:g}", item.unit, item.food) if part)
