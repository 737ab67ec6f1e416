"""A call from its start to its end: heard, answered, interrupted, and over when it is over."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from protocol.errors import SpeechAtCapacity, SttUnavailable, TtsUnavailable
from relay import audio_feed, sessions
from relay.calls import Call
from relay.clients.twilio import keys as twilio_keys
from relay.clients.twilio import stream as twilio_stream
from relay.codecs import mulaw
from relay.server import Relay
from relay.tts import PHONE
from relay.tts.scripted import ScriptedVoice
from tests.relay.conftest import StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import FailingVoice, LongVoice, TriggeredHearing
from tests.twilio_caller import TwilioCaller, recording, silence

Until = Callable[..., Awaitable[None]]
Dial = Callable[..., Awaitable[TwilioCaller]]

ANSWER = "This is the first sentence. This is the second one. This is the third and last."


@pytest.fixture
async def dial() -> AsyncIterator[Dial]:
    """Calls a relay, and hangs up at the end."""
    async with AsyncExitStack() as stack:

        async def dial(relay: Relay, path: str = "/ws/media-stream", **options: Any) -> TwilioCaller:
            return await stack.enter_async_context(TwilioCaller(relay.port, path, **options))

        yield dial


@pytest.fixture
async def caller(relay: Relay, dial: Dial) -> TwilioCaller:
    """Who has been connected."""
    caller = await dial(relay)
    await caller.start()
    return caller


def the_call(relay: Relay) -> Call:
    (call,) = relay.services.calls
    return call


async def tone(text: str) -> bytes:
    """What the scripted voice says, as the telephone plays it."""
    return mulaw.encode(await ScriptedVoice().synthesize(text, PHONE))


async def test_the_caller_is_greeted_with_the_sound_of_turn_0(
    relay: Relay, dial: Dial, receiver: ScriptedReceiver
) -> None:
    receiver.greeting = "Good morning. What did you have?"
    caller = await dial(relay)
    await caller.start()
    await caller.expect("mark", 2)
    assert caller.heard == await tone("Good morning.") + await tone("What did you have?")
    assert {message["streamSid"] for message in caller.messages} == {caller.stream_sid}
    heard = (await receiver.wait_for("heard", 2))[-1]
    assert (heard["turn"], heard["chars"]) == (0, len(receiver.greeting))


async def test_speech_is_answered_with_speech(
    caller: TwilioCaller, hearing: TriggeredHearing, receiver: ScriptedReceiver
) -> None:
    await caller.say(recording("breakfast"))
    stream = await hearing.stream()
    stream.final("I had two eggs")
    await caller.expect("mark")
    assert caller.heard == await tone("You said: I had two eggs.")
    assert receiver.turns() == [("I had two eggs", "You said: I had two eggs.")]


async def test_all_that_the_caller_says_reaches_recognition_at_16_khz(
    caller: TwilioCaller, hearing: TriggeredHearing, until: Until
) -> None:
    await caller.say(silence(2))
    stream = await hearing.stream()
    # LQ holds back 12.5 ms, and less than 100 ms wait for more.
    await until(lambda: 30_000 <= stream.samples <= 32_000)


async def test_a_long_sentence_is_known_to_be_heard_second_by_second(
    start_relay: StartRelay, dial: Dial, receiver: ScriptedReceiver
) -> None:
    receiver.greeting = "One two three four."
    caller = await dial(await start_relay(tts=LongVoice(5)))
    await caller.start()
    last = round(5 * (0.4 + 4 * 0.072) * 1000)
    await caller.expect("mark", 4)
    assert caller.marks[:3] == ["0:0:1000", "0:0:2000", "0:0:3000"]
    assert abs(int(caller.marks[3].split(":")[2]) - last) < 150
    chars = [message["chars"] for message in await receiver.wait_for("heard", 3)]
    assert chars == sorted(chars)
    assert chars[-1] == len(receiver.greeting)


async def test_a_caller_who_speaks_stops_the_answer_from_its_first_sound_on(
    start_relay: StartRelay, dial: Dial, receiver: ScriptedReceiver, until: Until
) -> None:
    receiver.greeting = ANSWER
    relay = await start_relay(tts=LongVoice(5))
    caller = await dial(relay)
    caller.echoes_marks = False
    await caller.start()
    await caller.expect("media")
    await caller.say(silence(0.5))
    assert caller.of("clear") == []
    await caller.say(recording("breakfast"))
    await caller.expect("clear")
    count = len(caller.of("media"))
    await caller.press("5", "#")  # the call goes on
    await until(lambda: len(caller.of("media")) > count)
    assert len(caller.of("clear")) == 1
    assert caller.marks[-1].startswith("1:")


async def test_the_marks_that_a_clear_brings_back_do_not_count_as_heard(
    start_relay: StartRelay, dial: Dial, receiver: ScriptedReceiver
) -> None:
    """Twilio sends back all marks that waited when the sound before them is dropped."""
    receiver.greeting = ANSWER
    caller = await dial(await start_relay(tts=LongVoice(5)))
    caller.echoes_marks = False
    await caller.start()
    await caller.expect("mark", 12)
    first = [name for name in caller.marks if name.startswith("0:0:")]
    for name in first:
        await caller.echo(name)
    heard = (await receiver.wait_for("heard"))[-1]
    await caller.press("*")
    await caller.expect("clear")  # whose marks the caller has sent back by now
    await caller.press("1", "#")
    await receiver.wait_for("commit")
    assert receiver.of_type("heard")[-1] == heard
    assert ANSWER[: heard["chars"]].strip().startswith("This is the first sentence.")
    assert "second" not in ANSWER[: heard["chars"]]


async def test_a_clear_does_not_wait_behind_the_sound_that_it_drops(
    start_relay: StartRelay, dial: Dial, receiver: ScriptedReceiver
) -> None:
    """On a slow line minutes of an answer may wait to be sent."""
    receiver.greeting = ANSWER
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    relay = await start_relay(tts=LongVoice(80))
    assert relay._server is not None
    for listening in relay._server.sockets:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)  # those it accepts have it from it
    narrow.connect(("127.0.0.1", relay.port))
    caller = await dial(relay, sock=narrow)
    caller.socket.transport.pause_reading()
    await caller.start()
    await receiver.wait_for("open")
    await asyncio.sleep(0.2)
    await caller.press("*")
    await asyncio.sleep(0.1)
    caller.socket.transport.resume_reading()
    await caller.expect("clear")
    assert len(caller.heard) < 60 * 8_000  # of 187 s
    assert caller.messages[-1]["event"] == "clear"


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


async def test_the_hash_key_ends_the_turn_at_once(
    start_relay: StartRelay, dial: Dial, hearing: TriggeredHearing, receiver: ScriptedReceiver
) -> None:
    caller = await dial(await start_relay(silence_seconds=30))
    await caller.start()
    await caller.say(silence(0.2))
    stream = await hearing.stream()
    stream.final_on_drain = "a bowl of rice"
    await caller.press("#")
    await caller.expect("media")
    assert receiver.turns()[0][0] == "a bowl of rice"


async def test_digits_are_typed_text_at_the_hash_key(
    caller: TwilioCaller, receiver: ScriptedReceiver
) -> None:
    await caller.press("2", "5", "0", "#")
    await caller.expect("media")
    assert receiver.turns()[0][0] == "250"


async def test_digits_are_typed_text_after_a_pause(
    caller: TwilioCaller, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_keys, "PAUSE_SECONDS", 0.05)
    await caller.press("4", "2")
    await caller.expect("media")
    assert receiver.turns()[0][0] == "42"


async def test_the_star_key_forgets_the_digits_before_it(
    caller: TwilioCaller, receiver: ScriptedReceiver
) -> None:
    await caller.press("9", "9", "*", "1", "#")
    await caller.expect("media")
    assert receiver.turns()[0][0] == "1"


async def test_what_was_said_last_is_stored_when_the_caller_hangs_up(
    relay: Relay,
    caller: TwilioCaller,
    hearing: TriggeredHearing,
    receiver: ScriptedReceiver,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "FINISH_SECONDS", 0.3)
    await caller.say(silence(0.2))
    stream = await hearing.stream()
    stream.partial("and a cup")
    stream.final_on_drain = "and a cup of tea"
    await caller.press("7")
    await caller.stop()
    assert (await caller.closed())[0] == 1000
    await until(lambda: len(relay.sessions) == 0)  # nobody can come back to it
    assert [said for said, _ in receiver.turns()] == ["7", "and a cup of tea"]


async def test_a_line_that_breaks_is_the_end_of_the_call(
    relay: Relay, caller: TwilioCaller, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "FINISH_SECONDS", 0.1)
    await until(lambda: len(relay.services.calls) == 1)
    caller.socket.transport.abort()
    await until(lambda: len(relay.services.calls) == 0 and len(relay.sessions) == 0)
    assert not relay.services.calls.full


async def test_the_parameters_of_the_call_reach_the_receiver(
    relay: Relay, dial: Dial, receiver: ScriptedReceiver
) -> None:
    caller = await dial(relay)
    await caller.start({"userId": "Ann@Example.com", "name": " Ann ", "timezone": "Europe/Dublin", "x": "y"})
    (opening,) = await receiver.wait_for("open")
    assert opening["user"] == "ann@example.com"
    assert (opening["name"], opening["timezone"]) == ("Ann", "Europe/Dublin")
    assert opening["session"] == f"{caller.call_sid}.{caller.stream_sid}"


async def test_the_next_call_of_a_user_is_another_session(
    relay: Relay, dial: Dial, receiver: ScriptedReceiver, until: Until
) -> None:
    def begun() -> list[dict[str, Any]]:
        return [opening for opening in receiver.of_type("open") if not opening.get("again")]

    for count in (1, 2):
        caller = await dial(relay)
        await caller.start({"userId": "ann"})
        await until(lambda count=count: len(begun()) == count)
        await caller.stop()
        await caller.closed()
    first, second = begun()
    assert first["session"] != second["session"]
    assert first["key"] != second["key"]
    assert first["user"] == second["user"] == "ann"


async def test_two_callers_hear_their_own_answers(
    relay: Relay, dial: Dial, hearing: TriggeredHearing
) -> None:
    callers = [await dial(relay) for _ in range(2)]
    for number, caller in enumerate(callers):
        await caller.start()
        await caller.say(silence(0.2))
        await hearing.stream(number)
    hearing.streams[0].final("one")
    hearing.streams[1].final("two words more")
    for caller, words in zip(callers, ("one", "two words more"), strict=True):
        await caller.expect("mark")
        assert caller.heard == await tone(f"You said: {words}.")


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


async def test_a_voice_that_fails_leaves_the_call_going(
    start_relay: StartRelay, dial: Dial, receiver: ScriptedReceiver
) -> None:
    caller = await dial(await start_relay(tts=FailingVoice(TtsUnavailable(), "1")))
    await caller.start()
    await caller.press("1", "#")
    await receiver.wait_for("commit")
    await caller.press("2", "#")
    await caller.expect("mark")
    assert {name.split(":")[0] for name in caller.marks} == {"2"}
