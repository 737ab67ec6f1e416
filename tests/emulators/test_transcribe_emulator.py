"""The emulator must refuse what AWS would, or the tests that lean on it prove nothing."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from amazon_transcribe.auth import StaticCredentialResolver
from amazon_transcribe.client import TranscribeStreamingClient
from amazon_transcribe.endpoints import StaticEndpointResolver
from amazon_transcribe.eventstream import EventStreamMessageSerializer
from amazon_transcribe.exceptions import UnknownServiceException
from amazon_transcribe.model import StartStreamTranscriptionEventStream

from relay.stt.transcribe import TranscribeEngine
from tests.emulators.access_keys import ACCESS_KEY_ID, SECRET
from tests.emulators.eventstream import Decoder, MalformedStream, encode
from tests.emulators.fixtures import UseTranscribe
from tests.emulators.transcribe import TranscribeEmulator
from tests.emulators.transcribe_session import Script, spoken

ROOT = Path(__file__).parents[2]


async def start(emulator: TranscribeEmulator) -> StartStreamTranscriptionEventStream:
    """A stream of the amazon-transcribe package as it comes, with nothing of ours around it."""
    client = TranscribeStreamingClient(
        region="eu-west-1",
        endpoint_resolver=StaticEndpointResolver(emulator.endpoint("http2")),
        credential_resolver=StaticCredentialResolver(ACCESS_KEY_ID, SECRET),
    )
    async with asyncio.timeout(30):
        return await client.start_stream_transcription(
            language_code="en-US", media_sample_rate_hz=16000, media_encoding="pcm"
        )


async def read(stream: StartStreamTranscriptionEventStream) -> list[str]:
    texts = []
    async with asyncio.timeout(30):
        async for event in stream.output_stream:
            texts += [result.alternatives[0].transcript for result in event.transcript.results]
    return texts


async def test_the_package_as_it_comes_is_served(
    transcribe_emulator: TranscribeEmulator, use_transcribe: UseTranscribe
) -> None:
    use_transcribe("http2")
    transcribe_emulator.service.script = Script(lines=spoken("two eggs", 0.1, 0.3))
    stream = await start(transcribe_emulator)
    for _ in range(5):
        await stream.input_stream.send_audio_event(audio_chunk=bytes(3200))
    await stream.input_stream.end_stream()
    assert await read(stream) == ["two", "two eggs", "two eggs"]


@pytest.mark.parametrize("tamper", ["payload", "order", "unsigned"])
async def test_a_chunk_whose_signature_is_wrong_ends_the_stream(
    transcribe_emulator: TranscribeEmulator, use_transcribe: UseTranscribe, tamper: str
) -> None:
    use_transcribe("http2")
    stream = await start(transcribe_emulator)
    audio = stream.input_stream
    if tamper == "unsigned":

        async def unsigned(event: bytes) -> bytes:
            return EventStreamMessageSerializer().serialize({}, event)

        audio._sign_event = unsigned
    elif tamper == "order":
        audio._prior_signature = bytes(32)
    else:
        sign = audio._sign_event

        async def altered(event: bytes) -> bytes:
            message = next(iter(Decoder().feed(await sign(event))))
            milliseconds = int.from_bytes(message.headers[":date"], "big")
            headers = {
                ":date": datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC),
                ":chunk-signature": message.headers[":chunk-signature"],
            }
            return EventStreamMessageSerializer().serialize(headers, message.payload[:-1] + b"x")

        audio._sign_event = altered
    await audio.send_audio_event(audio_chunk=bytes(3200))
    with pytest.raises(Exception, match="signature") as raised:
        await read(stream)
    assert type(raised.value).__name__ == "ServiceException"
    assert transcribe_emulator.service.opened[0].received == 0
    audio._input_stream.end_stream()


async def test_a_request_signed_for_something_else_is_refused(
    transcribe_emulator: TranscribeEmulator, use_transcribe: UseTranscribe
) -> None:
    use_transcribe("http2")
    client = TranscribeStreamingClient(
        region="eu-west-1",
        endpoint_resolver=StaticEndpointResolver(transcribe_emulator.endpoint("http2")),
        credential_resolver=StaticCredentialResolver(ACCESS_KEY_ID, "another secret"),
    )
    with pytest.raises(UnknownServiceException) as raised:
        await client.start_stream_transcription(
            language_code="en-US", media_sample_rate_hz=16000, media_encoding="pcm"
        )
    assert (raised.value.status_code, raised.value.error_code) == (403, "InvalidSignatureException")


@pytest.mark.parametrize("position", [0, 9, 20, -20, -1])
def test_a_flipped_bit_is_noticed(position: int) -> None:
    message = bytearray(encode({":message-type": "event", ":event-type": "AudioEvent"}, bytes(64)))
    message[position] ^= 1
    with pytest.raises(MalformedStream):  # noqa: PT012
        list(Decoder().feed(bytes(message)))
        raise MalformedStream("an incomplete message")  # a longer length is waited for


def test_a_message_may_come_in_any_pieces() -> None:
    stream = encode({"a": "b"}, b"one") + encode({}, b"") + encode({"c": "d"}, b"three")
    decoder = Decoder()
    payloads = [
        message.payload for index in range(len(stream)) for message in decoder.feed(stream[index : index + 1])
    ]
    assert payloads == [b"one", b"", b"three"]


async def test_it_runs_alone_and_logs_what_it_sent(
    bare_aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "sent.jsonl"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(
            "-m",
            "tests.emulators.transcribe",
            "--every",
            "0.5",
            "--text",
            "one two {n}",
            "--sent-log",
            str(log),
        ),
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            interfaces = [json.loads(await process.stdout.readline()) for _ in range(3)]
        assert [line["interface"] for line in interfaces] == ["websocket", "websocket-plain", "http2"]
        for name, value in interfaces[0]["environment"].items():
            monkeypatch.setenv(name, value)
        heard: list[str] = []
        engine = TranscribeEngine("en-US", "eu-west-1")
        await engine.start()
        stream = await engine.open_stream(
            lambda result: heard.append(result.text) if result.final else None, lambda failure: None
        )
        for _ in range(10):
            await stream.process_audio_data(bytes(3200))
        async with asyncio.timeout(30):
            while len(heard) < 2:
                await asyncio.sleep(0.01)
        await stream.close()
        assert heard == ["one two 1", "one two 2"]
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    sent = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["stream"], line["text"]) for line in sent] == [(0, "one two 1"), (0, "one two 2")]
    assert sent[0]["at"] <= sent[1]["at"]
