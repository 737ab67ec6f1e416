"""Changes by hand that the receiver has not confirmed yet: each ends in `action_done` or an error, never in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from protocol.errors import BufferFull, ReceiverTimeout, ReceiverUnavailable, VoiceError

ACTION_SECONDS = 30.0
"""Wait for `action_done`; then `receiver_timeout`. Sending it again is harmless: an id is done once."""

MAX_PENDING = 100
"""Actions under way; more are refused (`buffer_full`)."""


class PendingActions:
    """Those of one conversation, by id. `on_failed(id, error)` is told of each that comes to nothing."""

    def __init__(self, on_failed: Callable[[str, VoiceError], None]) -> None:
        self._on_failed = on_failed
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def start(self, id: str) -> bool:
        """Whether there is room; the action is then waited for."""
        if len(self._timers) >= MAX_PENDING:
            self._on_failed(id, BufferFull())
            return False
        self.end(id)
        loop = asyncio.get_running_loop()
        self._timers[id] = loop.call_later(ACTION_SECONDS, self._fail, id, ReceiverTimeout())
        return True

    def end(self, id: str) -> None:
        """The receiver has said what became of it."""
        if timer := self._timers.pop(id, None):
            timer.cancel()

    def lose(self) -> None:
        """The link is gone, and with it their answers."""
        for id in list(self._timers):
            self._fail(id, ReceiverUnavailable())

    def close(self) -> None:
        for id in list(self._timers):
            self.end(id)

    def _fail(self, id: str, error: VoiceError) -> None:
        self.end(id)
        self._on_failed(id, error)
