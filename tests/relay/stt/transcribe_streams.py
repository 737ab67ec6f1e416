"""Streams of recognition at the emulator of Amazon Transcribe, fed, kept an eye on, and closed at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from protocol.errors import SttError
from relay.stt import SttResult
from relay.stt.transcribe import AudioStreamHandler, TranscribeEngine
from tests.emulators.transcribe import Interface

CHUNK = bytes(3200)
"""100 ms."""


class Heard:
    """What the callbacks were given."""

    def __init__(self) -> None:
        self.results: list[SttResult] = []
        self.failures: list[SttError] = []

    @property
    def finals(self) -> list[str]:
        return [result.text for result in self.results if result.final]

    async def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)

    async def failure(self) -> SttError:
        await self.until(lambda: bool(self.failures))
        return self.failures[0]


Connect = Callable[..., Awaitable[tuple[AudioStreamHandler, Heard]]]

also_in_the_clear = pytest.mark.parametrize(
    "interface", ["websocket", "websocket-plain", "http2"], indirect=True
)
"""An http:// endpoint means plain ws://: the same code but for the TLS, so a few tests are enough."""


@asynccontextmanager
async def running(interface: Interface, region: str = "eu-west-1", **bounds: float) -> AsyncIterator[Connect]:
    """An engine, and a way to open streams that are closed at the end."""
    engine = TranscribeEngine("en-US", region, "http2" if interface == "http2" else "websocket", **bounds)
    await engine.start()
    streams = []

    async def connect() -> tuple[AudioStreamHandler, Heard]:
        heard = Heard()
        stream = await engine.open_stream(heard.results.append, heard.failures.append)
        streams.append(stream)
        return stream, heard

    try:
        yield connect
    finally:
        await asyncio.gather(*(stream.close() for stream in streams))
        await engine.close()


async def feed(stream: AudioStreamHandler, seconds: float) -> None:
    for _ in range(round(seconds * 10)):
        await stream.process_audio_data(CHUNK)
        await asyncio.sleep(0)


async def feed_until_it_fails(stream: AudioStreamHandler, piece: bytes = CHUNK, pause: float = 0.01) -> None:
    async with asyncio.timeout(30):
        while True:
            await stream.process_audio_data(piece)
            await asyncio.sleep(pause)


async def refusal(interface: Interface, region: str = "eu-west-1", **bounds: float) -> SttError:
    """How a stream that cannot be is refused: by `open_stream`, or right after it."""
    async with running(interface, region, **bounds) as connect:
        try:
            _, heard = await connect()
        except SttError as error:
            return error
        failure = await heard.failure()
        assert len(heard.failures) == 1
        return failure
