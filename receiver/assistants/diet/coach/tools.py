"""The tools of the coach: all that a language model can do to the diary, and what it is told of it.

Arguments are checked like anything from outside. Figures come from the food table alone: no tool takes any. A
tool's work is effects, the same as the rules make; they are tried on a copy of the state and become true when
the turn is committed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from pydantic import ValidationError

from protocol.errors import InputError
from receiver.assistants.assistant import Context, Effect, State
from receiver.assistants.diet import actions, diary
from receiver.assistants.diet.coach.arguments import (
    Arguments,
    EditItem,
    FinishMeal,
    LogFood,
    LookUpFood,
    ReadDay,
    RemoveItem,
    SetGoal,
    UndoLastChange,
)
from receiver.assistants.diet.coach.figures import Figures
from receiver.assistants.diet.coach.foods import (
    as_figures_of,
    describe_day,
    describe_item,
    describe_totals,
    mention_of,
)
from receiver.assistants.diet.dialogue import goals
from receiver.assistants.diet.dialogue.phrases import meal_at
from receiver.assistants.diet.items import Item, make_item
from receiver.llm import ToolCall, ToolResult, ToolSpec
from receiver.llm.tool_schema import schema_of

log = structlog.get_logger(__name__)


class ToolRefused(Exception):
    """A call that cannot be done; the message is for the model."""


class Tools:
    """The tools during one turn."""

    def __init__(self, state: State, context: Context, figures: Figures) -> None:
        self.effects: list[Effect] = []
        self.changed: list[Item] = []
        """Items as this turn has left them, those that were logged or edited."""
        self._before = diary.complete(state)
        self._state: State = self._before
        self._context = context
        self._figures = figures
        self.talked_of: str | None = None
        """The date of the day that the last tool was about."""
        self._done: dict[str, dict[str, Any]] = {}
        self._handlers: dict[type[Arguments], Callable[[Any], dict[str, Any]]] = {
            LogFood: self._log_food, EditItem: self._edit_item, RemoveItem: self._remove_item,
            UndoLastChange: self._undo, FinishMeal: self._finish_meal, ReadDay: self._read_day,
            LookUpFood: self._look_up_food, SetGoal: self._set_goal,
        }  # fmt: skip

    @property
    def state(self) -> State:
        """The state with everything done so far."""
        return self._state

    @property
    def today(self) -> str:
        return self._context.local_now.date().isoformat()

    def call(self, call: ToolCall) -> ToolResult:
        """Do it. What cannot be done changes nothing and is told to the model as an error."""
        try:
            content = self._call(call)
        except ToolRefused as refusal:
            log.info("tool_refused", tool=call.name[:40])
            return ToolResult(call, {"error": str(refusal)}, error=True)
        self._figures.learn(content)
        return ToolResult(call, content)

    def _call(self, call: ToolCall) -> dict[str, Any]:
        kind = _KINDS.get(call.name)
        if kind is None:
            raise ToolRefused(f"There is no tool '{call.name[:40]}'; there are {', '.join(_KINDS)}.")
        if call.arguments is None:
            raise ToolRefused("The arguments are not a JSON object. Call the tool again.")
        try:
            arguments = kind.model_validate(dict(call.arguments))
        except ValidationError as error:
            raise ToolRefused(_what_is_wrong(error)) from None
        # As they were understood: 2 and 2.0 are the same call.
        key = f"{call.name} {arguments.model_dump_json(exclude_none=True)}"
        if key in self._done:
            # A model that is not sure whether it has called a tool calls it twice.
            return self._done[key] | {"note": "This was done already, by the same call before."}
        try:
            content = self._handlers[kind](arguments)
        except InputError as error:
            raise ToolRefused(error.message) from None
        if kind.changes:
            self._done[key] = content
        return content

    def _do(self, *effects: Effect) -> None:
        self.effects += effects
        # From the beginning: one turn is one change, so `undo` means the turn before.
        self._state = diary.apply(self._before, self.effects)

    def _log_food(self, arguments: LogFood) -> dict[str, Any]:
        by_date: dict[str, list[Item]] = {}
        already: list[Item] = []
        number = self._state["diary"]["next_item"]
        for food in arguments.foods:
            mention = mention_of(food.food, food.quantity, food.unit)
            date = self._date(food.day)
            item = make_item(number, mention, food.meal or self._meal())
            logged_before = self._logged_before(date, item)
            if logged_before is not None:
                already.append(logged_before)
                continue
            by_date.setdefault(date, []).append(item)
            number += 1
        if already and not by_date:
            raise ToolRefused("All of it is written down already, by a call before. Do not log it again.")
        for date, items in by_date.items():
            if len(diary.items_of(self._state, date)) + len(items) > diary.MAX_ITEMS_A_DAY:
                raise ToolRefused("That is more than can be written down for one day.")
        self._do(*({"do": "add", "date": date, "items": items} for date, items in by_date.items()))
        logged = [item for items in by_date.values() for item in items]
        self.changed += logged
        return {
            "logged": [describe_item(item) for item in logged],
            "together": describe_totals(logged),
            "days": [self._describe(date, items=False) for date in by_date],
        } | ({"logged_before": [describe_item(item) for item in already]} if already else {})

    def _logged_before(self, date: str, item: Item) -> Item | None:
        """The same food and amount, as a call before wrote it down in this turn: a model that adds to what it has
        logged tends to log all of it again."""
        mine = {changed["id"] for changed in self.changed}
        same = ("food", "quantity", "unit", "meal")
        return next(
            (
                kept
                for kept in diary.items_of(self._state, date)
                if kept["id"] in mine and all(kept[key] == item[key] for key in same)
            ),
            None,
        )

    def _edit_item(self, arguments: EditItem) -> dict[str, Any]:
        date, item = self._find(arguments.item)
        given = arguments.model_dump(exclude_none=True, include={"quantity", "unit", "food", "meal"})
        edited = item
        if arguments.like is not None:
            edited = as_figures_of(item, arguments.like, arguments.quantity, arguments.unit)
            given = {key: value for key, value in given.items() if key == "meal"}
        if given:
            (effect,) = actions.act(
                self._with(date, edited), self._context, "edit", given | {"item": item["id"]}
            )
            edited = effect["item"]
        to = self._date(arguments.day) if arguments.day is not None else date
        if edited == item and to == date:
            raise ToolRefused("Nothing to change was given, or it is so already.")
        effects: list[Effect] = []
        if edited != item:
            effects.append({"do": "replace", "date": date, "item": edited})
        if to != date:
            effects.append({"do": "move", "date": date, "to": to, "meal": None, "ids": [item["id"]]})
        self._do(*effects)
        self.changed = [kept for kept in self.changed if kept["id"] != item["id"]] + [edited]
        days = dict.fromkeys((date, to))
        return {
            "was": describe_item(item), "is": describe_item(edited),
            "days": [self._describe(day, items=False) for day in days],
        }  # fmt: skip

    def _remove_item(self, arguments: RemoveItem) -> dict[str, Any]:
        found = [self._find(item) for item in dict.fromkeys(arguments.items)]
        days = dict.fromkeys(date for date, _ in found)
        for date in days:
            ids = [item["id"] for on, item in found if on == date]
            self._do({"do": "remove", "date": date, "ids": ids})
            self.changed = [item for item in self.changed if item["id"] not in ids]
        return {
            "removed": [describe_item(item) for _, item in found],
            "days": [self._describe(date, items=False) for date in days],
        }

    def _undo(self, arguments: UndoLastChange) -> dict[str, Any]:
        if not self._before["undo"]:
            raise ToolRefused("There is nothing to take back.")
        self._do({"do": "undo"})
        return {"taken_back": True, "days": [self._describe(self.today)]}

    def _finish_meal(self, arguments: FinishMeal) -> dict[str, Any]:
        self._do({"do": "finish", "meal": arguments.meal, "on": self.today})
        finished = self._state["finished"]["meals"]
        eaten = {item["meal"] for item in diary.items_of(self._state, self.today)}
        still = [meal for meal in diary.MEAL_ORDER if meal not in finished and meal not in eaten]
        return {"finished": arguments.meal, "not_told_yet": still, "days": [self._describe(self.today)]}

    def _read_day(self, arguments: ReadDay) -> dict[str, Any]:
        return self._describe(self._date(arguments.day))

    def _look_up_food(self, arguments: LookUpFood) -> dict[str, Any]:
        item = make_item(0, mention_of(arguments.food, arguments.quantity, arguments.unit), self._meal())
        described = describe_item(item)
        del described["id"], described["meal"]
        return described

    def _set_goal(self, arguments: SetGoal) -> dict[str, Any]:
        if arguments.kcal is not None and arguments.kcal < goals.BOUNDS["kcal"][0]:
            self._do({"do": "gentle", "on": self.today})
            raise ToolRefused(
                "A goal that low is not set. Say kindly, and without any figure, that a body needs more than that, "
                "and that a doctor or dietitian can help."
            )
        (effect,) = actions.act(self._state, self._context, "goal", arguments.model_dump(exclude_none=True))
        self._do(effect)
        return self._describe(self.today, items=False)

    def _describe(self, date: str, *, items: bool = True) -> dict[str, Any]:
        self.talked_of = date
        return describe_day(self._state, date, self.today, items=items)

    def _meal(self) -> Any:
        asking = self._before["asking"] if self._before["asked_on"] == self.today else None
        return asking if asking in diary.MEAL_ORDER else meal_at(self._context.local_now)

    def _find(self, item_id: str) -> tuple[str, Item]:
        found = diary.find_item(self._state, item_id)
        if found is None:
            raise ToolRefused(f"There is no item '{item_id[:40]}'. Read the day for the ids.")
        return found

    def _with(self, date: str, item: Item) -> State:
        return diary.apply(self._state, [{"do": "replace", "date": date, "item": item}])

    def _date(self, day: str | None) -> str:
        days = diary.last_days(self.today, diary.DAYS_KEPT)
        word = (day or "today").strip().lower()
        date = {"today": days[-1], "yesterday": days[-2]}.get(word, word)
        if date not in days:
            raise ToolRefused(f"The day is 'today', 'yesterday' or a date from {days[0]} to {days[-1]}.")
        return date


def _what_is_wrong(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"There is no argument '{place[:60]}'. Figures are never given: they come from the table."
    return f"The argument '{place[:60]}' is wrong: {first['msg']}."


_KINDS: dict[str, type[Arguments]] = {
    kind.tool: kind
    for kind in (LogFood, EditItem, RemoveItem, UndoLastChange, FinishMeal, ReadDay, LookUpFood, SetGoal)
}

TOOLS: tuple[ToolSpec, ...] = tuple(
    ToolSpec(name, " ".join((kind.__doc__ or "").split()), schema_of(kind)) for name, kind in _KINDS.items()
)
