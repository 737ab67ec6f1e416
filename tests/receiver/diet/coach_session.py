"""A conversation with the diet assistant as the receiver holds it, without a relay and a store."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from protocol.client_messages import PastTurn
from protocol.link_messages import Item
from receiver.assistants.assistant import Assistant, Context, Effect, Restart, State
from receiver.assistants.diet import DietAssistant
from receiver.assistants.diet.coach.coach import Coach

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TODAY = "2026-11-21"


@dataclass
class Said:
    answer: str
    effects: list[Effect]
    pieces: list[str | Effect | Restart]

    @property
    def restarted(self) -> bool:
        return any(isinstance(piece, Restart) for piece in self.pieces)


@dataclass
class CoachSession:
    """`say` is one turn: think, then apply what was thought, as a commit does."""

    coach: Coach | None
    name: str | None = "Ada"
    state: State = field(default_factory=dict)
    history: list[PastTurn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.assistant: Assistant = DietAssistant(self.coach)
        beginning = self.assistant.begin(self._context())
        self.state = beginning.state
        self.history.append(PastTurn(turn=0, text="", message=beginning.greeting or ""))

    async def say(self, text: str) -> Said:
        pieces: list[str | Effect | Restart] = []
        item = Item(text=text, timestamp=NOON.isoformat())
        async with aclosing(cast("Any", self.assistant.think(self.state, self._context(), [item]))) as stream:
            async for piece in stream:
                pieces.append(piece)
        kept = pieces
        for index, piece in enumerate(pieces):
            if isinstance(piece, Restart):
                kept = pieces[index + 1 :]
        answer = "".join(piece for piece in kept if isinstance(piece, str))
        effects = [piece for piece in kept if not isinstance(piece, str | Restart)]
        self.state = self.assistant.apply(self.state, effects)
        self.history.append(PastTurn(turn=len(self.history), text=text, message=answer))
        return Said(answer, effects, pieces)

    @property
    def items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.state["diary"]["days"].get(TODAY, [])
        return items

    @property
    def foods(self) -> list[str]:
        return [item["food"] for item in self.items]

    def _context(self) -> Context:
        return Context(now=NOON, name=self.name, history=tuple(self.history))
