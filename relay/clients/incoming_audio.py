"""What a client sends as sound, raw PCM or a browser's recording in pieces, made checked PCM."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from protocol.audio import check_chunk
from protocol.errors import BadAudio, InputError
from relay.codecs.containers import Container, container_of, is_cut_header
from relay.codecs.webm import MAX_WAITING_BYTES, WebmDecoder

END_SECONDS = 10.0
"""Longest wait for the rest of a recording to be decoded; its 256 KiB take a tenth of a second."""

NO_BEGINNING = (
    "This is the middle of a WebM recording, which cannot be decoded without its beginning; "
    "please stop the recorder and start it again."
)

_CLUSTER = b"\x1f\x43\xb6\x75"
_SIMPLE_BLOCK = b"\xa3"
_BLOCK_HEADER_BYTES = 4
_FIRST_TRACK = 0x81
_RESERVED_OR_LACED = 0x76


class IncomingAudio:
    """One client's sound. `take` its binary messages; `end` where a recording ends; `close` it with the connection.

    A recording is recognised by the header that its first pieces begin with; everything else is raw PCM. `on_pcm` gets
    PCM as `protocol.audio` describes it, 2 bytes to 1 s at a time; neither callback may raise. After an error in a
    recording the rest of it is left out without another word, until a piece brings a header, or after `end`: by itself
    it would be heard as noise.
    """

    def __init__(
        self,
        on_pcm: Callable[[bytes], None],
        on_error: Callable[[InputError], None],
        *,
        max_waiting: int = MAX_WAITING_BYTES,
    ) -> None:
        """`max_waiting`: bytes of a recording that may wait to be decoded before `take` pushes back."""
        self.container: Container | None = None
        """Of the recording that is coming in; None for PCM, and before the first piece."""
        self._on_pcm = on_pcm
        self._on_error = on_error
        self._max_waiting = max_waiting
        self._decoder: WebmDecoder | None = None
        self._begins = True  # the next piece is the first of a recording
        self._left_out = False  # the rest of the recording is of no use
        self._held = b""  # of a header, too little to know it by
        self._ending: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Bytes of a recording that wait to be decoded."""
        return self._decoder.waiting if self._decoder is not None else 0

    @property
    def _is_pcm(self) -> bool:
        """Whether what has come is no recording."""
        return not self._begins and self._decoder is None and not self._left_out

    def take(self, piece: bytes) -> Awaitable[None] | None:
        """Take a binary message. What is returned, if anything, is to be waited for before the next one.

        Raises `AtCapacity` when this machine can decode no more recordings.
        """
        if self._ending is not None:
            return self._take_after(self._ending, piece)
        piece, self._held = self._held + piece, b""
        if is_cut_header(piece) and not self._is_pcm:
            self._held = piece
            return None
        return self._take_whole(piece)

    def _take_whole(self, piece: bytes) -> Awaitable[None] | None:
        header = container_of(piece)
        if header is not None and (self._decoder is None or self._left_out):
            if self._decoder is not None:
                return self._replace_decoder(piece)
            return self._decode(piece, header)
        if self._left_out:
            return None
        if self._decoder is not None:
            return self._feed(self._decoder, piece)
        if self._begins and piece:
            if is_middle_of_webm(piece):
                self._left_out = True
                self._on_error(BadAudio(NO_BEGINNING))
                return None
            self._begins = False
        try:
            check_chunk(piece)
        except BadAudio as error:
            self._on_error(error)
        else:
            self._on_pcm(piece)
        return None

    def restart(self) -> None:
        """The next piece begins something new. Only where no container is coming in; otherwise `end`."""
        self._begins, self._left_out, self._held = True, False, b""

    async def end(self) -> None:
        """The recording ends here: return when all of it has gone to `on_pcm`. The next piece begins something new."""
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._end())
        await asyncio.shield(self._ending)

    async def close(self) -> None:
        """Drop what waits and let go of everything. No callback comes after it."""
        if self._ending is not None:
            self._ending.cancel()
            await asyncio.gather(self._ending, return_exceptions=True)
        await self._drop_decoder()

    def _decode(self, piece: bytes, container: Container) -> Awaitable[None] | None:
        self._decoder = WebmDecoder(self._on_pcm, self._failed, max_waiting=self._max_waiting)
        self.container = container
        self._begins = self._left_out = False
        return self._feed(self._decoder, piece)

    def _feed(self, decoder: WebmDecoder, piece: bytes) -> Awaitable[None] | None:
        return None if decoder.feed(piece) else decoder.room()

    def _failed(self, error: InputError) -> None:
        self._left_out = True
        self._on_error(error)

    async def _take_after(self, ending: asyncio.Task[None], piece: bytes) -> None:
        await asyncio.shield(ending)
        if (waiting := self.take(piece)) is not None:
            await waiting

    async def _replace_decoder(self, piece: bytes) -> None:
        """Of a decoder that has failed, by one for the recording that `piece` begins."""
        await self._drop_decoder()
        if (waiting := self.take(piece)) is not None:
            await waiting

    async def _end(self) -> None:
        try:
            if self._held and (waiting := self._take_whole(self._held)) is not None:
                await waiting
            if self._decoder is not None and not self._left_out:
                self._decoder.finish()
                async with asyncio.timeout(END_SECONDS):
                    await self._decoder.finished()
        except TimeoutError:
            self._on_error(BadAudio("The end of the recording could not be decoded in time."))
        finally:
            await self._drop_decoder()
            self._ending = None

    async def _drop_decoder(self) -> None:
        decoder, self._decoder, self.container = self._decoder, None, None
        self.restart()
        if decoder is not None:
            await decoder.close()


def is_middle_of_webm(piece: bytes) -> bool:
    """Whether `piece` begins where `MediaRecorder` cuts a WebM recording: at a cluster or a simple block.

    So comes a recorder that went on while its page connected anew. Taken for PCM it would be heard as noise. Chromium
    cuts behind the id of a block, before its size (measured 2026-11-21).
    """
    if piece.startswith(_CLUSTER):
        return True
    end = _end_of_block(piece, 1 if piece.startswith(_SIMPLE_BLOCK) else 0)
    if end is None or end > len(piece):
        return False
    following = piece[end : end + 1]
    if following == _SIMPLE_BLOCK and end + 1 < len(piece):
        return _end_of_block(piece, end + 1) is not None
    return following in (b"", _SIMPLE_BLOCK, _CLUSTER[:1])


def _end_of_block(piece: bytes, at: int) -> int | None:
    """Where the simple block ends whose size stands at `at`; None when there is none of an only track's.

    The size tells its own length by its leading zero bits (RFC 8794, section 4); the number of the track, a time of two
    bytes and a byte of flags follow, without lacing (RFC 9559, section 10.2).
    """
    size_bytes = 9 - piece[at].bit_length() if at < len(piece) else 9
    block = at + size_bytes
    if size_bytes > 8 or len(piece) < block + _BLOCK_HEADER_BYTES:
        return None
    if piece[block] != _FIRST_TRACK or piece[block + 3] & _RESERVED_OR_LACED:
        return None
    return block + (int.from_bytes(piece[at:block]) & ((1 << 7 * size_bytes) - 1))
