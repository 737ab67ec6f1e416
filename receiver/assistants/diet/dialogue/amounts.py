"""Amounts that are told by themselves ("two cups", "about 200 grams", "a small one") and set right later."""

from __future__ import annotations

from dataclasses import replace

from receiver.assistants.diet.dialogue.intents import Phrases
from receiver.assistants.diet.dialogue.phrases import SIZES
from receiver.assistants.diet.items import Item, make_item, scale_item
from receiver.assistants.diet.parser.numbers import MAX_QUANTITY, read_number
from receiver.assistants.diet.parser.parser import parse
from receiver.assistants.diet.utterance import Mention
from receiver.nutrition.foods import FOODS, Food, by_name
from receiver.nutrition.names import is_plural_already, plural_of
from receiver.nutrition.units import UNITS

_LEAD = Phrases(
    """
    i did not (finish|eat) (it|them|that|all of (it|them|that)|the whole thing|everything|it all) [but]
    (my (bad|mistake)|i (left|finished) [only|just|about]*)
    hang on|hold on|i do not know|not sure|(it|that) should (be|say)|i said|(those|these) were
    no|nope|not quite|yes|well|oh|okay|sorry|wait|oops|actually|correction|so|(it|that) (was|is)
    there (was|were)
    they were|i (mean|meant|think|guess|would say)|i [only|just] (had|ate|drank)|make (it|that|them|those)
    change (it|that|them) to
    just|only|maybe|probably|like|more like|closer to|about|around|roughly|approximately|nearly|almost
    at (most|least)
    """
)
_TAIL = Phrases(
    """
    (one|ones|of (it|them|that|those)|or so|maybe|i (think|guess)|probably|actually|please|instead|worth|
        in total|total)
    """
)
_SIZES = {
    "small": "small", "little": "small", "tiny": "small", "medium": "medium", "normal": "medium",
    "regular": "medium", "average": "medium", "large": "large", "big": "large", "huge": "large",
}  # fmt: skip
_SIZE_FACTORS = {"small": 0.75, "medium": 1.0, "large": 1.5}
"""How much more or less a small or large bowl, glass or plate holds; what has weights for its sizes needs none."""

_LESS = Phrases(
    """
    [no] [a (bit|little|lot)|much|far|way] (less|smaller) [than that]|(not|no) (that|so) much
    [no] only [a] (little|bit)|just a (little|bit|bite)|a little [bit]|(not|no) (much|a lot)
    """
)
_GREATER = Phrases(
    """
    [no] [a (bit|little|lot)|much|far|way] (more|bigger|larger) [than that]|[quite] a lot
    [about] (double|twice) [that|as much]
    """
)

MAX_COUNT = 100.0
"""Nobody means more pieces, cups or bowls of a food by a correction; grams and millilitres may be more."""

_FRACTIONS = frozenset({"half", "quarter", "third", "couple", "few", "several", "dozen", "hundred"})
_PARTS_OF_IT = frozenset({"a", "half", "quarter", "third"})
_PARTS = frozenset(
    {"a", "an", "the", "of", "and", "full", "whole", "heaped", "heaping", "level", "generous"}
) | _FRACTIONS | frozenset(_SIZES)  # fmt: skip


def bare_amount(text: str) -> str | None:
    """The amount in words that name nothing else ("no, about two cups" gives "two cups"), or None."""
    while rest := _LEAD.rest(text):
        text = rest
    while shorter := _TAIL.before(text):
        text = shorter
    words = text.split()
    if all(word in _PARTS for word in words) and not set(words) & (_FRACTIONS | set(_SIZES)):
        # "A", "the": no amount.
        return None
    at = 0
    while at < len(words):
        number = read_number(words, at) if words[at] not in ("a", "an") else None
        if number is not None:
            at = number[1]
        elif words[at] in _PARTS or words[at] in UNITS:
            at += 1
        else:
            return None
    return " ".join(words)


def more_or_less(text: str) -> float | None:
    """What "less", "a bit more" and "double that" make of an amount; without figures, half is what changes."""
    if _LESS.are(text):
        return 0.5
    if not _GREATER.are(text):
        return None
    return 2.0 if {"double", "twice"} & set(text.split()) else 1.5


