"""Live captions, by a client written from the table of `protocol/CLIENTS.md`, with both names of each field."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from protocol.errors import SttRefused, SttUnavailable
from relay import hearing as hearing_module
from relay.clients import captions
from relay.server import Relay
from relay.stt.scripted import ScriptedEngine
from tests.relay.conftest import Join, StartRelay
from tests.relay.webm_recording import one_second_pieces
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing
from tests.wire_client import WireClient

Until = Callable[[Callable[[], object]], Awaitable[None]]

PATH = "/ws/transcribe-stream"
CHUNK = bytes(3200)


async def captioned(join: Join, relay: Relay) -> WireClient:
    client = await join(relay, path=PATH)
    await client.expect("status", status="connected")
    return client


async def test_partials_and_finals_come_in_both_generations_of_names(
    relay: Relay, join: Join, hearing: TriggeredHearing
) -> None:
    client = await captioned(join, relay)
    await client.socket.send("START_TRANSCRIPTION")
    await client.expect("status", status="started")
    await client.socket.send(CHUNK)
    stream = await hearing.stream()
    stream.partial("two e")
    stream.final("Two eggs.")
    partial = await client.expect("partial_transcript")
    final = await client.expect("final_transcript")
    assert (partial["text"], partial["transcript"], partial["end_of_turn"]) == ("two e", "two e", False)
    assert (final["text"], final["transcript"], final["end_of_turn"]) == ("Two eggs.", "Two eggs.", True)
    assert final["confidence"] == 0.9
    age = datetime.now(UTC) - datetime.fromisoformat(final["timestamp"])
    assert abs(age.total_seconds()) < 60


async def test_there_is_no_answer_and_no_conversation(
    relay: Relay, join: Join, hearing: TriggeredHearing, receiver: ScriptedReceiver
) -> None:
    client = await captioned(join, relay)
    await client.socket.send(CHUNK)
    (await hearing.stream()).final("I had two eggs.")
    await client.expect("final_transcript")
    await asyncio.sleep(0.4)  # longer than the silence after which a conversation is answered
    assert {message["type"] for message in client.messages} == {"status", "final_transcript"}
    assert len(relay.sessions) == 0
    assert receiver.of_type("open") == []


async def test_audio_without_a_command_starts_by_itself(
    relay: Relay, join: Join, hearing: TriggeredHearing, until: Until
) -> None:
    client = await captioned(join, relay)
    await client.socket.send(CHUNK)
    await client.expect("status", status="started")
    stream = await hearing.stream()
    await until(lambda: stream.samples == len(CHUNK) // 2)


async def test_the_last_words_come_before_stopped(
    relay: Relay, join: Join, hearing: TriggeredHearing
) -> None:
    client = await captioned(join, relay)
    await client.socket.send(CHUNK)
    stream = await hearing.stream()
    stream.final_on_drain = "and toast."
    await client.socket.send(CHUNK[:1000])
    await client.socket.send("STOP_TRANSCRIPTION")
    await client.expect("status", status="stopped")
    assert [message["type"] for message in client.messages[-2:]] == ["final_transcript", "status"]
    assert stream.samples == (len(CHUNK) + 1000) // 2, "also what is shorter than 100 ms"
    assert stream.closed


async def test_a_webm_recording_is_captioned_to_its_end(start_relay: StartRelay, join: Join) -> None:
    relay = await start_relay(stt=ScriptedEngine("two eggs and toast", 1.9))
    client = await captioned(join, relay)
    for piece in one_second_pieces():
        await client.socket.send(piece)
    await client.socket.send("STOP_TRANSCRIPTION")
    await client.expect("status", status="stopped")
    assert [final["text"] for final in client.of("final_transcript")] == ["two eggs and toast"] * 2


async def test_after_stop_audio_is_left_out_until_the_next_start(
    relay: Relay, join: Join, hearing: TriggeredHearing
) -> None:
    """A page whose pause button sends only the command goes on sending what its microphone hears."""
    client = await captioned(join, relay)
    await client.socket.send(CHUNK)
    await hearing.stream()
    await client.socket.send("STOP_TRANSCRIPTION")
    await client.expect("status", status="stopped")
    for _ in range(5):
        await client.socket.send(CHUNK)
    told = await client.expect("status", status="stopped", after=1)
    assert "START_TRANSCRIPTION" in told["message"]
    await client.socket.send("START_TRANSCRIPTION")
    await client.expect("status", status="started", after=1)
    assert len(client.of("status", status="stopped")) == 2, "told once"
    await client.socket.send(CHUNK)
    (await hearing.stream(1)).final("again.")
    assert (await client.expect("final_transcript"))["text"] == "again."
    assert len(hearing.streams) == 2


async def test_start_and_stop_twice_are_harmless(relay: Relay, join: Join, hearing: TriggeredHearing) -> None:
    client = await captioned(join, relay)
    await client.socket.send("STOP_TRANSCRIPTION")
    await client.expect("status", status="stopped")
    for count in range(2):
        await client.socket.send(" START_TRANSCRIPTION\n")
        await client.expect("status", status="started", after=count)
    await client.socket.send(CHUNK)
    await hearing.stream()
    for count in range(2):
        await client.socket.send("STOP_TRANSCRIPTION")
        await client.expect("status", status="stopped", after=1 + count)
    assert len(hearing.streams) == 1
    assert client.of("error") == []


@pytest.mark.parametrize("command", ["start", "", '{"type": "start"}', "x" * 70_000])
async def test_an_unknown_command_is_told_and_changes_nothing(
    relay: Relay, join: Join, hearing: TriggeredHearing, command: str
) -> None:
    client = await captioned(join, relay)
    await client.socket.send(command)
    error = await client.expect("error")
    assert error["error"] == error["message"] == f"Unknown command: {command[:100]}"
    assert error["code"] == "unknown_type"
    await client.socket.send(CHUNK)
    (await hearing.stream()).final("Still here.")
    await client.expect("final_transcript")


@pytest.mark.parametrize("piece", [b"odd", bytes(32_002)])
async def test_bad_audio_is_told_and_left_out(
    relay: Relay, join: Join, hearing: TriggeredHearing, piece: bytes
) -> None:
    client = await captioned(join, relay)
    await client.socket.send(piece)
    assert (await client.expect("error"))["code"] == "bad_audio"
    await client.socket.send(CHUNK)
    (await hearing.stream()).final("Still here.")
    await client.expect("final_transcript")


async def test_recognition_that_fails_is_told_and_comes_back_by_itself(
    relay: Relay, join: Join, hearing: TriggeredHearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing_module, "FIRST_RETRY_SECONDS", 0.02)
    client = await captioned(join, relay)
    await client.socket.send(CHUNK)
    (await hearing.stream()).fail(SttUnavailable())
    error = await client.expect("error")
    assert (error["code"], error["retryable"], error["error"]) == (
        "stt_unavailable", True, SttUnavailable.sentence
    )  # fmt: skip
    back = await client.expect("status", status="started", after=1)
    assert back["message"] == "Speech recognition is back."
    again = await hearing.stream(1)
    assert again.samples == len(CHUNK) // 2, "it hears again what it had not understood"
    again.final("Two eggs.")
    await client.expect("final_transcript")


async def test_a_stop_while_recognition_is_lost_does_not_wait_for_it(
    relay: Relay, join: Join, hearing: TriggeredHearing
) -> None:
    hearing.error = SttRefused()
    client = await captioned(join, relay)
    await client.socket.send(CHUNK)
    await client.expect("error", code="stt_refused")
    async with asyncio.timeout(captions.STOP_SECONDS - 1):
        await client.socket.send("STOP_TRANSCRIPTION")
        await client.expect("status", status="stopped")


async def test_last_words_that_never_come_do_not_hold_up_the_stop(
    relay: Relay,
    join: Join,
    hearing: TriggeredHearing,
    monkeypatch: pytest.MonkeyPatch,
    records: list[dict[str, Any]],
) -> None:
    monkeypatch.setattr(captions, "STOP_SECONDS", 0.05)
    client = await captioned(join, relay)
    await client.socket.send(CHUNK)
    stream = await hearing.stream()

    async def drain() -> None:
        await asyncio.sleep(3600)

    monkeypatch.setattr(stream, "drain", drain)
    await client.socket.send("STOP_TRANSCRIPTION")
    await client.expect("status", status="stopped")
    assert stream.closed
    assert records.pop()["event"] == "captions not drained in time"


async def test_a_client_that_vanishes_leaves_no_stream(
    relay: Relay, join: Join, hearing: TriggeredHearing, until: Until
) -> None:
    client = await captioned(join, relay)
    await client.socket.send(CHUNK)
    stream = await hearing.stream()
    await client.vanish()
    await until(lambda: stream.closed)


async def test_captions_take_the_places_of_conversations(
    start_relay: StartRelay, join: Join, hearing: TriggeredHearing, until: Until
) -> None:
    relay = await start_relay(max_conversations=1)
    first, second = await captioned(join, relay), await captioned(join, relay)
    await first.socket.send(CHUNK)
    stream = await hearing.stream()
    await second.socket.send(CHUNK)
    assert (await second.expect("error"))["code"] == "at_capacity"
    assert await second.closed() == (1013, "at_capacity")
    native = await join(relay)
    await native.send("hello")
    assert (await native.expect("error"))["code"] == "at_capacity"
    await first.leave()
    await until(lambda: stream.closed)
    await (await join(relay)).hello()


async def test_each_client_gets_its_own_words(relay: Relay, join: Join, hearing: TriggeredHearing) -> None:
    clients = [await captioned(join, relay) for _ in range(5)]
    for number, client in enumerate(clients):
        await client.socket.send(CHUNK)
        (await hearing.stream(number)).final(f"number {number}")
    for number, client in enumerate(clients):
        await client.expect("final_transcript")
        assert [message["text"] for message in client.of("final_transcript")] == [f"number {number}"]


async def test_a_defect_in_recognition_ends_its_own_connection(
    relay: Relay, join: Join, hearing: TriggeredHearing, records: list[dict[str, Any]]
) -> None:
    other = await captioned(join, relay)
    hearing.error = RuntimeError("a defect")
    client = await captioned(join, relay)
    await client.socket.send(CHUNK)
    assert (await client.expect("error"))["code"] == "internal_error"
    assert await client.closed() == (1011, "internal_error")
    await other.socket.send(CHUNK)
    (await hearing.stream()).final("Still here.")
    await other.expect("final_transcript")
    assert records.pop()["event"] == "hearing failed"
