"""The native client (path `/`): binary PCM in, JSON both ways; also the original page, which only sends audio.

The wire is specified in `protocol/README.md`.
"""

from __future__ import annotations

import asyncio
from collections import deque

import structlog
from pydantic_core import to_json
from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed

from protocol import PROTOCOL_VERSION, same_major
from protocol.audio import BYTES_PER_SECOND, SAMPLE_RATE, check_chunk
from protocol.client_messages import ErrorMessage, Flush, Hello, Ping, Pong, parse_client_message
from protocol.errors import (
    AccessError,
    BadAudio,
    CapacityError,
    ClientTooSlow,
    HelloRepeated,
    InputError,
    InternalError,
    SessionMoved,
    Unsupported,
    VersionMismatch,
    VoiceError,
)
from protocol.messages import Message
from relay.conversation import Conversation
from relay.sessions import Sessions

log = structlog.get_logger(__name__)

HELLO_SECONDS = 0.5
"""Audio that comes before `hello` waits this long for it; then a session of its own is opened, as for the original."""

MAX_EARLY_BYTES = 2 * BYTES_PER_SECOND
"""Audio that waits for `hello`; more opens the session at once."""

MAX_QUEUED_MESSAGES = 500
MAX_QUEUED_BYTES = 8 * 1024 * 1024
"""What waits for a client that does not read. Past either the connection is closed (`client_too_slow`); the session
stays and can be taken up again."""

PACE_WINDOW_BYTES = 5 * BYTES_PER_SECOND
"""The pace is looked at after each 5 s of audio."""

WEBM_HEADER = b"\x1a\x45\xdf\xa3"
"""EBML, the start of every WebM recording (RFC 8794, section 11.2.1)."""


