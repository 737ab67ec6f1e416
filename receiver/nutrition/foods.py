"""What everyday foods hold, and what one of each weighs.

Figures are per 100 g of the food as eaten: U.S. Department of Agriculture, Agricultural Research Service,
FoodData Central (https://fdc.nal.usda.gov), Food and Nutrient Database for Dietary Studies, public domain.
The table is made by `receiver.nutrition.build` of the lists in `spoken/`, which say under what names people
speak of which FNDDS food, and what its portions weigh.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from receiver.nutrition.food import TABLE_COLUMNS, Food
from receiver.nutrition.names import is_plural_already, plural_of

__all__ = ["FOODS", "Food", "by_name", "find", "plural_names"]


def read_table(text: str) -> tuple[Food, ...]:
    """The foods of a `foods.tsv`, which `build` has checked: a malformed one is a `ValueError`."""
    head, *lines = text.splitlines()
    if tuple(head.split("\t")) != TABLE_COLUMNS:
        raise ValueError("foods.tsv has other columns; make it anew with `make foods`")
    return tuple(map(_read_line, lines))


def _read_line(line: str) -> Food:
    name, plural, aliases, fdc_id, usda, kcal, protein_g, carbs_g, fat_g, portions = line.split("\t")
    grams = (portion.split("=") for portion in portions.split(" "))
    return Food(
        name, plural, tuple(aliases.split(", ")) if aliases else (), float(kcal), float(protein_g),
        float(carbs_g), float(fat_g), {unit.replace("_", " "): float(weight) for unit, weight in grams},
        int(fdc_id), usda,
    )  # fmt: skip


FOODS: tuple[Food, ...] = read_table(
    resources.files("receiver.nutrition").joinpath("foods.tsv").read_text(encoding="utf-8")
)


@cache
def by_name() -> dict[tuple[str, ...], Food]:
    """Each food under its name, its plural, its aliases and their plurals, as tuples of words.

    A name that is written down goes before a plural that is only formed: where one food is called "greens",
    it is not the plural of another's alias "green".
    """
    formed = {tuple(name.split()): food for food in FOODS for name in _formed_plurals(food)}
    written = {
        tuple(name.split()): food
        for food in FOODS
        for name in (*food.aliases, food.plural, food.name)
        if name
    }
    return formed | written


def find(name: str) -> Food | None:
    """The food that goes by a name in lower case, singular or plural."""
    return by_name().get(tuple(name.split()))


@cache
def plural_names() -> frozenset[tuple[str, ...]]:
    """The names in `by_name` that mean several: "eggs", "bagels with butter", and not "hummus"."""
    names = by_name()
    return frozenset(
        words
        for food in FOODS
        if food.plural
        for name in (food.plural, *_formed_plurals(food), *filter(is_plural_already, food.aliases))
        if names[words := tuple(name.split())] is food and name != food.name
    )


def _formed_plurals(food: Food) -> list[str]:
    """Of the aliases of what is counted."""
    if not food.plural:
        return []
    return [plural_of(alias) for alias in food.aliases if not is_plural_already(alias)]
