"""The event loop's clock, which a test may put forward: what waits for minutes is due at once, on any machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class LoopClock:
    """Of the running loop, from now on. Everything that asks the loop for the time or for a wake-up goes by it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._real = self._loop.time
        self._ahead = 0.0
        self._loop.time = lambda: self._real() + self._ahead  # type: ignore[method-assign]

    async def put_forward(self, seconds: float) -> None:
        """So many seconds pass at once. What was on its way before has come, and what was due in them is done."""
        await _settle()
        self._ahead += seconds
        await _settle()


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
    await asyncio.sleep(0.005)


def skip_waits() -> None:
    """From now on the running loop waits for nothing: where it would, its clock goes to what is due next.

    For code that waits for the clock alone; who waits for a socket or a thread finds that all time-outs are over.
    """
    loop = asyncio.get_running_loop()
    now = loop.time()
    select = loop._selector.select  # type: ignore[attr-defined]

    def skip(timeout: float | None) -> Any:
        nonlocal now
        if timeout is not None and timeout > 0:
            now += timeout + 0.000_01  # never early, as no real clock is
            timeout = 0
        return select(timeout)

    loop.time = lambda: now  # type: ignore[method-assign]
    loop._selector.select = skip  # type: ignore[attr-defined]


async def until(condition: Callable[[], object]) -> None:
    """Waits until something holds, a thousandth of a second of the running loop at a time."""
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.001)