class NativeClient:
    """One connection. `serve()` it until it ends."""

    def __init__(self, connection: ServerConnection, sessions: Sessions) -> None:
        self.replies = "whole"
        self._connection = connection
        self._sessions = sessions
        self._loop = asyncio.get_running_loop()
        self._conversation: Conversation | None = None
        self._said_hello = False
        self._early = bytearray()
        self._early_timer: asyncio.TimerHandle | None = None
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._sender: asyncio.Task[None] | None = None
        self._closer: asyncio.Task[None] | None = None
        self._recording_starts = True
        self._left_out = False  # the recording that is coming in is none that we can take
        self._pace_bytes = 0
        self._pace_since = 0.0
        self._fast_windows = 0

    async def serve(self) -> None:
        """Take the client's messages until the connection ends, for whatever reason."""
        try:
            async for message in self._connection:
                if self._closer is not None:
                    continue  # it has been told that it is not listened to any more
                try:
                    if isinstance(message, bytes):
                        self._take_audio(message)
                    else:
                        self._take_text(message)
                except InputError as error:
                    self.deliver(ErrorMessage.of(error))
                except (AccessError, CapacityError) as error:
                    self.hang_up(error)
                except Exception:
                    # A defect of ours. The session is kept, so that coming back may help.
                    log.exception("client failed")
                    self.hang_up(InternalError())
        except ConnectionClosed:
            pass  # a network that fails is no fault of the client's, which comes back
        finally:
            if self._early_timer is not None:
                self._early_timer.cancel()
            if self._conversation is not None:
                self._sessions.leave(self._conversation, self)
            for task in (self._sender, self._closer):
                if task is not None and task is not asyncio.current_task():
                    await asyncio.wait({task}, timeout=5)
                    task.cancel()

    # In

    def _take_audio(self, chunk: bytes) -> None:
        if self._recording_starts and chunk:
            self._recording_starts, self._left_out = False, chunk.startswith(WEBM_HEADER)
            if self._left_out:
                raise Unsupported("This relay takes raw 16 kHz PCM, not WebM; see protocol/README.md.")
        if self._left_out:
            return  # the rest of it has no header to know it by, and would be heard as noise
        check_chunk(chunk)
        self._pace_bytes += len(chunk)
        if self._pace_bytes >= PACE_WINDOW_BYTES:
            self._judge_pace()
        if self._conversation is not None:
            self._conversation.add_audio(chunk)
            return
        if not self._early:
            self._early_timer = self._loop.call_later(HELLO_SECONDS, self._join_without_hello)
        self._early += chunk
        if len(self._early) >= MAX_EARLY_BYTES:
            self._join_without_hello()

    def _judge_pace(self) -> None:
        """Notice audio at another rate, which has the same form: 48 kHz comes three times too fast.

        A client that catches up after a disconnect comes faster than that and not for long. The audio is taken
        all the same: over a slow line a client may catch up at any pace.
        """
        now = self._loop.time()
        pace = self._pace_bytes / BYTES_PER_SECOND / max(now - self._pace_since, 0.001)
        self._pace_bytes, self._pace_since = 0, now
        self._fast_windows = self._fast_windows + 1 if 1.5 <= pace <= 8 else 0
        if self._fast_windows == 2:
            question = f"is it {SAMPLE_RATE} Hz, 16-bit, mono?"
            error = BadAudio(f"Audio comes {pace:.1f} times faster than it is spoken; {question}")
            self.deliver(ErrorMessage.of(error))

    def _take_text(self, text: str) -> None:
        message = parse_client_message(text)
        if isinstance(message, Ping):
            self.deliver(Pong())
        elif isinstance(message, Hello):
            self._take_hello(message)
        else:
            if isinstance(message, Flush):
                self._recording_starts = True
            if self._conversation is None:
                self._join(Hello())
            assert self._conversation is not None
            self._conversation.take(message)

    def _take_hello(self, hello: Hello) -> None:
        if self._said_hello or (self._conversation is not None and hello.session_id is not None):
            raise HelloRepeated
        if not same_major(hello.protocol):
            raise VersionMismatch(f"This relay speaks protocol {PROTOCOL_VERSION}, not {hello.protocol}.")
        self._said_hello = True
        self.replies = hello.replies
        if self._conversation is None:
            self._join(hello)

    def _join_without_hello(self) -> None:
        try:
            if self._conversation is None:
                self._join(Hello())
        except (AccessError, CapacityError) as error:
            self.hang_up(error)

    def _join(self, hello: Hello) -> None:
        if self._early_timer is not None:
            self._early_timer.cancel()
        self._conversation = self._sessions.join(hello, self)
        early, self._early = self._early, bytearray()
        for start in range(0, len(early), BYTES_PER_SECOND):
            self._conversation.add_audio(bytes(early[start : start + BYTES_PER_SECOND]))

    def on_joined(self, conversation: Conversation) -> None:
        self._conversation = conversation

    # Out

    def deliver(self, message: Message) -> None:
        """Send one message at once, or, while the client is slow to read, queue it for a task that waits for it."""
        if self._closer is not None:
            return
        text = to_json(message.to_wire())  # UTF-8, at a tenth of what `json` takes
        if self._sender is None and not self._connection.transport.get_write_buffer_size():
            # What the socket takes right away needs no task and no turn of the event loop.
            broadcast((self._connection,), text, text=True)
            return
        self._queue.append(text)
        self._queued_bytes += len(text)
        if len(self._queue) > MAX_QUEUED_MESSAGES or self._queued_bytes > MAX_QUEUED_BYTES:
            self._queue.clear()
            self._queued_bytes = 0
            self.hang_up(ClientTooSlow())
        elif self._sender is None:
            self._sender = self._loop.create_task(self._send_queue())

    def hang_up(self, error: VoiceError) -> None:
        self.deliver(ErrorMessage.of(error))
        if self._closer is None:
            self._closer = self._loop.create_task(self._close(error))

    async def _send_queue(self) -> None:
        try:
            while self._queue:
                text = self._queue.popleft()
                self._queued_bytes -= len(text)
                await self._connection.send(text, text=True)
        except ConnectionClosed:
            self._queue.clear()
        finally:
            self._sender = None

    async def _close(self, error: VoiceError) -> None:
        if self._sender is not None:
            await asyncio.wait({self._sender}, timeout=5)
        await self._connection.close(close_code(error), error.code)


def close_code(error: VoiceError) -> int:
    """RFC 6455, section 7.4: 1013 asks to try again later, 1011 is a fault of ours; 4000 and up are our own."""
    if isinstance(error, SessionMoved):
        return 4409
    if isinstance(error, AccessError):
        return 4403
    if isinstance(error, CapacityError):
        return 1013
    return 1011
