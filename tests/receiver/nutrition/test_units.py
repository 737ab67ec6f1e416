"""Weights of units, those that a food states and those that it does not."""

from __future__ import annotations

import pytest

from receiver.nutrition.food import Food
from receiver.nutrition.foods import FOODS, find
from receiver.nutrition.units import KNOWN_UNITS, MILLILITRES, SIZES, UNITS, grams_of


def food_of(**portions: float) -> Food:
    grams = {"" if unit == "piece_of_it" else unit: weight for unit, weight in portions.items()}
    return Food("thing", "things", (), 100.0, 1.0, 1.0, 1.0, grams, 1, "Thing")


@pytest.mark.parametrize(
    ("portions", "quantity", "unit", "grams"),
    [
        ({"serving": 80}, 100, "gram", 100),
        ({"serving": 80}, 1, "kilogram", 1000),
        ({"serving": 80}, 2, "ounce", 56.7),
        ({"serving": 80}, 1, "pound", 453.6),
        # An ounce of a drink is a fluid ounce of it.
        ({"glass": 240}, 8, "ounce", 240),
        ({"cup": 248, "glass": 248}, 12, "ounce", 372),
        ({"cup": 240, "mug": 300}, 8, "ounce", 240),
        ({"mug": 120}, 2, "ounce", 56.7),
        # Volumes go by the density that a known volume gives.
        ({"cup": 120}, 1, "tablespoon", 7.5),
        ({"tablespoon": 21}, 1, "cup", 336),
        ({"glass": 247.2}, 250, "milliliter", 257.5),
        ({"cup": 140}, 1, "bowl", 210),
        ({"cup": 240}, 1, "pint", 480),
        ({"tablespoon": 14}, 1, "drizzle", 9.33),
        ({"tablespoon": 15}, 1, "pinch", 0.4),
        # Of an unknown density, a liquid measure is water and a cup is loosely filled.
        ({"serving": 100}, 100, "milliliter", 100),
        ({"serving": 100}, 1, "cup", 144),
        ({"serving": 100, "pot": 150}, 1, "cup", 150),
        # Sizes.
        ({"piece_of_it": 100}, 1, "small", 75),
        ({"piece_of_it": 100}, 1, "large", 135),
        ({"piece_of_it": 100, "large": 180}, 2, "large", 360),
        ({"cup": 240}, 1, "large", 324),
        # A part of what is cut is not all of it; what is a slice already is.
        ({"piece_of_it": 200}, 1, "slice", 25),
        ({"piece_of_it": 130}, 3, "segment", 39),
        ({"piece_of_it": 10}, 1, "slice", 10),
        ({"slice": 110, "piece_of_it": 750}, 1, "wedge", 110),
        # Near units, and the usual portion when nothing is near.
        ({"slice": 25}, 2, "piece", 50),
        ({"pot": 150}, 1, "tub", 150),
        ({"bag": 28}, 1, "sachet", 28),
        ({"serving": 60, "tablespoon": 15}, 1, "bag", 60),
        ({"cup": 240}, 1, "stick", 240),
        ({"serving": 300}, 1, "bite", 12),
        ({"cup": 150, "piece_of_it": 4500}, 1, "roll", 150),
    ],
)
def test_a_unit_weighs_what_people_mean(
    portions: dict[str, float], quantity: float, unit: str, grams: float
) -> None:
    assert grams_of(food_of(**portions), quantity, unit) == pytest.approx(grams, abs=0.05)


def test_every_unit_of_every_food_has_a_sensible_weight() -> None:
    heavy = {"kilogram", "gallon", "jug", "pitcher", "quart", "liter", "bucket"}
    for food in FOODS:
        most = max(2000, 1.7 * max(food.portions.values()))
        for unit in KNOWN_UNITS:
            assert 0 < grams_of(food, 1, unit) <= (7500 if unit in heavy else most), (food.name, unit)


def test_the_measures_grow_with_their_volume() -> None:
    milk = find("milk")
    assert milk is not None
    measures = [grams_of(milk, 1, unit) for unit in ("teaspoon", "tablespoon", "cup", "pint", "liter")]
    assert measures == sorted(measures)
    assert [grams_of(milk, 1, size) for size in ("small", "large")] == sorted(
        grams_of(milk, 1, size) for size in ("small", "large")
    )


@pytest.mark.parametrize(
    ("word", "unit"),
    [
        ("slices", "slice"), ("g", "gram"), ("oz", "ounce"), ("millilitres", "milliliter"), ("rashers", "strip"),
        ("packets", "bag"), ("tins", "can"), ("loaves", "loaf"), ("leaves", "leaf"), ("patties", "patty"),
        ("glasses", "glass"), ("boxes", "box"), ("fl oz", "fluid ounce"), ("fluid ounces", "fluid ounce"),
        ("pints", "pint"), ("spoonful", "tablespoon"),
    ],
)  # fmt: skip
def test_units_are_known_by_the_words_people_say(word: str, unit: str) -> None:
    assert UNITS[word] == unit


def test_every_word_for_a_unit_names_a_known_one() -> None:
    assert set(UNITS.values()) <= KNOWN_UNITS
    assert set(MILLILITRES) | set(SIZES) | {""} <= KNOWN_UNITS
