"""Typed texts that wait until it is known whether they are stored already.

A client sends a text again under its id when it has not seen its answer. A relay that has just taken the session up
learns from `opened` which ids are stored, so until then a text with an id is held.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from protocol.client_messages import TypedText
from protocol.errors import BufferFull, TurnFailed, VoiceError
from relay.turn import MAX_TURN_AGE_SECONDS

MAX_HELD = 100
"""Texts held; more are refused (`buffer_full`)."""


class TypedTexts:
    """The texts of one conversation that are held. `on_refused(id, error)` is told of those that are given up."""

    def __init__(self, on_refused: Callable[[str | None, VoiceError], None]) -> None:
        self._on_refused = on_refused
        self._held: list[TypedText] = []
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, text: TypedText) -> None:
        """Held for five minutes at most, as long as a turn waits for a receiver (`turn_failed`)."""
        if len(self._held) >= MAX_HELD:
            self._on_refused(text.id, BufferFull())
            return
        self._held.append(text)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(MAX_TURN_AGE_SECONDS, self._give_up)

    def release(self) -> list[TypedText]:
        """What was held, in order."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        held, self._held = self._held, []
        return held

    def _give_up(self) -> None:
        for text in self.release():
            self._on_refused(text.id, TurnFailed())
