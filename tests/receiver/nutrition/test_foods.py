"""The table of foods: complete, plausible, and near figures of another USDA database."""

from __future__ import annotations

import pytest

from receiver.nutrition.foods import FOODS, by_name, find, plural_names, read_table
from receiver.nutrition.units import grams_of

# USDA National Nutrient Database for Standard Reference, release 28: kcal in 100 g, and the weight of the
# household measure. The table is made of another database (FNDDS), so these are a check from outside.
STANDARD_REFERENCE = [
    ("banana", 1, "", 118, 89), ("apple", 1, "cup", 125, 52), ("orange", 1, "cup", 180, 47),
    ("hard boiled egg", 2, "", 100, 155), ("scrambled egg", 2, "", 122, 149),
    ("white bread", 2, "slice", 60, 267), ("whole wheat bread", 1, "slice", 32, 252), ("bagel", 1, "", 105, 257),
    ("croissant", 1, "", 57, 406), ("english muffin", 1, "", 57, 227), ("flour tortilla", 1, "", 48, 301),
    ("whole milk", 1, "glass", 244, 61), ("skim milk", 1, "cup", 245, 34),
    ("nonfat greek yogurt", 1, "serving", 170, 59), ("cheddar", 1, "ounce", 28.35, 403),
    ("cottage cheese", 1, "cup", 226, 86), ("cream cheese", 1, "tablespoon", 14.5, 342),
    ("butter", 1, "tablespoon", 14.2, 717), ("peanut butter", 2, "tablespoon", 32, 588),
    ("honey", 1, "tablespoon", 21, 304), ("sugar", 1, "teaspoon", 4.2, 387), ("olive oil", 1, "tablespoon", 13.5, 884),
    ("mayonnaise", 1, "tablespoon", 13.8, 680), ("ketchup", 1, "tablespoon", 17, 112),
    ("white rice", 1, "cup", 158, 130), ("brown rice", 1, "cup", 202, 111), ("pasta", 1, "cup", 140, 158),
    ("oatmeal", 1, "cup", 234, 71), ("corn flakes", 1, "cup", 28, 357), ("mashed potatoes", 100, "gram", 100, 113),
    ("chicken breast", 4, "ounce", 113.4, 165), ("turkey", 3, "ounce", 85, 147), ("lentils", 1, "cup", 198, 114),
    ("tuna", 3, "ounce", 85, 86), ("ground beef", 3, "ounce", 85, 271), ("bacon", 2, "slice", 20, 468),
    ("pizza", 1, "slice", 105, 268), ("carrot", 1, "cup", 122, 41), ("corn", 1, "cup", 149, 96),
    ("green peas", 1, "cup", 160, 84), ("tomato", 1, "", 123, 18), ("avocado", 0.5, "", 75, 160),
    ("black beans", 1, "cup", 172, 132), ("almonds", 1, "ounce", 28.35, 579), ("peanuts", 1, "ounce", 28.35, 585),
    ("potato chips", 1, "ounce", 28.35, 542), ("vanilla ice cream", 1, "cup", 132, 207),
    ("orange juice", 1, "glass", 248, 45), ("beer", 1, "can", 356, 43), ("red wine", 1, "glass", 147, 85),
    ("cola", 1, "can", 370, 41), ("strawberries", 1, "cup", 144, 32), ("blueberries", 1, "cup", 148, 57),
    ("grapes", 1, "cup", 151, 69), ("watermelon", 1, "cup", 152, 30), ("raisins", 1, "box", 43, 299),
]  # fmt: skip

# Meals that are one item: kcal of a usual one, FNDDS's portion times its energy.
COMPOSITES = [
    ("turkey sandwich", 215), ("peanut butter and jelly sandwich", 404), ("grilled cheese", 398), ("big mac", 535),
    ("whopper", 610), ("quarter pounder with cheese", 538), ("egg mcmuffin", 311), ("tuna sandwich", 391),
    ("blt", 243), ("cheeseburger", 488), ("hot dog", 302), ("chicken burrito", 473), ("beef taco", 261),
    ("cheese quesadilla", 379), ("nachos", 331), ("avocado toast", 200), ("bagel with cream cheese", 373),
]  # fmt: skip

