"""What a browser's `MediaRecorder` sends, decoded live: one decoder for all pieces of a client.

FFmpeg's demuxers read like from a file, so each decoder has a thread of its own that blocks for the next piece.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable

import structlog

from protocol.errors import AtCapacity, BadAudio, BufferFull, InputError
from relay.codecs.containers import container_of, decode
from relay.codecs.thread_pipes import PcmPipe, PiecePipe

log = structlog.get_logger(__name__)

MAX_WAITING_BYTES = 256 * 1024
"""What may wait to be decoded: 16 s of Chromium's 128 kbit/s.

A piece is still taken when less than this waits, however long it is; the length of one message is the socket's to
bound. Past it `feed` returns False and the client is to be held back until `room` returns; a piece fed all the
same cannot be left out, because a recording with a hole is not the recording, so it ends the decoder with `BufferFull`.
"""

_TOO_FAST = "More sound came than can be decoded in time; please start the recorder again."
_UNKNOWN = "The recording cannot be decoded; please start the recorder again."


class WebmDecoder:
    """A client's WebM/Opus or Ogg/Opus as 16 kHz mono s16le PCM.

    Made on the event loop, where `on_pcm` gets 2 bytes to 1 s at a time, as soon as a packet is there, and `on_error`
    at most one error, after which the decoder is over and ignores what it is fed: `BadAudio` (no header, or no sound
    to be found any more), `Unsupported` (MP4, another codec, or video), `BufferFull`. Neither may raise.

    A piece that begins with a header begins a new recording, which is decoded after the one before: a person may
    stop and start the recorder. A recording that breaks off is decoded as far as it goes and is no error; a
    damaged packet is left out.
    """

    def __init__(
        self,
        on_pcm: Callable[[bytes], None],
        on_error: Callable[[InputError], None],
        *,
        max_waiting: int = MAX_WAITING_BYTES,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_error = on_error
        self._max_waiting = max_waiting
        self._room = asyncio.Event()
        self._room.set()
        self._pieces = PiecePipe(self._loop, max_waiting, self._made_room)
        self._pcm = PcmPipe(self._loop, on_pcm)
        self._over = asyncio.Event()
        self._thread: threading.Thread | None = None
        self._ended = False  # nothing more is taken
        self._stopped = False  # nothing more is told

    @property
    def waiting(self) -> int:
        """Bytes fed and not yet taken by the decoder."""
        return self._pieces.waiting

    def feed(self, piece: bytes) -> bool:
        """Take the next piece, of any length. False: await `room` before the next one.

        Raises `AtCapacity` when this machine has no thread left, with the first piece only.
        """
        if self._ended or not piece:
            return True
        if self.waiting >= self._max_waiting:
            self._fail(BufferFull(_TOO_FAST))
            return True
        if self._thread is None:
            self._start()
        elif container_of(piece):
            self._pieces.end_recording()
        self._pieces.put(piece)
        if self.waiting >= self._max_waiting:
            self._room.clear()
            return False
        return True

    async def room(self) -> None:
        """Return when half of what may wait is free, at once when the last `feed` returned True or all is over."""
        await self._room.wait()

    def finish(self) -> None:
        """No more comes: decode the rest. `finished` tells when that is done."""
        if not self._ended:
            self._ended = True
            self._pieces.end()
            if self._thread is None:
                self._over.set()

    async def finished(self) -> None:
        """Return when all that was fed has gone to `on_pcm`, or was given up; to be called after `finish`."""
        await self._over.wait()

    def stop(self) -> None:
        """Drop everything, without waiting. No callback is called again; the thread ends within a moment."""
        self._ended = self._stopped = True
        self._pieces.abandon()
        self._pcm.abandon()
        self._room.set()
        if self._thread is None:
            self._over.set()

    async def close(self) -> None:
        """Drop everything and see the thread off. May be called at any time, and again."""
        self.stop()
        await self._over.wait()
        if self._thread is not None:
            self._thread.join()  # It has nothing left to do but to end.

    def _start(self) -> None:
        # A daemon: a process that ends without closing its decoders must not wait for them.
        thread = threading.Thread(target=self._run, name="recording decoder", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            raise AtCapacity() from None
        self._thread = thread

    def _made_room(self) -> None:
        if (
            self.waiting < self._max_waiting
        ):  # Else it was fed again before this was called, and is called again.
            self._room.set()

    def _fail(self, error: InputError) -> None:
        self.stop()
        self._on_error(error)

    def _ended_with(self, error: InputError | None) -> None:
        """The thread's last word, on the event loop; what it had put before has been delivered."""
        self._over.set()
        self._room.set()
        if error is not None and not self._stopped:
            self._fail(error)

    def _run(self) -> None:
        """The thread."""
        error: InputError | None = None
        try:
            self._decode()
        except InputError as raised:
            # A fresh one: the one that was raised holds on to the frames of this thread, and to the container.
            error = type(raised)(raised.message)
        except Exception as raised:  # No thread may die without a word: somebody waits for what it decodes.
            log.exception("recording decoder failed", error=type(raised).__name__)
            error = BadAudio(_UNKNOWN)
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody is left to tell
            self._loop.call_soon_threadsafe(self._ended_with, error)

    def _decode(self) -> None:
        while self._pieces.next_recording():
            with contextlib.closing(decode(self._pieces)) as sound:
                for pcm in sound:
                    if not self._pcm.put(pcm):
                        return
