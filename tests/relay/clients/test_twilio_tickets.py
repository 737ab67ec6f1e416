"""Tickets: each lets one stream of its own call in, for the user to whom the webhook gave it."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from xml.etree import ElementTree

import jwt
import pytest

from relay import tickets
from relay.server import Relay
from relay.tickets import Tickets
from tests.relay.clients.twilio_webhook import (
    STREAM,
    STREAM_URL,
    parameters,
    refused,
    ring,
    stream_path,
    talk,
)
from tests.relay.conftest import StartRelay, Until
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing
from tests.twilio_caller import AUTH_TOKEN, PUBLIC_URL, TwilioCaller, sid, sign, silence

SECRET = "a secret of thirty-two characters or more"


@pytest.fixture
async def members(start_relay: StartRelay) -> Relay:
    """A relay that Twilio reaches at `PUBLIC_URL`, for people with a token."""
    return await start_relay(
        twilio_auth_token=AUTH_TOKEN, public_url=PUBLIC_URL, auth="jwt", jwt_secret=SECRET
    )


def token_of(user: str, **claims: Any) -> str:
    return jwt.encode({"sub": user, "exp": time.time() + 60, **claims}, SECRET, "HS256")


async def test_a_ticket_lets_one_stream_in(signed: Relay, hearing: TriggeredHearing, until: Until) -> None:
    call_sid = sid("CA")
    path = stream_path((await ring(signed, {"CallSid": call_sid}))[1])
    headers = sign(f"wss://voice.example.com{path}")
    await talk(signed, hearing, until, path, call_sid)
    assert await refused(signed, path, headers) == 403


async def test_an_unknown_an_unsigned_and_a_late_ticket_are_refused(
    signed: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = f"{STREAM}/" + "x" * 43
    assert await refused(signed, unknown, sign(f"wss://voice.example.com{unknown}")) == 403
    path = stream_path((await ring(signed, {"CallSid": sid("CA")}))[1])
    assert await refused(signed, path) == 403
    monkeypatch.setattr(tickets, "TICKET_SECONDS", 0.0)
    late = stream_path((await ring(signed, {"CallSid": sid("CA")}))[1])
    assert await refused(signed, late, sign(f"wss://voice.example.com{late}")) == 403


async def test_a_ticket_is_for_its_own_call(signed: Relay, hearing: TriggeredHearing) -> None:
    path = stream_path((await ring(signed, {"CallSid": sid("CA")}))[1])
    headers = sign(f"wss://voice.example.com{path}")
    async with TwilioCaller(signed.port, path, additional_headers=headers) as caller:
        await caller.start()
        await caller.say(silence(0.2))
        assert await caller.closed() == (4403, "session_refused")
    assert hearing.streams == []


def test_a_call_may_have_another_ticket_a_day_later() -> None:
    now = 0.0
    store = Tickets(lambda: now)
    first = store.issue("CA1", tickets.Identity())
    now = tickets.MEMORY_SECONDS - 1
    assert store.issue("CA1", tickets.Identity()) is first
    now = tickets.MEMORY_SECONDS + 1
    assert store.issue("CA1", tickets.Identity()).code != first.code


def test_the_memory_of_streams_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "MAX_REMEMBERED", 3)
    store = Tickets()
    assert all(store.first_time("CA1", f"MZ{number}") for number in range(4))
    assert not store.first_time("CA1", "MZ3")
    assert store.first_time("CA1", "MZ0")  # the oldest is forgotten first


async def test_a_replayed_webhook_gives_an_address_that_lets_nobody_in(
    signed: Relay, hearing: TriggeredHearing, until: Until
) -> None:
    fields = {"CallSid": sid("CA"), "userId": "ann"}
    path = stream_path((await ring(signed, fields))[1])
    await talk(signed, hearing, until, path, fields["CallSid"])
    again = stream_path((await ring(signed, fields))[1])
    assert await refused(signed, again, sign(f"wss://voice.example.com{again}")) == 403
    assert len(hearing.streams) == 1


# Whose call it is


async def user_of(
    relay: Relay, receiver: ScriptedReceiver, fields: dict[str, str], start: dict[str, str]
) -> Any:
    """The user whom a call through the webhook is opened for."""
    fields = {"CallSid": sid("CA"), **fields}
    status, twiml = await ring(relay, fields)
    assert status == 200
    path = stream_path(twiml)
    headers = sign(f"wss://voice.example.com{path}")
    async with TwilioCaller(relay.port, path, additional_headers=headers) as caller:
        caller.call_sid = fields["CallSid"]
        await caller.start({**parameters(twiml), **start})
        session = f"{caller.call_sid}.{caller.stream_sid}"
        async with asyncio.timeout(30):
            while not (found := [one for one in receiver.of_type("open") if one["session"] == session]):
                await asyncio.sleep(0.005)
    return found[0].get("user")


async def test_without_tokens_the_parameter_names_the_user(signed: Relay, receiver: ScriptedReceiver) -> None:
    assert await user_of(signed, receiver, {"userId": "ann"}, {}) == "ann"
    assert await user_of(signed, receiver, {}, {"userId": "ann"}) == "ann"
    assert await user_of(signed, receiver, {"From": "client:ann"}, {}) is None
    assert await user_of(signed, receiver, {"From": "+353861234567"}, {}) is None


async def test_with_tokens_nobody_is_taken_at_their_word(members: Relay, receiver: ScriptedReceiver) -> None:
    assert await user_of(members, receiver, {"userId": "ann"}, {"userId": "ann"}) is None
    assert await user_of(members, receiver, {"From": "client:ann"}, {"userId": "bob"}) == "ann"
    assert await user_of(members, receiver, {"token": token_of("ann")}, {"userId": "bob"}) == "ann"
    assert await user_of(members, receiver, {"From": "+353861234567"}, {}) is None


async def test_with_tokens_a_wrong_one_is_refused(members: Relay) -> None:
    for token in (
        token_of("ann", exp=time.time() - 60),
        jwt.encode({"sub": "ann", "exp": time.time() + 60}, "x" * 32, "HS256"),
        jwt.encode({"sub": "ann", "exp": time.time() + 60}, "", "none"),
        "rubbish",
    ):
        fields = {"CallSid": sid("CA"), "token": token, "From": "client:ann"}
        assert (await ring(members, fields))[0] == 401


async def test_with_tokens_only_tickets_let_a_stream_in(members: Relay) -> None:
    """Whoever knows the auth token's signature of the plain address could name any user there."""
    assert await refused(members, STREAM, sign(STREAM_URL)) == 403


async def test_with_tokens_an_unsigned_webhook_names_nobody(
    start_relay: StartRelay, receiver: ScriptedReceiver
) -> None:
    relay = await start_relay(auth="jwt", jwt_secret=SECRET)
    call_sid = sid("CA")
    _, twiml = await ring(relay, {"CallSid": call_sid, "From": "client:ann"}, headers={})
    stream = ElementTree.fromstring(twiml).find("Connect/Stream")
    assert stream is not None
    path = stream.attrib["url"].partition(str(relay.port))[2]
    async with TwilioCaller(relay.port, path) as caller:
        caller.call_sid = call_sid
        await caller.start()
        (opening,) = await receiver.wait_for("open")
    assert "user" not in opening


async def test_a_call_ends_with_the_token_that_began_it(members: Relay) -> None:
    fields = {"CallSid": sid("CA"), "token": token_of("ann", exp=time.time() + 0.4)}
    path = stream_path((await ring(members, fields))[1])
    headers = sign(f"wss://voice.example.com{path}")
    async with TwilioCaller(members.port, path, additional_headers=headers) as caller:
        caller.call_sid = fields["CallSid"]
        await caller.start()
        assert await caller.closed() == (4401, "unauthorized")
