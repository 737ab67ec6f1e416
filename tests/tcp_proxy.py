"""A TCP proxy that a test controls: it cuts, stalls, delays, drops and corrupts, in either direction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.ports import next_port

READ_BYTES = 16 * 1024


class Direction:
    """What happens to the bytes that flow one way, on all connections."""

    def __init__(self) -> None:
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.delay = 0.0
        """Seconds that each piece is held."""
        self.drop = False
        """Whether bytes are swallowed, as by a network that is gone and has told nobody."""
        self.change: Callable[[bytes], bytes] | None = None
        """Applied to each piece: corrupts it."""
        self.passed = 0
        """Bytes that were let through."""

    def stall(self) -> None:
        """Read nothing more, so that the sender's buffers fill up."""
        self._flowing.clear()

    def resume(self) -> None:
        self._flowing.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await self._flowing.wait()
            data = await reader.read(READ_BYTES)
            if not data:
                return
            await self._flowing.wait()
            if self.delay:
                await asyncio.sleep(self.delay)
            if self.drop:
                continue
            if self.change is not None:
                data = self.change(data)
            self.passed += len(data)
            writer.write(data)
            await writer.drain()


class TcpProxy:
    """`async with TcpProxy(port) as proxy:`; what connects to `proxy.port` is carried to `port`."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = next_port()
        self.to_server = Direction()
        self.to_client = Direction()
        self.refuse = False
        """Whether new connections are cut at once."""
        self.accepted = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    async def __aenter__(self) -> TcpProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Reset all connections, both ways."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.accepted += 1
        onward: asyncio.StreamWriter | None = None
        self._writers.add(writer)
        try:
            if self.refuse:
                return
            answers, onward = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers.add(onward)
            ways = [
                asyncio.create_task(self.to_server.carry(reader, onward)),
                asyncio.create_task(self.to_client.carry(answers, writer)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass  # the target is not there, or the test is over
        finally:
            for end in (writer, onward):
                if end is not None:
                    self._writers.discard(end)
                    end.transport.abort()
            self._tasks.discard(task)
