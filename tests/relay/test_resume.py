"""Clients that vanish and come back: what they said counts once, and what they missed is said again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from relay.server import Relay
from tests.relay.conftest import Join, Until
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing


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
