"""Clients and relays that vanish: nothing is counted twice, lost, or given to another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from protocol.framing import encode
from relay import typed_texts
from relay.server import Relay
from tests.processes import Process
from tests.relay.conftest import Join, StartRelay
from tests.relay.loop_clock import LoopClock
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing
from tests.tcp_proxy import TcpProxy

Until = Callable[..., Awaitable[None]]


# The client vanishes


async def test_what_a_vanished_client_said_is_committed_when_its_hold_ends(
    relay: Relay, join: Join, receiver: ScriptedReceiver, hearing: TriggeredHearing
) -> None:
    client = await join(relay)
    ready = await client.hello()
    await client.speak(0.5)
    stream = await hearing.stream()
    stream.final("I had two eggs")
    await client.expect("transcript", final=True)
    await client.vanish()
    (commit,) = await receiver.wait_for("commit")
    assert commit["items"][0]["text"] == "I had two eggs"
    again = await join(relay)
    back = await again.resume(ready, received=[0, 0])
    assert back["resume_at"] == 8_000
    assert (await again.expect("server_response", turn=1))["message"] == "You said: I had two eggs."
    assert len(again.of("server_response")) == 1


async def test_half_a_sentence_of_a_vanished_client_is_committed_too(
    relay: Relay, join: Join, receiver: ScriptedReceiver, hearing: TriggeredHearing
) -> None:
    client = await join(relay)
    await client.hello()
    await client.speak()
    stream = await hearing.stream()
    stream.partial("I had")
    stream.final_on_drain = "I had two"
    await client.expect("transcript", final=False)
    await client.vanish()
    (commit,) = await receiver.wait_for("commit")
    assert commit["items"][0]["text"] == "I had two"


async def test_a_client_that_comes_back_finds_its_conversation(relay: Relay, join: Join) -> None:
    client = await join(relay)
    ready = await client.hello(name="Ada")
    await client.ask("one", id="t1")
    await client.speak(0.3)
    await client.send("ping")
    await client.expect("pong")
    await client.vanish()
    again = await join(relay)
    back = await again.resume(ready, received=[1, 0])
    assert {**back, "history": None} == {**ready, "resume_at": 4_800, "history": None}
    assert back["history"] == [{"turn": 1, "text": "one", "message": "You said: one.", "ids": ["t1"]}]
    assert (await again.ask("two"))["turn"] == 2


async def test_typed_text_sent_again_under_its_id_is_taken_once(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    ready = await client.hello()
    await client.ask("one", id="t1")
    await client.send("text", text="one", id="t1")
    await client.vanish()
    again = await join(relay)
    await again.resume(ready)
    await again.send("text", text="one", id="t1")
    await again.ask("two", id="t2")
    assert [said for said, _ in receiver.turns()] == ["one", "two"]


@pytest.mark.parametrize("replies", ["whole", "sentences"])
async def test_an_answer_missed_while_away_is_sent_again_in_the_clients_own_form(
    relay: Relay, join: Join, receiver: ScriptedReceiver, until: Until, replies: str
) -> None:
    receiver.answer = lambda said: f"You said: {said}. Fine."
    client = await join(relay)
    ready = await client.hello(replies=replies)
    await client.ask("one")
    held = asyncio.Event()

    async def hold(message: dict[str, Any], _: ScriptedReceiver) -> None:
        if message["type"] == "commit":
            await held.wait()

    receiver.before = hold
    await client.send("text", text="two", id="t2")
    await receiver.wait_for("commit", 2)
    await client.vanish()
    held.set()
    await until(lambda: len(receiver.turns()) == 2)
    await asyncio.sleep(0.05)
    again = await join(relay)
    back = await again.resume(ready, received=[1, 1], replies=replies)
    assert [turn["turn"] for turn in back["history"]] == [1, 2]
    answer = await again.expect("server_response")
    assert (answer["turn"], answer["message"]) == (2, "You said: two. Fine.")
    spoken = [(part["turn"], part["seq"], part["text"]) for part in again.of("reply_audio")]
    if replies == "whole":
        assert answer["audio"]
        assert spoken == []
    else:
        assert answer["audio"] is None
        assert spoken == [(2, 0, "You said: two."), (2, 1, "Fine.")]
    await again.send("ping")
    await again.expect("pong")
    assert len(again.of("server_response")) == 1


async def test_only_the_sentences_that_were_missed_are_sent_again(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    receiver.answer = lambda said: "One. Two. Three."
    client = await join(relay)
    ready = await client.hello(replies="sentences")
    await client.ask("count")
    await client.vanish()
    again = await join(relay)
    await again.resume(ready, received=[1, 0], replies="sentences")
    await again.expect("server_response")
    assert [part["text"] for part in again.of("reply_audio")] == ["Two.", "Three."]


async def test_nothing_is_said_again_to_a_client_that_has_it_all(relay: Relay, join: Join) -> None:
    client = await join(relay)
    ready = await client.hello(replies="sentences")
    await client.ask("one")
    await client.vanish()
    again = await join(relay)
    await again.resume(ready, received=[1, 0], replies="sentences")
    await again.send("ping")
    await again.expect("pong")
    assert again.of("reply_audio") + again.of("server_response") == []


# Whose session it is


@pytest.mark.parametrize("token", [{}, {"resume_token": "wrong"}], ids=["no token", "another token"])
async def test_a_session_is_not_given_to_who_only_knows_its_id(
    relay: Relay, join: Join, token: dict[str, str]
) -> None:
    client, thief = await join(relay), await join(relay)
    ready = await client.hello()
    await thief.send("hello", session_id=ready["session_id"], **token)
    assert (await thief.expect("error"))["code"] == "session_refused"
    assert await thief.closed() == (4403, "session_refused")
    assert thief.of("ready") == []
    assert (await client.ask("still mine"))["turn"] == 1


@pytest.mark.parametrize("token", [{}, {"resume_token": "wrong"}], ids=["no token", "another token"])
async def test_another_relay_does_not_give_it_either(
    start_relay: StartRelay, join: Join, token: dict[str, str]
) -> None:
    first, second = await start_relay(), await start_relay()
    client, thief = await join(first), await join(second)
    ready = await client.hello()
    await thief.send("hello", session_id=ready["session_id"], **token)
    assert (await thief.expect("error"))["code"] == "session_refused"
    assert await thief.closed() == (4403, "session_refused")
    assert (await client.ask("still mine"))["turn"] == 1
    owner = await join(second)
    assert [turn["text"] for turn in (await owner.resume(ready))["history"]] == ["still mine"]


async def test_of_two_that_open_one_session_the_newest_wins(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    older, newer = await join(relay), await join(relay)
    ready = await older.hello()
    await newer.resume(ready)
    assert (await older.expect("error"))["code"] == "session_moved"
    assert await older.closed() == (4409, "session_moved")
    assert (await newer.ask("mine"))["turn"] == 1
    assert older.of("server_response") == []


async def test_a_client_that_was_sent_away_and_goes_late_does_not_end_the_session(
    start_relay: StartRelay, join: Join, until: Until, loop_clock: LoopClock
) -> None:
    """The hold of the one after it had begun by then; a second one would end the session under the third client."""
    relay = await start_relay(resume_seconds=8)
    first, second = await join(relay), await join(relay)
    ready = await first.hello()
    first.socket.transport.pause_reading()  # it does not see that it is sent away
    await second.resume(ready)
    await second.leave()
    (conversation,) = relay.sessions._conversations.values()
    await until(lambda: conversation._audience.client is None)
    await first.vanish()
    third = await join(relay)
    await third.resume(ready)
    await loop_clock.put_forward(8)
    assert (await third.ask("still there"))["message"] == "You said: still there."
    await until(lambda: len(relay._server.connections) == 1)


async def test_a_client_that_was_sent_away_is_not_listened_to_any_more(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    """One that does not read stays connected for seconds after it has been told."""
    older, newer = await join(relay), await join(relay)
    ready = await older.hello()
    older.socket.transport.pause_reading()
    await newer.resume(ready)
    await older.send("text", text="from the old one")
    await older.speak(0.1)
    await asyncio.sleep(0.05)
    await newer.ask("from the new one")
    assert [said for said, _ in receiver.turns()] == ["from the new one"]
    older.socket.transport.abort()


# The relay vanishes


@pytest.fixture
async def launch(
    receiver: ScriptedReceiver, tmp_path: Path
) -> AsyncIterator[Callable[..., Awaitable[Process]]]:
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


Launch = Callable[..., Awaitable[Process]]


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


async def test_a_stranger_cannot_keep_an_owner_out_while_the_receiver_is_away(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    owner = await join(await start_relay())
    ready = await owner.hello()
    await receiver.stop()
    relay = await start_relay()
    stranger = await join(relay)
    await stranger.send("hello", session_id=ready["session_id"])
    await stranger.expect("status", state="waiting_for_receiver")
    turned_away = await join(relay)
    await turned_away.send("hello", session_id=ready["session_id"], resume_token=ready["resume_token"])
    assert (await turned_away.expect("error"))["code"] == "at_capacity", "which says: try again"
    await receiver.start()
    await stranger.expect("error", code="session_refused")
    back = await join(relay)
    assert (await back.resume(ready))["session_id"] == ready["session_id"]


async def test_an_action_whose_answer_is_lost_with_the_link_is_reported(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    await client.hello()
    receiver.mute.add("action")
    await client.send("action", id="a1", name="delete", args={})
    await receiver.wait_for("action")
    receiver.cut()
    error = await client.expect("error", id="a1")
    assert (error["code"], error["retryable"]) == ("receiver_unavailable", True)


async def test_texts_typed_while_the_receiver_is_away_are_given_up_after_five_minutes(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed_texts, "MAX_TURN_AGE_SECONDS", 0.2)
    await receiver.stop()
    relay = await start_relay()
    client = await join(relay)
    await client.send("hello")
    await client.send("text", text="two eggs", id="t1")
    assert (await client.expect("error", id="t1"))["code"] == "turn_failed"


async def test_an_answer_of_another_turn_is_not_taken_for_ours(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    ready = await client.hello()

    def confuse(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
        if message["type"] == "commit":
            for turn in (0, 2, 7):
                wrong = {"type": "committed", "session": ready["session_id"], "turn": turn, "text": "Wrong."}
                receiver.send_raw(encode(wrong))

    receiver.before = confuse
    assert (await client.ask("right"))["message"] == "You said: right."
    assert "Wrong." not in str(client.messages)
