"""Foods told in parts that are one: "a bacon and egg sandwich", "a sandwich with turkey", "a burger on a bun"."""

from __future__ import annotations

from receiver.assistants.diet.parser.drafts import Draft
from receiver.assistants.diet.parser.food_index import food_named
from receiver.assistants.diet.parser.tokens import word_set
from receiver.assistants.diet.parser.toppings import is_topping
from receiver.assistants.diet.parser.vocabulary import FILLED, TOPPED_BREADS
from receiver.nutrition.units import is_drink

_COUNTED_FILLINGS = frozenset(
    {"egg", "tomato", "onion", "mushroom", "pepper", "potato", "avocado", "olive", "sausage"}
)
"""Counted, but in a sandwich no one by itself."""


_MILKY = word_set("latte cappuccino white cortado macchiato mocha frappe frappuccino chai lait")
_HOLDS = word_set(
    "bowl burrito quesadilla omelet omelette sandwich wrap sub panini taco pita fajita enchilada smoothie pizza "
    "toastie calzone gyro flatbread frittata scramble"
)
"""Foods that are made of what is in them."""

_BESIDE = word_set(
    "fries chips chip soup salad bread toast coleslaw slaw potato wedges cookie cake fruit sauce dressing ketchup mayo "
    "mayonnaise mustard guacamole hummus dip pickle apple grapes wings rings crisps nachos"
)
"""Foods that are had beside and not inside of another."""


_SAUCES = word_set("salsa syrup gravy ranch vinaigrette sriracha aioli honey tzatziki chutney butter")


def split_counted(draft: Draft, quantity: float | None) -> Draft | None:
    """What "hot chocolate with marshmallows, four of them" holds besides the first of its foods.

    None, and nothing is changed, where it is one food or was counted before.
    """
    if quantity is None or quantity < 2 or (draft.quantity or 1) > 1 or draft.unit:
        return None
    return _split(draft)


def _split(draft: Draft) -> Draft | None:
    """Make two foods of one that is called "... with ..."; the second is given back."""
    if "with" not in draft.said:
        return None
    joint = draft.said.index("with")
    one, other = draft.said[:joint], draft.said[joint + 1 :]
    first, second = food_named(one), food_named(other)
    if first is None or second is None:
        return None
    part = Draft(other, second, draft.end - len(other), draft.end, link="with", denied=draft.denied)
    draft.said, draft.food, draft.end = one, first, draft.end - len(other) - 1
    return part


def merge_parts(drafts: list[Draft]) -> list[Draft]:
    merged: list[Draft] = []
    for draft in drafts:
        last = merged[-1] if merged else None
        if last is None or last.denied != draft.denied or not _merge(last, draft):
            if last is not None and _is_another_topping(last, draft) and (part := _split(last)) is not None:
                merged.append(part)
            merged.append(draft)
        else:
            last.without += draft.without
    return merged


def _is_another_topping(last: Draft, draft: Draft) -> bool:
    """ "Toast with butter" + "and jam" are three, like "toast with ham and jam"."""
    bare = draft.quantity is None and draft.unit is None and draft.link == "and"
    return bare and "with" in last.said and is_topping(draft.food) and is_topping(food_named(last.said[-1:]))


def _is_kind_of_milk(last: Draft, draft: Draft) -> bool:
    """ "A latte with oat milk" has no glass of milk besides."""
    if last.food is None or draft.food is None or draft.link != "with":
        return False
    return last.food.name.split()[-1] in _MILKY and draft.food.name.split()[-1] == "milk"


def _is_filling(last: Draft, draft: Draft) -> bool:
    """ "A burrito bowl with chicken, rice and beans" is one food, and holds what is listed."""
    if last.food is None or draft.food is None or (draft.plural and draft.quantity):
        return False
    if draft.link != "with" and not (last.filling and draft.link in ("and", ",", "")):
        return False
    if not last.filling and draft.said[-1] in _SAUCES:
        return False
    host, head = last.food.name.split()[-1], draft.food.name.split()[-1]
    return host in _HOLDS and head not in _BESIDE and not is_drink(draft.food) and head not in FILLED


def _merge(last: Draft, draft: Draft) -> bool:
    """Take the second up into the first, where it is a part of it."""
    if draft.food is None or (draft.quantity is not None and not draft.article):
        return False
    if draft.quantity is None and draft.unit is None and _is_kind_of_milk(last, draft):
        last.kept_with = ["with", *draft.modifiers, *draft.said]
        return True
    if draft.quantity is None and draft.unit is None and _is_filling(last, draft):
        _named_with(last, draft)
        last.filling = True
        return True
    if draft.link == "and":
        return draft.quantity is None and _named_by_both(last, draft)
    filled = last.said[-1] in FILLED or (last.food is not None and last.food.name.split()[-1] in FILLED)
    if draft.link in ("on", "in") and (filled or last.said[-1] in ("dog", "dogs", "hotdog")):
        return bool({*draft.said} & TOPPED_BREADS)
    return False


def _named_with(last: Draft, draft: Draft) -> None:
    """ "An omelette with ham": the food that is called so."""
    if len(last.said) == 1 and last.said[0] in FILLED and last.said[0] != "salad":
        food = food_named([*draft.said, last.said[0]])
        if food is not None:
            last.food, last.said = food, [*draft.said, *last.said]


def _named_by_both(last: Draft, draft: Draft) -> bool:
    """ "A bacon and egg sandwich": nobody counts one bacon."""
    if (
        draft.food is None
        or last.food is None
        or draft.said[-1] not in FILLED
        or len(draft.modifiers + draft.said) < 2
    ):
        return False
    if not last.article or last.unit is not None or last.plural:
        return False
    counted = "" in last.food.portions and last.food.name not in _COUNTED_FILLINGS
    if counted or last.said[-1] in FILLED:
        return False
    both = [*last.said, "and", *draft.modifiers, *draft.said]
    last.food = food_named(both) or draft.food
    last.said, last.end, last.doubtful = both, draft.end, last.doubtful or draft.doubtful
    return True
