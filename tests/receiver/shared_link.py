"""A link that many sessions talk over at once, each waiting for its own answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from typing import Any

from protocol.framing import Decoder, encode
from tests.receiver.raw_relay import Closed

TIMEOUT = 30.0

Key = tuple[str, int | None, int | None]
"""Session, turn and attempt of an answer, as far as it has them."""


class SharedLink:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._waiting: dict[Key, asyncio.Future[dict[str, Any]]] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._reading = asyncio.create_task(self._read())
        self.closed = False

    @classmethod
    async def connect(cls, address: tuple[str, int]) -> SharedLink:
        try:
            link = cls(*await asyncio.open_connection(*address))
        except OSError:
            raise Closed from None
        link._send(type="hello", protocol="1.0")
        return link

    async def ask(self, **message: Any) -> dict[str, Any]:
        """The answer or the error to an `open`, a `draft` or a `commit`. Raises `Closed`."""
        drafted = message["attempt"] if message["type"] == "draft" else None
        # One at a time: a draft that another one replaces has no answer.
        async with self._asking[message["session"]]:
            if self.closed:
                raise Closed
            answer = asyncio.get_running_loop().create_future()
            self._waiting[message["session"], message.get("turn"), drafted] = answer
            self._send(**message)
            async with asyncio.timeout(TIMEOUT):
                return await answer

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()
        await self._reading

    def _send(self, **message: Any) -> None:
        self._writer.write(encode(message))

    async def _read(self) -> None:
        decoder = Decoder()
        with contextlib.suppress(ConnectionError):
            while data := await self._reader.read(65536):
                for message in decoder.feed(data):
                    assert isinstance(message, dict)
                    self._take(message)
        self.closed = True
        self._writer.close()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Closed())

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "ping":
            self._send(type="pong")
        elif message["type"] in ("opened", "reply", "committed", "error"):
            # An error names what it is about: only a commit has an epoch.
            drafted = None if "epoch" in message else message.get("attempt")
            answer = self._waiting.pop((message["session"], message.get("turn"), drafted))
            if not answer.done():
                answer.set_result(message)
