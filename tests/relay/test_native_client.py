"""What clients send wrongly, too early, too fast or not at all: an error for them, and nothing else."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from protocol.client_messages import MAX_CLIENT_MESSAGE_BYTES, MAX_CLIENT_TEXT_BYTES
from relay.clients import native, socket_client
from relay.identity import Identity, TokenCheck
from relay.server import PING_SECONDS, PONG_SECONDS, Relay
from tests.relay.conftest import Join, StartRelay
from tests.relay.loop_clock import LoopClock
from tests.relay.webm_recording import SECONDS, one_second_pieces, pieces
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import LongVoice, TriggeredHearing
from tests.tokens import CHECKED, shown
from tests.wire_client import WireClient


@pytest.fixture
async def pair(relay: Relay, join: Join) -> AsyncIterator[tuple[WireClient, WireClient]]:
    """Two conversations; at the end each still gets its own answers, and nothing else has reached the second."""
    first, second = await join(relay), await join(relay)
    await first.hello()
    await second.hello()
    yield first, second
    assert (await first.ask("still here"))["message"] == "You said: still here."
    assert (await second.ask("me too"))["message"] == "You said: me too."
    assert second.of("error") == []


Sent = str | bytes | dict[str, Any]

BAD: list[tuple[str, Sent, str]] = [
    ("an odd byte count", b"\x00" * 3201, "bad_audio"),
    ("no audio at all", b"", "bad_audio"),
    ("more than a second", bytes(32_002), "bad_audio"),
    ("no JSON", "hello?", "malformed_message"),
    ("half a message", '{"type": "text", "te', "malformed_message"),
    ("a list", "[1, 2]", "malformed_message"),
    ("no type", {"text": "hi"}, "malformed_message"),
    ("a type that is no text", {"type": ["text"]}, "malformed_message"),
    ("an unknown type", {"type": "sing"}, "unknown_type"),
    ("a type that is no Unicode", '{"type": "\\ud800"}', "malformed_message"),
    ("words that are no Unicode", '{"type": "text", "text": "\\ud800"}', "malformed_message"),
    (
        "an action's argument that is no Unicode",
        '{"type": "action", "id": "a", "name": "edit", "args": {"x": "\\uDFFF"}}',
        "malformed_message",
    ),
    ("an action without an id", {"type": "action", "name": "edit"}, "malformed_message"),
    (
        "a number that no frame can carry",
        {"type": "action", "id": "a", "name": "edit", "args": {"grams": 10**40}},
        "malformed_message",
    ),
    (
        "an action nested five thousandfold",
        '{"type": "action", "id": "a", "name": "edit", "args": {"x": ' + "[" * 5_000 + "]" * 5_000 + "}}",
        "malformed_message",
    ),
    ("a nesting without end", "[" * 60_000, "malformed_message"),
    ("empty words", {"type": "text", "text": ""}, "malformed_message"),
    ("a number for words", {"type": "text", "text": 7}, "malformed_message"),
    ("an id with a space", {"type": "text", "text": "hi", "id": "a b"}, "malformed_message"),
    (
        "played before the beginning",
        {"type": "played", "turn": 0, "seq": 0, "at_ms": -1},
        "malformed_message",
    ),
    (
        "played for longer than the world",
        {"type": "played", "turn": 0, "seq": 0, "at_ms": 10**400},
        "malformed_message",
    ),
    ("an over-long text", {"type": "text", "text": "a" * MAX_CLIENT_TEXT_BYTES}, "message_too_large"),
    ("a text of many bytes a letter", {"type": "text", "text": "ß" * 40_000}, "message_too_large"),
]


@pytest.mark.parametrize(("sent", "code"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
async def test_bad_input_gets_one_error_and_loses_nothing_else(
    pair: tuple[WireClient, WireClient], sent: Sent, code: str
) -> None:
    client, _ = pair
    await client.socket.send(json.dumps(sent, ensure_ascii=False) if isinstance(sent, dict) else sent)
    await client.send("ping")
    await client.expect("pong")
    (error,) = client.of("error")
    assert (error["code"], error["retryable"]) == (code, False)
    assert error["message"].endswith(".")


async def test_a_second_hello_changes_nothing(pair: tuple[WireClient, WireClient]) -> None:
    client, _ = pair
    await client.send("hello", session_id="another", replies="sentences")
    assert (await client.expect("error"))["code"] == "hello_repeated"
    assert (await client.ask("hi"))["audio"] is not None, "it goes on with whole replies"


async def test_unknown_fields_are_left_alone(relay: Relay, join: Join) -> None:
    client = await join(relay)
    await client.hello(colour="green", protocol="1.7")
    assert (await client.ask("hi", mood="merry"))["message"] == "You said: hi."


async def test_another_major_version_is_told_and_let_go(relay: Relay, join: Join) -> None:
    client = await join(relay)
    await client.send("hello", protocol="2.0")
    assert (await client.expect("error"))["code"] == "version_mismatch"
    assert await client.closed() == (4403, "version_mismatch")
    assert len(relay.sessions) == 0


async def test_a_message_too_long_to_read_closes_only_the_connection(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    ready = await client.hello()
    await client.ask("first", id="t1")
    await client.socket.send(bytes(MAX_CLIENT_MESSAGE_BYTES + 2))
    assert (await client.closed())[0] == 1009
    again = await join(relay)
    back = await again.resume(ready)
    assert [turn["text"] for turn in back["history"]] == ["first"]
    assert (await again.ask("second"))["turn"] == 2


async def test_audio_before_hello_is_kept_for_the_session_that_hello_names(
    relay: Relay, join: Join, hearing: TriggeredHearing
) -> None:
    client = await join(relay)
    await client.speak(0.5)
    ready = await client.hello(session_id="mine", replies="sentences")
    assert ready["session_id"] == "mine"
    stream = await hearing.stream()
    async with asyncio.timeout(30):
        while stream.samples < 8_000:
            await asyncio.sleep(0.005)
    stream.final("before hello")
    assert (await client.expect("server_response"))["message"] == "You said: before hello."
    assert len(relay.sessions) == 1


async def test_a_hello_that_comes_after_the_session_was_opened_still_counts(
    relay: Relay, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "HELLO_SECONDS", 0.01)
    client = await join(relay)
    await client.speak(0.1)
    await client.expect("ready")
    await client.send("hello", replies="sentences")
    answer = await client.ask("hi")
    assert answer["audio"] is None
    assert client.of("reply_audio", turn=1)[0]["audio"] is not None


async def test_two_seconds_of_audio_do_not_wait_for_hello(
    relay: Relay, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "HELLO_SECONDS", 60)
    client = await join(relay)
    await client.speak(2.1)
    await client.expect("ready")


async def test_a_recording_that_has_begun_takes_a_place_before_any_sound_comes_of_it(
    start_relay: StartRelay,
    join: Join,
    monkeypatch: pytest.MonkeyPatch,
    until: Callable[[Callable[[], object]], Awaitable[None]],
) -> None:
    """Each has a thread: without a bound on them anybody could use up those of the machine."""
    monkeypatch.setattr(native, "HELLO_SECONDS", 0.01)
    relay = await start_relay(max_conversations=2)
    clients = [await join(relay) for _ in range(4)]
    for client in clients:
        await client.socket.send(pieces()[0][:4])
    for client in clients[:2]:
        await client.expect("ready")
    for client in clients[2:]:
        assert await client.closed() == (1013, "at_capacity")
    await until(lambda: [thread.name for thread in threading.enumerate()].count("recording decoder") == 2)


@pytest.fixture
def slow_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose token it is takes a while to find out."""
    identify = TokenCheck.identify

    async def identify_slowly(check: TokenCheck, token: str | None) -> Identity:
        await asyncio.sleep(0.3)
        return await identify(check, token)

    monkeypatch.setattr(TokenCheck, "identify", identify_slowly)


