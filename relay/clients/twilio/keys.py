"""The keys of a telephone: digits are a text that the caller types."""

from __future__ import annotations

import asyncio
from typing import Protocol

PAUSE_SECONDS = 2.0
"""Digits count as typed when no other has followed for this long."""

MAX_DIGITS = 64
"""Digits that are gathered; with the last of them they count as typed."""

DIGITS = frozenset("0123456789ABCD")
"""What a key can send besides `#` and `*` (ITU-T Q.23)."""


class KeysListener(Protocol):
    """What `Keys` tells its call; all plain calls on the event loop."""

    def on_digits(self, digits: str) -> None: ...
    def on_end(self) -> None:
        """`#`, with no digits before it: the caller has finished speaking."""
        ...

    def on_stop(self) -> None:
        """`*`: the caller wants to hear no more. Digits before it are forgotten."""
        ...


class Keys:
    """One call's. `press` them, `finish` at the end."""

    def __init__(self, listener: KeysListener) -> None:
        self._listener = listener
        self._digits = ""
        self._timer: asyncio.TimerHandle | None = None

    def press(self, key: str) -> bool:
        """False for what is no key."""
        if key == "#":
            if not self.finish():
                self._listener.on_end()
        elif key == "*":
            self._forget()
            self._listener.on_stop()
        elif key in DIGITS:
            self._stop_timer()
            self._digits += key
            if len(self._digits) == MAX_DIGITS:
                self.finish()
            else:
                self._timer = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self.finish)
        else:
            return False
        return True

    def finish(self) -> bool:
        """The digits so far are all; False when there are none."""
        digits = self._digits
        self._forget()
        if digits:
            self._listener.on_digits(digits)
        return bool(digits)

    def _forget(self) -> None:
        self._digits = ""
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
