"""The presigned URL against a check of it that knows nothing of botocore, over a real socket."""

from __future__ import annotations

import urllib.parse

import botocore.auth
import pytest
from botocore.credentials import ReadOnlyCredentials
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from relay.stt.transcribe.presign import presigned_url
from tests.emulators.access_keys import ACCESS_KEY_ID, SECRET, SESSION_TOKEN, TEMPORARY_KEY_ID
from tests.emulators.transcribe import TranscribeEmulator

PARAMETERS = {"language-code": "en-US", "media-encoding": "pcm", "sample-rate": "16000"}
TEMPORARY = ReadOnlyCredentials(TEMPORARY_KEY_ID, SECRET, SESSION_TOKEN)


def url_of(
    emulator: TranscribeEmulator,
    credentials: ReadOnlyCredentials = TEMPORARY,
    parameters: dict[str, str] = PARAMETERS,
) -> str:
    return presigned_url(credentials, "eu-west-1", emulator.endpoint("websocket-plain"), parameters)


async def status_of(url: str) -> int:
    try:
        async with connect(url, proxy=None):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def test_the_url_is_taken_as_it_is(transcribe_emulator: TranscribeEmulator) -> None:
    assert await status_of(url_of(transcribe_emulator)) == 101
    permanent = ReadOnlyCredentials(ACCESS_KEY_ID, SECRET, None)
    assert await status_of(url_of(transcribe_emulator, permanent)) == 101


async def test_values_with_signs_survive_the_signing(transcribe_emulator: TranscribeEmulator) -> None:
    parameters = {**PARAMETERS, "vocabulary-name": "food & drink/ä~*'()", "session-id": "a+b c%20d"}
    assert await status_of(url_of(transcribe_emulator, parameters=parameters)) == 101
    assert transcribe_emulator.service.opened[-1].parameters["vocabulary-name"] == "food & drink/ä~*'()"
    assert transcribe_emulator.service.opened[-1].parameters["session-id"] == "a+b c%20d"


@pytest.mark.parametrize(
    "name",
    [
        *PARAMETERS,
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    ],
)
@pytest.mark.parametrize("change", ["altered", "removed", "doubled"])
async def test_a_tampered_url_is_refused(
    transcribe_emulator: TranscribeEmulator, name: str, change: str
) -> None:
    base, _, query = url_of(transcribe_emulator).partition("?")
    pairs = urllib.parse.parse_qsl(query)
    index = [pair[0] for pair in pairs].index(name)
    value = pairs[index][1]
    if change == "altered":
        pairs[index] = (name, ("1" if value[0] != "1" else "2") + value[1:])
    elif change == "removed":
        del pairs[index]
    else:
        pairs.append((name, value))
    tampered = f"{base}?{urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote)}"
    assert await status_of(tampered) == 403
    assert transcribe_emulator.service.opened == []


async def test_an_added_parameter_is_refused(transcribe_emulator: TranscribeEmulator) -> None:
    assert await status_of(url_of(transcribe_emulator) + "&show-speaker-label=true") == 403


async def test_another_host_is_refused(transcribe_emulator: TranscribeEmulator) -> None:
    url = url_of(transcribe_emulator).replace("localhost", "127.0.0.1")
    assert await status_of(url) == 403


async def test_an_old_url_is_refused(
    transcribe_emulator: TranscribeEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = botocore.auth.get_current_datetime()
    monkeypatch.setattr(
        botocore.auth, "get_current_datetime", lambda: now.replace(year=now.year - 1), raising=True
    )
    assert await status_of(url_of(transcribe_emulator)) == 403


async def test_the_url_follows_the_endpoints_scheme(transcribe_emulator: TranscribeEmulator) -> None:
    assert url_of(transcribe_emulator).startswith("ws://localhost:")
    secure = presigned_url(TEMPORARY, "eu-west-1", transcribe_emulator.endpoint("websocket"), PARAMETERS)
    assert secure.startswith("wss://localhost:")
