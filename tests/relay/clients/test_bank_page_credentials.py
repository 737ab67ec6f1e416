"""The access token of a person's bank, as the page brings it with CONNECT: where it goes, and where it shows."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from relay import receiver_link
from relay.server import Relay
from tests.node.socketio_clients import NodeClients
from tests.relay.conftest import StartRelay
from tests.scripted_receiver import ScriptedReceiver

SECRET = "a secret of thirty-two bytes, or more"
KEY = "up:yeah:a-key-that-nobody-else-may-see"
MINE = {"bank": KEY}
THROUGH_A_PROXY = {"X-Forwarded-For": "192.0.2.7"}


def token(user: str) -> str:
    return jwt.encode({"sub": user, "exp": int(time.time() + 60)}, SECRET, "HS256")


def brought(receiver: ScriptedReceiver) -> list[Any]:
    return [message.get("credentials") for message in receiver.of_type("open")]


async def test_connect_brings_them_to_the_receiver(
    node: NodeClients, relay: Relay, receiver: ScriptedReceiver
) -> None:
    page = node.open(relay.port, auth={"credentials": MINE})
    await page.expect("ready")
    assert await page.ask("bankingQuery", "what is my balance") == {"ok": True}
    await page.expect("textResponse")
    assert (brought(receiver), page.of("error")) == ([MINE], [])


@pytest.mark.parametrize(("public_url", "taken"), [(None, False), ("https://relay.example", True)])
async def test_through_a_proxy_they_need_tls_in_front(
    node: NodeClients,
    start_relay: StartRelay,
    receiver: ScriptedReceiver,
    public_url: str | None,
    taken: bool,
) -> None:
    relay = await start_relay(public_url=public_url)
    page = node.open(relay.port, auth={"credentials": MINE}, extraHeaders=THROUGH_A_PROXY)
    await page.expect("ready")
    await page.ask("bankingQuery", "what is my balance")
    await page.expect("textResponse")
    assert brought(receiver) == [MINE if taken else None]
    told = [(error["type"], error["code"], error["retryable"]) for error in page.of("error")]
    assert told == ([] if taken else [("processing", "insecure_connection", False)])


async def test_a_link_that_others_can_read_is_told_of_as_well(
    node: NodeClients, start_relay: StartRelay, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver_link, "is_loopback", lambda host: False)
    page = node.open((await start_relay()).port, auth={"credentials": MINE})
    await page.expect("error", code="insecure_connection")
    assert brought(receiver) == [None]


@pytest.mark.parametrize("shape", [KEY, {"bank": [KEY]}, {"bank": KEY * 200}, {KEY: "bank"}], ids=range(4))
async def test_a_wrong_shape_connects_nobody_and_is_not_quoted(
    node: NodeClients, relay: Relay, records: list[dict[str, Any]], shape: Any
) -> None:
    page = node.open(relay.port, auth={"credentials": shape})
    assert "'credentials'" in await page.expect("connect_error")
    assert "malformed_message" in str(page.events)
    assert "yeah" not in str(page.events) + str(records)


# Who comes back


async def test_a_page_that_comes_back_brings_them_again_and_loses_nothing(
    node: NodeClients, relay: Relay, receiver: ScriptedReceiver
) -> None:
    page = node.open(relay.port, auth={"credentials": MINE, "sessionId": "s-1"})
    await page.expect("ready")
    page.do("cut")
    await page.expect("ready", after=1)
    assert brought(receiver) == [MINE, MINE]
    assert receiver.of_type("close") == []


async def test_whoever_knows_no_more_than_a_sessions_id_does_not_get_what_was_brought_to_it(
    node: NodeClients, relay: Relay, receiver: ScriptedReceiver
) -> None:
    page = node.open(relay.port, auth={"credentials": MINE, "sessionId": "s-1"})
    await page.expect("ready")
    other = node.open(relay.port, auth={"sessionId": "s-1"})
    await other.expect("ready")
    await other.ask("bankingQuery", "what is my balance")
    await other.expect("textResponse")
    assert brought(receiver) == [MINE, None]
    kinds = [
        message["type"] for _, message in receiver.seen if message["type"] in ("open", "close", "commit")
    ]
    assert kinds == ["open", "close", "open", "commit"]


async def test_whoever_shows_the_users_token_does(
    node: NodeClients, start_relay: StartRelay, receiver: ScriptedReceiver
) -> None:
    relay = await start_relay(auth="jwt", jwt_secret=SECRET)
    auth = {"token": token("ann"), "sessionId": "s-1"}
    await node.open(relay.port, auth={**auth, "credentials": MINE}).expect("ready")
    await node.open(relay.port, auth=auth).expect("ready")
    stranger = node.open(relay.port, auth={"token": token("bob"), "sessionId": "s-1"})
    await stranger.expect("connect_error")
    assert brought(receiver) == [MINE, MINE]
