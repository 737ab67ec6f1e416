"""Relays that vanish, and sessions that go on at another one: nothing is counted twice, lost, or given to another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.processes import Process
from tests.relay.conftest import Join, StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing
from tests.tcp_proxy import TcpProxy

Launch = Callable[..., Awaitable[Process]]


@pytest.fixture
async def launch(receiver: ScriptedReceiver, tmp_path: Path) -> AsyncIterator[Launch]:
    """Starts relay processes, reached through the receiver's address unless told otherwise."""
    started: list[Process] = []

    async def launch(address: str | None = None) -> Process:
        process = Process(
            "relay",
            tmp_path,
            RELAY_PORT="0",
            RELAY_RECEIVER=address or receiver.address,
            RELAY_STT="scripted",
            RELAY_SCRIPTED_EVERY_SECONDS="1",
            RELAY_SCRIPTED_TEXT="I had two eggs",
            RELAY_SILENCE_SECONDS="0",
            RELAY_TTS="scripted",
        )
        started.append(process)
        await asyncio.to_thread(process.wait_for_line, "health")
        return process

    yield launch
    for process in started:
        process.kill()
        assert "Traceback" not in process.output


async def test_a_relay_killed_after_the_commit_loses_and_repeats_nothing(
    launch: Launch, join: Join, receiver: ScriptedReceiver
) -> None:
    async with TcpProxy(receiver.port) as proxy:
        first, second = await launch(proxy.address), await launch()
        client, other = await join(first.port()), await join(second.port())
        ready = await client.hello()
        await other.hello()
        await client.ask("one", id="t1")
        proxy.to_client.stall()
        await client.send("text", text="two", id="t2")
        await receiver.wait_for("commit", 2)
        first.kill()
        await client.closed()
        again = await join(second.port())
        # All at once, as a client does that has not had an answer to its last words.
        hello = {"session_id": ready["session_id"], "resume_token": ready["resume_token"], "received": [1, 0]}
        await again.send("hello", **hello)
        await again.send("text", text="two", id="t2")
        await again.send("text", text="three", id="t3")
        back = await again.expect("ready")
        assert [turn["text"] for turn in back["history"]] == ["one", "two"]
        assert (await again.expect("server_response", turn=2))["message"] == "You said: two."
        assert (await again.expect("server_response", turn=3))["message"] == "You said: three."
        stored = receiver.sessions[ready["session_id"]].turns
        assert [said for said, _, _ in stored.values()] == ["one", "two", "three"]
        assert (await other.ask("hi"))["message"] == "You said: hi."
        assert len(again.of("server_response")) == 2


async def test_a_relay_killed_before_the_commit_gets_the_words_from_the_client_again(
    launch: Launch, join: Join, receiver: ScriptedReceiver
) -> None:
    async with TcpProxy(receiver.port) as proxy:
        first, second = await launch(proxy.address), await launch()
        client = await join(first.port())
        ready = await client.hello()
        await client.ask("one", id="t1")
        proxy.to_server.stall()
        await client.send("text", text="two", id="t2")
        await client.expect("turn", turn=2)
        first.kill()
        await client.closed()
        again = await join(second.port())
        back = await again.resume(ready, received=[1, 0])
        assert [turn["text"] for turn in back["history"]] == ["one"]
        assert (await again.ask("two", id="t2"))["message"] == "You said: two."
        stored = receiver.sessions[ready["session_id"]].turns
        assert [said for said, _, _ in stored.values()] == ["one", "two"]


async def test_speech_goes_on_at_another_relay_where_the_stored_turns_end(
    launch: Launch, join: Join, receiver: ScriptedReceiver
) -> None:
    first, second = await launch(), await launch()
    client = await join(first.port())
    ready = await client.hello()
    await client.speak(1.5)
    await client.expect("server_response", turn=1)
    durable = (await client.expect("ack", durable=16_000))["durable"]
    first.kill()
    await client.closed()
    again = await join(second.port())
    back = await again.resume(ready, received=[1, 0])
    assert back["resume_at"] == durable, "what comes after it was heard by the first relay only"
    await again.speak(1.5)
    assert (await again.expect("server_response"))["turn"] == 2
    assert [said for said, _ in receiver.turns()] == ["I had two eggs"] * 2
    acks = await again.expect("ack", durable=32_000)
    assert acks["received"] == 16_000 + 24_000


