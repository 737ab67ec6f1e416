"""Many conversations in one relay: each its own, none at another's cost, and no more than there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from protocol.errors import SttRefused, SttUnavailable, TtsRefused, TtsThrottled, TtsUnavailable
from relay import hearing as hearing_module
from relay.server import Relay
from relay.tts.none import NoVoice
from tests.relay.conftest import Join, StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import FailingVoice, TriggeredHearing

Until = Callable[..., Awaitable[None]]
Records = list[dict[str, Any]]


def taken_out(records: Records, event: str) -> Records:
    """The error records of an expected failure, taken out of those that may not be there."""
    found = [record for record in records if record["event"] == event]
    records[:] = [record for record in records if record["event"] != event]
    return found


async def test_fifty_at_once_each_get_their_own_answers(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    clients = [await join(relay) for _ in range(50)]
    await asyncio.gather(*(client.hello(name=f"n{n}") for n, client in enumerate(clients)))

    async def talk(number: int) -> None:
        for turn in (1, 2, 3):
            answer = await clients[number].ask(f"{number} says {turn}")
            assert (answer["turn"], answer["message"]) == (turn, f"You said: {number} says {turn}.")

    await asyncio.gather(*(talk(number) for number in range(50)))
    for number, client in enumerate(clients):
        assert len(client.of("server_response")) == 3
        assert client.of("error") == []
        assert all(f"{number} says" in message["text"] for message in client.of("turn"))
    assert len(receiver.sessions) == 50
    assert len(receiver.of_type("hello")) == 1, "one connection carries them all"


async def test_fifty_who_speak_are_not_mixed_up(
    relay: Relay, join: Join, hearing: TriggeredHearing, receiver: ScriptedReceiver
) -> None:
    clients = []
    for number in range(50):  # one after the other, so that stream n is client n's
        client = await join(relay)
        await client.hello()
        await client.speak(0.1)
        await hearing.stream(number)
        clients.append(client)
    for number, stream in enumerate(hearing.streams):
        stream.partial(f"word {number}")
        stream.final(f"word {number} and more")
    for number, client in enumerate(clients):
        answer = await client.expect("server_response")
        assert answer["message"] == f"You said: word {number} and more."


# Failures of one


async def test_recognition_that_crashes_ends_that_conversation_alone(
    relay: Relay, join: Join, hearing: TriggeredHearing, records: Records
) -> None:
    client, other = await join(relay), await join(relay)
    ready = await client.hello()
    await other.hello()
    await client.ask("before", id="t1")
    hearing.error = RuntimeError("a defect in an engine")
    await client.speak()
    error = await client.expect("error")
    assert error["code"] == "internal_error"
    assert "defect" not in error["message"]
    assert (await client.closed())[0] == 1011
    assert (await other.ask("hi"))["message"] == "You said: hi."
    again = await join(relay)
    back = await again.resume(ready)
    assert [turn["text"] for turn in back["history"]] == ["before"]
    await again.speak()
    (await hearing.stream()).final("after")
    assert (await again.expect("server_response"))["message"] == "You said: after."
    assert len(taken_out(records, "hearing failed")) == 1


async def test_a_defect_in_one_conversation_does_not_end_the_link_of_all(
    relay: Relay, join: Join, receiver: ScriptedReceiver, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, other = await join(relay), await join(relay)
    ready = await client.hello()
    await other.hello()
    broken = relay.sessions._conversations[ready["session_id"]]

    monkeypatch.setattr(broken._machine.__class__, "handle", _crash_for(broken._machine))
    receiver.cut()
    assert (await client.expect("error"))["code"] == "internal_error"
    await client.closed()
    assert (await other.ask("hi"))["message"] == "You said: hi."
    assert taken_out(records, "conversation failed")


def _crash_for(machine: object) -> Callable[..., Any]:
    real = machine.__class__.handle  # type: ignore[attr-defined]

    def handle(self: object, event: object, now: float) -> Any:
        if self is machine:
            raise KeyError("a pair that is not in the table")
        return real(self, event, now)

    return handle


async def test_recognition_that_dies_is_opened_again_and_nothing_is_lost(
    relay: Relay, join: Join, hearing: TriggeredHearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing_module, "FIRST_RETRY_SECONDS", 0.02)
    client = await join(relay)
    await client.hello()
    await client.speak(1)
    first = await hearing.stream()
    await client.expect("ack", received=16_000)
    first.fail(SttUnavailable())
    assert (await client.expect("error"))["code"] == "stt_unavailable"
    await client.expect("status", state="reconnecting_stt")
    second = await hearing.stream(1)
    async with asyncio.timeout(30):
        while second.samples < 16_000:
            await asyncio.sleep(0.01)
    second.final("all of it")
    assert (await client.expect("server_response"))["message"] == "You said: all of it."


async def test_recognition_that_refuses_leaves_typing(
    relay: Relay, join: Join, hearing: TriggeredHearing
) -> None:
    client = await join(relay)
    await client.hello()
    hearing.error = SttRefused()
    await client.speak()
    error = await client.expect("error")
    assert (error["code"], error["retryable"]) == ("stt_refused", False)
    assert (await client.ask("typed"))["message"] == "You said: typed."


@pytest.mark.parametrize(
    "error", [TtsUnavailable(), TtsRefused(), TtsThrottled()], ids=lambda error: error.code
)
@pytest.mark.parametrize("replies", ["whole", "sentences"])
async def test_a_voice_that_fails_costs_the_sound_and_not_the_answer(
    start_relay: StartRelay, join: Join, error: Exception, replies: str
) -> None:
    relay = await start_relay(tts=FailingVoice(error, word="eggs"))
    client = await join(relay)
    await client.hello(replies=replies)
    answer = await client.ask("eggs")
    assert (answer["message"], answer["audio"]) == ("You said: eggs.", None)
    assert answer["audio_error"] == error.code  # type: ignore[attr-defined]
    assert [part["audio"] for part in client.of("reply_audio")] == ([None] if replies == "sentences" else [])
    answer = await client.ask("ham")
    assert "audio_error" not in answer
    assert (answer["audio"] is not None) == (replies == "whole")
    await client.expect("status", state="speaking")


async def test_a_voice_that_crashes_costs_the_sound_and_not_the_answer(
    start_relay: StartRelay, join: Join, records: Records
) -> None:
    relay = await start_relay(tts=FailingVoice(RuntimeError("a defect in an engine"), word="eggs"))
    client = await join(relay)
    await client.hello()
    answer = await client.ask("eggs")
    assert (answer["message"], answer["audio"]) == ("You said: eggs.", None)
    assert answer["audio_error"] == "tts_unavailable"
    assert (await client.ask("ham"))["audio"] is not None
    taken_out(records, "voice failed")


async def test_no_voice_is_no_error(start_relay: StartRelay, join: Join) -> None:
    relay = await start_relay(tts=NoVoice())
    client = await join(relay)
    await client.hello()
    answer = await client.ask("hi")
    assert answer["audio"] is None
    assert "audio_error" not in answer


# Room


async def test_more_people_than_there_is_room_for_are_asked_to_come_back(
    start_relay: StartRelay, join: Join
) -> None:
    relay = await start_relay(max_conversations=2)
    first, second, third = await join(relay), await join(relay), await join(relay)
    ready = await first.hello()
    await second.hello()
    await third.send("hello")
    error = await third.expect("error")
    assert (error["code"], error["retryable"]) == ("at_capacity", True)
    assert await third.closed() == (1013, "at_capacity")
    assert (await first.ask("hi"))["turn"] == 1
    again = await join(relay)
    await again.resume(ready)  # a place that one has, one keeps


async def test_audio_without_hello_finds_no_place_either(start_relay: StartRelay, join: Join) -> None:
    relay = await start_relay(max_conversations=1)
    first, second = await join(relay), await join(relay)
    await first.hello()
    await second.speak(0.1)
    assert (await second.expect("error"))["code"] == "at_capacity"
    assert (await second.closed())[0] == 1013


async def test_who_has_left_makes_room_and_may_still_come_back(
    start_relay: StartRelay, join: Join, until: Until
) -> None:
    relay = await start_relay(max_conversations=1)
    first = await join(relay)
    ready = await first.hello()
    await first.ask("one")
    await first.leave()
    await until(lambda: next(iter(relay.sessions._conversations.values()))._audience.client is None)
    second = await join(relay)
    await second.hello()
    assert len(relay.sessions) == 1
    await second.leave()
    await until(lambda: next(iter(relay.sessions._conversations.values()))._audience.client is None)
    again = await join(relay)
    assert [turn["text"] for turn in (await again.resume(ready))["history"]] == ["one"]


async def test_who_has_left_in_mid_turn_keeps_the_place_until_it_is_answered(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, until: Until
) -> None:
    relay = await start_relay(max_conversations=1)
    receiver.mute = {"commit"}
    first = await join(relay)
    await first.hello()
    await first.send("text", text="one")
    await receiver.wait_for("commit")
    await first.leave()
    await until(lambda: next(iter(relay.sessions._conversations.values()))._audience.client is None)
    second = await join(relay)
    await second.send("hello")
    assert (await second.expect("error"))["code"] == "at_capacity"
    receiver.mute = set()
    receiver.cut()
    await until(lambda: receiver.turns() == [("one", "You said: one.")])
    await until(lambda: next(iter(relay.sessions._conversations.values())).settled)
    third = await join(relay)
    await third.hello()


async def test_a_conversation_nobody_comes_back_to_is_let_go(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, until: Until
) -> None:
    relay = await start_relay(resume_seconds=0.05)
    client = await join(relay)
    ready = await client.hello()
    await client.ask("one")
    await client.vanish()
    await until(lambda: len(relay.sessions) == 0)
    await receiver.wait_for("close")
    again = await join(relay)
    assert [turn["text"] for turn in (await again.resume(ready))["history"]] == ["one"]
