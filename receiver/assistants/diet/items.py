"""Items of the diary: what is written down for a food that was named, and its figures.

An item is a `protocol.diary.DiaryItem` as a map, with its `meal` and the food's FoodData Central id:
`id, meal, food, quantity, unit, grams, kcal, protein_g, carbs_g, fat_g, known, fdc_id`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from protocol.diary import Meal, Totals
from receiver.assistants.diet.utterance import Mention
from receiver.nutrition.foods import Food
from receiver.nutrition.units import grams_of

Item = dict[str, Any]

_FIGURES = tuple(Totals.model_fields)


def make_item(number: int, mention: Mention, meal: Meal) -> Item:
    """What is written down for a food that was named."""
    item: Item = {"id": f"item-{number}", "meal": meal, "food": mention.name}
    if mention.food is None:
        quantity = 1.0 if mention.quantity is None else mention.quantity
        return item | {"quantity": quantity, "unit": mention.unit or "", "grams": None, "known": False} | dict.fromkeys(
            _FIGURES, 0.0
        )  # fmt: skip
    quantity, unit = quantity_of(mention, mention.food)
    if mention.unit is None and unit and mention.plural and "" not in mention.food.portions:
        # "Two coffees" are two cups of coffee.
        item["food"] = mention.name.removesuffix(mention.food.plural) + mention.food.name
    return item | {"quantity": quantity, "unit": unit} | _figures(mention.food, quantity, unit)


def quantity_of(mention: Mention, food: Food) -> tuple[float, str]:
    """How much was meant: what was said, else one usual portion, or two of what is counted and was plural."""
    unit = mention.unit if mention.unit is not None else food.usual_unit
    if mention.unit is None and mention.quantity is not None and food.plural and "" in food.portions:
        unit = ""
    if mention.quantity is not None:
        return mention.quantity, unit
    return (2.0 if mention.plural and unit == "" else 1.0), unit


def _figures(food: Food, quantity: float, unit: str) -> Item:
    grams = grams_of(food, quantity, unit)
    figures: Item = {figure: round(getattr(food, figure) * grams / 100, 1) for figure in _FIGURES}
    return figures | {"grams": round(grams, 1), "known": True}


def scale_item(item: Item, quantity: float) -> Item:
    """The same food, so much of it."""
    factor = quantity / item["quantity"] if item["quantity"] else 0.0
    scaled = item | {figure: round(item[figure] * factor, 1) for figure in _FIGURES}
    grams = item["grams"]
    return scaled | {"quantity": quantity, "grams": None if grams is None else round(grams * factor, 1)}


def totals_of(items: Sequence[Mapping[str, Any]]) -> Totals:
    return Totals(**{figure: round(sum(item[figure] for item in items), 1) for figure in _FIGURES})
