"""A person's own keys to other services: they reach the receiver, nobody on the way, and nothing that is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from protocol.client_messages import parse_client_message
from protocol.errors import MalformedMessage
from protocol.link_messages import Item, parse_from_relay
from receiver.assistants.assistant import Assistant, Context, State, Thinking
from receiver.link_tls import server_context
from receiver.server import Server
from receiver.services import Services
from receiver.store.sql_store import SqlStore
from relay import receiver_link
from relay.server import Relay
from tests.emulators.tls import CertificateAuthority
from tests.ports import next_port
from tests.processes import Process
from tests.relay.conftest import Join, StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.wire_client import WireClient

Until = Callable[..., Awaitable[None]]

KEY = "up:yeah:a-key-that-nobody-else-may-see"
MINE = {"bank": KEY}
THROUGH_A_PROXY = {"additional_headers": {"X-Forwarded-For": "192.0.2.7"}}

pytestmark = pytest.mark.usefixtures("quick_retries")


def brought(receiver: ScriptedReceiver) -> list[Any]:
    """The credentials of each `open`, in order."""
    return [message.get("credentials") for message in receiver.of_type("open")]


async def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on receivers count as being on another machine."""
    monkeypatch.setattr(receiver_link, "is_loopback", lambda host: False)


# To the receiver


