"""What a relay may do wrong on the wire, and that it costs nobody else anything."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Any

import pytest

from protocol.framing import MAX_FRAME_BYTES, encode
from receiver.connection import Limits
from tests.receiver.raw_relay import Closed, RawRelay, items
from tests.relay.loop_clock import LoopClock


async def refused(relay: RawRelay) -> dict[str, Any]:
    """The error that comes before the connection ends."""
    error = await relay.receive()
    assert error["type"] == "error"
    with pytest.raises(Closed):
        await relay.receive()
    return error


async def test_hello_is_answered_with_the_name_of_the_store(serve: Any, connect: Any, store: Any) -> None:
    relay = await connect(await serve())
    assert relay.store_id == store.store_id


async def test_another_major_is_refused_by_name_and_a_newer_minor_is_not(serve: Any, connect: Any) -> None:
    address = await serve()
    relay = await connect(address, hello=False)
    relay.send(type="hello", protocol="2.0")
    error = await refused(relay)
    assert error["code"] == "version_mismatch"
    assert "2.0" in error["message"]
    relay = await connect(address, hello=False)
    relay.send(type="hello", protocol="1.99", a_field_of_1_99=True)
    assert (await relay.receive())["type"] == "welcome"


@pytest.mark.parametrize("token", [None, "", "wrong", "secre", "secret-and-more", "sécret"])
async def test_a_wrong_token_is_refused(serve: Any, connect: Any, token: str | None) -> None:
    relay = await connect(await serve(token="secret"), hello=False)
    relay.send(type="hello", protocol="1.0", **({} if token is None else {"token": token}))
    assert (await refused(relay))["code"] == "unauthorized"


async def test_the_right_token_is_welcome(serve: Any, connect: Any) -> None:
    relay = await connect(await serve(token="sécret"), token="sécret")
    assert (await relay.open())["type"] == "opened"


@pytest.mark.parametrize(
    "first",
    [
        encode({"type": "open", "session": "s-1"}),
        encode({"type": "ping"}),
        encode({"type": "hello", "protocol": 1}),
        encode({"type": "no-such"}),
        struct.pack("!I", 4) + b"\xc1\xc1\xc1\xc1",
        b"\x00\x00\x00\x00",
    ],
    ids=["open", "ping", "bad hello", "unknown type", "not msgpack", "empty"],
)
async def test_nothing_is_done_before_a_valid_hello(serve: Any, connect: Any, first: bytes) -> None:
    relay = await connect(await serve(), hello=False)
    relay.send_bytes(first)
    relay.send(type="hello", protocol="1.0")  # too late
    assert (await refused(relay))["code"] == "malformed_message"


async def test_a_connection_that_never_says_hello_is_closed(serve: Any, connect: Any) -> None:
    relay = await connect(await serve(limits=Limits(hello_seconds=0.05)), hello=False)
    assert (await refused(relay))["code"] == "malformed_message"


async def test_a_http_client_gets_an_error_and_not_a_hung_socket(serve: Any, connect: Any) -> None:
    relay = await connect(await serve(), hello=False)
    relay.send_bytes(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await refused(relay))["code"] == "message_too_large"


async def test_a_second_hello_is_left_out(relay: RawRelay) -> None:
    assert (await relay.ask(type="hello", protocol="1.0"))["code"] == "hello_repeated"
    assert (await relay.open())["type"] == "opened"


async def test_an_unknown_type_is_unsupported_and_never_a_close(relay: RawRelay) -> None:
    error = await relay.ask(type="teleport", session="s-1", turn=3, attempt=1, id="x-1")
    assert error["code"] == "unsupported"
    assert (error["session"], error["turn"], error["attempt"], error["id"]) == ("s-1", 3, 1, "x-1")
    assert (await relay.open())["type"] == "opened"


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": 7},
        {"type": "open"},
        {"type": "commit", "session": "s-1", "epoch": 1, "turn": -1, "items": items("two eggs")},
        {"type": "commit", "session": "s-1", "epoch": 1, "turn": 1, "items": []},
        {"type": "commit", "session": "s-1", "epoch": 1, "turn": 1, "items": [{"text": "no time"}]},
        {
            "type": "commit",
            "session": "s-1",
            "epoch": 1,
            "turn": 1,
            "items": items("two eggs"),
            "plan": b"x" * 70_000,
        },
        {"type": "draft", "session": "s-1", "turn": 1, "attempt": 0, "items": items("two eggs")},
        {"type": "heard", "session": "s-1", "turn": 1, "chars": -5},
        {"type": "action", "session": "s-1", "id": "", "name": "undo"},
    ],
)
async def test_a_message_with_a_bad_field_costs_only_itself(relay: RawRelay, message: dict[str, Any]) -> None:
    await relay.open()
    assert (await relay.ask(**message))["code"] == "malformed_message"
    assert (await relay.commit(1, "two eggs"))["type"] == "committed"


async def test_rubbish_in_a_frame_costs_only_that_frame(relay: RawRelay) -> None:
    for rubbish in (
        b"",
        b"\xc1",
        b"\x93\x01\x02\x03",
        b"\x81\x01\x02",
        b"\xdd\xff\xff\xff\xff",
        b"\x91" * 5000,
    ):
        relay.send_bytes(struct.pack("!I", len(rubbish)) + rubbish)
        assert (await relay.receive())["code"] == "malformed_message"
    assert (await relay.open())["type"] == "opened"


async def test_an_over_long_frame_closes_the_connection_with_a_reason(serve: Any, connect: Any) -> None:
    address = await serve()
    other, relay = await connect(address), await connect(address)
    # The body is really sent: closing on it unread would reset the connection and lose the reason.
    relay.send_bytes(struct.pack("!I", MAX_FRAME_BYTES + 1) + bytes(MAX_FRAME_BYTES + 1))
    assert (await refused(relay))["code"] == "message_too_large"
    assert (await other.open())["type"] == "opened"


async def test_a_message_in_single_bytes_is_understood(relay: RawRelay) -> None:
    for byte in encode({"type": "open", "session": "s-1"}):
        relay.send_bytes(bytes([byte]))
        await relay.drain()
    assert (await relay.receive())["type"] == "opened"


async def test_ping_is_answered_even_while_all_sessions_think(relay: RawRelay) -> None:
    assert (await relay.ask(type="ping"))["type"] == "pong"


async def test_a_quiet_receiver_pings(serve: Any, connect: Any) -> None:
    relay = await connect(await serve(limits=Limits(ping_seconds=0.02, stale_seconds=60.0)))
    assert (await relay.receive(pings=True))["type"] == "ping"
    assert (await relay.receive(pings=True))["type"] == "ping"


async def test_a_silent_relay_is_given_up_and_a_living_one_is_not(serve: Any, connect: Any) -> None:
    address = await serve(limits=Limits(ping_seconds=1.0, stale_seconds=10.0))
    silent, living = await connect(address), await connect(address)

    async def answer_pings() -> None:
        while True:
            if (await living.receive(pings=True))["type"] == "ping":
                living.send(type="pong")

    clock = LoopClock()
    answering = asyncio.create_task(answer_pings())
    waiting = asyncio.create_task(silent.receive())
    for _ in range(5):
        await clock.put_forward(1.0)
    assert not waiting.done()
    for _ in range(7):
        await clock.put_forward(1.0)
    with pytest.raises(Closed):
        await waiting
    assert not answering.done()
    answering.cancel()


@pytest.mark.parametrize("bound", ["bytes", "seconds"])
async def test_a_relay_that_does_not_read_is_cut_off(serve: Any, connect: Any, bound: str) -> None:
    limits = (
        Limits(write_bytes=200_000, write_high_water=100_000)
        if bound == "bytes"
        else Limits(write_seconds=0.1, write_high_water=1000)
    )
    address = await serve(limits=limits, assistant="echo")
    # A socket with a small buffer, whose owner asks a lot and never reads.
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(deaf, address)
    with deaf:
        question = encode({"type": "hello", "protocol": "1.0"}) + encode(
            {"type": "open", "session": "s-deaf"}
        )
        await loop.sock_sendall(deaf, question)
        said = items("x" * 16_000)
        async with asyncio.timeout(30):
            try:
                for _ in range(2000):
                    # Drafts echo what they are given, and each is answered by a delta and a reply.
                    draft = {"type": "draft", "session": "s-deaf", "turn": 1, "attempt": 1, "items": said}
                    await loop.sock_sendall(deaf, encode(draft))
                    await asyncio.sleep(0.001)
            except ConnectionError:
                pass
            else:
                pytest.fail("the connection was never cut")
    assert (await (await connect(address)).open())["type"] == "opened"


async def test_more_work_than_the_bound_is_refused_and_the_rest_is_done(serve: Any, connect: Any) -> None:
    relay = await connect(await serve(limits=Limits(work=3, sessions=5), assistant="echo"))
    for number in range(5):
        relay.send(type="open", session=f"s-{number}")
    answers = [await relay.receive() for _ in range(5)]
    busy = [answer for answer in answers if answer["type"] == "error"]
    assert len(busy) == 2
    assert {(answer["code"], answer["retryable"]) for answer in busy} == {("at_capacity", True)}
    for answer in busy:
        assert (await relay.open(answer["session"]))["type"] == "opened"
    assert (await relay.open("s-5"))["code"] == "at_capacity"
    relay.send(type="close", session="s-0")
    assert (await relay.open("s-5"))["type"] == "opened"


async def test_many_links_at_once(serve: Any, connect: Any) -> None:
    address = await serve(assistant="echo")
    links = [await connect(address) for _ in range(50)]
    await asyncio.gather(*(link.open(f"s-{number}") for number, link in enumerate(links)))
    answers = await asyncio.gather(
        *(link.commit(1, f"I am {number}", session=f"s-{number}") for number, link in enumerate(links))
    )
    assert [answer["text"] for answer in answers] == [f"You said: I am {number}" for number in range(50)]


async def test_stopping_says_goaway_and_finishes_what_is_being_committed(serve: Any, connect: Any) -> None:
    relay = await connect(await serve(assistant="echo"))
    await relay.open()
    relay.send(type="commit", session="s-1", epoch=1, turn=1, items=items("last words"))
    relay.send(type="ping")
    await relay.receive()
    await serve.server.stop()
    seen = []
    with contextlib.suppress(Closed):
        while True:
            seen.append((await relay.receive())["type"])
    assert "goaway" in seen
    assert "committed" in seen


async def test_after_goaway_nothing_new_is_begun_and_the_relay_may_ask_elsewhere(
    serve: Any, connect: Any
) -> None:
    relay = await connect(await serve(assistant="echo"))
    await relay.open()
    (link,) = serve.server._links
    link.go_away()
    assert (await relay.receive())["type"] == "goaway"
    for refusal in (
        await relay.open("s-2"),
        await relay.draft(1, "two eggs"),
        await relay.commit(1, "two eggs"),
    ):
        assert (refusal["type"], refusal["code"], refusal["retryable"]) == ("error", "at_capacity", True)
    assert (refusal["turn"], refusal["epoch"]) == (1, 1)
    assert (await relay.ask(type="ping"))["type"] == "pong"


async def test_a_close_that_overtakes_its_open_leaves_no_session_behind(serve: Any, connect: Any) -> None:
    relay = await connect(await serve(assistant="echo"))
    for number in range(50):
        relay.send(type="open", session=f"s-{number}")
        relay.send(type="close", session=f"s-{number}")
    relay.send(type="open", session="s-0")  # not closed: the one that is wanted
    opened = await relay.receive()
    assert (opened["type"], opened["session"]) == ("opened", "s-0")
    (link,) = serve.server._links
    while link._work:
        await asyncio.wait(link._work)
    assert list(link._sessions) == ["s-0"]
    assert (await relay.commit(1, "two eggs", session="s-0", epoch=opened["epoch"]))["type"] == "committed"
