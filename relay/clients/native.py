"""The native client (path `/`): binary audio in, JSON both ways; also the original page, which only sends audio.

The wire is specified in `protocol/README.md`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from websockets.asyncio.server import ServerConnection

from protocol import PROTOCOL_VERSION, same_major
from protocol.audio import BYTES_PER_SECOND, SAMPLE_RATE
from protocol.client_messages import ErrorMessage, Flush, Hello, Ping, Pong, parse_client_message
from protocol.errors import (
    AccessError,
    BadAudio,
    CapacityError,
    HelloRepeated,
    InsecureConnection,
    Unauthorized,
    VersionMismatch,
    VoiceError,
)
from protocol.messages import Message
from relay.clients.incoming_audio import IncomingAudio
from relay.clients.socket_client import SocketClient
from relay.identity import Identity
from relay.services import Services
from relay.transport_security import is_private, without_credentials

HELLO_SECONDS = 0.5
"""Audio that comes before `hello` waits this long for it; then a session of its own is opened, as for the original."""

TOKEN_SECONDS = 10.0
"""Where tokens are needed, a client that has shown none by then is let go."""

MAX_EARLY_BYTES = 2 * BYTES_PER_SECOND
"""Audio that waits for `hello`; more opens the session at once."""

PACE_WINDOW_BYTES = 5 * BYTES_PER_SECOND
"""The pace is looked at after each 5 s of audio."""


class NativeClient(SocketClient):
    """One connection. `serve()` it until it ends."""

    token_in_hello = True

    def __init__(self, connection: ServerConnection, services: Services, identity: Identity) -> None:
        super().__init__(connection, services, identity)
        self._said_hello = False
        self._early = bytearray()
        self._early_timer: asyncio.TimerHandle | None = None
        self._token_timer: asyncio.TimerHandle | None = None
        self._incoming = IncomingAudio(self._take_pcm, self.report)
        self._pace_bytes = 0
        self._pace_since = 0.0
        self._fast_windows = 0

    def begin(self) -> None:
        if self._is_stranger:
            self._token_timer = self._loop.call_later(TOKEN_SECONDS, self.hang_up, Unauthorized())

    async def ended(self) -> None:
        for timer in (self._early_timer, self._token_timer):
            if timer is not None:
                timer.cancel()
        await self._incoming.close()

    @property
    def _is_stranger(self) -> bool:
        """Whether a token is needed and none has come: nothing is kept or decoded for a stranger."""
        return self.services.authenticator.required and self.identity.user is None

    # In

    def take_binary(self, data: bytes) -> Awaitable[None] | None:
        if self._is_stranger:
            raise Unauthorized
        waiting = self._incoming.take(data)
        if self._incoming.container is not None:
            self._wait_for_hello()  # a decoder is not to be had without a conversation, which takes a place
        return waiting

    def _take_pcm(self, pcm: bytes) -> None:
        if self._incoming.container is None:
            self._judge_pace(len(pcm))
        if self.conversation is not None:
            self.conversation.add_audio(pcm)
            return
        self._wait_for_hello()
        self._early += pcm
        if len(self._early) >= MAX_EARLY_BYTES:
            self._join_without_hello()

    def _wait_for_hello(self) -> None:
        if self.conversation is None and self._early_timer is None:
            self._early_timer = self._loop.call_later(HELLO_SECONDS, self._join_without_hello)

    def _judge_pace(self, byte_count: int) -> None:
        """Notice audio at another rate, which has the same form: 48 kHz comes three times too fast.

        A client that catches up after a disconnect comes faster than that and not for long. The audio is taken
        all the same: over a slow line a client may catch up at any pace.
        """
        self._pace_bytes += byte_count
        if self._pace_bytes < PACE_WINDOW_BYTES:
            return
        now = self._loop.time()
        pace = self._pace_bytes / BYTES_PER_SECOND / max(now - self._pace_since, 0.001)
        self._pace_bytes, self._pace_since = 0, now
        self._fast_windows = self._fast_windows + 1 if 1.5 <= pace <= 8 else 0
        if self._fast_windows == 2:
            question = f"is it {SAMPLE_RATE} Hz, 16-bit, mono?"
            self.report(BadAudio(f"Audio comes {pace:.1f} times faster than it is spoken; {question}"))

    def take_text(self, text: str) -> Awaitable[None] | None:
        message = parse_client_message(text)
        if isinstance(message, Ping):
            self.deliver(Pong())
        elif isinstance(message, Hello):
            return self._take_hello(message)
        elif isinstance(message, Flush) and self._incoming.container is not None:
            return self._end_recording(message)
        else:
            if isinstance(message, Flush):
                self._incoming.restart()
            self._hand_on(message)
        return None

    def _hand_on(self, message: Message) -> None:
        if self.conversation is None:
            self._join(Hello())
        assert self.conversation is not None
        self.conversation.take(message)

    async def _end_recording(self, flush: Flush) -> None:
        """A flush ends a recording: what of it is still being decoded belongs to the turn."""
        await self._incoming.end()
        self._hand_on(flush)

    def _take_hello(self, hello: Hello) -> Awaitable[None] | None:
        if self._said_hello or (self.conversation is not None and hello.session_id is not None):
            raise HelloRepeated
        if not same_major(hello.protocol):
            raise VersionMismatch(f"This relay speaks protocol {PROTOCOL_VERSION}, not {hello.protocol}.")
        self._said_hello = True
        hello = self._kept_private(hello)
        if self.services.authenticator.required and hello.token is not None:
            return self._identify(hello)
        self._accept(hello)
        return None

    async def _identify(self, hello: Hello) -> None:
        if self._early_timer is not None:
            self._early_timer.cancel()  # it has come; another session would be opened while its token is checked
        identity = await self.services.authenticator.identify(hello.token)
        if self.closing:
            return  # the session may be another connection's by now
        if self.identity.user not in (None, identity.user):
            raise Unauthorized("The tokens of this connection are of two different people.")
        self.set_identity(identity)
        if self._token_timer is not None:
            self._token_timer.cancel()
        self._accept(hello)

    def _accept(self, hello: Hello) -> None:
        self.replies, self.deltas = hello.replies, hello.deltas
        if self.conversation is None:
            self._join(hello)
        elif hello.credentials is not None:
            self.conversation.receiver.bring(hello.credentials)

    def _kept_private(self, hello: Hello) -> Hello:
        """Without credentials that somebody on the way could have read; the client is told to take another way."""
        assert self._connection.request is not None
        if not hello.credentials:
            return hello
        if is_private(self.services.settings, self._connection.request.headers.raw_items()):
            return hello
        self.report(InsecureConnection())
        return without_credentials(hello)

    def _join_without_hello(self) -> None:
        try:
            if self.conversation is None:
                self._join(Hello())
        except (AccessError, CapacityError) as error:
            self.hang_up(error)

    def _join(self, hello: Hello) -> None:
        if self._early_timer is not None:
            self._early_timer.cancel()
        if self._is_stranger:
            raise Unauthorized
        conversation = self.join(hello)
        early, self._early = self._early, bytearray()
        for start in range(0, len(early), BYTES_PER_SECOND):
            conversation.add_audio(bytes(early[start : start + BYTES_PER_SECOND]))

    # Out

    def deliver(self, message: Message) -> None:
        self.send_json(message.to_wire())

    def report(self, error: VoiceError) -> None:
        self.deliver(ErrorMessage.of(error))
