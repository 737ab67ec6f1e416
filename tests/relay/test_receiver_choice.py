"""Which receiver is used: one of our version, token and store, and not one about to stop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from relay import receiver_link
from relay.server import Relay
from tests.relay.conftest import Join, StartRelay, Until
from tests.scripted_receiver import ScriptedReceiver

pytestmark = pytest.mark.usefixtures("quick_retries")


async def test_a_receiver_of_another_major_version_is_not_used(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, until: Until
) -> None:
    receiver.protocol = "2.0"
    relay = await start_relay()
    client = await join(relay)
    await client.send("hello")
    await client.expect("status", state="waiting_for_receiver")
    await until(lambda: relay.health()["receiver"] == "version_mismatch")
    assert receiver.of_type("open") == []
    receiver.protocol = "1.9"
    await client.expect("ready")


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_a_receiver_that_refuses_our_token_is_reported(
    start_relay: StartRelay, receiver: ScriptedReceiver, until: Until, token: str | None
) -> None:
    receiver.token = "right"
    relay = await start_relay(receiver_token=token)
    await until(lambda: relay.health()["receiver"] == "unauthorized")
    assert relay.health()["status"] == "degraded"


async def test_the_right_token_is_let_in(
    start_relay: StartRelay, receiver: ScriptedReceiver, join: Join
) -> None:
    receiver.token = "right"
    client = await join(await start_relay(receiver_token="right"))
    await client.hello()


async def test_sessions_move_to_a_receiver_of_the_same_store(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    async with ScriptedReceiver() as second:
        second.sessions = receiver.sessions
        relay = await start_relay(receiver=(receiver.address, second.address))
        client = await join(relay)
        await client.hello()
        await client.ask("one")
        await receiver.stop()
        assert (await client.ask("two"))["turn"] == 2
        assert [said for said, _ in second.turns()] == ["one", "two"]


async def test_sessions_never_move_to_a_receiver_of_another_store(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, until: Until
) -> None:
    async with ScriptedReceiver() as foreign:
        foreign.store_id = "store-2"
        relay = await start_relay(receiver=(receiver.address, foreign.address))
        client = await join(relay)
        await client.hello()
        await client.ask("one")
        await receiver.stop()
        await client.send("text", text="two")
        await until(lambda: relay.health()["receiver"] == "foreign_store")
        assert foreign.of_type("open") == []
        assert len(client.of("server_response")) == 1
        await receiver.start()
        assert (await client.expect("server_response", turn=2))["message"] == "You said: two."


# About to stop


async def test_a_receiver_that_says_goaway_gets_nothing_new_and_its_answer_still_counts(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, until: Until
) -> None:
    thought_out = asyncio.Event()

    async def think(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
        if message["type"] == "commit":
            receiver.go_away(close=False)
            await thought_out.wait()

    receiver.before = think
    async with ScriptedReceiver() as second:
        second.sessions = receiver.sessions
        second.mute = {"open"}  # so that what answers the first turn is the first receiver
        relay = await start_relay(receiver=(receiver.address, second.address))
        client, idle = await join(relay), await join(relay)
        await client.hello()
        await idle.hello()
        await client.send("text", text="one")
        await second.wait_for("open", 2)  # while the first one still commits
        thought_out.set()
        assert (await client.expect("server_response", turn=1))["message"] == "You said: one."
        assert len(receiver.of_type("commit")) == 1
        assert second.of_type("commit") == []
        second.mute = set()
        second.cut()
        receiver.before = None
        assert (await client.ask("two"))["turn"] == 2
        assert (await idle.ask("hi"))["message"] == "You said: hi."
        assert client.of("error") == []


async def test_a_turn_that_receivers_leave_when_they_stop_is_not_given_up(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    stops = 0

    def stop(message: dict[str, Any], receiver: ScriptedReceiver) -> object:
        nonlocal stops
        if message["type"] == "commit" and stops < 5:
            stops += 1
            receiver.go_away()
            return False
        return None

    receiver.before = stop
    client = await join(relay)
    await client.hello()
    assert (await client.ask("patience"))["message"] == "You said: patience."
    assert stops == 5
    assert client.of("error") == []


async def test_a_receiver_that_says_goaway_and_stays_is_left_after_a_while(
    relay: Relay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(receiver_link, "LEAVING_SECONDS", 0.1)
    client = await join(relay)
    await client.hello()
    receiver.go_away(close=False)
    assert (await client.ask("one"))["turn"] == 1
    await until(lambda: len(receiver._writers) == 1)
