"""Call screens: a user's own calls, and nobody else's, whatever is named."""

from __future__ import annotations

import time

import pytest

from relay.calls import Call
from relay.server import Relay
from tests.relay.access import as_user, refusal
from tests.relay.conftest import Join, StartRelay
from tests.tokens import CHECKED
from tests.wire_client import WireClient


@pytest.fixture
async def relay(start_relay: StartRelay) -> Relay:
    return await start_relay(**CHECKED)


def ring(relay: Relay, user: str | None, call_sid: str) -> Call:
    call = Call(call_sid, f"MZ{call_sid}", user)
    relay.services.calls.begin(call)
    return call


async def test_another_users_calls_are_neither_listed_nor_told(relay: Relay, join: Join) -> None:
    call = ring(relay, "ann", "CA1")
    bob = await join(relay, path="/ws/calls", **as_user("bob"))
    assert (await bob.expect("calls"))["calls"] == []
    relay.services.calls.say(call, "caller", "my secret", final=True, confidence=None)
    relay.services.calls.end(call)
    await bob.send("get_stats")
    stats = await bob.expect("stats")
    assert (stats["calls"], stats["user"]["calls"]) == ([], 0)
    assert "CA1" not in str(bob.messages)
    assert "secret" not in str(bob.messages)


async def test_calls_of_nobody_in_particular_are_nobodys_to_see(relay: Relay, join: Join) -> None:
    ring(relay, None, "CA1")
    bob = await join(relay, path="/ws/calls", **as_user("bob"))
    assert (await bob.expect("calls"))["calls"] == []


async def test_another_users_call_cannot_be_subscribed_to(relay: Relay, join: Join) -> None:
    ring(relay, "ann", "CA1")
    bob = await join(relay, path="/ws/calls", **as_user("bob"))
    await bob.expect("calls")
    await bob.send("subscribe", callSid="CA1")
    assert (await bob.expect("error"))["code"] == "session_refused"
    assert "MZCA1" not in str(bob.messages)


@pytest.mark.parametrize("named", ["ann", "ann@example.org", "Bob", "bob%20", "session%3As-1"])
async def test_another_users_calls_cannot_be_named(relay: Relay, named: str) -> None:
    ring(relay, "ann", "CA1")
    if named == "bob%20":  # is bob, however it is written
        async with WireClient(relay.port, f"/ws/calls?userId={named}", **as_user("bob")) as bob:
            assert (await bob.expect("calls"))["calls"] == []
        return
    status, code = await refusal(relay, f"/ws/calls?userId={named}", **as_user("bob"))
    assert (status, code) in [(403, "user_refused"), (400, "malformed_message")]


async def test_a_call_screen_ends_with_its_token(relay: Relay, join: Join) -> None:
    screen = await join(relay, path="/ws/calls", **as_user("ann", exp=time.time() + 0.3))
    assert await screen.closed() == (4401, "unauthorized")
    assert screen.messages[-1]["code"] == "unauthorized"
