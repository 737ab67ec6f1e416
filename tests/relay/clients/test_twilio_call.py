"""A call from its start to its end: heard, answered, and over when it is over."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.errors import TtsUnavailable
from relay import sessions
from relay.clients.twilio import keys as twilio_keys
from relay.codecs import mulaw
from relay.server import Relay
from relay.tts import PHONE
from relay.tts.scripted import ScriptedVoice
from tests.relay.clients.conftest import Dial
from tests.relay.conftest import StartRelay, Until
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import FailingVoice, TriggeredHearing
from tests.twilio_caller import TwilioCaller, recording, silence


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


# Keys


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


# Whose call it is


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


# Its end


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
