"""A diet coach that works by rules alone: asks for each meal, keeps the day's diary, sums up.

`parser` finds the foods in a sentence, `dialogue` decides what to say and change, `diary` applies the change.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from protocol.diary import Diary
from protocol.errors import MalformedMessage, Unsupported
from protocol.link_messages import Item, spoken_text
from receiver.assistants.assistant import Assistant, Beginning, Context, Effect, State
from receiver.assistants.diet import diary, phrases
from receiver.assistants.diet.dialogue import respond
from receiver.assistants.diet.items import scale_item
from receiver.assistants.diet.numbers import MAX_QUANTITY


class DietAssistant(Assistant):
    name = "diet"
    version = 1

    def begin(self, context: Context) -> Beginning:
        local_now = context.local_now
        meal = phrases.meal_at(local_now)
        question = phrases.question_for(meal, local_now)
        state = diary.empty_state() | {"asking": meal, "asked_on": local_now.date().isoformat()}
        return Beginning(state, phrases.greeting(local_now, context.name, question))

    async def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect]:
        answer, effects = respond(state, context.local_now, spoken_text(list(items)))
        for effect in effects:
            yield effect
        yield answer

    def apply(self, state: State, effects: Sequence[Effect]) -> State:
        return diary.apply(state, effects)

    def act(self, state: State, context: Context, name: str, args: Mapping[str, Any]) -> list[Effect]:
        """`delete {item}`, `edit {item, quantity}` and `undo {}`; `item` is the id in the diary."""
        match name:
            case "undo":
                return [{"do": "undo"}]
            case "delete":
                date, item = _item(state, args)
                return [{"do": "remove", "date": date, "ids": [item["id"]]}]
            case "edit":
                date, item = _item(state, args)
                quantity = args.get("quantity")
                if isinstance(quantity, bool) or not isinstance(quantity, int | float):
                    raise MalformedMessage("'edit' needs a number 'quantity'.")
                if not 0 < quantity <= MAX_QUANTITY:
                    raise MalformedMessage(f"'quantity' is more than 0 and at most {MAX_QUANTITY:g}.")
                return [{"do": "replace", "date": date, "item": scale_item(item, float(quantity))}]
            case _:
                raise Unsupported(f"The diet assistant knows no action '{name[:40]}'.")

    def diary(self, state: State, context: Context) -> Diary:
        return diary.to_diary(state, context.local_now.date().isoformat())


def _item(state: State, args: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    for date in state["days"]:
        for item in diary.items_of(state, date):
            if item["id"] == args.get("item"):
                return date, item
    raise MalformedMessage("There is no such item in the diary.")
