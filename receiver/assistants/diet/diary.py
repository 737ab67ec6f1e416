"""The diet assistant's state, and how effects change it. Pure functions.

`state["diary"]` is the person's and shared by all sessions:

    {"days": {"2026-11-21": [item, ...]}, "goal": {"kcal": 2000, ...} | null, "next_item": 4}

An item is as in `items`; a day without items is not there. The other keys are the session's own:

    asking    "breakfast" | "lunch" | "dinner" | "snack" | "more" | null: what was asked about last
    asked_on  the date of that question; on another day it no longer stands
    pending   null, or the question about what was written down that waits for its answer, by `about`:
              {"about": "like", "ids": [...]}        what foods without figures are most like
              {"about": "amount", "id": id}          whether the usual portion was it
              {"about": "heard", "items": [item]}    whether they are what was said
              {"about": "start over"}                whether to take out the whole day
              {"about": "goal"}                      what the goal should be
    finished  {"on": date, "meals": [...]}: meals that are not asked about again that day
    shown     null, or {"date": ..., "on": ...}: the other day that was shown on the day `on`
    amounts   {"on": date, "foods": [...]}: foods whose amount was asked for that day
    gentle_on the date on which figures are kept back unless asked for, or ""
    undo      [[effect, ...], ...]: what takes the last changes back, the newest last
    summary   null, or {"until": turn, "text": notes}: a language model's notes of the turns up to that one

Effects, by `do`. The first five change the diary, and all of one turn are taken back by one `undo`:

    add       date, items                    append items, with ids from `next_item` on
    replace   date, item                     put an item in the place of the one with its id
    remove    date, ids
    move      date, ids, to, meal            to the date `to`; to `meal`, or each keeps its own where it is null
    goal      goal                           the figures aimed at (`protocol.diary.Goal`), or null
    undo                                     take the last change back
    ask       asking, on, pending?           what the next words are expected to be about
    ask_amount  food, on                     remember that the amount of this food was asked for
    finish    meal, on                       eaten or skipped: not asked about again
    show      date, on                       the day that the diary shows on the day `on`
    gentle    on
    summary   until, text
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date as Date
from datetime import timedelta
from typing import Any, get_args

from protocol.diary import DayTotals, Diary, DiaryItem, DiaryMeal, Goal, Meal
from receiver.assistants.assistant import Effect, State
from receiver.assistants.diet.items import Item, totals_of

MEAL_ORDER: tuple[Meal, ...] = get_args(Meal)

DAYS_KEPT = 14
"""Days, today with them, that can be written in and shown: a store gives no fewer."""

MAX_ITEMS_A_DAY = 200
"""More are not written down; the dialogue says so."""

MAX_FOOD_CHARS = 80
"""A longer name is cut."""

MAX_UNDO = 20
MAX_UNDO_BYTES = 32 * 1024
"""As JSON. Beyond either, the oldest changes can no longer be taken back; the newest always can."""

WEEK = 7


def empty_diary() -> dict[str, Any]:
    return {"days": {}, "goal": None, "next_item": 1}


def empty_state() -> dict[str, Any]:
    return {
        "diary": empty_diary(), "asking": None, "asked_on": "", "pending": None,
        "finished": {"on": "", "meals": []}, "shown": None, "amounts": {"on": "", "foods": []},
        "gentle_on": "", "undo": [], "summary": None,
    }  # fmt: skip


def complete(state: State) -> dict[str, Any]:
    """A state that may lack keys (an older version's), with all of them."""
    return empty_state() | dict(state)


def items_of(state: State, date: str) -> list[Item]:
    items: list[Item] = state["diary"]["days"].get(date, [])
    return items


def number_of(item: Mapping[str, Any]) -> int:
    return int(item["id"].removeprefix("item-"))


def find_item(state: State, item_id: object) -> tuple[str, Item] | None:
    """The date and the item with this id."""
    for date, items in state["diary"]["days"].items():
        for item in items:
            if item["id"] == item_id:
                return date, item
    return None


def shown_date(state: State, today: str) -> str:
    shown = state.get("shown")
    return str(shown["date"]) if shown is not None and shown["on"] == today else today


def apply(state: State, effects: Sequence[Effect]) -> State:
    after = complete(state)
    after["diary"] = after["diary"] | {"days": dict(after["diary"]["days"])}
    inverse: list[Effect] = []
    for effect in effects:
        match effect["do"]:
            case "undo":
                changes = after["undo"][-1] if after["undo"] else []
                after["undo"] = after["undo"][:-1]
                for change in changes:
                    _change(after["diary"], change)
            case "ask":
                after["asking"], after["asked_on"] = effect["asking"], effect["on"]
                after["pending"] = effect.get("pending")
            case "ask_amount":
                after["amounts"] = _remembered(after["amounts"], "foods", effect["food"], effect["on"])
            case "finish":
                after["finished"] = _remembered(after["finished"], "meals", effect["meal"], effect["on"])
            case "show":
                today = effect["date"] == effect["on"]
                after["shown"] = None if today else {"date": effect["date"], "on": effect["on"]}
            case "summary":
                after["summary"] = {"until": effect["until"], "text": effect["text"]}
            case "gentle":
                after["gentle_on"] = effect["on"]
            case _:
                inverse = [*_change(after["diary"], effect), *inverse]
    if inverse:
        after["undo"] = _bounded([*after["undo"], inverse])
    return after


def _change(diary: dict[str, Any], effect: Effect) -> list[Effect]:
    """Make one change of the diary, whose `days` are a copy; gives the effects that take it back."""
    if effect["do"] == "goal":
        before = diary["goal"]
        diary["goal"] = dict(effect["goal"]) if effect["goal"] else None
        return [{"do": "goal", "goal": before}]
    date = effect["date"]
    items: list[Item] = diary["days"].get(date, [])
    match effect["do"]:
        case "add":
            known = {item["id"] for item in items}
            room = MAX_ITEMS_A_DAY - len(items)
            added = [_cut(item) for item in effect["items"] if item["id"] not in known][:room]
            _set(diary, date, [*items, *added])
            numbers = [number_of(item) for item in added]
            diary["next_item"] = max([diary["next_item"] - 1, *numbers]) + 1
            return [{"do": "remove", "date": date, "ids": [item["id"] for item in added]}] if added else []
        case "remove":
            gone = [item for item in items if item["id"] in effect["ids"]]
            _set(diary, date, [item for item in items if item["id"] not in effect["ids"]])
            return [{"do": "add", "date": date, "items": gone}] if gone else []
        case "replace":
            new = _cut(effect["item"])
            old = [item for item in items if item["id"] == new["id"]]
            _set(diary, date, [new if item["id"] == new["id"] else item for item in items])
            return [{"do": "replace", "date": date, "item": item} for item in old]
        case "move":
            return _move(diary, effect, items)
        case other:
            raise ValueError(f"no effect '{other}'")


def _move(diary: dict[str, Any], effect: Effect, items: list[Item]) -> list[Effect]:
    date, to, meal = effect["date"], effect["to"], effect["meal"]
    moved = [item for item in items if item["id"] in effect["ids"]]
    if to != date:
        moved = moved[: MAX_ITEMS_A_DAY - len(diary["days"].get(to, []))]
    ids = {item["id"] for item in moved}
    placed = {item["id"]: item | {"meal": meal or item["meal"]} for item in moved}
    if to == date:
        _set(diary, date, [placed.get(item["id"], item) for item in items])
    else:
        _set(diary, date, [item for item in items if item["id"] not in ids])
        _set(diary, to, [*diary["days"].get(to, []), *placed.values()])
    meals = {item["meal"] for item in moved}
    return [
        {
            "do": "move", "date": to, "to": date, "meal": was,
            "ids": [item["id"] for item in moved if item["meal"] == was],
        }
        for was in MEAL_ORDER if was in meals
    ]  # fmt: skip


def _set(diary: dict[str, Any], date: str, items: list[Item]) -> None:
    if items:
        # In the order they were written down, also after one was taken out and put back.
        diary["days"][date] = sorted(items, key=number_of)
    else:
        diary["days"].pop(date, None)


def _cut(item: Mapping[str, Any]) -> Item:
    return dict(item) | {"food": item["food"][:MAX_FOOD_CHARS]}


def _remembered(kept: Mapping[str, Any], key: str, value: str, on: str) -> dict[str, Any]:
    values = kept[key] if kept["on"] == on else []
    return {"on": on, key: values if value in values else [*values, value]}


def _bounded(undo: list[list[Effect]]) -> list[list[Effect]]:
    undo = undo[-MAX_UNDO:]
    sizes = [len(json.dumps(change)) for change in undo]
    while len(undo) > 1 and sum(sizes) > MAX_UNDO_BYTES:
        undo, sizes = undo[1:], sizes[1:]
    return undo


def last_days(today: str, count: int) -> list[str]:
    """The dates of so many days, oldest first and `today` last."""
    end = Date.fromisoformat(today)
    return [(end - timedelta(days=before)).isoformat() for before in reversed(range(count))]


def to_diary(state: State, date: str, today: str) -> Diary:
    items = items_of(state, date)
    meals = []
    for meal in MEAL_ORDER:
        eaten = [item for item in items if item["meal"] == meal]
        if eaten:
            rows = [DiaryItem.model_validate(item) for item in eaten]
            meals.append(DiaryMeal(meal=meal, items=rows, totals=totals_of(eaten)))
    goal = state["diary"]["goal"]
    week = [
        DayTotals(date=day, **totals_of(items_of(state, day)).model_dump()) for day in last_days(today, WEEK)
    ]
    return Diary(
        date=date, meals=meals, totals=totals_of(items), goal=Goal.model_validate(goal) if goal else None,
        week=week,
    )  # fmt: skip
