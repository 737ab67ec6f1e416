"""A conversation with any assistant as the receiver holds it, without a relay and a store."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from protocol.client_messages import PastTurn
from protocol.link_messages import Item
from receiver.assistants.assistant import UTC_ZONE, Assistant, Context, Effect, Restart, State

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

Piece = str | Effect | Restart


@dataclass
class Said:
    pieces: list[Piece]

    @property
    def restarted(self) -> bool:
        return any(isinstance(piece, Restart) for piece in self.pieces)

    @property
    def kept(self) -> list[Piece]:
        """After the last restart."""
        begun = [at for at, piece in enumerate(self.pieces) if isinstance(piece, Restart)]
        return self.pieces[begun[-1] + 1 :] if begun else self.pieces

    @property
    def answer(self) -> str:
        return "".join(piece for piece in self.kept if isinstance(piece, str))

    @property
    def effects(self) -> list[Effect]:
        return [piece for piece in self.kept if not isinstance(piece, str | Restart)]


@dataclass
class AssistantSession:
    """`say` is one turn: think, then apply what was thought, as a commit does."""

    assistant: Assistant
    name: str | None = "Ada"
    locale: str | None = None
    timezone: ZoneInfo = UTC_ZONE
    history: list[PastTurn] = field(default_factory=list)
    state: State = field(init=False)
    greeting: str | None = field(init=False)

    def __post_init__(self) -> None:
        beginning = self.assistant.begin(self.context)
        self.state, self.greeting = beginning.state, beginning.greeting
        if self.greeting is not None and not self.history:
            self.history.append(PastTurn(turn=0, text="", message=self.greeting))

    @property
    def context(self) -> Context:
        return Context(NOON, self.timezone, self.name, self.locale, tuple(self.history))

    async def think(self, text: str) -> Said:
        pieces: list[Piece] = []
        items = [Item(text=text, timestamp=NOON.isoformat())]
        async with aclosing(cast("Any", self.assistant.think(self.state, self.context, items))) as stream:
            async for piece in stream:
                pieces.append(piece)
        return Said(pieces)

    async def say(self, text: str) -> Said:
        said = await self.think(text)
        self.state = self.assistant.apply(self.state, said.effects)
        turn = self.history[-1].turn + 1 if self.history else 1
        self.history.append(PastTurn(turn=turn, text=text, message=said.answer))
        return said
