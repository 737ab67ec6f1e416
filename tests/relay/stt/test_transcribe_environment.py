"""What AWS's own variables say: credentials, trust, endpoints and region, for each way to reach Amazon Transcribe."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from protocol.errors import SettingsError, SttRefused
from relay.stt.transcribe import http2
from tests.emulators.access_keys import EXPIRED_KEY_ID, EXPIRED_TOKEN, SECRET, SESSION_TOKEN, TEMPORARY_KEY_ID
from tests.emulators.fixtures import UseTranscribe
from tests.emulators.tls import CertificateAuthority
from tests.emulators.transcribe import Interface, TranscribeEmulator
from tests.relay.stt.transcribe_streams import (
    also_in_the_clear,
    feed,
    refusal,
    running,
)


async def test_a_wrong_secret_is_refused(interface: Interface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET + "x")
    error = await refusal(interface)
    assert isinstance(error, SttRefused)
    assert "credentials" in error.message


@also_in_the_clear
async def test_an_unknown_key_is_refused(interface: Interface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODY0000000000")
    assert isinstance(await refusal(interface), SttRefused)


async def test_an_expired_token_is_refused(interface: Interface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", EXPIRED_KEY_ID)
    monkeypatch.setenv("AWS_SESSION_TOKEN", EXPIRED_TOKEN)
    assert isinstance(await refusal(interface), SttRefused)


async def test_temporary_credentials_with_a_session_token_are_taken(
    interface: Interface, transcribe_emulator: TranscribeEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", TEMPORARY_KEY_ID)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)
    async with running(interface) as connect:
        stream, heard = await connect()
        await feed(stream, 0.2)
        transcribe_emulator.service.say("hello")
        await heard.until(lambda: heard.finals == ["hello"])


async def test_credentials_come_from_a_profile_too(
    interface: Interface,
    transcribe_emulator: TranscribeEmulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    environment = transcribe_emulator.environment(interface)
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[voice]\naws_access_key_id = {environment['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {SECRET}\n"
    )
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_PROFILE", "voice")
    async with running(interface) as connect:
        await connect()
        assert len(transcribe_emulator.service.sessions) == 1


async def test_no_credentials_at_all_are_refused_and_may_come_later(
    interface: Interface, transcribe_emulator: TranscribeEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    async with running(interface) as connect:
        with pytest.raises(SttRefused, match="no AWS credentials"):
            await connect()
        for name, value in transcribe_emulator.environment(interface).items():
            monkeypatch.setenv(name, value)
        await connect()


async def test_credentials_that_are_expired_even_when_refreshed_are_refused(
    interface: Interface, monkeypatch: pytest.MonkeyPatch, expired_profile: str
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_PROFILE", expired_profile)
    error = await refusal(interface)
    assert isinstance(error, SttRefused)
    assert "credentials" in error.message


async def test_another_region_than_the_endpoints_is_refused(interface: Interface) -> None:
    assert isinstance(await refusal(interface, region="us-east-1"), SttRefused)


@pytest.mark.parametrize("secure", ["websocket", "http2"])
async def test_an_untrusted_certificate_is_refused_and_not_waited_for(
    secure: Interface,
    use_transcribe: UseTranscribe,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    use_transcribe(secure)
    stranger = CertificateAuthority(tmp_path / "stranger")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(stranger.bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger.bundle))
    monkeypatch.setattr(http2, "PROBE_AFTER", 0.2)
    before = time.monotonic()
    error = await refusal(secure)
    assert isinstance(error, SttRefused)
    assert "certificate" in error.message
    assert time.monotonic() - before < 6  # awscrt alone: 10 to 30 s


@pytest.mark.parametrize("secure", ["websocket", "http2"])
@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "SSL_CERT_FILE"])
async def test_either_variable_is_enough_for_trust(
    secure: Interface, variable: str, use_transcribe: UseTranscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_transcribe(secure)
    monkeypatch.delenv({"AWS_CA_BUNDLE": "SSL_CERT_FILE", "SSL_CERT_FILE": "AWS_CA_BUNDLE"}[variable])
    async with running(secure) as connect:
        await connect()


@also_in_the_clear
async def test_the_endpoint_of_all_services_is_heeded(
    interface: Interface, transcribe_emulator: TranscribeEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING")
    monkeypatch.setenv("AWS_ENDPOINT_URL", transcribe_emulator.endpoint(interface))
    async with running(interface) as connect:
        await connect()
        assert len(transcribe_emulator.service.sessions) == 1


# What cannot be


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING", "tcp://somewhere"),
        ("AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING", "https://somewhere/with/a/path"),
        ("AWS_PROFILE", "nobody"),
        ("AWS_CA_BUNDLE", "/nowhere/ca.pem"),
    ],
)
async def test_settings_that_cannot_be_stop_the_start(
    interface: Interface, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError):
        async with running(interface):
            pass


async def test_a_region_that_is_no_name_stops_the_start(interface: Interface) -> None:
    with pytest.raises(SettingsError):
        async with running(interface, region="eu west/1"):
            pass


async def test_http2_cannot_be_had_in_the_clear(use_transcribe: UseTranscribe) -> None:
    use_transcribe("websocket-plain")
    with pytest.raises(SettingsError, match="https"):
        async with running("http2"):
            pass
