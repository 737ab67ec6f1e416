"""The diet page names a session and an e-mail address in its URL: with tokens, only its own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from relay.server import Relay
from tests.relay.access import BREAKFAST, WHERE, Relays, as_user, real_receiver, refusal, relays_on_one_store
from tests.relay.conftest import Join, StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.tokens import CHECKED
from tests.wire_client import WireClient


@pytest.fixture
async def relay(start_relay: StartRelay) -> Relay:
    return await start_relay(**CHECKED)


@pytest.fixture
async def relays(start_relay: StartRelay, tmp_path: Path) -> AsyncIterator[Relays]:
    async with relays_on_one_store(start_relay, tmp_path) as relays:
        yield relays


async def diet_page(join: Join, relay: Relay, query: str, user: str, **claims: Any) -> WireClient:
    return await join(relay, path=f"/ws/diet?{query}", **as_user(user, **claims))


async def ann_eats(relay: Relay, join: Join) -> WireClient:
    ann = await diet_page(join, relay, "sessionId=s-1", "ann")
    await ann.send("user_message", text=BREAKFAST)
    await ann.expect("ai_response", turn=1)
    await ann.send("conversation_summary_request")
    assert "egg" in str((await ann.expect("ai_response", turn=None))["summary"])
    return ann


@pytest.mark.parametrize(
    "named",
    ["ann@example.org", "ann", "Bob", "bob@example.org.evil.example", "bob@example.org%20x", "session%3As-1"],
)
async def test_another_users_email_address_opens_no_diet_page(relay: Relay, named: str) -> None:
    bob = as_user("bob", email="bob@example.org")
    status, code = await refusal(relay, f"/ws/diet?sessionId=s-1&userEmail={named}", **bob)
    assert (status, code) in [(403, "user_refused"), (400, "malformed_message")]
    assert len(relay.sessions) == 0


async def test_an_email_address_that_the_provider_has_not_verified_names_nobody(relay: Relay) -> None:
    bob = as_user("bob", email="ann@example.org", email_verified=False)
    path = "/ws/diet?sessionId=s-1&userEmail=ann@example.org"
    assert await refusal(relay, path, **bob) == (403, "user_refused")


async def test_a_diet_page_may_name_its_own_user_and_is_the_tokens(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    for number, named in enumerate(["", "&userEmail=", "&userEmail=bob", "&userEmail=Bob@Example.org"]):
        page = await diet_page(join, relay, f"sessionId=s-{number}{named}", "bob", email="bob@example.org")
        await page.expect("status", status="ready")
    assert [message["user"] for message in receiver.of_type("open")] == ["bob"] * 4


@WHERE
async def test_another_users_diet_session_stays_closed(relays: Relays, join: Join, where: str) -> None:
    relay = await relays()
    ann = await ann_eats(relay, join)
    other = relay if where == "the same relay" else await relays()
    bob = await diet_page(join, other, "sessionId=s-1", "bob")
    assert await bob.closed() == (4403, "session_refused")
    assert bob.of("error")[-1]["code"] == "session_refused"
    assert "egg" not in str(bob.messages)
    assert bob.of("status", status="ready") == []
    assert ann.socket.close_code is None


async def test_another_users_diary_is_not_in_a_diet_pages_summary(relays: Relays, join: Join) -> None:
    relay = await relays()
    await ann_eats(relay, join)
    bob = await diet_page(join, relay, "sessionId=s-2", "bob")
    await bob.send("conversation_summary_request")
    assert (await bob.expect("ai_response", turn=None))["summary"]["entries"] == []
    again = await diet_page(join, relay, "sessionId=s-3", "ann")
    await again.send("conversation_summary_request")
    assert "egg" in str((await again.expect("ai_response", turn=None))["summary"])


async def test_without_tokens_a_diet_session_is_still_its_own_users(
    start_relay: StartRelay, join: Join, tmp_path: Path
) -> None:
    async with real_receiver(tmp_path) as address:
        relay = await start_relay(receiver=(address,))
        ann = await join(relay, path="/ws/diet?sessionId=s-1&userEmail=ann@example.org")
        await ann.expect("status", status="ready")
        for query in ("sessionId=s-1&userEmail=bob@example.org", "sessionId=s-1"):
            stranger = await join(relay, path=f"/ws/diet?{query}")
            assert await stranger.closed() == (4403, "session_refused")
        await relay.stop()


async def test_a_diet_page_ends_with_its_token_and_goes_on_with_a_fresh_one(
    relays: Relays, join: Join
) -> None:
    relay = await relays()
    page = await diet_page(join, relay, "sessionId=s-1", "ann", exp=time.time() + 0.4)
    assert await page.closed() == (4401, "unauthorized")
    assert page.of("error")[-1]["code"] == "unauthorized"
    again = await diet_page(join, relay, "sessionId=s-1", "ann")
    await again.expect("status", status="ready", turns=1)
