"""Recordings that run in a folder of the test's own, and the sound in what they write."""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from relay.recording_bucket import RecordingBucket
from relay.recordings import Finished, Recording, Recordings

PCM = bytes(range(250)) * 128
"""One second."""


@asynccontextmanager
async def running(folder: Path, bucket: RecordingBucket | None = None) -> AsyncIterator[Recordings]:
    place = Recordings(folder, bucket)
    await place.start()
    try:
        yield place
    finally:
        await place.close()


def sound_of(path: Path) -> bytes:
    with wave.open(str(path)) as recording:
        assert recording.getparams()[:3] == (1, 2, 16_000)
        return recording.readframes(recording.getnframes())


def files(folder: Path, pattern: str = "*") -> list[Path]:
    return sorted(folder.glob(pattern))


async def finished(recording: Recording) -> Finished:
    file = await recording.finish()
    assert file is not None
    return file