# What FNDDS takes when no quantity is said, or when this one is: grams.
USUAL = [
    ("pad thai", 1, "plate", 200), ("rice", 1, "bowl", 118), ("burrito bowl", 1, "", 270), ("coffee", 1, "", 360),
    ("coffee", 1, "cup", 240), ("cheese", 1, "slice", 21), ("milk", 1, "glass", 244), ("soup", 1, "bowl", 301),
    ("stew", 1, "bowl", 189), ("curry", 1, "plate", 240), ("hummus", 1, "serving", 60), ("grapes", 1, "serving", 75),
    ("avocado", 1, "serving", 30), ("avocado", 1, "", 150), ("cookie", 2, "", 60), ("banana", 1, "", 126),
    ("chicken nuggets", 6, "", 96), ("oreos", 1, "serving", 42), ("cake", 1, "slice", 175), ("beef", 1, "serving", 60),
]  # fmt: skip


def test_at_least_1500_foods_answer() -> None:
    assert len(FOODS) >= 1500
    assert len(by_name()) >= 5000


def test_every_food_has_an_id_and_figures_that_can_be() -> None:
    for food in FOODS:
        assert food.fdc_id >= 2_340_000, food.name
        assert food.usda, food.name
        assert 0 <= food.kcal <= 902, food.name
        assert min(food.protein_g, food.carbs_g, food.fat_g) >= 0, food.name
        assert food.protein_g + food.carbs_g + food.fat_g <= 101, food.name


def test_every_food_has_a_usual_portion_of_a_plausible_weight() -> None:
    for food in FOODS:
        assert 0.5 <= food.portions[food.usual_unit] <= 1000, food.name
        assert min(food.portions.values()) > 0, food.name
        assert food.kcal * food.portions[food.usual_unit] / 100 <= 2500, food.name


def test_no_name_means_two_foods() -> None:
    written = [name for food in FOODS for name in (food.name, food.plural, *food.aliases) if name]
    assert len(written) == len(set(written))


def test_every_food_answers_to_each_of_its_names() -> None:
    for food in FOODS:
        for name in (food.name, food.plural, *food.aliases):
            assert not name or find(name) is food, name


@pytest.mark.parametrize(
    ("said", "food"),
    [
        ("fried eggs", "fried egg"), ("loaves", None), ("omelettes", "omelet"), ("toasted bagels", "bagel"),
        ("bagels with butter", "bagel with butter"), ("turkey and cheese sandwiches", None),
        ("french fries", "french fries"), ("blts", "blt"), ("hummus", "hummus"),
    ],
)  # fmt: skip
def test_plurals_are_understood(said: str, food: str | None) -> None:
    found = find(said)
    if food is None:
        assert found is None or found.plural
    else:
        assert found is not None
        assert found.name == food


def test_what_means_several_is_told_from_what_means_one() -> None:
    plurals = plural_names()
    assert {("eggs",), ("fried", "eggs"), ("bagels", "with", "butter")} <= plurals
    assert not {("egg",), ("hummus",), ("oatmeal",), ("french", "fries")} & plurals


@pytest.mark.parametrize(("said", "quantity", "unit", "grams", "kcal_in_100_g"), STANDARD_REFERENCE)
def test_figures_are_near_those_of_the_standard_reference(
    said: str, quantity: float, unit: str, grams: float, kcal_in_100_g: float
) -> None:
    food = find(said)
    assert food is not None
    expected = grams * kcal_in_100_g / 100
    assert food.kcal * grams_of(food, quantity, unit) / 100 == pytest.approx(expected, rel=0.25, abs=10)


@pytest.mark.parametrize(("said", "kcal"), COMPOSITES)
def test_a_composite_food_is_one_item_with_the_energy_of_all_of_it(said: str, kcal: float) -> None:
    food = find(said)
    assert food is not None
    assert food.kcal * food.portions[food.usual_unit] / 100 == pytest.approx(kcal, rel=0.25)


@pytest.mark.parametrize(("said", "quantity", "unit", "grams"), USUAL)
def test_a_quantity_weighs_what_usda_takes_it_for(
    said: str, quantity: float, unit: str, grams: float
) -> None:
    food = find(said)
    assert food is not None
    assert grams_of(food, quantity, unit) == pytest.approx(grams, rel=0.02)


def test_a_table_of_other_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="make foods"):
        read_table("name\tkcal\negg\t143\n")
