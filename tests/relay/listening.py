"""A `Hearing` that runs, on a recognition engine that says what the test says."""

from __future__ import annotations

import asyncio
from array import array
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from protocol.audio import SAMPLE_RATE, silence
from protocol.errors import SttUnavailable, VoiceError
from relay.hearing import Hearing
from relay.stt import OnFailure, OnResult, SttResult

TENTH = SAMPLE_RATE // 10


def audio(start: int, count: int) -> bytes:
    """Samples that tell their position, none of them 0."""
    return array("H", (position % 65_535 + 1 for position in range(start, start + count))).tobytes()


class Stream:
    """A recognition stream that keeps what it was given and says what the test says."""

    def __init__(self, on_result: OnResult, on_failure: OnFailure) -> None:
        self.on_result, self.on_failure = on_result, on_failure
        self.behind = 0
        self.pieces: list[bytes] = []
        self.closed = False
        self.drains = 0
        self.opened_at = asyncio.get_running_loop().time()
        self.takes = asyncio.Event()  # cleared, it takes nothing more
        self.takes.set()
        self.drained = asyncio.Event()  # cleared, a drain lasts
        self.drained.set()
        self.error: SttUnavailable | None = None

    async def process_audio_data(self, pcm: bytes) -> None:
        assert not self.closed
        if self.error is not None:
            raise self.error
        await self.takes.wait()
        self.pieces.append(pcm)

    async def drain(self) -> None:
        self.drains += 1
        await self.drained.wait()

    async def close(self) -> None:
        self.closed = True

    @property
    def heard(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def silences(self) -> int:
        return self.pieces.count(silence(TENTH))

    def final(self, text: str, end: int) -> None:
        self.on_result(SttResult(text, True, end))


class Engine:
    """`errors` are raised, one an opening; `short_lived` streams die as soon as they are open."""

    name = "test"

    def __init__(self, *, wants_silence: bool = False, can_fail: bool = True) -> None:
        self.wants_silence, self.can_fail = wants_silence, can_fail
        self.streams: list[Stream] = []
        self.errors: deque[VoiceError] = deque()
        self.openings = 0
        self.short_lived = False

    async def start(self) -> None: ...
    async def close(self) -> None: ...

    async def open_stream(self, on_result: OnResult, on_failure: OnFailure) -> Stream:
        self.openings += 1
        if self.errors:
            raise self.errors.popleft()
        self.streams.append(Stream(on_result, on_failure))
        if self.short_lived:
            asyncio.get_running_loop().call_soon(on_failure, SttUnavailable())
        return self.streams[-1]


class Listener:
    """Keeps what it is told, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object]] = []

    def on_result(self, result: SttResult, audio_until: int) -> None:
        self.told.append((result.text, audio_until))

    def on_drained(self) -> None:
        self.told.append(("drained", None))

    def on_behind(self, behind: bool) -> None:
        self.told.append(("behind", behind))

    def on_stt_lost(self, error: VoiceError) -> None:
        self.told.append(("lost", error.code))

    def on_stt_back(self) -> None:
        self.told.append(("back", None))

    def on_voice(self) -> None:
        self.told.append(("voice", None))

    def on_hearing_error(self, error: VoiceError) -> None:
        self.told.append(("error", error.code))

    def count(self, what: str) -> int:
        return sum(name == what for name, _ in self.told)


@asynccontextmanager
async def listening(engine: Engine) -> AsyncIterator[tuple[Hearing, Listener]]:
    """A `Hearing` that runs; afterwards nothing of it may be left."""
    before = asyncio.all_tasks()
    listener = Listener()
    heard = Hearing(engine, listener)
    task = asyncio.create_task(heard.run())
    try:
        yield heard, listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
    assert asyncio.all_tasks() == before
    assert all(stream.closed for stream in engine.streams)
