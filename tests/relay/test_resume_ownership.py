"""Whose session it is: given to its owner alone, and to the newest of the owner's clients."""

from __future__ import annotations

import asyncio

import pytest

from relay.server import Relay
from tests.relay.conftest import Join, StartRelay, Until
from tests.relay.loop_clock import LoopClock
from tests.scripted_receiver import ScriptedReceiver


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
