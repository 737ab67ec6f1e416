"""A call with the notes assistant, without a receiver around it."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from protocol.client_messages import PastTurn
from protocol.link_messages import Item
from receiver.assistants.assistant import Context
from receiver.assistants.notes import NotesAssistant
from receiver.assistants.notes.due import Due, due

SATURDAY_NOON = "2026-11-21T12:00:00+00:00"


class Call:
    """One session. Each turn is thought out twice, and must come out the same."""

    def __init__(
        self, now: str = SATURDAY_NOON, zone: str = "Europe/London", locale: str | None = None
    ) -> None:
        self.assistant = NotesAssistant()
        self.zone = ZoneInfo(zone)
        self.locale = locale
        self.now = datetime.fromisoformat(now)
        beginning = self.assistant.begin(self._context())
        self.state: Any = beginning.state
        self.turns: list[tuple[str, str]] = []
        self.greeting = beginning.greeting or ""

    def _context(self) -> Context:
        history = [PastTurn(turn=0, text="", message=self.greeting)] if hasattr(self, "greeting") else []
        turns = getattr(self, "turns", [])
        history += [
            PastTurn(turn=at, text=said, message=told) for at, (said, told) in enumerate(turns, start=1)
        ]
        return Context(self.now, self.zone, None, self.locale, tuple(history[-50:]))

    async def say(self, text: str) -> str:
        before = copy.deepcopy(self.state)
        items = [self.item(text)]
        outcomes = [
            [piece async for piece in self.assistant.think(self.state, self._context(), items)]
            for _ in range(2)
        ]
        assert outcomes[0] == outcomes[1], "the same words on the same state are answered in the same way"
        assert self.state == before, "thinking changes nothing"
        effects: Any = [piece for piece in outcomes[0] if not isinstance(piece, str)]
        self.state = self.assistant.apply(self.state, effects)
        assert self.state == self.assistant.apply(before, effects), "applying again gives the same"
        answer = "".join(piece for piece in outcomes[0] if isinstance(piece, str))
        self.turns.append((text, answer))
        return answer

    def item(self, text: str) -> Item:
        return Item(text=text, timestamp=self.now.isoformat())

    def context_of(self, user: str) -> Context:
        return replace(self._context(), user=user)

    def at(self, now: str) -> None:
        self.now = datetime.fromisoformat(now)

    @property
    def shared(self) -> Any:
        """What all sessions of the person see."""
        return self.state["notes"]

    def due(self) -> tuple[Due, ...]:
        found, shared = due(self.shared, self.now)
        self.state = dict(self.state) | {"notes": shared}
        return found

    @property
    def reminders(self) -> list[tuple[str, str]]:
        """Text and time there of each."""
        return [
            (one["text"], f"{datetime.fromisoformat(one['at']).astimezone(self.zone):%a %d %b %Y %H:%M}")
            for one in self.state["notes"]["reminders"]
        ]

    @property
    def todos(self) -> list[str]:
        return [one["text"] for one in self.state["notes"]["todos"] if one["done"] is None]

    @property
    def notes(self) -> list[str]:
        return [one["text"] for one in self.state["notes"]["notes"]]
