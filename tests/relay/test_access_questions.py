"""Questions name their session in the body: asked over the socket or posted, it has to be the token's user's."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from relay.server import Relay
from tests.relay.access import BREAKFAST, WHERE, Relays, as_user, relays_on_one_store
from tests.relay.conftest import Join, StartRelay
from tests.tokens import CHECKED, shown
from tests.wire_client import WireClient


@pytest.fixture
async def relay(start_relay: StartRelay) -> Relay:
    return await start_relay(**CHECKED)


@pytest.fixture
async def relays(start_relay: StartRelay, tmp_path: Path) -> AsyncIterator[Relays]:
    async with relays_on_one_store(start_relay, tmp_path) as relays:
        yield relays


async def post(relay: Relay, user: str, **body: Any) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {shown(user)}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{relay.port}/ws/llm-stream", json=body, headers=headers) as response,
    ):
        return response.status, await response.json()


async def ann_asks(relay: Relay, join: Join) -> WireClient:
    ann = await join(relay, path="/ws/llm-stream", **as_user("ann"))
    await ann.send("", text=BREAKFAST, session_id="s-1")
    assert "egg" in (await ann.expect("end"))["text"]
    return ann


@WHERE
async def test_another_users_session_is_not_asked_in(relays: Relays, join: Join, where: str) -> None:
    relay = await relays()
    await ann_asks(relay, join)
    other = relay if where == "the same relay" else await relays()
    bob = await join(other, path="/ws/llm-stream", **as_user("bob"))
    history = [{"role": "user", "content": "What did I eat?"}, {"role": "assistant", "content": "Nothing."}]
    await bob.send("", text="What did I eat today?", session_id="s-1", chat_history=history)
    assert (await bob.expect("error"))["code"] == "session_refused"
    await bob.send("", text="What did I eat today?", session_id="s-2")
    assert "egg" not in (await bob.expect("end"))["text"]
    assert "egg" not in str(bob.messages)


@WHERE
async def test_another_users_session_is_not_posted_to(relays: Relays, join: Join, where: str) -> None:
    relay = await relays()
    await ann_asks(relay, join)
    other = relay if where == "the same relay" else await relays()
    status, answer = await post(other, "bob", text="What did I eat today?", session_id="s-1")
    assert (status, answer["code"]) == (403, "session_refused")
    assert "egg" not in str(answer)
    status, answer = await post(other, "ann", text="What did I eat today?", session_id="s-1")
    assert status == 200
    assert "egg" in answer["text"]


async def test_a_native_session_is_not_opened_by_its_id_alone(relays: Relays, join: Join) -> None:
    """Not even its own user's: what one client guards by a random key another does not open by a name."""
    relay = await relays()
    native = await join(relay)
    ready = await native.hello(token=shown("ann"))
    for user in ("bob", "ann"):
        status, answer = await post(relay, user, text="What did I eat?", session_id=ready["session_id"])
        assert (status, answer["code"]) == (403, "session_refused")
    assert native.socket.close_code is None


async def test_a_socket_of_questions_ends_with_its_token(relay: Relay, join: Join) -> None:
    client = await join(relay, path="/ws/llm-stream", **as_user("ann", exp=time.time() + 0.3))
    await client.send("", text="two eggs", session_id="s-1")
    await client.expect("end")
    assert await client.closed() == (4401, "unauthorized")
