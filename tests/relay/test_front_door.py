"""One port for WebSockets and plain HTTP: whoever comes, in whatever pieces, meets the right server."""

from __future__ import annotations

import asyncio
import json

import pytest

from relay import front_door
from relay.server import Relay
from tests.relay.conftest import Join, StartRelay


async def exchange(relay: Relay, *pieces: bytes, half_close: bool = False) -> bytes:
    """Send the pieces as packets of their own; everything that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        if half_close:
            writer.write_eof()
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def post(relay: Relay, path: str, *headers: str, body: bytes = b"{}", host: str | None = None) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host or f'127.0.0.1:{relay.port}'}",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def test_a_request_line_that_comes_a_byte_at_a_time_is_still_understood(relay: Relay) -> None:
    page = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{relay.port}\r\n\r\n".encode()
    answer = await exchange(relay, *(page[i : i + 1] for i in range(20)), page[20:])
    assert answer.startswith(b"HTTP/1.1 200")
    posted = post(relay, "/nowhere")
    answer = await exchange(relay, *(posted[i : i + 1] for i in range(20)), posted[20:])
    assert answer.startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize("headers", [["Origin: https://evil.example"], ["Origin: null"]])
async def test_a_page_of_somebody_else_posts_nothing(relay: Relay, headers: list[str]) -> None:
    answer = await exchange(relay, post(relay, "/ws/llm-stream", *headers))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 403")
    assert json.loads(body)["code"] == "origin_refused"


async def test_a_name_of_somebody_else_that_points_here_posts_nothing(relay: Relay) -> None:
    answer = await exchange(relay, post(relay, "/ws/llm-stream", host="evil.example"))
    assert answer.startswith(b"HTTP/1.1 403")


async def test_answers_over_plain_http_bear_the_headers_that_the_pages_do(relay: Relay) -> None:
    answer = (await exchange(relay, post(relay, "/nowhere"))).lower()
    assert b"x-content-type-options: nosniff" in answer
    assert b"content-security-policy: default-src 'self'" in answer


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"HELO\r\n\r\n",
        b"GET\r\n\r\n",
        b"x" * 20_000,
    ],
    ids=["an empty line", "TLS", "SMTP", "half a line", "no line at all"],
)
async def test_what_is_no_request_is_let_go_and_harms_nobody(
    relay: Relay, join: Join, rubbish: bytes
) -> None:
    client = await join(relay)
    await client.hello()
    await exchange(relay, rubbish, half_close=True)
    assert (await client.ask("still here"))["message"] == "You said: still here."


async def test_a_connection_that_says_nothing_is_closed(
    start_relay: StartRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_door, "FIRST_LINE_SECONDS", 0.1)
    assert await exchange(await start_relay()) == b""


async def test_the_relay_stops_at_once_with_connections_of_every_kind_open(start_relay: StartRelay) -> None:
    relay = await start_relay()
    silent = await asyncio.open_connection("127.0.0.1", relay.port)
    half = await asyncio.open_connection("127.0.0.1", relay.port)
    half[1].write(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    waiting = await asyncio.open_connection("127.0.0.1", relay.port)
    waiting[1].write(b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\n")
    kept = await asyncio.open_connection("127.0.0.1", relay.port)
    kept[1].write(
        f"POST /nowhere HTTP/1.1\r\nHost: 127.0.0.1:{relay.port}\r\nContent-Length: 0\r\n\r\n".encode()
    )
    assert (await kept[0].readuntil(b"\r\n")).startswith(b"HTTP/1.1 404")
    async with asyncio.timeout(4):
        await relay.stop()
    for _, writer in (silent, half, waiting, kept):
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
