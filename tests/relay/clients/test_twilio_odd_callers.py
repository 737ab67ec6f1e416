"""Callers who are not what Twilio promises: what is odd, bad or too much is left out and counted, or ends the call."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.errors import SpeechAtCapacity, SttUnavailable
from relay import audio_feed
from relay.calls import Call
from relay.clients.twilio import stream as twilio_stream
from relay.server import Relay
from tests.relay.clients.conftest import Dial
from tests.relay.conftest import StartRelay, Until
from tests.speech_doubles import TriggeredHearing
from tests.twilio_caller import TwilioCaller, silence


def the_call(relay: Relay) -> Call:
    (call,) = relay.services.calls
    return call


# What other senders do


async def test_an_older_client_is_understood(
    relay: Relay, hearing: TriggeredHearing, dial: Dial, until: Until
) -> None:
    """Numbers where Twilio has texts, `inbound_track`, and a start without `connected` before it."""
    caller = await dial(relay, old=True)
    await caller.start(mediaFormat={"encoding": "audio/x-mulaw", "sampleRate": "8000", "channels": "1"})
    await caller.say(silence(0.2))
    stream = await hearing.stream()
    await until(lambda: stream.samples >= 1_600)


async def test_what_we_said_ourselves_is_not_heard(relay: Relay, caller: TwilioCaller, until: Until) -> None:
    for track in ("outbound", "outbound_track"):
        await caller.media(silence(0.02), track=track)
    await caller.media(silence(0.02))
    call = the_call(relay)
    await until(lambda: call.chunks == 1)
    assert call.bad_messages == 0


@pytest.mark.parametrize(
    "bad",
    [
        {"media": {"payload": "not base64!"}},
        {"media": {"payload": ""}},
        {"media": {"payload": 5}},
        {"media": {"payload": "AAAA", "track": ["inbound"]}},
        {"media": {}},
        {"media": "loud"},
        {"media": {"payload": "AAAA" * 3_000}},
    ],
)
async def test_a_bad_piece_is_left_out_and_counted(
    relay: Relay, caller: TwilioCaller, hearing: TriggeredHearing, until: Until, bad: dict[str, Any]
) -> None:
    await caller.send("media", **bad)
    await caller.say(silence(0.2))
    stream = await hearing.stream()
    await until(lambda: stream.samples >= 1_600)
    call = the_call(relay)
    assert (call.bad_messages, call.chunks, call.bytes) == (1, 10, 1_600)


@pytest.mark.parametrize(
    "text", ["{", "[]", "null", '{"event": 3}', '{"event": "mark", "mark": 1}', "x" * 20_000]
)
async def test_odd_messages_do_not_end_a_call(
    relay: Relay, caller: TwilioCaller, until: Until, text: str
) -> None:
    await caller.socket.send(text)
    await caller.socket.send(b"\x00\x01")
    await caller.send("something_new", detail={})
    await caller.say(silence(0.02))
    await until(lambda: len(relay.services.calls) == 1)
    call = the_call(relay)
    await until(lambda: call.chunks == 1)
    assert call.bad_messages == 2


async def test_too_many_bad_messages_end_a_call(caller: TwilioCaller) -> None:
    for _ in range(twilio_stream.MAX_BAD_MESSAGES + 1):
        await caller.socket.send("{")
    assert await caller.closed() == (4400, "malformed_message")


async def test_sound_before_the_start_is_left_out(relay: Relay, dial: Dial, until: Until) -> None:
    caller = await dial(relay)
    await caller.say(silence(0.1))
    await caller.start()
    await caller.say(silence(0.02))
    await until(lambda: len(relay.services.calls) == 1)
    call = the_call(relay)
    await until(lambda: call.chunks == 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"mediaFormat": {"encoding": "audio/x-l16", "sampleRate": 8000, "channels": 1}},
        {"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1}},
        {"streamSid": "../../etc"},
        {"customParameters": ["userId"]},
        {"customParameters": {"userId": "x" * 81}},
    ],
)
async def test_a_start_that_cannot_be_taken_ends_the_connection(
    relay: Relay, dial: Dial, changes: dict[str, Any]
) -> None:
    caller = await dial(relay)
    await caller.start(**changes)
    assert (await caller.closed())[0] == 4400
    assert len(relay.sessions) == 0


async def test_a_connection_without_a_start_is_closed(
    relay: Relay, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_stream, "START_SECONDS", 0.05)
    caller = await dial(relay)
    assert (await caller.closed())[0] == 4400


# Bounds


async def test_sound_that_recognition_cannot_take_is_dropped_oldest_first_and_counted(
    relay: Relay,
    caller: TwilioCaller,
    hearing: TriggeredHearing,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audio_feed, "MAX_WAITING_BYTES", 6_400)
    hearing.error = SttUnavailable()
    await caller.say(silence(1))
    await until(lambda: len(relay.services.calls) == 1)
    call = the_call(relay)
    await until(lambda: call.chunks == 50)
    assert call.stats()["bufferSize"] == 6_400
    assert 20_000 < call.stats()["bufferBytesDropped"] <= 32_000 - 6_400


async def test_more_pieces_than_are_spoken_in_a_second_are_left_out_and_counted(
    start_relay: StartRelay, dial: Dial, until: Until
) -> None:
    relay = await start_relay(call_chunks_per_second=50)
    caller = await dial(relay)
    await caller.start()
    await caller.say(silence(4))
    await until(lambda: len(relay.services.calls) == 1)
    call = the_call(relay)
    await until(lambda: call.chunks + call.dropped_chunks == 200)
    assert 50 <= call.chunks < 150


async def test_one_call_too_many_is_refused_before_the_upgrade(
    start_relay: StartRelay, dial: Dial, until: Until
) -> None:
    relay = await start_relay(max_calls=1)
    caller = await dial(relay)
    with pytest.raises(Exception, match="503"):
        await dial(relay)
    await caller.stop()
    await caller.closed()
    await until(lambda: not relay.services.calls.full)
    again = await dial(relay)
    await again.start()
    await until(lambda: len(relay.services.calls) == 1)


async def test_a_call_that_lasts_too_long_is_ended(start_relay: StartRelay, dial: Dial) -> None:
    caller = await dial(await start_relay(call_hours=0.1 / 3600))
    await caller.start()
    assert await caller.closed() == (1000, "call_hours")


async def test_a_caller_whom_nobody_can_hear_is_not_kept_waiting(
    caller: TwilioCaller, hearing: TriggeredHearing
) -> None:
    """On-device recognition has a place for so many; past them the caller hears so, by `<Say>` after the stream."""
    hearing.error = SpeechAtCapacity()
    await caller.say(silence(0.2))
    assert await caller.closed() == (1013, "speech_at_capacity")
