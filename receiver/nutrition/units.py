"""Units of food: their names as people say them, and how many grams they are of a given food."""

from __future__ import annotations

from receiver.nutrition.foods import Food

GRAMS = {"gram": 1.0, "kilogram": 1000.0, "ounce": 28.35, "pound": 453.6}

MILLILITRES = {
    "milliliter": 1.0, "liter": 1000.0, "teaspoon": 5.0, "tablespoon": 15.0, "fluid ounce": 30.0,
    "cup": 240.0, "mug": 300.0, "glass": 240.0, "pint": 480.0, "can": 355.0, "bottle": 500.0, "bowl": 360.0,
    "splash": 15.0, "drizzle": 10.0, "shot": 45.0,
}  # fmt: skip
"""US household measures, rounded."""

COUNTED = (
    "slice", "piece", "serving", "scoop", "handful", "strip", "stick", "bar", "bag", "pot", "plate", "square",
    "cube", "pat", "sandwich",
)  # fmt: skip
"""Units whose weight depends on the food alone."""

_SYNONYMS = {
    "g": "gram", "gramme": "gram", "kg": "kilogram", "kilo": "kilogram", "oz": "ounce", "lb": "pound",
    "lbs": "pound", "ml": "milliliter", "millilitre": "milliliter", "litre": "liter", "l": "liter",
    "tsp": "teaspoon", "tbsp": "tablespoon", "spoon": "tablespoon", "spoonful": "tablespoon",
    "glassful": "glass", "cupful": "cup", "bowlful": "bowl", "tin": "can", "portion": "serving",
    "helping": "serving", "order": "serving", "rasher": "strip", "container": "pot", "packet": "bag",
    "pack": "bag", "chunk": "piece", "bit": "piece", "plateful": "plate", "loaf": "piece",
}  # fmt: skip

_ALIKE = {
    "strip": "slice", "piece": "slice", "slice": "piece", "plate": "serving", "mug": "cup", "scoop": "cup",
    "pot": "cup", "bag": "serving", "handful": "serving", "stick": "piece", "bar": "piece", "square": "piece",
}  # fmt: skip
"""What a unit comes nearest to, for a food that has no weight for it."""


def plural_of(unit: str) -> str:
    if unit.endswith(("s", "x", "ch", "sh")):
        return unit + "es"
    return unit + "s"


def _spoken_units() -> dict[str, str]:
    units = {unit: unit for unit in (*GRAMS, *MILLILITRES, *COUNTED) if " " not in unit} | _SYNONYMS
    return units | {plural_of(word): unit for word, unit in units.items()}


UNITS: dict[str, str] = _spoken_units()
"""Unit of each word that names one, singular or plural."""


def grams_of(food: Food, quantity: float, unit: str) -> float:
    """Weight of so much of a food. A unit that does not fit the food counts as its usual portion."""
    if unit in GRAMS:
        return quantity * GRAMS[unit]
    if unit in food.portions:
        return quantity * food.portions[unit]
    if unit in MILLILITRES:
        for known in ("cup", "glass", "tablespoon", "teaspoon", "bottle", "can"):
            if known in food.portions:
                return quantity * food.portions[known] * MILLILITRES[unit] / MILLILITRES[known]
    for near in (_ALIKE.get(unit, ""), ""):
        if near in food.portions:
            return quantity * food.portions[near]
    return quantity * food.portions[food.usual_unit]