# Two relays that live


async def test_words_sent_again_before_another_relay_knows_the_history_are_taken_once(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    first, second = await start_relay(), await start_relay()
    client = await join(first)
    ready = await client.hello()
    await client.ask("one", id="t1")
    opened = asyncio.Event()

    async def hold(message: dict[str, Any], _: ScriptedReceiver) -> None:
        if message["type"] == "open":
            await opened.wait()

    receiver.before = hold
    again = await join(second)
    await again.send("hello", session_id=ready["session_id"], resume_token=ready["resume_token"])
    await again.send("text", text="one", id="t1")
    await again.send("text", text="two", id="t2")
    await again.send("ping")
    await again.expect("pong")
    opened.set()
    assert (await again.expect("server_response"))["message"] == "You said: two."
    assert [said for said, _ in receiver.turns()] == ["one", "two"]


async def test_every_answer_that_was_missed_is_said_in_order(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    first, second = await start_relay(), await start_relay()
    client = await join(first)
    ready = await client.hello()
    for words in ("one", "two", "three"):
        await client.ask(words)
    await client.vanish()
    for relay in (first, second):  # the one that voiced them, and one that never has
        again = await join(relay)
        await again.resume(ready, received=[1, 0])
        await again.expect("server_response", turn=3)
        assert [answer["turn"] for answer in again.of("server_response")] == [2, 3]
        assert all(answer["audio"] for answer in again.of("server_response"))
        await again.vanish()


async def test_a_late_commit_of_an_old_relay_does_not_enter_the_moved_session(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    async with TcpProxy(receiver.port) as proxy:
        first, second = await start_relay(receiver=(proxy.address,)), await start_relay()
        client = await join(first)
        ready = await client.hello()
        proxy.to_server.stall()
        await client.send("text", text="old", id="t1")
        await client.expect("turn", turn=1)
        newer = await join(second)
        await newer.resume(ready)
        assert (await newer.ask("new", id="t2"))["turn"] == 1
        proxy.to_server.resume()
        assert (await client.expect("error", code="turn_failed"))["turn"] == 1
        await client.expect("error", code="session_moved")
        assert (await newer.ask("newer", id="t3"))["message"] == "You said: newer."
        assert [said for said, _ in receiver.turns()] == ["new", "newer"]


async def test_what_was_said_before_moving_to_another_relay_is_not_counted_by_both(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    """The client sends the audio again that is in no stored turn, so the first relay must let go of it."""
    first_hearing, second_hearing = TriggeredHearing(), TriggeredHearing()
    first = await start_relay(stt=first_hearing, silence_seconds=1.0)
    second = await start_relay(stt=second_hearing, silence_seconds=0.2)
    client = await join(first)
    ready = await client.hello()
    await client.speak(0.5)
    (await first_hearing.stream()).final("two eggs")
    await client.expect("transcript", final=True)
    await client.vanish()
    moved = await join(second)
    assert (await moved.resume(ready))["resume_at"] == 0
    await moved.speak(0.5)
    (await second_hearing.stream()).final("two eggs and toast")
    await moved.expect("server_response", turn=1)
    await receiver.wait_for("close")  # the first relay found out when its silence was over
    assert [said for said, _ in receiver.turns()] == ["two eggs and toast"]
    back = await join(first)
    again = await back.resume(ready)
    assert [turn["text"] for turn in again["history"]] == ["two eggs and toast"]
    assert again["resume_at"] == receiver.sessions[ready["session_id"]].audio_until


async def test_coming_back_before_the_first_relay_noticed_the_move_is_told_what_is_stored(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    hearing = TriggeredHearing()
    first, second = await start_relay(stt=hearing, silence_seconds=30.0), await start_relay()
    client = await join(first)
    ready = await client.hello()
    await client.speak(0.5)
    (await hearing.stream()).final("two eggs")
    await client.expect("transcript", final=True)
    await client.vanish()
    moved = await join(second)
    await moved.resume(ready)
    assert (await moved.ask("and toast"))["turn"] == 1
    await moved.leave()
    back = await join(first)
    again = await back.resume(ready)
    assert ([turn["text"] for turn in again["history"]], again["resume_at"]) == (["and toast"], 0)
    assert (await back.ask("coffee"))["turn"] == 2
    assert [said for said, _ in receiver.turns()] == ["and toast", "coffee"]
