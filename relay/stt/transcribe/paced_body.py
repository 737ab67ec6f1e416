"""A request body that lets awscrt's thread rest.

awscrt 0.26 asks a body that has nothing to send again at once, for as long as the stream is open: one stream takes a
whole core. `PacedBody` therefore holds that thread for `PAUSE` when there is nothing, once a pass over the bodies
that the thread serves. What the service sends waits behind the pause, 5 ms on average; so does the audio.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Any

from relay.stt.transcribe.failures import NotTakingAudio

PAUSE = 0.01
"""Seconds."""
MAX_WAITING_BYTES = 256 * 1024
"""8 s of audio, signatures aside. The service takes it as fast as it comes; more means that it has stopped reading."""


@dataclass(slots=True)
class _Pass:
    leader: PacedBody
    """The body that pauses its thread: when it is asked again, a new pass has begun."""
    resumed: float


class Pacer:
    """Finds out, for each thread, which of the bodies it asks is the one to pause at. Shared by all bodies."""

    def __init__(self, pause: float = PAUSE) -> None:
        self._pause = pause
        # By number: awscrt drops its Python thread state after each call, so threading.local would forget. Only the
        # thread itself touches its entry, and awscrt has about one thread a core.
        self._passes: dict[int, _Pass] = {}

    def idle(self, body: PacedBody) -> None:
        """Called by awscrt's thread when `body` has nothing to send."""
        thread = threading.get_ident()
        current = self._passes.get(thread)
        # A leader that has left, or always has audio, is replaced once it has not paused for three times its turn.
        if (
            current is None
            or current.leader is body
            or current.leader.closed
            or time.monotonic() - current.resumed > 3 * self._pause
        ):
            time.sleep(self._pause)
            self._passes[thread] = _Pass(body, time.monotonic())


class PacedBody(BufferedIOBase):
    """What is written on the event loop's thread, read on awscrt's."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._ended = False

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        """Raises `NotTakingAudio` past `MAX_WAITING_BYTES`."""
        with self._lock:
            if self._ended:
                raise OSError("the audio has been ended")
            if self._waiting_bytes + len(data) > MAX_WAITING_BYTES:
                raise NotTakingAudio(f"{self._waiting_bytes} bytes wait to be sent")
            self._waiting.append(bytes(data))
            self._waiting_bytes += len(data)
        return len(data)

    def end_stream(self) -> None:
        """No more is written; the request ends after what waits."""
        with self._lock:
            self._ended = True

    def close(self) -> None:
        self.end_stream()
        super().close()

    def readinto1(self, buffer: Any, /) -> int:
        """Fill `buffer` with what waits; 0 is the end. Raises `BlockingIOError` for "nothing yet", as awscrt wants."""
        view = memoryview(buffer).cast("B")
        filled = 0
        with self._lock:
            while self._waiting and filled < len(view):
                piece = self._waiting.popleft()
                taken = piece[: len(view) - filled]
                view[filled : filled + len(taken)] = taken
                filled += len(taken)
                if len(taken) < len(piece):
                    self._waiting.appendleft(piece[len(taken) :])
            self._waiting_bytes -= filled
            ended = self._ended
        if filled or ended:
            return filled
        self._pacer.idle(self)
        raise BlockingIOError("no audio yet")

    def read(self, size: int | None = -1, /) -> bytes:
        """As `readinto1`, which is what awscrt calls; it insists on there being a `read` too."""
        piece = bytearray(MAX_WAITING_BYTES if size is None or size < 0 else size)
        return bytes(piece[: self.readinto1(piece)])
