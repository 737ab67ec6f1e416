"""Calls as Twilio places them: the webhook is asked, and the address in its TwiML is connected to."""

from __future__ import annotations

from xml.etree import ElementTree

import aiohttp
import pytest
from websockets.exceptions import InvalidStatus
from yarl import URL

from relay.server import Relay
from tests.relay.conftest import Until
from tests.speech_doubles import TriggeredHearing
from tests.twilio_caller import PUBLIC_URL, TwilioCaller, sign, silence

STREAM = "/ws/media-stream"
STREAM_URL = f"wss://voice.example.com{STREAM}"


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
