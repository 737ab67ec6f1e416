"""A diary for the scripted relay: it keeps items and answers the page's actions as a receiver does."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

from protocol.client_messages import Action, ActionDone, DiaryUpdate, ErrorMessage
from protocol.diary import Diary, DiaryFile
from protocol.errors import MalformedMessage, VoiceError
from tests.browser.scripted_relay import Client

FIGURES = ("kcal", "protein_g", "carbs_g", "fat_g")
MEALS = ("breakfast", "lunch", "dinner", "snack")
WEEK = 7

Item = dict[str, Any]


def today() -> date:
    """Chromium runs in the tests' own time zone."""
    return datetime.now(UTC).astimezone().date()


def item(number: int, food: str, kcal: float, *, meal: str = "breakfast", **fields: Any) -> Item:
    return {
        "id": f"item-{number}", "meal": meal, "food": food, "quantity": 1.0, "unit": "", "grams": 50.0,
        "known": True, "kcal": kcal, "protein_g": kcal / 20, "carbs_g": kcal / 10, "fat_g": kcal / 30, **fields,
    }  # fmt: skip


def totals(items: list[Item]) -> dict[str, float]:
    return {figure: sum(entry[figure] for entry in items) for figure in FIGURES}


class ScriptedDiary:
    """Seven days that end today. `refuse`, when set, gives the error that an action is answered with."""

    def __init__(self, *items: Item) -> None:
        self.days: dict[str, list[Item]] = {self.day(0): list(items)}
        self.goal: dict[str, float] | None = None
        self.shown = self.day(0)
        self.refuse: Callable[[Action], VoiceError | None] = lambda action: None
        self.done: list[str] = []
        """Ids: each is done once."""
        self._undo: list[tuple[dict[str, list[Item]], dict[str, float] | None]] = []

    @staticmethod
    def day(ago: int) -> str:
        return (today() - timedelta(days=ago)).isoformat()

    @property
    def items(self) -> list[Item]:
        return self.days[self.day(0)]

    def message(self, **fields: Any) -> dict[str, Any]:
        items = self.days.get(self.shown, [])
        meals = [(meal, [entry for entry in items if entry["meal"] == meal]) for meal in MEALS]
        week = [self.day(ago) for ago in reversed(range(WEEK))]
        diary = Diary.model_validate(
            {
                "date": self.shown,
                "meals": [{"meal": meal, "items": eaten, "totals": totals(eaten)} for meal, eaten in meals if eaten],
                "totals": totals(items),
                "goal": self.goal,
                "week": [{"date": day, **totals(self.days.get(day, []))} for day in week],
            }
        )  # fmt: skip
        return DiaryUpdate(diary=diary).to_wire() | fields

    async def tell(self, client: Client, **fields: Any) -> None:
        await client.send(**self.message(**fields))

    async def answer(self, client: Client, action: Action) -> None:
        """For `ScriptedRelay.on_action`."""
        export = None
        try:
            if (refused := self.refuse(action)) is not None:
                raise refused
            if action.name == "export":
                export = self._export(action.args["format"])
            elif action.id not in self.done:
                self._act(action.name, action.args)
                self.done.append(action.id)
        except VoiceError as error:
            await client.send(**ErrorMessage.of(error, id=action.id).to_wire())
            return
        await client.send(**ActionDone(id=action.id, export=export).to_wire())
        if export is None:
            await self.tell(client)

    def _act(self, name: str, args: dict[str, Any]) -> None:
        if name == "show":
            self.shown = args["date"]
        elif name == "undo":
            if self._undo:
                self.days, self.goal = self._undo.pop()
        else:
            self._undo.append((deepcopy(self.days), self.goal))
            if name == "goal":
                self.goal = args or None
            else:
                self._change(name, args)

    def _change(self, name: str, args: dict[str, Any]) -> None:
        for items in self.days.values():
            for index, entry in enumerate(items):
                if entry["id"] != args["item"]:
                    continue
                if name == "delete":
                    del items[index]
                    return
                factor = args.get("quantity", entry["quantity"]) / entry["quantity"]
                scaled = {
                    figure: entry[figure] * factor
                    for figure in (*FIGURES, "grams")
                    if entry[figure] is not None
                }
                items[index] = entry | scaled | {key: value for key, value in args.items() if key != "item"}
                return
        raise MalformedMessage("There is no such item in the diary.")

    def _export(self, format_: str) -> DiaryFile:
        rows = [{"date": day, **entry} for day, items in self.days.items() for entry in items]
        if format_ == "json":
            return DiaryFile(
                name="diary.json", media_type="application/json", text=json.dumps({"items": rows})
            )
        text = io.StringIO()
        writer = csv.DictWriter(text, ["date", "meal", "food", "quantity", "kcal"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        return DiaryFile(name="diary.csv", media_type="text/csv", text=text.getvalue())