@pytest.mark.usefixtures("slow_keys")
async def test_audio_opens_no_other_session_while_the_token_of_hello_is_checked(
    start_relay: StartRelay, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "HELLO_SECONDS", 0.1)
    relay = await start_relay(**CHECKED)
    client = await join(relay, additional_headers={"Authorization": f"Bearer {shown('ann')}"})
    await client.speak(0.1)
    assert (await client.hello(token=shown("ann"), session_id="mine"))["session_id"] == "mine"
    assert len(relay.sessions) == 1


@pytest.mark.usefixtures("slow_keys")
async def test_a_token_that_is_checked_too_late_takes_no_session_up(
    start_relay: StartRelay, join: Join, monkeypatch: pytest.MonkeyPatch, receiver: ScriptedReceiver
) -> None:
    monkeypatch.setattr(native, "TOKEN_SECONDS", 0.1)
    relay = await start_relay(**CHECKED)
    client = await join(relay)
    await client.send("hello", token=shown("ann"))
    assert await client.closed() == (4401, "unauthorized")
    await asyncio.sleep(0.3)
    assert len(relay.sessions) == 0
    assert receiver.of_type("open") == []


async def test_a_browsers_recording_is_heard_to_its_last_packet(
    relay: Relay, join: Join, hearing: TriggeredHearing
) -> None:
    client = await join(relay)
    await client.hello()
    for piece in pieces():
        await client.socket.send(piece)
    await client.send("flush")
    stream = await hearing.stream()
    async with asyncio.timeout(30):
        await stream.drained.wait()
    assert stream.samples == pytest.approx(SECONDS * 16_000, rel=0.05)
    assert client.of("error") == []
    await client.speak(0.1)  # after the recording, PCM is PCM again
    await client.send("flush")
    await client.send("ping")
    await client.expect("pong")
    assert client.of("error") == []