async def test_they_go_with_each_opening_of_the_session_also_at_another_receiver(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    async with ScriptedReceiver() as other:
        other.sessions = receiver.sessions  # one store
        relay = await start_relay(receiver=(receiver.address, other.address))
        client = await join(relay)
        await client.hello(credentials=MINE)
        await receiver.stop()
        await other.wait_for("open")
        assert (await client.ask("how much money is there"))["turn"] == 1
        assert set(map(str, brought(receiver) + brought(other))) == {str(MINE)}


async def test_a_client_without_any_sends_none(relay: Relay, join: Join, receiver: ScriptedReceiver) -> None:
    await (await join(relay)).hello()
    assert ["credentials" in message for message in receiver.of_type("open")] == [False]


async def test_a_hello_that_comes_after_the_first_audio_still_brings_them(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    await client.send("text", text="hi")
    await client.expect("server_response")
    await client.send("hello", credentials=MINE)
    await receiver.wait_for("open", 2)
    assert (await client.ask("and now"))["message"] == "You said: and now."
    assert brought(receiver) == [None, MINE]


# Who comes back


async def test_whoever_comes_back_with_the_sessions_token_and_none_has_those_they_had(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    ready = await client.hello(credentials=MINE)
    await client.vanish()
    await (await join(relay)).resume(ready)
    assert brought(receiver) == [MINE, MINE]


async def test_whoever_comes_back_with_others_is_answered_with_those_alone(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    ready = await client.hello(credentials=MINE)
    await client.vanish()
    other = await join(relay)
    await other.resume(ready, credentials={"bank": "another"})
    assert (await other.ask("hi"))["turn"] == 1
    assert brought(receiver) == [MINE, {"bank": "another"}]
    kinds = [
        message["type"] for _, message in receiver.seen if message["type"] in ("open", "close", "commit")
    ]
    assert kinds == ["open", "close", "open", "commit"], "closed before anything is said with the new ones"


async def test_an_empty_map_takes_them_back(relay: Relay, join: Join, receiver: ScriptedReceiver) -> None:
    client = await join(relay)
    ready = await client.hello(credentials=MINE)
    await client.vanish()
    await (await join(relay)).resume(ready, credentials={})
    assert brought(receiver) == [MINE, None]


async def test_what_was_said_with_the_old_ones_and_is_not_stored_yet_is_answered_once(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    receiver.mute = {"commit"}
    client = await join(relay)
    ready = await client.hello(credentials=MINE)
    await client.send("text", text="one")
    await receiver.wait_for("commit")
    await client.vanish()
    receiver.mute = set()
    other = await join(relay)
    await other.resume(ready, credentials={"bank": "another"})
    assert (await other.expect("server_response"))["message"] == "You said: one."
    assert receiver.turns() == [("one", "You said: one.")]


async def test_a_stranger_with_the_sessions_id_gets_neither_it_nor_them(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    ready = await (await join(relay)).hello(credentials=MINE)
    stranger = await join(relay)
    await stranger.send("hello", session_id=ready["session_id"], resume_token="made-up")
    await stranger.expect("error", code="session_refused")
    assert brought(receiver) == [MINE]


# The way to the relay


@pytest.mark.parametrize(
    ("public_url", "headers", "taken"),
    [
        (None, {}, True),
        (None, {"X-Forwarded-For": "192.0.2.7"}, False),
        (None, {"Via": "1.1 proxy"}, False),
        ("http://relay.example", {"X-Forwarded-For": "192.0.2.7"}, False),
        ("https://relay.example", {"X-Forwarded-For": "192.0.2.7"}, True),
        ("HTTPS://relay.example", {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}, True),
        ("https://relay.example", {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "http"}, False),
        ("https://relay.example", {"X-Forwarded-Proto": "http, https"}, False),
        ("https://relay.example", {"X-Forwarded-Proto": "https, http"}, True),
        ("https://relay.example", {"Forwarded": "for=192.0.2.7;proto=https"}, True),
        ("https://relay.example", {"Forwarded": "for=192.0.2.7; proto=http"}, False),
    ],
    ids=str,
)
async def test_they_are_taken_over_tls_and_on_this_machine_alone(
    start_relay: StartRelay,
    join: Join,
    receiver: ScriptedReceiver,
    public_url: str | None,
    headers: dict[str, str],
    taken: bool,
) -> None:
    relay = await start_relay(public_url=public_url)
    client = await join(relay, additional_headers=headers)
    await client.hello(credentials=MINE)
    assert (await client.ask("hi"))["message"] == "You said: hi.", "the session goes on"
    assert brought(receiver) == [MINE if taken else None]
    errors = [(error["code"], error["retryable"]) for error in client.of("error")]
    assert errors == ([] if taken else [("insecure_connection", False)])


async def test_those_that_came_safely_stay_when_more_come_on_a_way_that_is_not(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    ready = await client.hello(credentials=MINE)
    await client.vanish()
    other = await join(relay, **THROUGH_A_PROXY)
    await other.resume(ready, credentials={"bank": "another"})
    await other.expect("error", code="insecure_connection")
    assert brought(receiver) == [MINE, MINE]


# The way to the receiver


async def test_a_link_that_others_can_read_does_not_get_them_and_the_client_is_told_once(
    start_relay: StartRelay,
    join: Join,
    receiver: ScriptedReceiver,
    monkeypatch: pytest.MonkeyPatch,
    records: list[dict[str, Any]],
) -> None:
    await elsewhere(monkeypatch)
    client = await join(await start_relay())
    await client.hello(credentials=MINE)
    await client.expect("error", code="insecure_connection", retryable=False)
    receiver.cut()
    await receiver.wait_for("open", 2)
    assert (await client.ask("hi"))["turn"] == 1
    assert brought(receiver) == [None, None]
    assert len(client.of("error")) == 1
    order = [message["type"] for message in client.messages if message["type"] in ("ready", "error")]
    assert order == ["ready", "error"]
    assert any("credentials not sent" in record["event"] for record in records)


async def test_a_link_with_tls_gets_them_wherever_it_leads(
    start_relay: StartRelay, join: Join, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await elsewhere(monkeypatch)
    authority = CertificateAuthority(tmp_path)
    receiver = ScriptedReceiver()
    receiver.tls = authority.server_context()
    async with receiver:
        relay = await start_relay(receiver=(receiver.address,), receiver_ca=authority.bundle)
        client = await join(relay)
        await client.hello(credentials=MINE)
        assert (await client.ask("hi"))["turn"] == 1
        assert (brought(receiver), client.of("error")) == ([MINE], [])


async def test_a_failover_to_a_link_that_others_can_read_leaves_them_behind(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ScriptedReceiver() as other:
        other.sessions = receiver.sessions  # one store
        relay = await start_relay(receiver=(receiver.address, other.address))
        client = await join(relay)
        await client.hello(credentials=MINE)
        await elsewhere(monkeypatch)
        await receiver.stop()
        await other.wait_for("open")
        await client.expect("error", code="insecure_connection")
        assert (brought(receiver)[0], brought(other)) == (MINE, [None])


# At the receiver


class Probe(Assistant):
    """Says how long the key is that it has for the bank."""

    name = "probe"
    version = 1

    async def think(self, state: State, context: Context, items: Sequence[Item]) -> Thinking:
        key = context.credentials.get("bank")
        yield "none" if key is None else str(len(key.get_secret_value()))


def written(folder: Path) -> bytes:
    """All that is in a folder's files."""
    text = b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())
    assert text
    return text


async def test_the_assistant_has_what_the_client_has_brought_last_over_a_link_with_tls(
    start_relay: StartRelay, join: Join, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await elsewhere(monkeypatch)
    authority = CertificateAuthority(tmp_path / "ca")
    tls = server_context(file := authority.issue(), file)
    store = await SqlStore.open(f"sqlite:///{tmp_path / 'receiver.db'}")

    def receiver() -> Server:
        return Server(Services(store, {"probe": Probe()}, "probe"), tls=tls, drain_seconds=1.0)

    first, second = receiver(), receiver()
    _, port = await first.start("127.0.0.1", next_port())
    relay = await start_relay(receiver=(f"tls://127.0.0.1:{port}",), receiver_ca=authority.bundle)

    client = await join(relay)
    ready = await client.hello(credentials=MINE)
    assert (await client.ask("mine"))["message"] == str(len(KEY))
    await first.stop()
    await second.start("127.0.0.1", port)
    assert (await client.ask("mine, at another receiver"))["message"] == str(len(KEY))
    brings: list[tuple[dict[str, Any], str]] = [
        ({}, str(len(KEY))),
        ({"credentials": {"bank": "abc"}}, "3"),
        ({}, "3"),
        ({"credentials": {}}, "none"),
        ({}, "none"),
    ]
    for fields, length in brings:
        await client.vanish()
        client = await join(relay)
        await client.resume(ready, **fields)
        assert (await client.ask("and now"))["message"] == length
    await relay.stop()
    await second.stop()
    await store.close()
    assert KEY.encode() not in written(tmp_path)


# Where they are not


SHAPES: list[Any] = [
    KEY,
    [KEY],
    {"bank": [KEY]},
    {"bank": {"token": KEY}},
    {"bank": KEY * 200},
    {KEY: "bank"},
    {KEY * 9: "bank"},
    {"bank": ""},
    {f"{KEY}{number}": KEY for number in range(9)},
]


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
def test_an_error_about_them_quotes_neither_a_value_nor_a_name(shape: Any) -> None:
    with pytest.raises(MalformedMessage) as of_client:
        parse_client_message(json.dumps({"type": "hello", "credentials": shape}))
    with pytest.raises(MalformedMessage) as of_relay:
        parse_from_relay({"type": "open", "session": "s-1", "credentials": shape})
    for caught in (of_client, of_relay):
        assert "yeah" not in str(caught.value) + repr(caught.value)
        assert "'credentials'" in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


async def test_they_are_in_no_repr_no_health_and_no_message_to_anybody(
    relay: Relay, join: Join, receiver: ScriptedReceiver, records: list[dict[str, Any]]
) -> None:
    hello = parse_client_message(json.dumps({"type": "hello", "credentials": MINE}))
    opening = parse_from_relay({"type": "open", "session": "s-1", "credentials": MINE})
    for message in (hello, opening):
        assert "yeah" not in repr(message) + str(message) + f"{message}"
    client = await join(relay)
    ready = await client.hello(credentials=MINE)
    await client.ask("hi")
    await client.send("hello", credentials={"bank": [KEY]})
    await client.expect("error", code="malformed_message")
    conversation = relay.sessions._conversations[ready["session_id"]]
    for part in (conversation, conversation.receiver, conversation.receiver.credentials, relay.health()):
        assert "yeah" not in repr(part)
        assert "yeah" not in str(vars(part) if hasattr(part, "__dict__") else part)
    assert "yeah" not in str(client.messages)
    assert "yeah" not in str(records)


async def test_they_are_not_logged_at_any_level(tmp_path: Path, receiver: ScriptedReceiver) -> None:
    relay = Process(
        "relay", tmp_path, RELAY_PORT="0", RELAY_STT="scripted", RELAY_TTS="scripted", RELAY_LOG_LEVEL="debug",
        RELAY_RECEIVER=receiver.address, PYTHONASYNCIODEBUG="1",
    )  # fmt: skip
    try:
        port = await asyncio.to_thread(relay.port)
        for headers in ({}, {"X-Forwarded-For": "192.0.2.7"}):
            async with WireClient(port, additional_headers=headers) as client:
                await client.hello(credentials=MINE)
                await client.send("hello", credentials={"bank": [KEY]})
                await client.expect("error", code="malformed_message")
                await client.ask("hi")
        receiver.cut()
        await receiver.wait_for("open", 3)
        assert brought(receiver)[0] == MINE
    finally:
        assert await asyncio.to_thread(relay.stop) == 0
    assert "yeah" not in relay.output
