"""One port for WebSockets and plain HTTP: whoever comes, in whatever pieces, meets the right server."""

from __future__ import annotations

import asyncio
import json

import pytest

from relay import front_door, http_app
from relay.clients.twilio import voice as twilio_voice
from relay.server import Relay
from tests.relay.conftest import Join, StartRelay

FORM = b"application/x-www-form-urlencoded"


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
        async with asyncio.timeout(30):
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
    async with asyncio.timeout(8):  # a handshake has 10 s
        await relay.stop()
    for _, writer in (silent, half, waiting, kept):
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


# One request a connection


async def test_a_connection_that_posted_something_is_not_kept_for_the_page(relay: Relay) -> None:
    """A browser or a proxy would ask for the page or a WebSocket on it next, and reach the wrong server."""
    kept = post(relay, "/ws/llm-stream").replace(b"Connection: close\r\n", b"")
    page = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{relay.port}\r\n\r\n".encode()
    for pieces in ([kept, page], [kept + page]):
        answer = await exchange(relay, *pieces)
        assert answer.count(b"HTTP/1.1") == 1
        assert b"connection: close" in answer.lower()


async def test_a_head_that_never_ends_is_not_waited_for(
    start_relay: StartRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_app, "HEAD_SECONDS", 0.1)
    relay = await start_relay()
    assert await exchange(relay, b"POST /ws/llm-stream HTTP/1.1\r\nHost: ") == b""


async def test_a_form_that_never_comes_is_not_waited_for(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_voice, "FORM_SECONDS", 0.1)
    started = post(relay, "/twilio/voice", body=b"CallSid=CA1").replace(b"application/json", FORM)[:-3]
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    writer.write(started)
    async with asyncio.timeout(30):
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("path", "content_type", "header", "body"),
    [
        ("/ws/llm-stream", b"application/json", "Content-Encoding: gzip", b"not gzip"),
        ("/twilio/voice", b"%b; charset=nope" % FORM, "X: y", b"CallSid=CA1"),
        ("/twilio/voice", FORM, "X: y", b"CallSid=\xff\xff"),
        ("/twilio/voice", b"multipart/form-data; boundary=x", "X: y", b"--x\r\nabcde"),
        ("/twilio/voice", b"multipart/form-data", "X: y", b"--x\r\nabcde"),
        ("/ws/llm-stream", b"application/json", "Authorization: Bearer \x01", b"{}"),
        ("/ws/llm-stream", b"application/json", "Transfer-Encoding: chunked", b"{}"),
        ("/ws/llm-stream", b"application/json", f"X: {'x' * 9000}", b"{}"),
    ],
    ids=["gzip", "charset", "utf-8", "multipart", "no boundary", "control character", "two lengths", "long"],
)
async def test_a_broken_request_is_its_senders_fault_and_leaves_nothing_in_the_log(
    relay: Relay, path: str, content_type: bytes, header: str, body: bytes
) -> None:
    sent = post(relay, path, header, body=body).replace(b"application/json", content_type)
    answer = await exchange(relay, sent)
    assert answer.split()[1] == b"400"


async def test_who_goes_in_the_middle_of_a_body_leaves_nothing_in_the_log(relay: Relay) -> None:
    for path in ("/ws/llm-stream", "/twilio/voice"):
        sent = post(relay, path, body=b"CallSid=CA1").replace(b"application/json", FORM)
        _, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        writer.write(sent[:-3])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()
    await asyncio.sleep(0.05)


# HEAD, and pages of other origins


@pytest.mark.parametrize("path", ["/", "/main.js", "/healthz"])
async def test_a_head_is_answered_as_a_get_without_its_body(start_relay: StartRelay, path: str) -> None:
    relay = await start_relay(auth="jwt", jwt_secret="s" * 32)  # both are for everybody
    request = f" {path} HTTP/1.1\r\nHost: 127.0.0.1:{relay.port}\r\n\r\n"
    got, _, body = (await exchange(relay, f"GET{request}".encode())).partition(b"\r\n\r\n")
    head, _, nothing = (await exchange(relay, f"HEAD{request}".encode())).partition(b"\r\n\r\n")

    def fields(raw: bytes) -> dict[bytes, bytes]:
        lines = [line.split(b": ", 1) for line in raw.lower().split(b"\r\n")[1:]]
        return {name: value for name, value in lines if name != b"date"}

    assert head.startswith(b"HTTP/1.1 200")
    assert body
    assert not nothing
    assert fields(head) == fields(got)


async def test_the_page_takes_no_other_method(relay: Relay) -> None:
    answer = await exchange(relay, post(relay, "/"))
    assert answer.startswith(b"HTTP/1.1 405")
    assert b"allow: get,head" in answer.lower()


async def test_a_page_of_a_listed_origin_may_post(start_relay: StartRelay) -> None:
    relay = await start_relay(allowed_origins="https://app.example", auth="jwt", jwt_secret="s" * 32)

    async def ask_first(origin: str) -> bytes:
        request = post(
            relay, "/ws/llm-stream", f"Origin: {origin}", "Access-Control-Request-Method: POST", body=b""
        )
        return (await exchange(relay, request.replace(b"POST /", b"OPTIONS /"))).lower()

    answer = await ask_first("https://app.example")
    assert answer.startswith(b"http/1.1 204")
    assert b"access-control-allow-origin: https://app.example\r\n" in answer
    assert b"access-control-allow-headers: authorization, content-type\r\n" in answer
    assert b"access-control-allow-credentials" not in answer
    posted = (await exchange(relay, post(relay, "/ws/llm-stream", "Origin: https://app.example"))).lower()
    assert posted.startswith(b"http/1.1 401"), "and what is wrong with it, its page may read"
    assert b"access-control-allow-origin: https://app.example\r\n" in posted
    foreign = await ask_first("https://evil.example")
    assert foreign.startswith(b"http/1.1 403")
    assert b"access-control-allow" not in foreign
