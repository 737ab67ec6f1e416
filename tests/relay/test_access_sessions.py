"""With tokens nobody gets at another's session or diary, whatever id is named and whatever key is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from relay.identity import session_token
from relay.server import Relay
from tests.relay.access import BREAKFAST, real_receiver
from tests.relay.conftest import Join, StartRelay
from tests.tokens import CHECKED, shown
from tests.wire_client import WireClient


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    async with real_receiver(tmp_path) as address:
        yield address


@pytest.fixture
async def relay(start_relay: StartRelay, address: str) -> Relay:
    return await start_relay(receiver=(address,), **CHECKED)


@pytest.fixture(params=["the same relay", "another relay"])
async def other(request: pytest.FixtureRequest, start_relay: StartRelay, relay: Relay, address: str) -> Relay:
    """Where the stranger comes to: what one relay has in memory the other has to ask for."""
    if request.param == "the same relay":
        return relay
    return await start_relay(receiver=(address,), **CHECKED)


def foods(diary: dict[str, Any]) -> list[str]:
    return [item["food"] for meal in diary["meals"] for item in meal["items"]]


async def say(client: WireClient, text: str, turn: int = 1) -> None:
    """Turn 0 is the greeting."""
    await client.send("text", text=text)
    await client.expect("server_response", turn=turn)


async def ann_eats(relay: Relay, join: Join) -> tuple[WireClient, dict[str, Any]]:
    ann = await join(relay)
    ready = await ann.hello(token=shown("ann"), session_id="s-1")
    await say(ann, BREAKFAST)
    assert foods(ann.of("diary")[-1])
    return ann, ready


async def is_refused(client: WireClient) -> None:
    error = await client.expect("error")
    assert (error["code"], error["retryable"]) == ("session_refused", False)
    assert await client.closed() == (4403, "session_refused")
    assert {message["type"] for message in client.messages} <= {"error", "status"}
    assert "egg" not in str(client.messages)


@pytest.mark.parametrize("key", ["with its resume token", "without", "with a guess"])
async def test_another_users_session_stays_closed(relay: Relay, other: Relay, join: Join, key: str) -> None:
    ann, ready = await ann_eats(relay, join)
    token = {"with its resume token": ready["resume_token"], "without": None, "with a guess": "guess"}[key]
    bob = await join(other)
    await bob.send("hello", token=shown("bob"), session_id=ready["session_id"], resume_token=token)
    await is_refused(bob)
    await say(ann, "and a slice of toast", turn=2)
    assert ann.socket.close_code is None


async def test_a_resume_token_alone_opens_nothing(relay: Relay, other: Relay, join: Join) -> None:
    """No token of a user, but the session's own key."""
    _, ready = await ann_eats(relay, join)
    thief = await join(other)
    await thief.send("hello", session_id=ready["session_id"], resume_token=ready["resume_token"])
    assert await thief.closed() == (4401, "unauthorized")
    assert "egg" not in str(thief.messages)


async def test_a_session_that_has_ended_here_stays_its_users(
    start_relay: StartRelay, address: str, join: Join
) -> None:
    relay = await start_relay(receiver=(address,), resume_seconds=0.05, **CHECKED)
    ann, ready = await ann_eats(relay, join)
    await ann.leave()
    while len(relay.sessions):
        bob = await join(relay)
        await bob.send("hello", token=shown("bob"), session_id="s-1", resume_token=ready["resume_token"])
        await is_refused(bob)
    bob = await join(relay)
    await bob.send("hello", token=shown("bob"), session_id="s-1", resume_token=ready["resume_token"])
    await is_refused(bob)
    back = await join(relay)
    await back.resume(ready, token=shown("ann"))
    assert foods(back.of("diary")[-1]) == foods(ann.of("diary")[-1])


async def test_a_session_of_a_user_is_not_an_open_relays_to_give(
    start_relay: StartRelay, address: str, relay: Relay, join: Join
) -> None:
    """A second relay on the same receiver that asks for no tokens: the session's own key is not enough there."""
    _, ready = await ann_eats(relay, join)
    open_relay = await start_relay(receiver=(address,), auth="none")
    thief = await join(open_relay)
    await thief.send("hello", session_id=ready["session_id"], resume_token=ready["resume_token"])
    await is_refused(thief)


async def test_one_users_diary_is_not_shown_to_another(relay: Relay, other: Relay, join: Join) -> None:
    await ann_eats(relay, join)
    for user in ("bob", "Ann", "ann@example.org", "an"):
        stranger = await join(other)
        await stranger.hello(token=shown(user))
        assert foods(await stranger.expect("diary")) == []
    again = await join(other)
    await again.hello(token=shown("ann"))
    assert len(foods(await again.expect("diary"))) == 1, "but to themselves, in another session"


async def test_one_users_diary_is_not_exported_or_changed_by_another(
    relay: Relay, other: Relay, join: Join
) -> None:
    ann, _ = await ann_eats(relay, join)
    (eaten,) = [item for meal in ann.of("diary")[-1]["meals"] for item in meal["items"]]
    bob = await join(other)
    await bob.hello(token=shown("bob"), name="Bob")
    await bob.send("action", id="a-1", name="export", args={"format": "json"})
    export = (await bob.expect("action_done"))["export"]
    assert "egg" not in export["text"]
    await bob.send("action", id="a-2", name="delete", args={"item": eaten["id"], "id": eaten["id"]})
    await bob.expect("error", id="a-2")
    later = await join(relay)
    await later.hello(token=shown("ann"))
    assert len(foods(await later.expect("diary"))) == 1


@pytest.mark.parametrize("named", ["s-1", "session:s-1"])
async def test_a_key_that_can_be_worked_out_opens_nothing_by_itself(
    relay: Relay, other: Relay, join: Join, named: str
) -> None:
    """Clients that know no resume tokens have one that follows from the session's id and its user."""
    ann = await join(relay)
    keys = {kind: session_token(kind, named, "ann") for kind in ("diet", "llm", "bank")}
    await ann.hello(token=shown("ann"), session_id=named, resume_token=keys["diet"])
    await say(ann, BREAKFAST)
    for key in keys.values():
        bob = await join(other)
        await bob.send("hello", token=shown("bob"), session_id=named, resume_token=key)
        await is_refused(bob)


async def test_a_client_that_names_somebody_else_in_hello_is_still_itself(
    relay: Relay, join: Join, address: str
) -> None:
    await ann_eats(relay, join)
    bob = await join(relay)
    await bob.hello(token=shown("bob"), user="ann", name="ann", email="ann@example.org", userEmail="ann")
    assert foods(await bob.expect("diary")) == []


async def test_signing_in_as_somebody_else_does_not_take_the_session_along(relay: Relay, join: Join) -> None:
    """One device, two people: the page still has the first one's session."""
    ann, ready = await ann_eats(relay, join)
    await ann.leave()
    bob = await join(relay)
    await bob.send("hello", token=shown("bob"), **{k: ready[k] for k in ("session_id", "resume_token")})
    await is_refused(bob)
