"""Where recordings go: WAV files in a folder, or in an S3 bucket by way of one.

A recording is written to a local file as it comes (`relay.recording_file`), whatever its destination, so that a killed
relay or a bucket that is away costs nothing that was said. Its name holds 128 random bits and is told to its own client
alone; no file is served over HTTP.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import structlog

from protocol.audio import BYTES_PER_SECOND
from protocol.errors import AtCapacity, SettingsError, StoreUnavailable
from relay.recording_file import PART_SUFFIX, RecordingFile, finish_left_over
from relay.settings import RelaySettings

log = structlog.get_logger(__name__)

UNSENT = Path("uploads", "unsent")
"""Files on their way to a bucket."""

BLOCK_BYTES = 2 * BYTES_PER_SECOND
"""The sound is written in pieces of 2 s: that much is lost with a relay that is killed."""

MAX_WAITING_BYTES = 10 * BYTES_PER_SECOND
"""Sound that waits for the disk. Past it the client is not read until there is room again."""

MAX_BURST_BYTES = 128 * BYTES_PER_SECOND
"""What is being decoded comes all the same: past this the recording has failed, and what was written of it is kept."""

MAX_SECONDS = 3600
MAX_SOUND_BYTES = MAX_SECONDS * BYTES_PER_SECOND
"""An hour: 115 MB. A longer recording is cut there, and the next one begins with the sample after."""

MAX_OPEN = 500
"""Recordings at once, an open file each; more get `at_capacity`."""

DISK_SECONDS = 30.0
"""Longest wait for one piece to be written."""

STOP_SECONDS = 10.0
"""On stopping, uploads that are under way get this long; the rest goes up at the next start."""

THREADS = 4
"""For the disk, of its own: one that hangs holds up recordings and nothing else."""

NO_DISK = "The recording cannot be written down any more; what came before is kept."

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finished:
    """A recording whose file is whole."""

    path: Path
    bytes: int
    """Length of the file."""

    @property
    def name(self) -> str:
        return self.path.name


class Bucket(Protocol):
    """Where finished files go that are not to stay here: `relay.recording_bucket`."""

    async def start(self) -> None:
        """Raises `SettingsError`."""
        ...

    async def upload(self, path: Path) -> bool:
        """Whether the file has got there."""
        ...

    async def close(self) -> None: ...


class Recordings:
    """`start()`, `begin()` recordings, `close()`."""

    def __init__(self, folder: Path, bucket: Bucket | None = None) -> None:
        """`folder` is made when the first sound comes. With a `bucket`, files stay there until they are in it."""
        self._folder = folder
        self._bucket = bucket
        self._threads = ThreadPoolExecutor(THREADS, "recordings")
        self._open: set[Recording] = set()
        self._uploads: set[asyncio.Task[None]] = set()
        self._unsent: list[Path] = []  # what the bucket did not take

    async def start(self) -> None:
        """Finish what a killed relay has left, and send what is unsent, in the background. Raises `SettingsError`."""
        if self._bucket is not None:
            await self._bucket.start()
        try:
            self._unsent = await self.in_thread(self._finish_left_over)
        except OSError as error:
            log.warning("recordings cannot be looked through", cause=_cause(error))
            return
        self._start_upload(self._send_unsent())

    def begin(self) -> Recording:
        """A new recording; its file is made when there is sound. Raises `AtCapacity`."""
        if len(self._open) >= MAX_OPEN:
            raise AtCapacity("Too many recordings are being made at once; please try again in a minute.")
        recording = Recording(self, self._folder)
        self._open.add(recording)
        return recording

    def store(self, finished: Finished, on_stored: Callable[[Finished, bool], None]) -> None:
        """Bring the file to where recordings go; `on_stored` is told, at once or later.

        Its second argument is False when the bucket did not take it: the file is kept, and sent after the next one that
        it takes, or at the next start.
        """
        if self._bucket is None:
            on_stored(finished, True)
        else:
            self._start_upload(self._upload(finished, on_stored))

    async def close(self) -> None:
        """After the last recording was finished."""
        if self._uploads:
            await asyncio.wait(self._uploads, timeout=STOP_SECONDS)
        for task in self._uploads:
            task.cancel()
        await asyncio.gather(*self._uploads, return_exceptions=True)
        if self._bucket is not None:
            await self._bucket.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def in_thread(
        self, work: Callable[..., T], *args: object, when_late: Callable[[], None] = lambda: None
    ) -> T:
        """Raises `TimeoutError` after `DISK_SECONDS`; `when_late` is then called by the thread once it is done."""
        future = self._threads.submit(work, *args)
        try:
            async with asyncio.timeout(DISK_SECONDS):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            future.add_done_callback(lambda _: when_late())
            raise

    def forget(self, recording: Recording) -> None:
        self._open.discard(recording)

    def _finish_left_over(self) -> list[Path]:
        """The paths of what the bucket has yet to get."""
        finish_left_over(self._folder)
        return sorted(self._folder.glob("*.wav")) if self._bucket is not None else []

    async def _upload(self, finished: Finished, on_stored: Callable[[Finished, bool], None]) -> None:
        sent = await self._send(finished.path)
        on_stored(finished, sent)
        if sent:
            await self._send_unsent()

    async def _send_unsent(self) -> None:
        """As much of it as the bucket takes."""
        while self._unsent and await self._send(self._unsent.pop()):
            pass

    async def _send(self, path: Path) -> bool:
        assert self._bucket is not None
        if not await self._bucket.upload(path):
            self._unsent.append(path)
            return False
        try:
            await self.in_thread(path.unlink)
        except OSError as error:
            log.warning("uploaded recording not removed", name=path.name, cause=_cause(error))
        return True

    def _start_upload(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._uploads.add(task)
        task.add_done_callback(self._uploads.discard)


class Recording:
    """One file in the making. `add` sound, then `finish()`, always."""

    def __init__(self, recordings: Recordings, folder: Path) -> None:
        self.id = secrets.token_hex(16)
        self.failure: StoreUnavailable | None = None
        """Why nothing more is written."""
        self._recordings = recordings
        self._path = folder / f"streamed_audio_{self.id}_{int(time.time())}{PART_SUFFIX}"
        self._file: RecordingFile | None = None
        self._waiting = bytearray()
        self._bytes = 0
        self._finishing = False
        self._stuck = False  # a thread is busy with the file, and may be for ever
        self._writer: asyncio.Task[None] | None = None

    @property
    def left(self) -> int:
        """Bytes of sound that it still takes."""
        return MAX_SOUND_BYTES - self._bytes

    def add(self, pcm: bytes) -> None:
        """Take checked PCM (`protocol.audio`), `left` bytes at most. Never blocks; look at `failure` and `room`."""
        if self.failure is not None:
            return
        self._waiting += pcm
        self._bytes += len(pcm)
        if len(self._waiting) > MAX_BURST_BYTES:
            self._fail("too much waits for the disk")
        elif len(self._waiting) >= BLOCK_BYTES and self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())

    def room(self) -> Awaitable[None] | None:
        """None, or what to wait for before adding more."""
        if len(self._waiting) > MAX_WAITING_BYTES and self._writer is not None:
            return asyncio.shield(self._writer)
        return None

    async def finish(self) -> Finished | None:
        """Write what waits and give the file its name; None when there was no sound. `failure` may be set then."""
        self._finishing = True
        try:
            while self._writer is not None:
                await asyncio.shield(self._writer)
            if self._waiting:
                await self._write()
            if self._file is None or self._stuck:
                return None
            finished = await self._recordings.in_thread(self._file.finish)
            return Finished(*finished) if finished is not None else None
        except OSError as error:
            self._fail(_cause(error))
            return None  # the `.part` is finished at the next start
        finally:
            self._recordings.forget(self)

    async def _write(self) -> None:
        try:
            while len(self._waiting) >= BLOCK_BYTES or (self._finishing and self._waiting):
                block = bytes(self._waiting[:BLOCK_BYTES])
                del self._waiting[: len(block)]
                await self._recordings.in_thread(self._append, block, when_late=self._abandon)
        except TimeoutError as error:
            self._stuck = True
            self._fail(_cause(error))
        except OSError as error:
            self._fail(_cause(error))
        finally:
            self._writer = None

    def _append(self, block: bytes) -> None:
        if self._file is None:
            self._file = RecordingFile(self._path)
        self._file.append(block)

    def _abandon(self) -> None:
        """Leave the `.part` to be finished at the next start."""
        if self._file is not None:
            self._file.close()

    def _fail(self, cause: str) -> None:
        if self.failure is None:
            log.error("recording cannot be written", cause=cause)
            self.failure = StoreUnavailable(NO_DISK)
        self._waiting.clear()


def _cause(error: OSError) -> str:
    return error.strerror or type(error).__name__


def make_recordings(settings: RelaySettings) -> Recordings:
    """What `RELAY_RECORDINGS` names. Raises `SettingsError`."""
    scheme, found, rest = settings.recordings.partition("://")
    if not found:
        return Recordings(Path(settings.recordings))
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise SettingsError(
            f"RELAY_RECORDINGS={settings.recordings} is neither a folder nor of the form s3://BUCKET/PREFIX"
        )
    from relay.recording_bucket import RecordingBucket  # AWS's libraries take half a second to load

    return Recordings(UNSENT, RecordingBucket(bucket, prefix, settings.aws_region))
