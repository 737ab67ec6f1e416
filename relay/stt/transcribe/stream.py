"""One conversation's stream to Transcribe."""

from __future__ import annotations

import asyncio

import structlog

from protocol.errors import SttError
from relay.stt import OnFailure, OnResult
from relay.stt.transcribe.events import TranscriptEventHandler
from relay.stt.transcribe.failures import NotTakingAudio, StreamEnded, failure_of, names_vocabulary
from relay.stt.transcribe.transport import MAX_AUDIO_EVENT_BYTES, Channel, Transport

log = structlog.get_logger(__name__)

START_TIMEOUT = 10.0
"""Seconds for credentials, connection and the service's first answer together."""
SEND_TIMEOUT = 5.0
"""Seconds that one piece of audio may wait for the service to read."""
REASON_TIMEOUT = 1.0
"""Seconds to wait for the reason after the connection closed under a send: it is often an event not read yet."""
DRAIN_SECONDS = 1.2
"""What `AudioStreamHandler.drain` waits; less than a flush may be held (2 s, `relay/endpointer.py`)."""


class AudioStreamHandler:
    """An `SttStream`. Nothing is sent to it before `initialize_transcribe` has returned."""

    behind = 0
    """Transcribe does not say how far it is."""

    def __init__(
        self,
        transport: Transport,
        on_result: OnResult,
        on_failure: OnFailure,
        *,
        start_timeout: float = START_TIMEOUT,
        send_timeout: float = SEND_TIMEOUT,
    ) -> None:
        self._transport = transport
        self._on_result = on_result
        self._on_failure = on_failure
        self._start_timeout = start_timeout
        self._send_timeout = send_timeout
        self._channel: Channel | None = None
        self._reader: asyncio.Task[None] | None = None
        self._failure: SttError | None = None
        self._failed = asyncio.Event()
        self._closed = False

    async def initialize_transcribe(self) -> None:
        """Open the stream. Raises `SttError`; a refusal may also come as a failure right after.

        (The WebSocket interface answers the handshake before it looks at the request.)
        """
        try:
            async with asyncio.timeout(self._start_timeout):
                self._channel = await self._transport.open()
        except Exception as error:  # three libraries' errors; each becomes one of ours, none is kept
            raise self._failure_of(error) from error
        self._reader = asyncio.create_task(self._read(self._channel), name="transcribe-reader")

    async def process_audio_data(self, pcm: bytes) -> None:
        """Send PCM (`protocol.audio`). Raises the stream's failure, also every time after it."""
        if self._failure is not None:
            raise _again(self._failure)
        if self._closed or self._channel is None:
            return
        # An empty event would tell Transcribe that the audio is over: nothing to send means nothing is sent.
        for at in range(0, len(pcm), MAX_AUDIO_EVENT_BYTES):
            try:
                async with asyncio.timeout(self._send_timeout):
                    await self._channel.send(pcm[at : at + MAX_AUDIO_EVENT_BYTES])
            except Exception as error:  # as above
                await self._send_failed(error)

    async def drain(self) -> None:
        """Return after 1.2 s, or at once when the stream is dead.

        Transcribe has no way to ask for what it has: silence makes it end its line. The conversation sends that
        silence only once the client has sent nothing for 0.3 s. So 1.2 s lets Transcribe hear most of a second of
        silence and answer, while a flush, which gives up after 2 s, still waits for it.
        """
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._failed.wait()
        except TimeoutError:
            return

    async def close(self) -> None:
        """Let go within 2 s; the service keeps nothing open."""
        if self._closed:
            return
        self._closed = True
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        if self._channel is not None:
            await self._channel.close()

    async def _read(self, channel: Channel) -> None:
        try:
            await TranscriptEventHandler(channel.events, self._on_result).handle_events()  # type: ignore[no-untyped-call]
            self._fail(StreamEnded("Transcribe ended the stream"))
        except Exception as error:  # the end of the stream, whatever it was: the conversation must be told
            self._fail(error)
        await channel.close()

    async def _send_failed(self, error: Exception) -> None:
        if isinstance(error, TimeoutError):
            error = NotTakingAudio(f"no audio taken for {self._send_timeout} s")
        else:
            try:
                async with asyncio.timeout(REASON_TIMEOUT):
                    await self._failed.wait()
            except TimeoutError:
                pass
        self._fail(error)
        if self._failure is not None:
            raise _again(self._failure) from error

    def _fail(self, error: Exception) -> None:
        if self._closed or self._failure is not None:
            return
        self._failure = self._failure_of(error)
        self._failed.set()
        self._on_failure(self._failure)

    def _failure_of(self, error: Exception) -> SttError:
        if names_vocabulary(error):
            self._transport.vocabulary.refused()  # the next stream, which is opened at once, does without
        return failure_of(error)


def _again(failure: SttError) -> SttError:
    # A new instance: raised over and over, one instance would collect a traceback without end.
    return type(failure)(failure.message)
