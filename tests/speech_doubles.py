"""Speech engines that do what a test says, when it says so."""

from __future__ import annotations

import asyncio

from protocol.errors import SttError
from relay.stt import OnFailure, OnResult, SttResult
from relay.tts import Speech
from relay.tts.scripted import ScriptedVoice


class TriggeredStream:
    """A recognition stream; the test says what it hears."""

    behind = 0

    def __init__(self, on_result: OnResult, on_failure: OnFailure) -> None:
        self._on_result, self._on_failure = on_result, on_failure
        self.samples = 0
        self.drained = asyncio.Event()
        self.final_on_drain: str | None = None
        self.closed = False

    async def process_audio_data(self, pcm: bytes) -> None:
        self.samples += len(pcm) // 2

    async def drain(self) -> None:
        if self.final_on_drain is not None:
            text, self.final_on_drain = self.final_on_drain, None
            self.final(text)
        self.drained.set()

    async def close(self) -> None:
        self.closed = True

    def partial(self, text: str) -> None:
        if not self.closed:
            self._on_result(SttResult(text, False, self.samples))

    def final(self, text: str) -> None:
        if not self.closed:
            self._on_result(SttResult(text, True, self.samples, 0.9))

    def fail(self, error: SttError) -> None:
        if not self.closed:
            self._on_failure(error)


class TriggeredHearing:
    """An `SttEngine` whose streams the test speaks through. A stream opens with a conversation's first audio."""

    name = "triggered"
    wants_silence = False
    can_fail = True

    def __init__(self) -> None:
        self.streams: list[TriggeredStream] = []
        self.error: BaseException | None = None
        """Raised by the next `open_stream`."""
        self._opened = asyncio.Event()

    async def start(self) -> None:
        """There is nothing to load."""

    async def open_stream(self, on_result: OnResult, on_failure: OnFailure) -> TriggeredStream:
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        self.streams.append(TriggeredStream(on_result, on_failure))
        self._opened.set()
        return self.streams[-1]

    async def stream(self, number: int = 0) -> TriggeredStream:
        """The stream that was opened as this number, from 0; waits for it."""
        async with asyncio.timeout(30):
            while len(self.streams) <= number:
                self._opened.clear()
                await self._opened.wait()
        return self.streams[number]

    async def close(self) -> None:
        """There is nothing to let go of."""


class FailingVoice(ScriptedVoice):
    """Raises `error` for a sentence that holds `word`, and voices every other one."""

    name = "failing"

    def __init__(self, error: BaseException, word: str = "") -> None:
        self.error, self.word = error, word

    async def synthesize(self, text: str, speech: Speech) -> bytes:
        if self.word in text:
            raise self.error
        return await super().synthesize(text, speech)


class LongVoice(ScriptedVoice):
    """Says each sentence as `copies` tones in a row."""

    name = "long"

    def __init__(self, copies: int) -> None:
        self.copies = copies

    async def synthesize(self, text: str, speech: Speech) -> bytes:
        return await super().synthesize(text, speech) * self.copies
