"""Only Twilio may call: what is forged, missing, tampered with or replayed is refused before any audio is read."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from relay.server import Relay
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
from tests.speech_doubles import TriggeredHearing
from tests.twilio_caller import AUTH_TOKEN, PUBLIC_URL, TwilioCaller, sid, sign, silence

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


async def test_a_full_relay_is_busy(start_relay: StartRelay) -> None:
    relay = await start_relay(max_calls=1)
    async with TwilioCaller(relay.port):
        _, twiml = await ring(relay, {"CallSid": sid("CA")}, headers={})
    assert ElementTree.fromstring(twiml).find("Reject") is not None
