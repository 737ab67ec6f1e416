"""The relay on AWS's interfaces: Transcribe hears, Polly speaks, both emulated over real TLS."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from protocol.audio import BYTES_PER_SECOND
from relay.codecs import mp3
from relay.server import Relay
from relay.settings import RelaySettings
from tests.emulators.fixtures import (  # noqa: F401  (fixtures)
    UseTranscribe,
    bare_aws,
    polly_emulator,
    transcribe_emulator,
    use_transcribe,
)
from tests.emulators.polly import PollyEmulator
from tests.emulators.transcribe import Interface, TranscribeEmulator
from tests.emulators.transcribe_session import Script, spoken
from tests.scripted_receiver import ScriptedReceiver
from tests.wire_client import WireClient

TWO_SECONDS = bytes(2 * BYTES_PER_SECOND)


@asynccontextmanager
async def client_of_a_relay(
    transport: str, receiver: ScriptedReceiver, tts: str = "polly"
) -> AsyncIterator[WireClient]:
    settings: dict[str, Any] = {
        "port": 0, "receiver": (receiver.address,), "silence_seconds": 0.5, "draft_after_seconds": 0.2,
        "stt": "transcribe", "tts": tts, "transcribe_transport": transport,
    }  # fmt: skip
    relay = Relay(RelaySettings(**settings))
    await relay.start()
    try:
        async with WireClient(relay.port) as client:
            await client.hello()
            yield client
    finally:
        await relay.stop()


@pytest.mark.parametrize(("interface", "transport"), [("websocket", "websocket"), ("http2", "http2")])
async def test_a_spoken_sentence_goes_through_transcribe_and_comes_back_in_pollys_voice(
    interface: Interface,
    transport: str,
    transcribe_emulator: TranscribeEmulator,  # noqa: F811
    use_transcribe: UseTranscribe,  # noqa: F811
    polly_emulator: PollyEmulator,  # noqa: F811
) -> None:
    use_transcribe(interface)
    transcribe_emulator.service.script = Script(lines=spoken("I had two eggs", start=0.2, seconds=1.0))
    async with ScriptedReceiver() as receiver, client_of_a_relay(transport, receiver) as client:
        await client.speak(pcm=TWO_SECONDS)
        answer = await client.expect("server_response", turn=1)
        partials = client.of("transcript", final=False)
        final = await client.expect("transcript", final=True)
        assert partials
        assert final["text"] == "I had two eggs"
        assert 0 < final["confidence"] <= 1
        assert answer["message"] == "You said: I had two eggs."
        assert mp3.duration_seconds(base64.b64decode(answer["audio"])) > 0.5
        (commit,) = receiver.of_type("commit")
        assert 0 < commit["audio_until"] <= 2 * 16_000


async def test_a_transcribe_stream_that_dies_mid_sentence_loses_and_doubles_nothing(
    transcribe_emulator: TranscribeEmulator,  # noqa: F811
    use_transcribe: UseTranscribe,  # noqa: F811
) -> None:
    use_transcribe("websocket")
    service = transcribe_emulator.service
    first = spoken("two eggs", start=0.1, seconds=0.5)
    service.script = Script(lines=first, fail=(1.0, "InternalFailureException"))
    async with ScriptedReceiver() as receiver, client_of_a_relay("websocket", receiver, tts="none") as client:
        await client.speak(pcm=TWO_SECONDS[: BYTES_PER_SECOND * 12 // 10])
        await client.expect("transcript", final=True, text="two eggs")
        # The stream after it hears what no final has covered, and what comes next.
        service.script = Script(lines=spoken("and toast", start=0.1, seconds=0.4))
        error = await client.expect("error")
        assert (error["code"], error["retryable"]) == ("stt_unavailable", True)
        await client.expect("status", state="reconnecting_stt")
        answer = await client.expect("server_response", turn=1)
        assert answer["message"] == "You said: two eggs and toast."
        assert len(receiver.of_type("commit")) == 1


async def test_refused_credentials_are_said_once_and_typing_still_works(
    transcribe_emulator: TranscribeEmulator,  # noqa: F811
    use_transcribe: UseTranscribe,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_transcribe("websocket")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    async with ScriptedReceiver() as receiver, client_of_a_relay("websocket", receiver, tts="none") as client:
        await client.speak()
        error = await client.expect("error")
        assert (error["code"], error["retryable"]) == ("stt_refused", False)
        answer = await client.ask("two eggs")
        assert answer["message"] == "You said: two eggs."
        assert len(client.of("error")) == 1
