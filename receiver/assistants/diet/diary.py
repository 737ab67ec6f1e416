"""The diet assistant's state: days of what was eaten, and how effects change them. Pure functions.

    {"days": {"2026-11-21": [item, ...]}, "asking": "lunch" | "more" | null, "asked_on": "2026-11-21",
     "unclear": item id | null, "next_item": 4, "undo": [[effect, ...], ...]}

An item is a `protocol.diary.DiaryItem` as a map, with its `meal`. Effects, by `do`:

    add      date, items          append items, whose ids `next_item` gave
    replace  date, item           put an item in the place of the one with its id
    remove   date, ids
    ask      asking, on, unclear  what the next words are expected to be about
    undo                          take the last change back
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, get_args

from protocol.diary import Diary, DiaryItem, DiaryMeal, Meal
from receiver.assistants.assistant import Effect, State
from receiver.assistants.diet.items import Item, totals_of

MEAL_ORDER: tuple[Meal, ...] = get_args(Meal)

MAX_DAYS = 14
"""Days kept in the state; the turns of older ones stay in the store."""

MAX_ITEMS_A_DAY = 200
MAX_UNDO = 20


def empty_state() -> dict[str, Any]:
    return {"days": {}, "asking": None, "asked_on": "", "unclear": None, "next_item": 1, "undo": []}


def items_of(state: State, date: str) -> list[Item]:
    items: list[Item] = state["days"].get(date, [])
    return items


def apply(state: State, effects: Sequence[Effect]) -> State:
    after: dict[str, Any] = deepcopy(dict(state))
    inverse: list[Effect] = []
    for effect in effects:
        match effect["do"]:
            case "ask":
                after["asking"], after["unclear"] = effect["asking"], effect["unclear"]
                after["asked_on"] = effect["on"]
            case "undo":
                for change in after["undo"].pop() if after["undo"] else ():
                    _change(after, change)
            case _:
                inverse.insert(0, _change(after, effect))
    if inverse:
        after["undo"] = [*after["undo"], inverse][-MAX_UNDO:]
    for date in sorted(after["days"])[:-MAX_DAYS]:
        del after["days"][date]
    return after


def _change(state: dict[str, Any], effect: Effect) -> Effect:
    """Make one change in place; gives the effect that takes it back."""
    date = effect["date"]
    items: list[Item] = state["days"].setdefault(date, [])
    match effect["do"]:
        case "add":
            known = {item["id"] for item in items}
            added = [dict(item) for item in effect["items"] if item["id"] not in known]
            items += added
            numbers = [int(item["id"].removeprefix("item-")) for item in items]
            state["next_item"] = max([state["next_item"] - 1, *numbers]) + 1
            return {"do": "remove", "date": date, "ids": [item["id"] for item in added]}
        case "remove":
            gone = [item for item in items if item["id"] in effect["ids"]]
            state["days"][date] = [item for item in items if item["id"] not in effect["ids"]]
            return {"do": "add", "date": date, "items": gone}
        case "replace":
            new = effect["item"]
            old = [item for item in items if item["id"] == new["id"]]
            state["days"][date] = [dict(new) if item["id"] == new["id"] else item for item in items]
            return {"do": "replace", "date": date, "item": old[0] if old else new}
        case other:
            raise ValueError(f"no effect '{other}'")


def to_diary(state: State, date: str) -> Diary:
    items = items_of(state, date)
    meals = []
    for meal in MEAL_ORDER:
        eaten = [item for item in items if item["meal"] == meal]
        if eaten:
            rows = [DiaryItem.model_validate(item) for item in eaten]
            meals.append(DiaryMeal(meal=meal, items=rows, totals=totals_of(eaten)))
    return Diary(date=date, meals=meals, totals=totals_of(items))