def food_of(item: Item) -> Food | None:
    """The food whose figures an item has: by its name, else by its FoodData Central id."""
    if not item["known"]:
        return None
    named = by_name().get(tuple(item["food"].split()))
    if named is not None:
        return named
    for mention in parse(item["food"], expecting=True).mentions:
        if mention.food is not None and not mention.doubtful:
            return mention.food
    fdc_id = item.get("fdc_id")
    return next((food for food in FOODS if fdc_id and getattr(food, "fdc_id", 0) == fdc_id), None)


def measured(item: Item, quantity: float, unit: str) -> Item:
    """The same food, its amount in another unit."""
    food = food_of(item)
    if food is None:
        return scale_item(item, quantity) | {"unit": unit}
    return make_item(0, Mention(item["food"], food, quantity, unit), item["meal"]) | {
        "id": item["id"], "food": item["food"],
    }  # fmt: skip


def counted(item: Item, quantity: float) -> Item:
    """So much of the same food: one bagel, two bagels."""
    item, food = scale_item(item, quantity), food_of(item)
    if food is not None and food.plural and not item["unit"]:
        item["food"] = _plural(item["food"], food) if quantity > 1 else _singular(item["food"], food)
    return item


def _plural(name: str, food: Food) -> str:
    if name.endswith(food.plural) or is_plural_already(name):
        return name
    return name.removesuffix(food.name) + food.plural if name.endswith(food.name) else plural_of(name)


def _singular(name: str, food: Food) -> str:
    if name.endswith(food.plural):
        return name.removesuffix(food.plural) + food.name
    one = name.removesuffix("s")
    return one if tuple(one.split()) in by_name() else name


def with_amount(item: Item, amount: str) -> Item | None:
    """The item with an amount as `bare_amount` gives it, read as it is read in "two cups of rice".

    None where it is no amount of this food, or more than anybody means.
    """
    new = _with_amount(item, amount)
    if new is not None and new["quantity"] > MAX_COUNT and new["unit"] not in ("gram", "milliliter"):
        return None
    return new


def _with_amount(item: Item, amount: str) -> Item | None:
    food = food_of(item)
    words = amount.split()
    if food is None:
        return _unknown_with_amount(item, words)
    if set(words) <= _PARTS_OF_IT:
        # "Half", "a quarter": of what was said.
        part = read_number(words, 0)
        return None if part is None else counted(item, part[0] * max(item["quantity"], 1.0))
    size = next((word for word in words if word in _SIZES), None)
    unit = next((UNITS[word] for word in words if word in UNITS), None)
    if size is not None and unit is None and item["unit"] and _SIZES[size] not in food.portions:
        # "A small one" of what was a bowl.
        amount, unit = f"{amount} {item['unit']}", item["unit"]
    name = food.plural if food.plural and unit is None and "" in food.portions else food.name
    said = parse(f"{amount} {'of ' if unit is not None else ''}{name}", expecting=True).mentions
    if len(said) != 1 or said[0].food is None or said[0].food.name != food.name:
        return None
    mention = said[0]
    if mention.quantity is not None and mention.quantity > MAX_QUANTITY:
        return None
    if unit is None and mention.unit is None and size is None:
        # "Three": of the same.
        return None if mention.quantity is None else counted(item, mention.quantity)
    if size is not None and mention.unit not in SIZES:
        mention = replace(mention, quantity=(mention.quantity or 1.0) * _SIZE_FACTORS[_SIZES[size]])
    new = make_item(0, replace(mention, meal=None), item["meal"])
    return new | {"id": item["id"], "food": item["food"]}


def _unknown_with_amount(item: Item, words: list[str]) -> Item | None:
    unit = next((UNITS[word] for word in words if word in UNITS), item["unit"])
    for at in range(len(words)):
        number = read_number(words, at)
        if number is not None and 0 < number[0] <= MAX_QUANTITY:
            return scale_item(item, number[0]) | {"unit": unit}
    return None
