"""A task beside the sessions that does what the store says is to be done, when it is."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from datetime import datetime

import structlog

from protocol.errors import StoreUnavailable
from receiver.faults import describe

log = structlog.get_logger(__name__)

POLL_SECONDS = 30.0
"""Longest that a worker does not ask the store: another receiver may have stored something, and died."""

STUMBLE_SECONDS = 5.0
"""Pause after a round that failed."""

STOP_SECONDS = 5.0
"""How long `stop` waits for a round to end; then it is cut short."""


class Worker(ABC):
    """Goes its rounds from `start` to `stop`: when it is woken, when something is due, and every now and then."""

    def __init__(self, poll_seconds: float = POLL_SECONDS) -> None:
        self._poll_seconds = poll_seconds
        self._woken = asyncio.Event()
        self._stopping = False
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._stopping = False
        self._running = asyncio.create_task(self._run(), name=type(self).__name__)

    async def stop(self) -> None:
        if self._running is None:
            return
        self._stopping = True
        self.wake()
        _, late = await asyncio.wait({self._running}, timeout=STOP_SECONDS)
        if late:
            self._running.cancel()
            await asyncio.wait({self._running}, timeout=1)
        self._running = None

    def wake(self) -> None:
        self._woken.set()

    @abstractmethod
    async def _round(self) -> float:
        """Do what is to be done now; gives the seconds until there is more, as far as that is known."""

    async def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            try:
                pause = await self._round()
            except StoreUnavailable:
                pause = STUMBLE_SECONDS  # the store has logged why
            except Exception as error:
                # A fault of ours must not end what others wait for.
                log.error("worker_bug", worker=type(self).__name__, **describe(error))
                pause = STUMBLE_SECONDS
            if self._stopping:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, min(pause, self._poll_seconds))):
                    await self._woken.wait()


def seconds_until(moment: str | None, now: datetime) -> float:
    """From `now` to a stored moment; endless where there is none."""
    return float("inf") if moment is None else (datetime.fromisoformat(moment) - now).total_seconds()
