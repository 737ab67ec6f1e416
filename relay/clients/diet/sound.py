"""The diet page's sound, and its limits. None of them loses a piece: a recording with a hole is no recording.

| limit | what happens at it |
| --- | --- |
| `RELAY_DIET_PIECE_BYTES` | a longer piece is decoded all the same, and told once a recording |
| `RELAY_DIET_ZERO_SHARE` | a second of which more is zeros is told (`audio_silent`), as is one without sound at all \
(`audio_empty`) |
| `RELAY_DIET_QUEUE`, `RELAY_DIET_BUFFER_BYTES` | pieces and bytes of a page that wait to be decoded: at either of \
them the page is not read until there is room, and told (`queue_full`) |
| `RELAY_DIET_TOTAL_BYTES` | bytes of all pages that wait: the page that comes to it waits in the same way |
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from protocol.client_messages import MAX_CLIENT_MESSAGE_BYTES
from protocol.errors import InputError
from relay.clients.diet.pages import DietPages
from relay.clients.incoming_audio import IncomingAudio
from relay.settings import RelaySettings

SECOND = 1.0
"""Sound is judged, and acknowledged, by the second."""

SILENCE_LEVEL = 8
"""Samples up to here count as zeros: -72 dB of full scale. A microphone that is on exceeds it. Digital silence that has
been through Opus does not, though a quarter of it is ±1 (measured 2026-11-21)."""

TELL_AGAIN_SECONDS = 10.0
"""Silence that lasts is told this often."""

HOLD_SECONDS = 10.0
"""Longest that a page is not read, for its connection's pings to be answered; then one more piece is taken."""

LOOK_SECONDS = 0.02

LONG_PIECE = "The pieces of the recording are long; shorter ones are understood sooner."
EMPTY = "There is no sound in what comes from the microphone."
SILENT = "What comes from the microphone is silence; is it muted?"
QUEUE_FULL = "Sound comes faster than it can be decoded; one moment, please. Nothing is lost."


class DietSound:
    """One page's. `take` its binary messages, `end` where its recording ends, `close` it with the connection.

    `tell(status, message, **fields)` tells the page.
    """

    def __init__(
        self,
        settings: RelaySettings,
        pages: DietPages,
        on_pcm: Callable[[bytes], None],
        on_error: Callable[[InputError], None],
        tell: Callable[..., None],
        acknowledge: Callable[[dict[str, Any]], None],
    ) -> None:
        self._settings = settings
        self._pages = pages
        self._on_pcm = on_pcm
        self._tell = tell
        self._acknowledge = acknowledge
        # At its own bound it pushes back without a word, so ours comes first.
        bound = settings.diet_buffer_bytes + MAX_CLIENT_MESSAGE_BYTES
        self._incoming = IncomingAudio(self._take_pcm, on_error, max_waiting=bound)
        self._loop = asyncio.get_running_loop()
        self._queue: deque[int] = deque()  # lengths of the pieces that may not be decoded yet
        self._pieces = self._received = 0
        self._told_long = False
        self._acked_at = 0.0
        self._judged_at = self._loop.time()
        self._came = False  # a piece, since it was judged
        self._decoded = self._zeros = 0  # samples since then
        self._told: dict[str, float] = {}  # when silence was told
        pages.add(self)

    @property
    def waiting(self) -> int:
        """Bytes that wait to be decoded."""
        return self._incoming.waiting

    @property
    def queue(self) -> int:
        """Pieces that wait to be decoded, the one that is being decoded included."""
        while self._queue and sum(self._queue) - self._queue[0] >= self.waiting:
            self._queue.popleft()
        return len(self._queue)

    def take(self, piece: bytes) -> Awaitable[None] | None:
        """Raises `AtCapacity` when this machine can decode no more recordings."""
        self._pages.counters.pieces += 1
        self._pieces += 1
        self._received += len(piece)
        self._judge()
        if len(piece) > self._settings.diet_piece_bytes:
            self._pages.counters.long_pieces += 1
            if not self._told_long:
                self._told_long = True
                self._tell("listening", LONG_PIECE, bytes=len(piece), limit=self._settings.diet_piece_bytes)
        return self._take_when_room(piece) if self._full() else self._feed(piece)

    async def end(self) -> None:
        """Return when all of the recording has been decoded."""
        await self._incoming.end()
        self._told_long = False
        self._pages.note(self)

    async def close(self) -> None:
        self._pages.remove(self)
        await self._incoming.close()

    def _feed(self, piece: bytes) -> Awaitable[None] | None:
        self._came = True
        held = self._incoming.take(piece)
        self._queue.append(len(piece))
        self._pages.note(self)
        now = self._loop.time()
        if self._pieces % 2 == 0 and now - self._acked_at >= SECOND:
            self._acked_at = now
            self._acknowledge({"received": self._received, "buffered": self.waiting, "queue": self.queue})
        return held

    def _full(self) -> bool:
        settings = self._settings
        return (
            self.waiting >= settings.diet_buffer_bytes
            or self.queue >= settings.diet_queue
            or self._pages.waiting(settings.diet_total_bytes) >= settings.diet_total_bytes
        )

    async def _take_when_room(self, piece: bytes) -> None:
        self._pages.counters.queue_full += 1
        self._tell("queue_full", QUEUE_FULL, queue=self.queue, buffered=self.waiting)
        until = self._loop.time() + HOLD_SECONDS
        while self._full() and self._loop.time() < until:
            await asyncio.sleep(LOOK_SECONDS)
        if (held := self._feed(piece)) is not None:
            await held

    def _take_pcm(self, pcm: bytes) -> None:
        samples = np.frombuffer(pcm, "<i2")
        self._decoded += len(samples)
        self._zeros += len(samples) - int(
            np.count_nonzero((samples > SILENCE_LEVEL) | (samples < -SILENCE_LEVEL))
        )
        self._pages.note(self)
        self._on_pcm(pcm)

    def _judge(self) -> None:
        """Look at what became of the pieces of the last second or more."""
        now = self._loop.time()
        if now - self._judged_at < SECOND or not self._came or self.waiting:
            return
        counters = self._pages.counters
        if self._decoded == 0:
            counters.empty += 1
            self._tell_silence("audio_empty", EMPTY, now)
        elif self._zeros > self._settings.diet_zero_share * self._decoded:
            counters.silent += 1
            self._tell_silence("audio_silent", SILENT, now)
        else:
            self._told.clear()
        self._judged_at, self._came = now, False
        self._decoded = self._zeros = 0

    def _tell_silence(self, status: str, message: str, now: float) -> None:
        if now - self._told.get(status, -TELL_AGAIN_SECONDS) >= TELL_AGAIN_SECONDS:
            self._told[status] = now
            self._tell(status, message)