async def test_what_follows_a_broken_header_is_not_taken_for_pcm(
    relay: Relay, join: Join, hearing: TriggeredHearing
) -> None:
    client = await join(relay)
    ready = await client.hello()
    recording = pieces()
    await client.socket.send(recording[0][:40] + bytes(60))
    for piece in recording[1:10]:
        await client.socket.send(piece)
    await client.speak(0.5)
    await client.send("flush")
    await client.expect("error")
    await client.send("ping")
    await client.expect("pong")
    assert [error["code"] for error in client.of("error")] == ["bad_audio"]
    assert hearing.streams == []
    await client.speak(0.1)  # the next recording
    await hearing.stream()
    assert ready["resume_at"] == 0


async def test_the_middle_of_a_recording_is_named_as_such(relay: Relay, join: Join) -> None:
    client = await join(relay)
    await client.hello()
    for piece in one_second_pieces()[1:]:
        await client.socket.send(piece)
    error = await client.expect("error")
    assert error["code"] == "bad_audio"
    assert "beginning" in error["message"]
    assert (await client.ask("still here"))["message"] == "You said: still here."
    assert len(client.of("error")) == 1


async def test_audio_at_48_khz_is_noticed_and_said_once(
    relay: Relay, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "PACE_WINDOW_BYTES", 3_200 * 4)
    client = await join(relay)
    await client.hello()
    loop = asyncio.get_running_loop()
    started = loop.time()
    for number in range(20):
        await client.speak(0.1)
        await asyncio.sleep(max(0.0, started + (number + 1) * 0.1 / 3 - loop.time()))
    error = await client.expect("error")
    assert error["code"] == "bad_audio"
    assert "16000 Hz" in error["message"]
    await client.send("ping")
    await client.expect("pong")
    assert len(client.of("error")) == 1
    acks = await client.expect("ack", received=32_000)
    assert acks, "the audio itself is kept: it may have been a slow line that catches up"


async def test_audio_in_real_time_and_a_burst_are_no_wrong_rate(
    relay: Relay, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "PACE_WINDOW_BYTES", 3_200)
    client = await join(relay)
    await client.hello()
    await client.speak(3)
    for _ in range(6):
        await client.speak(0.1)
        await asyncio.sleep(0.1)
    await client.send("ping")
    await client.expect("pong")
    assert client.of("error") == []


async def test_pings_are_answered_before_hello_and_open_no_session(relay: Relay, join: Join) -> None:
    client = await join(relay)
    await client.send("ping")
    await client.expect("pong")
    assert len(relay.sessions) == 0


@pytest.mark.parametrize("bound", ["MAX_QUEUED_MESSAGES", "MAX_QUEUED_BYTES"])
async def test_a_client_that_does_not_read_is_let_go_and_may_come_back(
    start_relay: StartRelay, join: Join, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(
        socket_client, bound, {"MAX_QUEUED_MESSAGES": 20, "MAX_QUEUED_BYTES": 1_000_000}[bound]
    )
    relay = await start_relay(tts=LongVoice(2_000))
    client, other = await join(relay), await join(relay)
    ready = await client.hello()
    await other.hello()
    client.socket.transport.pause_reading()
    for number in range(60):
        await client.send("text", text=f"number {number}", id=f"n{number}")
        assert (await other.ask(f"{number}"))["message"] == f"You said: {number}."
        if not attached(relay, ready["session_id"]):
            break
    assert not attached(relay, ready["session_id"])
    again = await join(relay)
    back = await again.resume(ready)
    assert back["session_id"] == ready["session_id"]
    assert (await again.ask("hi"))["message"] == "You said: hi."
    client.socket.transport.abort()


def attached(relay: Relay, session_id: str) -> bool:
    """Whether a client of the session is listened to."""
    client = relay.sessions._conversations[session_id]._audience.client
    return client is not None and client._closer is None  # type: ignore[attr-defined]


async def test_a_stale_client_is_noticed_by_ping(
    start_relay: StartRelay, join: Join, loop_clock: LoopClock, until: Callable[..., Any]
) -> None:
    relay = await start_relay(resume_seconds=0.05)
    silent, live = await join(relay), await join(relay)
    await silent.hello()
    await live.hello()
    silent.socket.transport.pause_reading()
    for seconds in (PING_SECONDS, PONG_SECONDS - 1):
        await loop_clock.put_forward(seconds)
        assert (await live.ask("hi"))["message"] == "You said: hi."
    assert len(relay.sessions) == 2
    await loop_clock.put_forward(1)
    await until(lambda: len(relay.sessions) == 1)
    assert (await live.ask("hi"))["message"] == "You said: hi."
    silent.socket.transport.abort()
