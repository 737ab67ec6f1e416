"""A relay reduced to its socket: what a test says goes out as it is, what comes back can be looked at."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from protocol.framing import Decoder, encode

TIMEOUT = 30.0


class Closed(Exception):
    """The receiver has closed the connection."""


class RawRelay:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._decoder = Decoder()
        self._waiting: list[dict[str, Any]] = []
        self.pings = 0

    @classmethod
    async def connect(
        cls, address: tuple[str, int], token: str | None = None, *, hello: bool = True
    ) -> RawRelay:
        relay = cls(*await asyncio.open_connection(*address))
        if hello:
            relay.send(type="hello", protocol="1.0", token=token)
            welcome = await relay.receive()
            assert welcome["type"] == "welcome", welcome
            relay.store_id = welcome["store_id"]
        return relay

    store_id = ""

    def send(self, **message: Any) -> None:
        self.send_bytes(encode(message))

    def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)

    async def drain(self) -> None:
        await self._writer.drain()

    async def receive(self, *, pings: bool = False) -> dict[str, Any]:
        """The next message; pings are counted and left out. Raises `Closed`."""
        async with asyncio.timeout(TIMEOUT):
            while True:
                while self._waiting:
                    message = self._waiting.pop(0)
                    if message["type"] != "ping" or pings:
                        return message
                    self.pings += 1
                try:
                    data = await self._reader.read(65536)
                except ConnectionError:
                    raise Closed from None
                if not data:
                    raise Closed
                for found in self._decoder.feed(data):
                    assert isinstance(found, dict), found
                    self._waiting.append(found)

    async def until(self, *types: str, **about: Any) -> dict[str, Any]:
        """The next message of one of these types that has these fields; others are let go."""
        while True:
            message = await self.receive()
            if message["type"] in types and about.items() <= message.items():
                return message

    async def ask(self, **message: Any) -> dict[str, Any]:
        """Send, and give what answers it: deltas are let go."""
        self.send(**message)
        while True:
            answer = await self.receive()
            if answer["type"] != "delta":
                return answer

    async def open(self, session: str = "s-1", **fields: Any) -> dict[str, Any]:
        return await self.ask(type="open", session=session, **fields)

    async def commit(
        self, turn: int, *said: str, session: str = "s-1", epoch: int = 1, **fields: Any
    ) -> dict[str, Any]:
        return await self.ask(
            type="commit", session=session, epoch=epoch, turn=turn, items=items(*said), **fields
        )

    async def draft(self, turn: int, *said: str, attempt: int = 1, session: str = "s-1") -> dict[str, Any]:
        return await self.ask(type="draft", session=session, turn=turn, attempt=attempt, items=items(*said))

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


def items(*said: str, at: str = "2026-11-21T08:30:00.000Z") -> list[dict[str, Any]]:
    return [{"text": text, "timestamp": at} for text in said]


def foods(diary: dict[str, Any]) -> Sequence[tuple[str, str, float]]:
    """(meal, food, quantity) of each item."""
    return [
        (meal["meal"], item["food"], item["quantity"]) for meal in diary["meals"] for item in meal["items"]
    ]
