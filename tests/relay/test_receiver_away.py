"""Receivers late, gone or slow: every turn is answered once, and nobody else notices."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from relay import turn, typed_texts
from relay.receiver_link import ReceiverLink
from relay.server import Relay
from tests.relay.conftest import Join, StartRelay
from tests.scripted_receiver import ScriptedReceiver, lose, once
from tests.speech_doubles import TriggeredHearing
from tests.tcp_proxy import TcpProxy

pytestmark = pytest.mark.usefixtures("quick_retries")


async def test_a_receiver_that_is_not_there_at_start_costs_a_wait_and_no_words(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    await receiver.stop()
    relay = await start_relay()
    client = await join(relay)
    await client.send("hello")
    await client.expect("status", state="waiting_for_receiver")
    await client.send("text", text="anybody there")
    assert relay.health()["receiver"] == "receiver_unavailable"
    await receiver.start()
    assert (await client.expect("server_response"))["message"] == "You said: anybody there."
    assert receiver.turns() == [("anybody there", "You said: anybody there.")]
    assert relay.health()["status"] == "ok"


async def test_a_receiver_gone_while_idle_is_told_and_the_next_turn_works(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    await client.hello()
    await client.ask("one")
    await receiver.stop()
    await client.expect("status", state="waiting_for_receiver")
    await client.send("text", text="two")
    await receiver.start()
    assert (await client.expect("server_response", turn=2))["message"] == "You said: two."
    assert [said for said, _ in receiver.turns()] == ["one", "two"]


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


# Cut off


def cut_soon(receiver: ScriptedReceiver) -> None:
    """After the answer to this message has left."""
    asyncio.get_running_loop().call_later(0.02, receiver.cut)


CUTS = {
    "during the draft": ("draft", lose),
    "between draft and commit": ("draft", cut_soon),
    "before the commit arrives": ("commit", lose),
    "after the commit, before committed": ("commit", lambda receiver: receiver.cut()),
    "while the session is opened": ("open", lose),
}


@pytest.mark.parametrize("when", CUTS)
async def test_a_receiver_cut_off_in_mid_turn_answers_exactly_once(
    relay: Relay, join: Join, receiver: ScriptedReceiver, hearing: TriggeredHearing, when: str
) -> None:
    receiver.before = once(*CUTS[when])
    client, other = await join(relay), await join(relay)
    await client.hello()
    await other.hello()
    await client.speak()
    (await hearing.stream()).final("I had two eggs")
    answer = await client.expect("server_response")
    assert (answer["turn"], answer["message"]) == (1, "You said: I had two eggs.")
    assert (await client.ask("and tea"))["turn"] == 2
    assert len(client.of("server_response")) == 2
    assert client.of("error") == []
    said = [[words for words, _, _ in session.turns.values()] for session in receiver.sessions.values()]
    assert sorted(said) == [[], ["I had two eggs", "and tea"]]
    assert (await other.ask("hi"))["message"] == "You said: hi."


async def test_a_turn_that_comes_back_after_a_cut_is_not_twice_in_the_history(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    receiver.before = once("commit", lambda receiver: receiver.cut())
    client = await join(relay)
    ready = await client.hello()
    await client.ask("one")
    await client.vanish()
    again = await join(relay)
    assert [turn["turn"] for turn in (await again.resume(ready))["history"]] == [1]


async def test_three_lost_links_fail_the_turn_and_nothing_sends_it_again(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client, other = await join(relay), await join(relay)
    await client.hello()
    await other.hello()
    losses: list[str] = []

    def lose_it(message: dict[str, Any], receiver: ScriptedReceiver) -> object:
        if message["type"] == "commit" and message["items"][0]["text"] == "doomed":
            losses.append("commit")
            return lose(receiver)
        return None

    receiver.before = lose_it
    await client.send("text", text="doomed")
    error = await client.expect("error")
    assert (error["code"], error["turn"], error["retryable"]) == ("turn_failed", 1, False)
    assert await client.expect("turn", turn=1, text="doomed")
    assert len(losses) == 3
    answer = await client.ask("alive")
    assert (answer["message"], answer["turn"]) == ("You said: alive.", 1)
    assert (await other.ask("hi"))["message"] == "You said: hi."
    assert len(losses) == 3


async def test_words_that_failed_may_be_sent_again_under_the_same_id(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    await client.hello()
    receiver.before = lambda message, receiver: lose(receiver) if message["type"] == "commit" else None
    await client.send("text", text="doomed", id="t1")
    await client.expect("error", code="turn_failed")
    receiver.before = None
    assert (await client.ask("doomed", id="t1"))["message"] == "You said: doomed."


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


# Slow


async def test_a_receiver_that_does_not_answer_a_commit_is_asked_again(
    relay: Relay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "COMMIT_TIMEOUT_SECONDS", 0.15)
    receiver.before = once("commit", lambda receiver: False)
    client = await join(relay)
    await client.hello()
    await client.send("text", text="slow")
    error = await client.expect("error")
    assert (error["code"], error["turn"], error["retryable"]) == ("receiver_timeout", 1, True)
    assert (await client.expect("server_response"))["message"] == "You said: slow."
    assert receiver.turns() == [("slow", "You said: slow.")]


async def test_a_stalled_line_delivers_the_answer_when_it_flows_again(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "COMMIT_TIMEOUT_SECONDS", 0.15)
    async with TcpProxy(receiver.port) as proxy:
        relay = await start_relay(receiver=(proxy.address,))
        client = await join(relay)
        await client.hello()
        proxy.to_client.stall()
        await client.send("text", text="stuck")
        await client.expect("error", code="receiver_timeout")
        proxy.to_client.resume()
        await client.expect("server_response")
        assert (await client.ask("next"))["turn"] == 2
        assert len(client.of("server_response")) == 2
        assert [said for said, _ in receiver.turns()] == ["stuck", "next"]


async def test_a_line_that_delays_and_splits_everything_changes_nothing(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    async with TcpProxy(receiver.port) as proxy:
        proxy.to_client.delay = proxy.to_server.delay = 0.03
        relay = await start_relay(receiver=(proxy.address,))
        client = await join(relay)
        await client.hello()
        assert (await client.ask("far away"))["message"] == "You said: far away."


async def test_a_relay_with_a_silent_receiver_loses_no_turn(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = partial(ReceiverLink, ping_seconds=0.05, stale_seconds=0.2)
    monkeypatch.setattr("relay.server.ReceiverLink", quick)
    relay = await start_relay()
    client = await join(relay)
    await client.hello()
    receiver.mute = {"ping", "commit"}
    await client.send("text", text="one")
    await client.expect("status", state="waiting_for_receiver")
    receiver.mute = set()
    assert (await client.expect("server_response"))["message"] == "You said: one."
    assert len(receiver.turns()) == 1
