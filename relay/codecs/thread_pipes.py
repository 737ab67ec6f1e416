"""Bytes between the event loop and a thread that blocks: `PiecePipe` into the thread, `PcmPipe` out of it.

Neither end ever waits for the event loop to be fair: the loop's side does not block, and the thread's side looks
every `LOOK_SECONDS` whether its loop still exists, so that a thread that nobody closed ends with its loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable

from protocol.audio import BYTES_PER_SECOND, MAX_CHUNK_BYTES

LOOK_SECONDS = 5.0

MAX_UNDELIVERED_BYTES = 10 * BYTES_PER_SECOND
"""Sound that waits for a busy event loop. A thread that has more waits, and then what it reads from waits too."""


class PiecePipe:
    """Pieces of recordings on their way into the thread, which reads them like a file.

    Unbounded by itself: whoever puts looks at `waiting`. `on_room` is called on the event loop when `waiting`, after
    it had been `limit` or more, is down to half of that.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, limit: int, on_room: Callable[[], None]) -> None:
        self._loop = loop
        self._limit = limit
        self._on_room = on_room
        self._condition = threading.Condition()
        self._pieces: deque[bytes | None] = deque()  # None: the end of a recording
        self._ended = False
        self._crowded = False
        self.waiting = 0
        """Bytes put and not yet read."""
        self.barren = 0

    def put(self, piece: bytes) -> None:
        with self._condition:
            self._pieces.append(piece)
            self.waiting += len(piece)
            self._crowded = self._crowded or self.waiting >= self._limit
            self._condition.notify()

    def end_recording(self) -> None:
        """What is put from here on is another recording."""
        with self._condition:
            self._pieces.append(None)
            self._condition.notify()

    def end(self) -> None:
        """Nothing more is put."""
        with self._condition:
            self._ended = True
            self._condition.notify()

    def abandon(self) -> None:
        """Nothing more is put, and what waits is dropped."""
        with self._condition:
            self._pieces.clear()
            self.waiting = 0
            self._ended = True
            self._condition.notify()

    def next_recording(self) -> bool:
        """Thread: drop what is left of this recording, wait for the next one. False when there is none."""
        with self._condition:
            while self._pieces:
                piece = self._pieces.popleft()
                if piece is None:
                    break
                self.waiting -= len(piece)
            self.barren = 0
            self._wait(1)
            return bool(self._pieces)

    def peek(self, count: int) -> bytes:
        """Thread: the next `count` bytes, which stay; fewer only when the recording ends with them."""
        with self._condition:
            return self._wait(count)[:count]

    def read(self, count: int) -> bytes:
        """Thread: 1 to `count` bytes, waited for; `b""` at the end of the recording."""
        with self._condition:
            if not self._wait(1):
                return b""
            piece = self._pieces.popleft()
            assert piece is not None
            if len(piece) > count:
                self._pieces.appendleft(piece[count:])
                piece = piece[:count]
            self.waiting -= len(piece)
            self.barren += len(piece)
            room = self._crowded and self.waiting <= self._limit // 2
            if room:
                self._crowded = False
        if room:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._on_room)
        return piece

    def _wait(self, count: int) -> bytes:
        """The next `count` bytes or more, in the deque as one piece; fewer at the end of the recording."""
        while True:
            while len(self._pieces) > 1 and (first := self._pieces[0]) is not None and len(first) < count:
                if (second := self._pieces[1]) is None:
                    return first
                self._pieces.popleft()
                self._pieces[0] = first + second
            first = self._pieces[0] if self._pieces else b""
            if first is None:
                return b""
            if len(first) >= count or self._ended:
                return first
            if not self._condition.wait(LOOK_SECONDS) and self._loop.is_closed():
                self._ended = True


class PcmPipe:
    """PCM on its way out of the thread: however often it puts, the event loop is woken once for all of it.

    `on_pcm` is called on the event loop with 2 bytes to 1 s at a time.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, on_pcm: Callable[[bytes], None]) -> None:
        self._loop = loop
        self._on_pcm = on_pcm
        self._condition = threading.Condition()
        self._pcm = bytearray()
        self._woken = False
        self._abandoned = False

    def put(self, pcm: bytes) -> bool:
        """Thread: hand over, and wait while the loop has too much. False when nobody wants it any more."""
        with self._condition:
            while len(self._pcm) >= MAX_UNDELIVERED_BYTES and not self._abandoned:
                if not self._condition.wait(LOOK_SECONDS) and self._loop.is_closed():
                    self._abandoned = True
            if self._abandoned:
                return False
            self._pcm += pcm
            wake, self._woken = not self._woken, True
        if wake:
            try:
                self._loop.call_soon_threadsafe(self.deliver)
            except RuntimeError:  # the loop is closed
                return False
        return True

    def deliver(self) -> None:
        """Give what there is to `on_pcm`."""
        with self._condition:
            pcm, self._pcm = bytes(self._pcm), bytearray()
            self._woken = False
            self._condition.notify()
        for begin in range(0, len(pcm), MAX_CHUNK_BYTES):
            if self._abandoned:  # by what `on_pcm` did
                return
            self._on_pcm(pcm[begin : begin + MAX_CHUNK_BYTES])

    def abandon(self) -> None:
        """Drop what waits; `on_pcm` is not called again."""
        with self._condition:
            self._abandoned = True
            self._pcm.clear()
            self._condition.notify()
