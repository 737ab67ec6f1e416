"""Only Twilio may call: what is forged, missing, tampered with or replayed is refused before any audio is read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from xml.etree import ElementTree

import aiohttp
import jwt
import pytest
from websockets.exceptions import InvalidStatus
from yarl import URL

from relay import tickets
from relay.server import Relay
from relay.tickets import Tickets
from tests.relay.conftest import StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing
from tests.twilio_caller import AUTH_TOKEN, PUBLIC_URL, TwilioCaller, sid, sign, silence

Until = Callable[..., Awaitable[None]]

STREAM = "/ws/media-stream"
STREAM_URL = f"wss://voice.example.com{STREAM}"
SECRET = "a secret of thirty-two characters or more"


@pytest.fixture
async def signed(start_relay: StartRelay) -> Relay:
    """A relay that Twilio reaches at `PUBLIC_URL`."""
    return await start_relay(twilio_auth_token=AUTH_TOKEN, public_url=PUBLIC_URL)


@pytest.fixture
async def members(start_relay: StartRelay) -> Relay:
    """The same, for people with a token."""
    return await start_relay(
        twilio_auth_token=AUTH_TOKEN, public_url=PUBLIC_URL, auth="jwt", jwt_secret=SECRET
    )


async def ring(
    relay: Relay,
    fields: dict[str, str],
    *,
    headers: dict[str, str] | None = None,
    query: str = "",
    method: str = "POST",
) -> tuple[int, str]:
    """Ask `/twilio/voice`, signed unless `headers` are given: the status, and the TwiML."""
    target = f"/twilio/voice{query}"
    if headers is None:
        headers = sign(PUBLIC_URL + target, fields if method == "POST" else {})
    async with (
        aiohttp.ClientSession() as http,
        http.request(
            method,
            URL(f"http://127.0.0.1:{relay.port}{target}", encoded=True),
            data=fields if method == "POST" else None,
            headers=headers,
        ) as response,
    ):
        return response.status, await response.text()


def stream_path(twiml: str) -> str:
    """The path that the TwiML connects the call to."""
    stream = ElementTree.fromstring(twiml).find("Connect/Stream")
    assert stream is not None
    url = stream.attrib["url"]
    assert url.startswith("wss://voice.example.com/ws/media-stream/")
    return url.removeprefix("wss://voice.example.com")


def parameters(twiml: str) -> dict[str, str]:
    return {
        part.attrib["name"]: part.attrib["value"] for part in ElementTree.fromstring(twiml).iter("Parameter")
    }


def token_of(user: str, **claims: Any) -> str:
    return jwt.encode({"sub": user, "exp": time.time() + 60, **claims}, SECRET, "HS256")


async def refused(relay: Relay, path: str, headers: dict[str, str] | None = None) -> int:
    """The status with which a stream is refused before the upgrade."""
    with pytest.raises(InvalidStatus) as caught:
        async with TwilioCaller(relay.port, path, additional_headers=headers or {}):
            pass
    return caught.value.response.status_code


async def talk(relay: Relay, hearing: TriggeredHearing, until: Until, path: str, call_sid: str) -> None:
    """A stream that is let in, and heard."""
    headers = sign(f"wss://voice.example.com{path}")
    async with TwilioCaller(relay.port, path, additional_headers=headers) as caller:
        caller.call_sid = call_sid
        await caller.start()
        await caller.say(silence(0.2))
        stream = await hearing.stream(len(hearing.streams))
        await until(lambda: stream.samples >= 1_600)


# The plain address


async def test_a_signed_stream_is_heard(signed: Relay, hearing: TriggeredHearing, until: Until) -> None:
    await talk(signed, hearing, until, STREAM, sid("CA"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Twilio-Signature": ""},
        {"X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        sign(STREAM_URL, token="f" * 32),
        sign("https://voice.example.com/ws/media-stream"),
        sign(STREAM_URL + "/"),
        sign("wss://voice.example.org/ws/media-stream"),
        sign("wss://127.0.0.1/ws/media-stream"),
        sign(STREAM_URL, {"CallSid": "CA1"}),
    ],
)
async def test_a_stream_with_no_or_another_signature_is_refused(
    signed: Relay, hearing: TriggeredHearing, headers: dict[str, str]
) -> None:
    assert await refused(signed, STREAM, headers) == 403
    assert hearing.streams == []
    assert len(signed.sessions) == 0


async def test_the_host_header_does_not_choose_what_is_signed(signed: Relay) -> None:
    forged = sign("wss://localhost/ws/media-stream")
    assert await refused(signed, STREAM, {**forged, "X-Forwarded-Host": "localhost"}) == 403


async def test_a_query_is_signed_too(signed: Relay) -> None:
    assert await refused(signed, f"{STREAM}?userId=bob", sign(STREAM_URL)) == 403
    async with TwilioCaller(
        signed.port, f"{STREAM}?a=b", additional_headers=sign(f"{STREAM_URL}?a=b")
    ) as caller:
        await caller.start()


async def test_a_stream_that_was_here_is_refused_before_its_audio_is_read(
    signed: Relay, hearing: TriggeredHearing, until: Until
) -> None:
    """The signature of a fixed address is the same for ever: who has seen one may send all of it again."""
    headers = sign(STREAM_URL)
    async with TwilioCaller(signed.port, additional_headers=headers) as first:
        await first.start({"userId": "ann"})
        await first.say(silence(0.2))
        await hearing.stream()
    async with TwilioCaller(signed.port, additional_headers=headers) as again:
        again.call_sid, again.stream_sid = first.call_sid, first.stream_sid
        await again.start({"userId": "ann"})
        await again.say(silence(0.2))
        assert await again.closed() == (4403, "session_refused")
    assert len(hearing.streams) == 1


# Without an auth token


async def test_without_an_auth_token_a_call_from_elsewhere_is_refused(start_relay: StartRelay) -> None:
    """A tunnel on this machine brings the requests of all the world to the loopback address."""
    relay = await start_relay(public_url=PUBLIC_URL)
    for headers in (
        {"X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"Via": "1.1 tunnel"},
    ):
        assert await refused(relay, STREAM, headers) == 403
        assert (await ring(relay, {"CallSid": sid("CA")}, headers=headers))[0] == 403
    tunnelled = {"Host": "voice.example.com"}
    assert (await ring(relay, {"CallSid": sid("CA")}, headers=tunnelled))[0] == 403


async def test_without_an_auth_token_this_machine_may_call(
    start_relay: StartRelay, hearing: TriggeredHearing
) -> None:
    relay = await start_relay()
    status, twiml = await ring(relay, {"CallSid": sid("CA")}, headers={})
    assert status == 200
    assert f"ws://127.0.0.1:{relay.port}/ws/media-stream/" in twiml
    async with TwilioCaller(relay.port) as caller:
        await caller.start()
        await caller.say(silence(0.2))
        await hearing.stream()


async def test_unsigned_calls_are_taken_from_anywhere_when_asked_for(
    start_relay: StartRelay, hearing: TriggeredHearing
) -> None:
    relay = await start_relay(twilio_unsigned=True, public_url=PUBLIC_URL)
    headers = {"X-Forwarded-For": "203.0.113.9"}
    assert (await ring(relay, {"CallSid": sid("CA")}, headers=headers))[0] == 200
    async with TwilioCaller(relay.port, additional_headers=headers) as caller:
        await caller.start()
        await caller.say(silence(0.2))
        await hearing.stream()


async def test_a_signature_cannot_be_checked_without_the_public_address(start_relay: StartRelay) -> None:
    relay = await start_relay(twilio_auth_token=AUTH_TOKEN)
    assert await refused(relay, STREAM, sign(f"ws://127.0.0.1:{relay.port}{STREAM}")) == 403


# The webhook


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_the_webhook_connects_a_call_to_an_address_of_its_own(
    signed: Relay, hearing: TriggeredHearing, until: Until, method: str
) -> None:
    call_sid = sid("CA")
    fields = {"CallSid": call_sid, "From": "+353861234567", "To": "+353869876543"}
    query = (
        "?timezone=Europe%2FDublin" if method == "POST" else f"?CallSid={call_sid}&timezone=Europe%2FDublin"
    )
    status, twiml = await ring(signed, fields, query=query, method=method)
    assert status == 200
    assert parameters(twiml) == {"timezone": "Europe/Dublin"}
    await talk(signed, hearing, until, stream_path(twiml), call_sid)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        sign(f"{PUBLIC_URL}/twilio/voice", {"CallSid": "CA1"}, token="f" * 32),
        sign(f"{PUBLIC_URL}/twilio/voice", {}),
        sign(f"{PUBLIC_URL}/twilio/voice", {"CallSid": "CA2"}),
        sign(f"{PUBLIC_URL}/twilio/voice", {"CallSid": "CA1", "userId": "bob"}),
        sign("http://voice.example.com/twilio/voice", {"CallSid": "CA1"}),
        sign("https://voice.example.com/twilio/voice/", {"CallSid": "CA1"}),
        sign("https://127.0.0.1/twilio/voice", {"CallSid": "CA1"}),
    ],
)
async def test_a_webhook_with_no_or_another_signature_is_refused(
    signed: Relay, headers: dict[str, str]
) -> None:
    assert (await ring(signed, {"CallSid": "CA1"}, headers=headers))[0] == 403


async def test_a_field_that_was_changed_on_the_way_is_refused(signed: Relay) -> None:
    fields = {"CallSid": "CA1", "userId": "ann"}
    headers = sign(f"{PUBLIC_URL}/twilio/voice", fields)
    assert (await ring(signed, fields, headers=headers))[0] == 200
    for changed in ({**fields, "userId": "bob"}, {**fields, "name": "Bob"}, {"CallSid": "CA1"}):
        assert (await ring(signed, changed, headers=headers))[0] == 403
    assert (await ring(signed, fields, headers=headers, query="?userId=bob"))[0] == 403


async def test_a_webhook_without_a_call_is_refused(signed: Relay) -> None:
    for fields in ({}, {"CallSid": ""}, {"CallSid": "../x"}, {"CallSid": "C" * 200}):
        assert (await ring(signed, fields))[0] == 400


async def test_a_webhook_that_is_asked_again_gives_the_same_answer(signed: Relay) -> None:
    """Twilio asks again when an answer was late; the call has one address all the same."""
    fields = {"CallSid": sid("CA")}
    assert await ring(signed, fields) == await ring(signed, fields)
    assert await ring(signed, fields) != await ring(signed, {"CallSid": sid("CA")})


async def test_a_replayed_webhook_gives_an_address_that_lets_nobody_in(
    signed: Relay, hearing: TriggeredHearing, until: Until
) -> None:
    fields = {"CallSid": sid("CA"), "userId": "ann"}
    path = stream_path((await ring(signed, fields))[1])
    await talk(signed, hearing, until, path, fields["CallSid"])
    again = stream_path((await ring(signed, fields))[1])
    assert await refused(signed, again, sign(f"wss://voice.example.com{again}")) == 403
    assert len(hearing.streams) == 1


async def test_a_full_relay_is_busy(start_relay: StartRelay) -> None:
    relay = await start_relay(max_calls=1)
    async with TwilioCaller(relay.port):
        _, twiml = await ring(relay, {"CallSid": sid("CA")}, headers={})
    assert ElementTree.fromstring(twiml).find("Reject") is not None


# Tickets


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
