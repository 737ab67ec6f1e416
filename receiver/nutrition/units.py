"""Units of food: their names as people say them, and how many grams they are of a given food.

A food says what its own portions weigh. For a unit it does not say, `grams_of` takes, in this order:

1. weights as they are: "100 grams"; an ounce of a drink is a fluid ounce, of anything else 28.35 g;
2. the portion itself;
3. a volume by the food's density, which a portion of known volume gives ("a cup weighs 244 g"); without one,
   liquid measures as water, cups and bowls as loosely filled (a cup of pieces of meat or vegetables is about
   140 g);
4. a size as a share of the usual portion: small three quarters, large a third more;
5. the nearest portion that the food has: a wedge is a slice, a tub is a pot; a slice, wedge or segment of
   what is eaten in pieces of 100 g and more is a part of a piece, not all of it;
6. the usual portion: "a stick of coffee" is a cup of coffee.
"""

from __future__ import annotations

import math

from receiver.nutrition.food import Food
from receiver.nutrition.names import plural_of

__all__ = ["KNOWN_UNITS", "SIZES", "UNITS", "grams_of", "plural_of"]

GRAMS = {"gram": 1.0, "milligram": 0.001, "kilogram": 1000.0, "ounce": 28.35, "pound": 453.6}

MILLILITRES = {
    "milliliter": 1.0, "centiliter": 10.0, "deciliter": 100.0, "liter": 1000.0, "teaspoon": 5.0, "tablespoon": 15.0,
    "fluid ounce": 30.0, "cup": 240.0, "mug": 300.0, "glass": 240.0, "pint": 480.0, "quart": 950.0,
    "gallon": 3785.0, "shot": 45.0, "can": 355.0, "bottle": 500.0, "bowl": 360.0, "carton": 240.0, "jug": 1000.0,
    "pitcher": 1800.0, "splash": 15.0, "drizzle": 10.0, "squirt": 7.0, "dollop": 25.0, "knob": 12.0, "dash": 1.0,
    "pinch": 0.4, "sprinkle": 4.0, "sip": 20.0, "handful": 80.0,
}  # fmt: skip
"""US household measures, rounded."""

_LOOSE = frozenset(
    {
        "cup",
        "mug",
        "glass",
        "pint",
        "quart",
        "gallon",
        "can",
        "bottle",
        "bowl",
        "carton",
        "jug",
        "pitcher",
        "handful",
    }
)
"""What is filled with pieces, which leave air between them, where nothing is known of a food's density."""

_LOOSE_DENSITY = 0.6
"""Grams in a millilitre: 140 g in a cup."""

SIZES = {"small": 0.75, "medium": 1.0, "large": 1.35, "extra large": 1.7}
"""Share of the usual portion, for a food that says nothing of its sizes."""

COUNTED = (
    "slice", "piece", "serving", "scoop", "strip", "stick", "bar", "bag", "pot", "plate", "square", "cube", "pat",
    "sandwich", "wedge", "fillet", "breast", "thigh", "leg", "wing", "drumstick", "patty", "link", "ball", "bunch",
    "clove", "stalk", "spear", "segment", "ring", "roll", "cone", "tub", "jar", "sachet", "loaf", "head", "leaf",
    "ear", "sprig", "box", "rack", "floret", "sheet", "tray", "pouch", "bucket", "basket", "stack",
    "skewer", "cob", "layer", "bite", "footlong",
)  # fmt: skip
"""Units whose weight depends on the food alone."""

_SYNONYMS = {
    "g": "gram", "gramme": "gram", "mg": "milligram", "kg": "kilogram", "kilo": "kilogram", "oz": "ounce",
    "lb": "pound", "lbs": "pound", "ml": "milliliter", "mil": "milliliter", "mils": "milliliter",
    "millilitre": "milliliter", "cl": "centiliter", "centilitre": "centiliter", "dl": "deciliter",
    "decilitre": "deciliter", "litre": "liter", "l": "liter", "tsp": "teaspoon", "tbsp": "tablespoon",
    "tbs": "tablespoon", "spoon": "tablespoon", "spoonful": "tablespoon", "teaspoonful": "teaspoon",
    "tablespoonful": "tablespoon", "fl oz": "fluid ounce", "glassful": "glass", "cupful": "cup",
    "bowlful": "bowl", "mugful": "mug", "tin": "can", "portion": "serving", "helping": "serving",
    "order": "serving", "rasher": "strip", "container": "pot", "packet": "bag", "pack": "bag",
    "package": "bag", "chunk": "piece", "bit": "piece", "plateful": "plate", "fist": "handful",
    "fistful": "handful", "schooner": "pint", "tumbler": "glass", "flute": "glass", "goblet": "glass",
    "filet": "fillet", "floweret": "floret", "dab": "teaspoon", "smear": "teaspoon", "smidge": "pinch",
    "smidgen": "pinch", "swig": "sip", "gulp": "sip", "mouthful": "bite", "nibble": "bite", "crown": "head",
    "carafe": "bottle", "punnet": "box", "bucketful": "bucket", "cutlet": "piece", "finger": "piece",
    "triangle": "slice", "jigger": "shot", "pouchful": "pouch",
}  # fmt: skip

