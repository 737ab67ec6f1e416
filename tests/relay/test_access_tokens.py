"""Tokens over real sockets: refused in each place where one can stand, and a running session ends with its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from relay.clients import native
from relay.routes import SOCKETS
from relay.server import Relay
from tests.relay.conftest import Join, StartRelay
from tests.relay.loop_clock import LoopClock
from tests.scripted_receiver import ScriptedReceiver
from tests.tokens import (
    AUDIENCE,
    CHECKED,
    ISSUER,
    WRONG,
    KeyServer,
    SigningKey,
    ec_key,
    hmac_with,
    rsa_key,
    shown,
    unsigned,
)

SIGNED = frozenset({"/ws/media-stream"})
"""Paths whose callers show no token: they sign their requests."""

WEBM_HEADER = b"\x1a\x45\xdf\xa3"

IN_A_MESSAGE = frozenset({"/"})
"""Paths at which the token may come in a message after the upgrade."""


@pytest.fixture
async def relay(start_relay: StartRelay) -> Relay:
    return await start_relay(**CHECKED)


async def in_header(relay: Relay, token: str, path: str = "/") -> ClientConnection:
    headers = {"Authorization": f"Bearer {token}"}
    return await connect(f"ws://127.0.0.1:{relay.port}{path}", additional_headers=headers)


async def in_subprotocol(relay: Relay, token: str, path: str = "/") -> ClientConnection:
    offered = [Subprotocol("voice-relay"), Subprotocol(f"bearer.{token}")]
    return await connect(f"ws://127.0.0.1:{relay.port}{path}", subprotocols=offered)


IN_THE_REQUEST = pytest.mark.parametrize(
    "place", [in_header, in_subprotocol], ids=lambda place: place.__name__
)
Place = Callable[..., Awaitable[ClientConnection]]


async def refused_before_the_upgrade(relay: Relay, place: Place, token: str, path: str = "/") -> None:
    with pytest.raises(InvalidStatus) as caught:
        await place(relay, token, path)
    response = caught.value.response
    if len(token) > 8000:  # longer than a line of HTTP may be
        assert response.status_code in (400, 401, 431)
        return
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    body = (response.body or b"").decode()
    assert json.loads(body)["code"] == "unauthorized"
    assert token == "" or token not in body
    assert len(relay.sessions) == 0


async def refused_in_hello(relay: Relay, join: Join, token: str) -> None:
    client = await join(relay)
    await client.send("hello", token=token)
    if len(token) <= 8192:
        error = await client.expect("error")
        assert (error["code"], error["retryable"]) == ("unauthorized", False)
        assert token == "" or token not in error["message"]
        assert await client.closed() == (4401, "unauthorized")
    else:
        await client.expect("error", code="malformed_message")
        await client.send("text", text="two eggs")
        assert await client.closed() == (4401, "unauthorized")
    assert client.of("ready") == []
    assert len(relay.sessions) == 0


# A token that is wrong


@IN_THE_REQUEST
@pytest.mark.parametrize("kind", WRONG)
async def test_a_wrong_token_gets_no_socket(relay: Relay, place: Place, kind: str) -> None:
    await refused_before_the_upgrade(relay, place, WRONG[kind]())


@pytest.mark.parametrize("kind", WRONG)
async def test_a_wrong_token_in_hello_gets_no_session(
    relay: Relay, join: Join, receiver: ScriptedReceiver, kind: str
) -> None:
    await refused_in_hello(relay, join, WRONG[kind]())
    assert receiver.of_type("open") == []


FORGED_FOR_PUBLISHED_KEYS: dict[str, Callable[[], str]] = {
    "forged": lambda: SigningKey("rsa-1", "RS256", rsa_key("mine").private).token("ann"),
    "of a key that is not published": lambda: rsa_key("mine").token("ann"),
    "signed with the public key as a secret": lambda: hmac_with(
        rsa_key().pem, "ann", headers={"kid": "rsa-1"}
    ),
    "that brings its own key": lambda: rsa_key("mine").token("ann", headers={"jwk": rsa_key("mine").jwk()}),
    "of another kind of key": lambda: ec_key("rsa-1").token("ann"),
    "unsigned": lambda: unsigned("ann", audience=AUDIENCE, issuer=ISSUER),
    "expired": lambda: rsa_key().token("ann", expires_in=-1),
    "for another audience": lambda: rsa_key().token("ann", audience="https://other.example"),
    "from another issuer": lambda: rsa_key().token("ann", issuer="https://evil.example/"),
}


@pytest.mark.parametrize("kind", FORGED_FOR_PUBLISHED_KEYS)
async def test_a_token_that_no_published_key_has_signed_is_refused_everywhere(
    start_relay: StartRelay, join: Join, kind: str
) -> None:
    async with KeyServer(rsa_key()) as keys:
        relay = await start_relay(auth="jwt", jwt_jwks_url=keys.url, jwt_audience=AUDIENCE, jwt_issuer=ISSUER)
        token = FORGED_FOR_PUBLISHED_KEYS[kind]()
        await refused_before_the_upgrade(relay, in_header, token)
        await refused_before_the_upgrade(relay, in_subprotocol, token)
        await refused_in_hello(relay, join, token)
        await (await join(relay)).hello(token=rsa_key().token("ann"))
        assert keys.requests == 1


async def test_while_the_keys_cannot_be_had_everybody_is_asked_to_come_back(
    start_relay: StartRelay, join: Join
) -> None:
    async with KeyServer(rsa_key()) as keys:
        keys.status = 503
        relay = await start_relay(auth="jwt", jwt_jwks_url=keys.url, jwt_audience=AUDIENCE, jwt_issuer=ISSUER)
        for place in (in_header, in_subprotocol):
            with pytest.raises(InvalidStatus) as caught:
                await place(relay, rsa_key().token("ann"))
            assert caught.value.response.status_code == 503
            assert json.loads(caught.value.response.body or b"")["code"] == "identity_unavailable"
        client = await join(relay)
        await client.send("hello", token=rsa_key().token("ann"))
        assert (await client.expect("error"))["retryable"] is True
        assert await client.closed() == (1013, "identity_unavailable")


# No token at all


@pytest.mark.parametrize("path", sorted(SOCKETS.keys() - SIGNED - IN_A_MESSAGE))
async def test_no_socket_opens_without_a_token(relay: Relay, path: str) -> None:
    for query in ("", "?sessionId=s-1&userEmail=ann@example.org&token=x&access_token=x"):
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"ws://127.0.0.1:{relay.port}{path}{query}")
        assert caught.value.response.status_code == 401
    for place in (in_header, in_subprotocol):
        await refused_before_the_upgrade(relay, place, WRONG["forged"](), path)


@pytest.mark.parametrize(
    "say",
    [
        lambda client: client.send("hello"),
        lambda client: client.send("text", text="two eggs"),
        lambda client: client.send("flush"),
        lambda client: client.send("action", id="a-1", name="export", args={"format": "json"}),
        lambda client: client.speak(0.1),
        lambda client: client.speak(2.5),
    ],
    ids=["hello", "text", "flush", "action", "audio", "much audio"],
)
async def test_nothing_is_said_without_a_token(
    relay: Relay, join: Join, receiver: ScriptedReceiver, say: Callable[[Any], Awaitable[None]]
) -> None:
    client = await join(relay)
    await say(client)
    assert await client.closed() == (4401, "unauthorized")
    assert {message["type"] for message in client.messages} == {"error"}
    assert receiver.of_type("open") == []


async def test_a_stranger_who_says_nothing_does_not_stay(
    relay: Relay, join: Join, loop_clock: LoopClock
) -> None:
    silent, pinging, ann = await join(relay), await join(relay), await join(relay)
    await ann.hello(token=shown("ann"))
    await pinging.send("ping")
    await loop_clock.put_forward(native.TOKEN_SECONDS)
    assert await silent.closed() == await pinging.closed() == (4401, "unauthorized")
    await ann.ask("two eggs")


async def test_a_strangers_audio_is_not_decoded(relay: Relay, join: Join) -> None:
    client = await join(relay)
    await client.socket.send(WEBM_HEADER + bytes(1000))
    assert await client.closed() == (4401, "unauthorized")
    assert [message["code"] for message in client.of("error")] == ["unauthorized"]


@pytest.mark.parametrize("path", ["/ws/llm-stream", "/", "/healthz", "/nothing"])
async def test_nothing_is_posted_without_a_token(relay: Relay, path: str) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        for token in (None, *(WRONG[kind]() for kind in ("forged", "expired", "unsigned", "empty"))):
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            async with session.post(
                f"http://127.0.0.1:{relay.port}{path}", json={"text": "two eggs"}, headers=headers
            ) as response:
                assert response.status == 401
                assert response.headers["WWW-Authenticate"] == "Bearer"
                assert (await response.json())["code"] == "unauthorized"


@pytest.mark.parametrize("path", sorted(SOCKETS))
async def test_an_address_that_is_too_much_is_refused_quietly(relay: Relay, path: str) -> None:
    many = "&".join(f"a{n}=1" for n in range(200))
    for query in (many, "userEmail=%ff%00", "userId=" + "a" * 500, "sessionId=%0d%0a"):
        try:
            connection = await in_header(relay, shown("ann"), f"{path}?{query}")
        except InvalidStatus as refused:
            status = refused.response.status_code
        else:
            status = 101
            await connection.close()
        assert status in (101, 400, 403)


# Tokens that contradict each other


async def test_a_connection_does_not_change_hands(relay: Relay, join: Join) -> None:
    client = await join(relay, additional_headers={"Authorization": f"Bearer {shown('ann')}"})
    await client.send("hello", token=shown("bob"))
    assert await client.closed() == (4401, "unauthorized")
    assert len(relay.sessions) == 0


@pytest.mark.parametrize("value", ["Basic YW5uOmFubg==", "Bearer", "Bearer ", "Token {}", "Bearer {} {}"])
async def test_another_kind_of_authorization_is_no_token(relay: Relay, value: str) -> None:
    headers = {"Authorization": value.format(shown("ann"), shown("ann"))}
    with pytest.raises(InvalidStatus) as caught:
        await connect(f"ws://127.0.0.1:{relay.port}/", additional_headers=headers)
    assert caught.value.response.status_code == 401


async def test_two_authorizations_are_one_too_many(relay: Relay) -> None:
    headers = [("Authorization", f"Bearer {shown(user)}") for user in ("ann", "bob")]
    with pytest.raises(InvalidStatus) as caught:
        await connect(f"ws://127.0.0.1:{relay.port}/", additional_headers=headers)
    assert caught.value.response.status_code in (400, 401)


# A token that is right


async def test_a_right_token_is_taken_in_each_place(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    await (await join(relay, additional_headers={"Authorization": f"Bearer {shown('ann')}"})).hello()
    offered = await join(relay, subprotocols=["voice-relay", f"bearer.{shown('bob')}"])
    assert offered.socket.subprotocol == "voice-relay", "a browser ends the connection otherwise"
    await offered.hello()
    await (await join(relay)).hello(token=shown("eve"))
    assert [message["user"] for message in receiver.of_type("open")] == ["ann", "bob", "eve"]


async def test_the_page_and_health_need_no_token(relay: Relay) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        for path in ("/", "/healthz"):
            async with session.get(f"http://127.0.0.1:{relay.port}{path}") as response:
                assert response.status == 200


# Expiry


async def test_a_running_session_ends_with_its_token_and_goes_on_with_a_fresh_one(
    relay: Relay, join: Join, receiver: ScriptedReceiver, loop_clock: LoopClock
) -> None:
    client = await join(relay)
    ready = await client.hello(token=shown("ann", expires_in=600))
    for _ in range(100):
        await loop_clock.put_forward(5)
    await client.ask("two eggs")
    for _ in range(20):
        await loop_clock.put_forward(5)
    assert await client.closed() == (4401, "unauthorized")
    last = client.messages[-1]
    assert (last["type"], last["code"]) == ("error", "unauthorized")
    assert "sign-in" in last["message"]
    again = await join(relay)
    back = await again.resume(ready, token=shown("ann"))
    assert [past["text"] for past in back["history"]] == ["two eggs"]
    await again.ask("and toast")
    assert len(receiver.sessions) == 1


@IN_THE_REQUEST
async def test_a_token_of_the_request_ends_its_connection_too(
    relay: Relay, place: Place, loop_clock: LoopClock
) -> None:
    connection = await place(relay, shown("ann", expires_in=8))
    await loop_clock.put_forward(8)
    async with asyncio.timeout(30):
        await connection.wait_closed()
    assert (connection.close_code, connection.close_reason) == (4401, "unauthorized")


async def test_an_expired_token_does_not_take_the_session_up_again(relay: Relay, join: Join) -> None:
    client = await join(relay)
    token = shown("ann", expires_in=1)
    ready = await client.hello(token=token)
    await client.closed()
    again = await join(relay)
    await again.send("hello", **{name: ready[name] for name in ("session_id", "resume_token")}, token=token)
    assert await again.closed() == (4401, "unauthorized")
    assert again.of("ready") == []


async def test_nothing_of_a_token_is_logged_by_a_running_relay(
    relay: Relay, join: Join, records: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    tokens = [WRONG[kind]() for kind in ("forged", "expired", "unsigned", "without a user")]
    for token in tokens:
        await refused_before_the_upgrade(relay, in_header, token)
        await refused_in_hello(relay, join, token)
    written = str(records) + "".join(record.getMessage() for record in caplog.records)
    for token in tokens:
        for part in token.split("."):
            assert len(part) < 20 or part not in written
