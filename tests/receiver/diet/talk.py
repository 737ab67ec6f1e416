"""A conversation with the diet assistant, without a receiver around it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from protocol.client_messages import PastTurn
from protocol.diary import Diary
from protocol.link_messages import Item
from receiver.assistants.assistant import Context
from receiver.assistants.diet import DietAssistant


class Talk:
    """One session, at an hour of a day in UTC. Each turn is thought out twice, and must come out the same."""

    def __init__(
        self, hour: int = 8, day: int = 21, name: str | None = None, timezone: str = "UTC",
        locale: str | None = None,
    ) -> None:  # fmt: skip
        self.assistant = DietAssistant()
        self.context = Context(
            datetime(2026, 11, day, hour, 30, tzinfo=UTC), ZoneInfo(timezone), name, locale
        )
        beginning = self.assistant.begin(self.context)
        self.state: Any = beginning.state
        self.greeting = beginning.greeting or ""
        self.history = [PastTurn(turn=0, text="", message=self.greeting)]

    def at(self, now: datetime) -> None:
        self.context = Context(now, self.context.timezone, self.context.name, self.context.locale)

    async def say(self, text: str) -> str:
        before = copy.deepcopy(self.state)
        now = self.context.now
        self.context = Context(
            now, self.context.timezone, self.context.name, self.context.locale, tuple(self.history)
        )
        outcomes = []
        for _ in range(2):
            items = [Item(text=text, timestamp=now.isoformat())]
            outcomes.append([piece async for piece in self.assistant.think(self.state, self.context, items)])
        assert outcomes[0] == outcomes[1], "the same words on the same state are answered in the same way"
        assert self.state == before, "thinking changes nothing"
        effects: Any = [piece for piece in outcomes[0] if not isinstance(piece, str)]
        self.state = self.assistant.apply(self.state, effects)
        answer = "".join(piece for piece in outcomes[0] if isinstance(piece, str))
        self.history.append(PastTurn(turn=len(self.history), text=text, message=answer))
        return answer

    def act(self, name: str, **args: Any) -> None:
        effects = self.assistant.act(self.state, self.context, name, args)
        self.state = self.assistant.apply(self.state, effects)

    @property
    def shown(self) -> Diary:
        return self.assistant.diary(self.state, self.context)

    @property
    def diary(self) -> list[tuple[str, str, float, str]]:
        """Meal, food, quantity and unit of each item of the day that is shown."""
        return [
            (meal.meal, item.food, item.quantity, item.unit)
            for meal in self.shown.meals
            for item in meal.items
        ]

    @property
    def foods(self) -> list[tuple[str, float]]:
        return [(food, quantity) for _, food, quantity, _ in self.diary]