_ALIKE = {
    "strip": ("slice", "piece"), "piece": ("", "slice"), "slice": ("piece", ""), "plate": ("serving", "bowl"),
    "wedge": ("slice", "piece"), "segment": ("slice", "piece"), "ring": ("slice", "piece"),
    "fillet": ("piece", "serving"), "breast": ("piece", ""), "thigh": ("piece", ""), "leg": ("piece", ""),
    "wing": ("piece", ""), "drumstick": ("piece", ""), "patty": ("piece", ""), "link": ("piece", ""),
    "ball": ("piece", "scoop"), "scoop": ("serving",), "cone": ("scoop", "serving"), "bar": ("piece", ""),
    "square": ("piece", ""), "stick": ("piece", ""), "roll": ("", "piece"),
    "bag": ("pouch", "box", "pot", "serving"), "sachet": ("bag", "pouch", "serving"),
    "pouch": ("bag", "sachet", "serving"),
    "box": ("bag", "pot", "serving"), "tray": ("plate", "serving"), "bucket": ("box", "bag", "serving"),
    "basket": ("serving", "plate"), "pot": ("tub", "carton", "cup"), "tub": ("pot", "carton", "pint", "cup"),
    "carton": ("pot", "tub", "glass"), "jar": ("pot", "tub", "can"), "cup": ("pot", "bowl"), "mug": ("cup", "glass"),
    "glass": ("cup",), "bowl": ("plate",), "handful": ("bag",), "sandwich": ("", "piece"), "pat": ("teaspoon",),
    "knob": ("pat",), "cube": ("piece",), "floret": ("piece",), "spear": ("piece", ""), "stalk": ("piece", ""),
    "ear": ("", "piece"), "cob": ("", "ear"), "head": ("",), "skewer": ("piece", "serving"), "rack": ("serving",),
    "sheet": ("piece",), "can": ("bottle",), "bottle": ("can",), "layer": ("slice",), "footlong": ("large",),
}  # fmt: skip
"""What a unit comes nearest to, for a food that has no weight for it."""

_PART_OF_A_PIECE = {"slice": 8, "wedge": 6, "segment": 10, "ring": 10, "strip": 8, "cube": 15, "bite": 12}
_WHOLE_GRAMS = 100.0
"""From here on a piece is cut: a slice of an apple is no apple, a slice of toast is the toast."""

_BITE_GRAMS = 12.0

_MOST_OF_A_GUESS = 5.0
"""Times the usual portion: "a roll of watermelon" is not all of a melon."""

_DRINK_UNITS = frozenset({"glass", "mug", "shot", "fluid ounce"})
_DENSITY_UNITS = (
    "cup", "glass", "tablespoon", "teaspoon", "fluid ounce", "shot", "mug", "pint", "liter", "can", "bottle",
)  # fmt: skip


def _spoken_units() -> dict[str, str]:
    units = {unit: unit for unit in (*GRAMS, *MILLILITRES, *COUNTED)} | _SYNONYMS
    return units | {plural_of(word): unit for word, unit in units.items() if len(word) > 2}


UNITS: dict[str, str] = _spoken_units()
"""Unit of each word that names one, singular or plural; two keys are two words ("fluid ounces", "fl oz")."""

KNOWN_UNITS = frozenset({"", *GRAMS, *MILLILITRES, *COUNTED, *SIZES})
"""What a portion of a food may be called."""


def grams_of(food: Food, quantity: float, unit: str) -> float:
    """Weight of so much of a food. `unit` is one of `KNOWN_UNITS`; the module says what becomes of a misfit."""
    return quantity * _grams_of_one(food, unit)


def is_drink(food: Food) -> bool:
    """Whether it is had by the glass, mug or shot, and is as heavy as a liquid: a mug cake is not."""
    return any(food.portions.get(unit, 0.0) >= 0.8 * MILLILITRES[unit] for unit in _DRINK_UNITS)


def _grams_of_one(food: Food, unit: str) -> float:
    if unit == "ounce" and is_drink(food):
        unit = "fluid ounce"
    if unit in GRAMS:
        return GRAMS[unit]
    if unit in food.portions:
        return food.portions[unit]
    usual = food.portions[food.usual_unit]
    if unit in SIZES:
        return food.portions.get("", usual) * SIZES[unit]
    if unit in MILLILITRES:
        return _grams_of_volume(food, unit)
    whole = food.portions.get("", 0.0)
    if (
        unit in _PART_OF_A_PIECE
        and whole >= _WHOLE_GRAMS
        and "slice" not in food.portions
        and "piece" not in food.portions
    ):
        return whole / _PART_OF_A_PIECE[unit]
    if unit == "bite":
        return min(_BITE_GRAMS, usual)
    near = (food.portions.get(alike, math.inf) for alike in _ALIKE.get(unit, ()))
    return next((grams for grams in near if grams <= _MOST_OF_A_GUESS * usual), usual)


def _grams_of_volume(food: Food, unit: str) -> float:
    millilitres = MILLILITRES[unit]
    for known in _DENSITY_UNITS:
        if known in food.portions:
            return food.portions[known] * millilitres / MILLILITRES[known]
    if unit in _LOOSE:
        for near in _ALIKE.get(unit, ()):
            if near in food.portions:
                return food.portions[near]
        return millilitres * _LOOSE_DENSITY
    return millilitres
