"""Receivers to be killed, as processes of their own: forked from one that has imported and made all they need.

That takes a start from a second, which is spent on imports and on the index of the foods, to some milliseconds.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess

from tests.ports import next_port
from tests.receiver import mortal_receiver

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload([mortal_receiver.__name__])


class ForkedReceiver:
    """A `mortal_receiver` that listens at `port`."""

    def __init__(self, process: ForkServerProcess, port: int) -> None:
        self.port = port
        self._process = process

    @classmethod
    async def start(cls, database: str, point: str = "none") -> ForkedReceiver:
        port = next_port()
        lines, theirs = _FORKING.Pipe(duplex=False)
        with lines, theirs:
            process = _FORKING.Process(target=mortal_receiver.run, args=(database, point, port, theirs))
            process.start()
            try:
                assert await asyncio.to_thread(lines.poll, 20), "it does not listen"
                lines.recv()
                return cls(process, port)
            except BaseException:
                process.kill()
                raise

    def kill(self) -> None:
        """As `kill -9`."""
        self._process.kill()

    async def wait(self, seconds: float = 20) -> int:
        """Its exit code, minus the number of the signal that ended it. Raises `TimeoutError`."""
        await asyncio.to_thread(self._process.join, seconds)
        if self._process.exitcode is None:
            raise TimeoutError
        return self._process.exitcode


@asynccontextmanager
async def forked_receiver(database: str, point: str = "none") -> AsyncIterator[ForkedReceiver]:
    """One that is killed at the end, if it is still there."""
    receiver = await ForkedReceiver.start(database, point)
    try:
        yield receiver
    finally:
        receiver.kill()
        await receiver.wait()
