"""Items of the diary: what is written down for a food that was named, and its figures.

An item is a `protocol.diary.DiaryItem` as a map, with its `meal` and the food's FoodData Central id:
`id, meal, food, quantity, unit, grams, kcal, protein_g, carbs_g, fat_g, known, fdc_id`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from protocol.diary import Meal, Totals
from receiver.assistants.diet.utterance import Mention
from receiver.nutrition.foods import Food, by_name
from receiver.nutrition.names import is_plural_already, plural_of
from receiver.nutrition.units import SIZES, UNITS, grams_of

Item = dict[str, Any]

_FIGURES = tuple(Totals.model_fields)


def make_item(number: int, mention: Mention, meal: Meal) -> Item:
    """What is written down for a food that was named."""
    item: Item = {"id": f"item-{number}", "meal": meal, "food": mention.name}
    food = mention.food
    if food is None:
        quantity = 1.0 if mention.quantity is None else mention.quantity
        unknown: Item = {"quantity": quantity, "unit": mention.unit or "", "grams": None, "known": False}
        return item | unknown | {"fdc_id": None} | dict.fromkeys(_FIGURES, 0.0)
    quantity, unit = quantity_of(mention, food)
    item["food"] = _spoken_name(mention, food, quantity, unit)
    return item | {"quantity": quantity, "unit": unit, "fdc_id": food.fdc_id} | _figures(food, quantity, unit)


def quantity_of(mention: Mention, food: Food) -> tuple[float, str]:
    """How much was meant: what was said, else one usual portion, or two of what is counted and was plural."""
    unit = mention.unit
    if unit is not None and unit in SIZES and _is_uncounted(food) and unit not in food.portions:
        # "A little butter": one usual portion; nobody says how large a small butter is.
        unit = None
    if unit is None:
        unit = food.usual_unit if mention.quantity is None else _counted_unit(mention, food)
    if mention.quantity is not None:
        return mention.quantity, unit
    return (2.0 if mention.plural and mention.unit is None and unit == "" else 1.0), unit


def _counted_unit(mention: Mention, food: Food) -> str:
    """What a number counts where no unit was said: pieces, else what the name says, else the usual portion."""
    if "" in food.portions:
        return "" if food.plural or food.usual_unit == "" or (mention.quantity or 0) >= 2 else food.usual_unit
    named = UNITS.get(mention.name.split()[-1], "")
    if named in food.portions:
        return named  # "Eight asparagus spears".
    if (mention.quantity or 0) >= _SEVERAL:
        return next((unit for unit in _PIECES if unit in food.portions), food.usual_unit)
    return food.usual_unit


_SEVERAL = 3
"""From here on, nobody means bowls or servings without saying so."""

_PIECES = ("piece", "slice", "strip", "spear", "stick", "square", "stalk", "wing", "segment")


def _is_uncounted(food: Food) -> bool:
    return not food.plural and "" not in food.portions


def _spoken_name(mention: Mention, food: Food, quantity: float, unit: str) -> str:
    """The name as it is said after the amount: "two eggs", "two cups of coffee", "half a bagel"."""
    name = mention.name
    said = mention.plural and food.plural and name.endswith(food.plural)
    if unit and unit not in SIZES:
        # "Two coffees" are two cups of coffee; a cup of strawberries stays one of strawberries.
        return (
            name.removesuffix(food.plural) + food.name
            if said and mention.unit is None and "" not in food.portions
            else name
        )
    if quantity > 1 and not mention.plural and food.plural:
        if name.endswith(food.name):
            return name.removesuffix(food.name) + food.plural
        return plural_of(name) if tuple(name.split()) in by_name() and not is_plural_already(name) else name
    if quantity <= 1 and said:
        return name.removesuffix(food.plural) + food.name
    return name


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
