"""The diary, between the map in a state and the rows of `meals` and `items`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.store import DIARY_DAYS
from receiver.store.encryption import TextCipher
from receiver.store.engine import insert_new
from receiver.store.schema import items, meals

Diary = Mapping[str, Any]
Item = dict[str, Any]

GOAL_COLUMNS = {figure: f"goal_{figure}" for figure in ("kcal", "protein_g", "carbs_g", "fat_g")}

_FIGURES = tuple(GOAL_COLUMNS)
_COPIED = ("meal", "food", "quantity", "unit", "grams", *_FIGURES, "known", "fdc_id")
"""Keys of an item that are columns of the same name."""

_READ = select(items.c.item, items.c.date, *(items.c[name] for name in _COPIED))


async def read_diary(connection: AsyncConnection, cipher: TextCipher, user: Row[Any]) -> dict[str, Any]:
    """The diary of a user, given their row: its latest days, oldest first."""
    latest = (
        select(meals.c.date).where(meals.c.user == user.id).distinct().order_by(meals.c.date.desc())
    ).limit(DIARY_DAYS)
    found = await connection.execute(
        _READ.where(items.c.user == user.id, items.c.date.in_(latest)).order_by(
            items.c.date, items.c.position, items.c.item
        )
    )
    days: dict[str, list[Item]] = {}
    for row in found:
        item = {"id": row.item, **{name: getattr(row, name) for name in _COPIED}}
        item["food"] = cipher.unseal(row.food)
        days.setdefault(row.date, []).append(item)
    goal = {figure: getattr(user, column) for figure, column in GOAL_COLUMNS.items()}
    return {"days": days, "goal": _goal(goal), "next_item": user.next_item}


def normal_diary(diary: Diary) -> dict[str, Any]:
    """As it will be read back, but for what `DIARY_DAYS` leaves out."""
    return {
        "days": {
            date: [_normal_item(item) for item in found]
            for date, found in sorted(diary["days"].items())
            if found
        },
        "goal": _goal(diary["goal"]),
        "next_item": diary["next_item"],
    }


def latest_days(diary: dict[str, Any]) -> dict[str, Any]:
    return {**diary, "days": dict(list(diary["days"].items())[-DIARY_DAYS:])}


@dataclass(frozen=True, slots=True)
class Writer:
    """What is written with each item."""

    user: str
    session: str
    turn: int | None
    """None: by hand."""


async def write_diary(
    connection: AsyncConnection, cipher: TextCipher, by: Writer, before: Diary, after: Diary
) -> dict[str, Any]:
    """Write down what is different in `after`, both normal; gives the new columns of the user's row.

    The user is locked, and `before` is what the rows say.
    """
    old, new = _places(before), _places(after)
    old_meals, new_meals = _meals(old), _meals(new)
    kept = [item for item in new if item in old]
    moved = [item for item in kept if new[item][1] != old[item][1]]
    changed = [item for item in kept if new[item][::2] != old[item][::2]]
    if added := sorted(new_meals - old_meals):
        # Those of a day that is older than what a state holds may be there.
        rows = [{"user": by.user, "date": date, "meal": meal} for date, meal in added]
        await connection.execute(insert_new(connection, meals), rows)
    if gone := [item for item in old if item not in new]:
        await connection.execute(delete(items).where(items.c.user == by.user, items.c.item.in_(gone)))
    which = update(items).where(items.c.user == by.user, items.c.item == bindparam("which"))
    if moved:
        await connection.execute(which, [{"which": item, "position": new[item][1]} for item in moved])
    if changed:
        await connection.execute(
            which, [{"which": item, **_columns(cipher, by, *new[item])} for item in changed]
        )
    if made := [item for item in new if item not in old]:
        await connection.execute(
            insert(items),
            [{"item": item, "user": by.user, **_columns(cipher, by, *new[item])} for item in made],
        )
    if emptied := sorted(old_meals - new_meals):
        at = (meals.c.user == by.user, meals.c.date == bindparam("on"), meals.c.meal == bindparam("which"))
        await connection.execute(
            delete(meals).where(*at), [{"on": date, "which": meal} for date, meal in emptied]
        )
    goal = after["goal"] or {}
    return {
        "next_item": after["next_item"],
        **{column: goal.get(name) for name, column in GOAL_COLUMNS.items()},
    }


_Places = dict[str, tuple[str, int, Item]]


def _places(diary: Diary) -> _Places:
    """Each item by its id, with its date and position."""
    return {
        item["id"]: (date, position, item)
        for date, found in diary["days"].items()
        for position, item in enumerate(found)
    }


def _meals(places: _Places) -> set[tuple[str, str]]:
    return {(date, item["meal"]) for date, _, item in places.values()}


def _columns(cipher: TextCipher, by: Writer, date: str, position: int, item: Item) -> dict[str, Any]:
    return {
        **{name: item[name] for name in _COPIED},
        "food": cipher.seal(item["food"]),
        "date": date,
        "position": position,
        "session": by.session,
        "turn": by.turn,
    }


def _normal_item(item: Mapping[str, Any]) -> Item:
    grams = item.get("grams")
    return {
        "id": item["id"], "meal": item["meal"], "food": item["food"], "quantity": float(item["quantity"]),
        "unit": item["unit"].replace("\x00", ""), "grams": None if grams is None else float(grams),
        **{figure: float(item[figure]) for figure in _FIGURES},
        "known": bool(item["known"]), "fdc_id": item.get("fdc_id"),
    }  # fmt: skip


def _goal(goal: Mapping[str, Any] | None) -> dict[str, float] | None:
    """With the figures that there is a goal for; None where there are none."""
    figures = {figure: goal.get(figure) for figure in _FIGURES} if goal else {}
    return {figure: float(value) for figure, value in figures.items() if value is not None} or None
