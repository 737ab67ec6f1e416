"""The echo, and what becomes of a client that does not listen to it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from relay.clients import socket_client
from relay.server import Relay


async def test_everything_comes_back_as_it_was(relay: Relay) -> None:
    sent: list[str | bytes] = [
        "hello",
        "",
        '{"type": "ping"}',
        "grüß dich 👋",
        b"",
        bytes(range(256)),
        b"\x1a\x45",
    ]
    async with connect(f"ws://127.0.0.1:{relay.port}/ws") as socket:
        for message in sent:
            await socket.send(message)
        async with asyncio.timeout(30):
            assert [await socket.recv() for _ in sent] == sent


async def test_a_client_that_does_not_listen_is_let_go_and_disturbs_nobody(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_client, "MAX_QUEUED_BYTES", 1024 * 1024)
    heard = 0
    async with connect(f"ws://127.0.0.1:{relay.port}/ws", max_queue=1, compression=None) as socket:
        for _ in range(100):
            await socket.send(bytes(200_000))
        async with asyncio.timeout(30):
            with suppress(ConnectionClosed):
                while True:
                    heard += len(await socket.recv())
    assert (socket.close_code, socket.close_reason) == (1013, "client_too_slow")
    assert heard < 100 * 200_000
    async with connect(f"ws://127.0.0.1:{relay.port}/ws") as another:
        await another.send("still here?")
        assert await another.recv() == "still here?"
