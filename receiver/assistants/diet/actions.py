"""Changes of the diary made by hand, as effects: `edit`, `delete`, `undo`, `goal` and `show`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from protocol.diary import Goal, Meal
from protocol.errors import MalformedMessage, Unsupported
from receiver.assistants.assistant import Context, Effect, State
from receiver.assistants.diet import diary
from receiver.assistants.diet.dialogue import goals
from receiver.assistants.diet.dialogue.amounts import counted, measured
from receiver.assistants.diet.dialogue.phrases import SIZES
from receiver.assistants.diet.items import Item, make_item
from receiver.assistants.diet.parser.numbers import MAX_QUANTITY
from receiver.assistants.diet.parser.parser import parse
from receiver.assistants.diet.utterance import Mention
from receiver.nutrition.units import UNITS


def act(state: State, context: Context, name: str, args: Mapping[str, Any]) -> list[Effect]:
    """Raises `Unsupported` for an action that is none, `MalformedMessage` for arguments that do not fit."""
    today = context.local_now.date().isoformat()
    match name:
        case "undo":
            return [{"do": "undo"}]
        case "delete":
            date, item = _item(state, args)
            return [{"do": "remove", "date": date, "ids": [item["id"]]}]
        case "edit":
            date, item = _item(state, args)
            return [{"do": "replace", "date": date, "item": _edited(item, args)}]
        case "goal":
            return [{"do": "goal", "goal": _goal(args)}]
        case "show":
            if args.get("date") not in diary.last_days(today, diary.DAYS_KEPT):
                raise MalformedMessage(
                    f"'show' needs a 'date' of the last {diary.DAYS_KEPT} days, YYYY-MM-DD."
                )
            return [{"do": "show", "date": args["date"], "on": today}]
        case _:
            raise Unsupported(f"The diet assistant knows no action '{name[:40]}'.")


def _item(state: State, args: Mapping[str, Any]) -> tuple[str, Item]:
    found = diary.find_item(state, args.get("item"))
    if found is None:
        raise MalformedMessage("There is no such item in the diary.")
    return found


def _edited(item: Item, args: Mapping[str, Any]) -> Item:
    if not {"quantity", "unit", "food", "meal"} & {key for key, value in args.items() if value is not None}:
        raise MalformedMessage("'edit' needs a 'quantity', 'unit', 'food' or 'meal'.")
    quantity, unit = _quantity(args), _unit(args)
    if args.get("food") is not None:
        item = _other_food(item, args["food"], quantity, unit)
    elif unit is not None and unit != item["unit"]:
        item = measured(item, item["quantity"] if quantity is None else quantity, unit)
    elif quantity is not None:
        item = counted(item, quantity)
    if args.get("meal") is not None:
        if args["meal"] not in get_args(Meal):
            raise MalformedMessage(f"'meal' is one of {', '.join(get_args(Meal))}.")
        item = item | {"meal": args["meal"]}
    return item


def _quantity(args: Mapping[str, Any]) -> float | None:
    quantity = args.get("quantity")
    if quantity is None:
        return None
    if isinstance(quantity, bool) or not isinstance(quantity, int | float):
        raise MalformedMessage("'quantity' is a number.")
    if not (math.isfinite(quantity) and 0 < quantity <= MAX_QUANTITY):
        raise MalformedMessage(f"'quantity' is more than 0 and at most {MAX_QUANTITY:g}.")
    return float(quantity)


def _unit(args: Mapping[str, Any]) -> str | None:
    unit = args.get("unit")
    if unit is None:
        return None
    word = unit.strip().lower() if isinstance(unit, str) else None
    if word in SIZES or word in ("", "piece", "pieces"):
        return "" if word in ("piece", "pieces") else word
    if word not in UNITS:
        raise MalformedMessage("'unit' is a unit of food such as 'slice', 'cup' or 'gram', or '' for pieces.")
    return UNITS[word]


def _other_food(item: Item, food: object, quantity: float | None, unit: str | None) -> Item:
    """The food looked up anew; its amount is the one given, else the one in its name, else the old one."""
    name = " ".join(food.split()) if isinstance(food, str) else ""
    if not name or len(name) > diary.MAX_FOOD_CHARS:
        raise MalformedMessage(f"'food' is a name of 1 to {diary.MAX_FOOD_CHARS} characters.")
    mentions = parse(name.lower(), expecting=True).mentions
    if len(mentions) == 1 and mentions[0].food is not None and not mentions[0].doubtful:
        mention = replace(mentions[0], meal=None, days_ago=None, negated=False)
    else:
        mention = Mention(name, None)
    if mention.quantity is None or quantity is not None:
        mention = replace(mention, quantity=item["quantity"] if quantity is None else quantity)
    if unit is not None:
        mention = replace(mention, unit=unit)
    elif mention.unit is None and mention.food is not None and item["unit"] in mention.food.portions:
        mention = replace(mention, unit=item["unit"])
    return make_item(0, mention, item["meal"]) | {"id": item["id"]}


def _goal(args: Mapping[str, Any]) -> dict[str, float] | None:
    goal: dict[str, float] = {}
    for figure in Goal.model_fields:
        value = args.get(figure)
        if value is None:
            continue
        lowest, highest = goals.BOUNDS[figure]
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            raise MalformedMessage(f"'{figure}' of a goal is a number from {lowest} to {highest}.")
        goal[figure] = float(value)
    return goal or None
