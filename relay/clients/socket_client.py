"""What every WebSocket client has in common: its messages are taken one by one, its answers sent in order, bounded."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import structlog
from pydantic_core import to_json
from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request

from protocol.client_messages import Hello
from protocol.errors import (
    AccessError,
    CapacityError,
    ClientTooSlow,
    InputError,
    InternalError,
    SessionMoved,
    Unauthorized,
    VoiceError,
)
from protocol.messages import Message
from relay.conversation import Conversation
from relay.identity import Identity
from relay.services import Services
from relay.tts import MP3, Speech

log = structlog.get_logger(__name__)

MAX_QUEUED_MESSAGES = 500
MAX_QUEUED_BYTES = 8 * 1024 * 1024
"""What waits for a client that does not read. Past either the connection is closed (`client_too_slow`); the session
stays and can be taken up again."""

SIGN_IN_ENDED = "Your sign-in has ended; please sign in again."


class SocketClient(ABC):
    """One connection. `serve()` it until it ends. A subclass translates its wire."""

    kind: ClassVar[str | None] = None
    """As `Client.kind`."""

    token_in_hello: ClassVar[bool] = False
    """Whether the token may come after the upgrade, so that a request without one is let in."""

    def __init__(self, connection: ServerConnection, services: Services, identity: Identity) -> None:
        self.replies = "whole"
        self.deltas = False
        self.speech: Speech = MP3
        self.services = services
        self.identity = identity
        assert connection.request is not None  # made after the handshake
        self.path, self.query = parse_target(connection.request.path)
        self.conversation: Conversation | None = None
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._queue: deque[tuple[bytes, bool]] = deque()
        self._queued_bytes = 0
        self._sender: asyncio.Task[None] | None = None
        self._closer: asyncio.Task[None] | None = None
        self._expiry: asyncio.TimerHandle | None = None

    # For the subclass

    @classmethod
    async def admit(cls, request: Request, services: Services, identity: Identity) -> Identity:
        """Who the client is, before the upgrade. A `VoiceError` refuses it: 401, 403, or 503 when there is no room."""
        return identity

    def begin(self) -> None:  # noqa: B027 - most have nothing to do
        """The connection is open. May raise as `take_text` does."""

    @abstractmethod
    def take_binary(self, data: bytes) -> Awaitable[None] | None:
        """A binary message. While an awaitable is waited for, nothing more is read: that slows the client down.

        An `InputError` is reported and the connection goes on; `AccessError` and `CapacityError` end it.
        """

    @abstractmethod
    def take_text(self, text: str) -> Awaitable[None] | None:
        """A text message; as `take_binary`."""

    def deliver(self, message: Message) -> None:  # noqa: B027 - not all have a conversation
        """A message of the conversation, to be told in the client's own wire."""

    @abstractmethod
    def report(self, error: VoiceError) -> None:
        """Tell the client of an error, in its own wire."""

    async def ended(self) -> None:  # noqa: B027 - most have nothing of their own
        """The connection is gone: let go of what is the subclass's own. The conversation is left afterwards."""

    # What is the same for all

    async def serve(self) -> None:
        """Take the client's messages until the connection ends, for whatever reason."""
        self.set_identity(self.identity)
        try:
            await self._guard(self.begin)
            async for message in self._connection:
                if self._closer is not None:
                    continue  # it has been told that it is not listened to any more
                if isinstance(message, bytes):
                    await self._guard(self.take_binary, message)
                else:
                    await self._guard(self.take_text, message)
        except ConnectionClosed:
            pass  # a network that fails is no fault of the client's, which comes back
        finally:
            if self._expiry is not None:
                self._expiry.cancel()
            try:
                await self.ended()
            except Exception:
                log.exception("client failed", client=type(self).__name__)
            finally:
                self.leave()
            for task in (self._sender, self._closer):
                if task is not None and task is not asyncio.current_task():
                    await asyncio.wait({task}, timeout=5)
                    task.cancel()

    async def _guard(self, take: Callable[..., Awaitable[None] | None], *args: object) -> None:
        try:
            if (waiting := take(*args)) is not None:
                await waiting
        except InputError as error:
            self.report(error)
        except (AccessError, CapacityError) as error:
            self.hang_up(error)
        except ConnectionClosed:
            raise
        except Exception:
            # A defect of ours. The session is kept, so that coming back may help.
            log.exception("client failed", client=type(self).__name__)
            self.hang_up(InternalError())

    def join(self, hello: Hello) -> Conversation:
        """Take part in the conversation that `hello` asks for. Raises `AccessError`, `CapacityError`."""
        self.conversation = self.services.sessions.join(hello, self, self.identity)
        return self.conversation

    def leave(self) -> None:
        """Let go of the conversation, which waits for its client a while."""
        if self.conversation is not None:
            self.services.sessions.leave(self.conversation, self)

    def on_joined(self, conversation: Conversation) -> None:
        self.conversation = conversation

    def set_identity(self, identity: Identity) -> None:
        """Who the client is from now on, until the token's expiry, which ends the connection."""
        self.identity = identity
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if identity.expires is not None:
            left = max(0.0, identity.expires - time.time())
            self._expiry = self._loop.call_later(left, self.hang_up, Unauthorized(SIGN_IN_ENDED))

    # Out

    @property
    def closing(self) -> bool:
        """Whether the client has been told that the connection ends."""
        return self._closer is not None

    def send_json(self, message: dict[str, Any]) -> None:
        self._send(to_json(message), text=True)  # UTF-8, at a tenth of what `json` takes

    def send_text(self, text: str) -> None:
        self._send(text.encode(), text=True)

    def send_binary(self, data: bytes) -> None:
        self._send(data, text=False)

    def _send(self, data: bytes, *, text: bool) -> None:
        """Send at once, or, while the client is slow to read, queue it for a task that waits for it."""
        if self._closer is not None:
            return
        if self._sender is None and not self._connection.transport.get_write_buffer_size():
            # What the socket takes right away needs no task and no turn of the event loop.
            broadcast((self._connection,), data, text=text)
            return
        self._queue.append((data, text))
        self._queued_bytes += len(data)
        if len(self._queue) > MAX_QUEUED_MESSAGES or self._queued_bytes > MAX_QUEUED_BYTES:
            self._queue.clear()
            self._queued_bytes = 0
            self.hang_up(ClientTooSlow())
        elif self._sender is None:
            self._sender = self._loop.create_task(self._send_queue())

    def drop_waiting(self) -> None:
        """What waits to be sent is not wanted any more."""
        self._queue.clear()
        self._queued_bytes = 0

    def hang_up(self, error: VoiceError) -> None:
        """Tell the client why, and close the connection."""
        if self._closer is None:
            self.report(error)
        self.close(close_code(error), error.code)

    def close(self, code: int, reason: str) -> None:
        """Close the connection (RFC 6455, section 7.4), after what waits to be sent; 5 s at most."""
        if self._closer is None:
            self._closer = self._loop.create_task(self._close(code, reason))

    async def _send_queue(self) -> None:
        try:
            while self._queue:
                data, text = self._queue.popleft()
                self._queued_bytes -= len(data)
                await self._connection.send(data, text=text)
        except ConnectionClosed:
            self._queue.clear()
        finally:
            self._sender = None

    async def _close(self, code: int, reason: str) -> None:
        if self._sender is not None:
            await asyncio.wait({self._sender}, timeout=5)
        await self._connection.close(code, reason)


def parse_target(target: str) -> tuple[str, dict[str, str]]:
    """A request's path, and the first value of each field of its query; `websockets` bounds their length."""
    parts = urlsplit(target)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


def close_code(error: VoiceError) -> int:
    """RFC 6455, section 7.4: 1013 asks to try again later, 1011 is a fault of ours; 4000 and up are our own."""
    if isinstance(error, SessionMoved):
        return 4409
    if isinstance(error, Unauthorized):
        return 4401
    if isinstance(error, AccessError):
        return 1013 if error.retryable else 4403
    if isinstance(error, InputError):
        return 4400
    if isinstance(error, CapacityError):
        return 1013
    return 1011
