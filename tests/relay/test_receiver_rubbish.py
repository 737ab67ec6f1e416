"""A receiver that talks rubbish, or far too much: it costs a connection or a turn, and no words."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from protocol.framing import MAX_FRAME_BYTES, encode
from relay.server import Relay
from tests.relay.conftest import Join, StartRelay, Until
from tests.scripted_receiver import ScriptedReceiver, once
from tests.speech_doubles import TriggeredHearing
from tests.tcp_proxy import TcpProxy

pytestmark = pytest.mark.usefixtures("quick_retries")


def corrupt(data: bytes) -> bytes:
    return bytes(byte ^ 0x5A for byte in data)


RUBBISH = {
    "noise": b"\x93\x01\x02rubbish" * 50,
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "an over-long frame": struct.pack("!I", MAX_FRAME_BYTES + 1) + b"x" * 100,
    "a frame that is no msgpack": struct.pack("!I", 3) + b"\xc1\xc1\xc1",
    "a frame that is a list": struct.pack("!I", 2) + b"\x91\x01",
    "an unknown type": encode({"type": "sing"}),
    "a committed without a turn": encode({"type": "committed", "session": "s", "text": "?"}),
    "an unknown session": encode({"type": "committed", "session": "nobody", "turn": 1, "text": "?"}),
    "an error about nothing": encode({"type": "error", "code": "odd", "message": "?", "retryable": False}),
    "a welcome in mid-stream": encode({"type": "welcome", "protocol": "1.0", "store_id": "x"}),
}


@pytest.mark.parametrize("what", RUBBISH)
async def test_rubbish_from_the_receiver_costs_a_connection_at_most(
    relay: Relay, join: Join, receiver: ScriptedReceiver, what: str
) -> None:
    client = await join(relay)
    await client.hello()
    receiver.before = once("commit", lambda receiver: receiver.send_raw(RUBBISH[what]))
    await client.send("text", text="one")
    assert (await client.expect("server_response"))["message"] == "You said: one."
    assert (await client.ask("two"))["turn"] == 2
    assert len(client.of("server_response")) == 2
    assert client.of("error") == []


@pytest.mark.parametrize(
    "what",
    ["an unknown type", "a frame that is no msgpack", "a committed without a turn", "an unknown session"],
)
async def test_a_message_that_cannot_be_taken_does_not_end_the_connection(
    relay: Relay, join: Join, receiver: ScriptedReceiver, what: str
) -> None:
    client = await join(relay)
    await client.hello()
    receiver.send_raw(RUBBISH[what])
    await client.ask("hi")
    assert len(receiver.of_type("hello")) == 1


async def test_a_corrupting_line_is_left_and_tried_again(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, until: Until
) -> None:
    async with TcpProxy(receiver.port) as proxy:
        relay = await start_relay(receiver=(proxy.address,))
        client = await join(relay)
        await client.hello()
        proxy.to_client.change = corrupt
        await client.send("text", text="one")
        await until(lambda: proxy.accepted > 1)
        proxy.to_client.change = None
        assert (await client.expect("server_response"))["message"] == "You said: one."


async def test_a_flood_of_pieces_fails_that_turn_alone(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client, other = await join(relay), await join(relay)
    ready = await client.hello()
    await other.hello()

    def flood(message: dict[str, Any], receiver: ScriptedReceiver) -> object:
        if message["type"] != "commit" or message["session"] != ready["session_id"]:
            return None
        for _ in range(2_000):
            receiver.say(type="delta", session=message["session"], turn=message["turn"], text="ha " * 30)
        return False

    receiver.before = flood
    await client.send("text", text="tell me a story")
    assert (await other.ask("hi"))["message"] == "You said: hi."
    error = await client.expect("error")
    assert (error["code"], error["turn"]) == ("inbox_overflow", 1)
    receiver.before = None
    assert (await client.ask("shorter"))["message"] == "You said: shorter."
    assert len(client.of("error")) == 1
    assert len(receiver.of_type("hello")) == 1


async def test_a_flooded_draft_is_dropped_and_the_turn_is_answered(
    relay: Relay, join: Join, receiver: ScriptedReceiver, hearing: TriggeredHearing
) -> None:
    client = await join(relay)
    await client.hello()

    def flood(message: dict[str, Any], receiver: ScriptedReceiver) -> object:
        if message["type"] != "draft":
            return None
        about = {name: message[name] for name in ("session", "turn", "attempt")}
        for _ in range(300):
            receiver.say(type="delta", **about, text="ha " * 100)
        return False

    receiver.before = flood
    await client.speak()
    (await hearing.stream()).final("tell me a story")
    assert (await client.expect("server_response"))["message"] == "You said: tell me a story."
    assert client.of("error") == []
    (commit,) = receiver.of_type("commit")
    assert "attempt" not in commit


async def test_an_answer_of_another_turn_is_not_taken_for_ours(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    ready = await client.hello()

    def confuse(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
        if message["type"] == "commit":
            for turn in (0, 2, 7):
                wrong = {"type": "committed", "session": ready["session_id"], "turn": turn, "text": "Wrong."}
                receiver.send_raw(encode(wrong))

    receiver.before = confuse
    assert (await client.ask("right"))["message"] == "You said: right."
    assert "Wrong." not in str(client.messages)
