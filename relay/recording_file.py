"""A WAV file that grows while somebody speaks. Everything here blocks: it is called in a thread.

It is written as `NAME.wav.part`, with a header that fits after each piece, and gets its own name when it is finished.
A relay that was killed leaves the `.part`; `finish_left_over` finds it, and what came is kept.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from io import FileIO
from pathlib import Path
from typing import BinaryIO

import structlog

from relay.codecs import wav

log = structlog.get_logger(__name__)

PART_SUFFIX = ".wav.part"

MIN_FREE_BYTES = 64 * 1024 * 1024
"""What recordings leave free on the disk: others on this machine need some to go on, the diary's store among them."""


class RecordingFile:
    """An open `.part`. Only one thread at a time may use it."""

    def __init__(self, path: Path) -> None:
        """Make `path` (a `.part`) and its folder. Only the relay's own user may read them. Raises `OSError`."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _need_room(path.parent)
        self.path = path
        self._file = _create(path)
        self._length = wav.HEADER_BYTES
        try:
            self._write(wav.header(0), 0)
        except BaseException:
            self._file.close()
            raise

    def append(self, pcm: bytes) -> None:
        """Write more samples, and a header that counts them. Raises `OSError`; what was written before stays."""
        _need_room(self.path.parent)
        self._write(pcm, self._length)
        self._length += len(pcm)
        self._write(wav.header(self._length - wav.HEADER_BYTES), 0)

    def finish(self) -> tuple[Path, int] | None:
        """Give the file its own name: its path and its length in bytes; None, and no file, when it has no sound.

        Raises `OSError`.
        """
        with self._file as file:
            length = wav.mend(file)  # after a write that failed half-way
            if length <= wav.HEADER_BYTES:
                self.path.unlink()
                return None
            os.fsync(file.fileno())
            path = _finished(self.path)
            self.path.rename(path)
        return path, length

    def close(self) -> None:
        """Leave the `.part` as it is."""
        self._file.close()

    def _write(self, data: bytes, at: int) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(self._file.fileno(), view, at)
            view, at = view[written:], at + written


def finish_left_over(folder: Path) -> None:
    """Finish every `.part` in `folder` that no relay has open, and remove those without sound.

    One that cannot be finished is logged and left for the next time.
    """
    for part in sorted(folder.glob(f"*{PART_SUFFIX}")):
        try:
            with part.open("r+b") as file:
                _finish(part, file)
        except OSError as error:
            log.warning("recording cannot be finished", name=part.name, cause=error.strerror)


def _finish(part: Path, file: BinaryIO) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # a relay is writing it
    if not part.exists():
        return  # a relay has just finished it
    if wav.mend(file) <= wav.HEADER_BYTES:
        part.unlink()
        return
    part.rename(_finished(part))
    log.warning("recording was left unfinished; what came is kept", name=part.name)


def _finished(part: Path) -> Path:
    return part.with_name(part.name.removesuffix(".part"))


def _create(path: Path) -> FileIO:
    """A new file, locked for as long as it is open, so that nobody takes it for a left-over."""
    while True:
        file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "r+")
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists():
            return file
        file.close()  # a relay that is starting was faster, and found an empty left-over


def _need_room(folder: Path) -> None:
    if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
