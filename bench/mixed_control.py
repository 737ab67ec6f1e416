"""The control of `bench.mixed`: a bare `websockets` server that gets the same and knows beforehand what to answer.

A client's first message says which of those that follow end a turn. After the same silence the same receiver is asked,
where the relay asks it, and one message goes out. Nothing is decoded, resampled, checked or kept.

`python -m bench.mixed_control tcp://HOST:PORT` prints its address and runs until SIGTERM.
"""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import sys
from contextlib import suppress
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from bench.control_server import Hop


class _Client:
    """One connection."""

    def __init__(self, connection: ServerConnection, hop: Hop) -> None:
        self._connection = connection
        self._hop = hop
        self._turn = 0
        self._answering: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        hello: dict[str, Any] = json.loads(await self._connection.recv())
        ends, text = frozenset(hello["ends"]), "x" * hello["length"]
        number = 0
        async for message in self._connection:
            if isinstance(message, str):
                json.loads(message)
            if number in ends:
                task = asyncio.create_task(self._answer(hello["silence"], hello["hops"], text))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)
            number += 1

    async def _answer(self, silence: float, hops: bool, text: str) -> None:
        if silence:
            await asyncio.sleep(silence)
        if hops:
            self._turn += 1
            await self._hop.ask(str(self._connection.id), self._turn, "I had two eggs and a slice of toast")
        with suppress(ConnectionClosed):
            await self._connection.send(text)


async def _run(receiver: str) -> None:
    stop, connected = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    hop = Hop()
    hopping = asyncio.create_task(hop.run(receiver, connected))
    await connected.wait()

    async def converse(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            await _Client(connection, hop).serve()

    async with serve(converse, "127.0.0.1", 0, compression=None, close_timeout=1) as server:
        gc.collect()
        gc.freeze()
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"ws://127.0.0.1:{port}", flush=True)
        await stop.wait()
    hopping.cancel()
    await asyncio.gather(hopping, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1]))
