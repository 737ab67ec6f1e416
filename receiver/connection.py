"""One relay's TCP connection: frames, `hello`, liveness, and a bounded way out.

It knows nothing of sessions. What a relay says after `hello` goes to `on_message`, which must return at
once: the reader never waits for a conversation.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from protocol import PROTOCOL_VERSION, same_major
from protocol.errors import (
    HelloRepeated,
    MalformedMessage,
    MessageTooLarge,
    Unauthorized,
    VersionMismatch,
    VoiceError,
)
from protocol.framing import Decoder, encode
from protocol.link_messages import (
    PING_SECONDS,
    STALE_SECONDS,
    LinkErrorMessage,
    LinkHello,
    LinkPing,
    LinkPong,
    Welcome,
    parse_from_relay,
)
from protocol.messages import Message
from receiver.link_tls import CLIENT_HELLO

log = structlog.get_logger(__name__)

NO_TLS = "This receiver has no TLS: it is reached at tcp://HOST:PORT."


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one connection. Seconds and bytes."""

    hello_seconds: float = 10.0
    """A connection that has not said `hello` by then is closed."""
    ping_seconds: float = PING_SECONDS
    stale_seconds: float = STALE_SECONDS
    write_bytes: int = 8 * 1024 * 1024
    """Unsent bytes held for a relay that does not read; past them the connection is cut."""
    write_seconds: float = 30.0
    """How long the unsent bytes may stay over `write_high_water` before the connection is cut."""
    write_high_water: int = 1024 * 1024
    linger_seconds: float = 5.0
    """How long a refused relay may take to read why."""
    work: int = 2048
    """Requests of one relay that are worked on at once; one more gets `at_capacity`."""
    sessions: int = 20_000
    """Sessions that one relay may have open; one more gets `at_capacity`."""


class Connection(asyncio.Protocol):
    """Give one to each accepted socket. `on_message` gets the relay's messages, `on_lost` the end."""

    def __init__(
        self,
        *,
        store_id: str,
        token: str | None,
        limits: Limits,
        on_message: Callable[[Message], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._store_id = store_id
        self._token = token
        self._limits = limits
        self._on_message = on_message
        self._on_lost = on_lost
        self._decoder = Decoder()
        self._transport: asyncio.Transport | None = None
        self._welcomed = False
        self._closing = False
        self._last_heard = 0.0
        self._last_sent = 0.0
        self._clock_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        transport.set_write_buffer_limits(high=self._limits.write_high_water)
        self._last_heard = self._last_sent = self._loop.time()
        self._clock_timer = self._loop.call_later(self._limits.hello_seconds, self._no_hello)

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return  # what still comes after an error is read only so that the error arrives
        self._last_heard = self._loop.time()
        if not self._welcomed and data.startswith(CLIENT_HELLO):
            self._refuse(MalformedMessage(NO_TLS))
            return
        try:
            for frame in self._decoder.feed(data):
                self._frame_received(frame)
                if self._closing:
                    return
        except MessageTooLarge as error:
            self._refuse(error)

    def pause_writing(self) -> None:
        self._write_timer = self._loop.call_later(self._limits.write_seconds, self._too_slow)

    def resume_writing(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self._transport = None
        for timer in (self._clock_timer, self._write_timer):
            if timer is not None:
                timer.cancel()
        log.info("link_closed", error=type(exc).__name__ if exc else None)
        self._on_lost()

    # What a link uses

    def send(self, message: Message) -> None:
        """Queue a message; nothing happens when the relay is gone. Raises `MessageTooLarge`."""
        transport = self._transport
        if transport is None or self._closing:
            return
        frame = encode(message.to_wire())
        if transport.get_write_buffer_size() + len(frame) > self._limits.write_bytes:
            self._too_slow()
            return
        self._last_sent = self._loop.time()
        transport.write(frame)

    def close(self) -> None:
        """Send what is queued, then close; cut the connection when the relay does not take it in time."""
        if self._transport is not None:
            self._closing = True
            self._transport.close()
            self._set_clock(self._limits.linger_seconds, self.abort)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # Inside

    def _frame_received(self, frame: dict[str, object] | MalformedMessage) -> None:
        try:
            if isinstance(frame, MalformedMessage):
                raise frame
            message = parse_from_relay(frame)
        except VoiceError as error:
            if self._welcomed:
                self.send(LinkErrorMessage.of(error, **_about(frame)))
            else:
                self._refuse(MalformedMessage("The first message must be a valid hello."))
            return
        if not self._welcomed:
            self._hello_received(message)
        elif isinstance(message, LinkHello):
            self.send(LinkErrorMessage.of(HelloRepeated()))
        elif isinstance(message, LinkPing):
            self.send(LinkPong())
        elif not isinstance(message, LinkPong):
            self._on_message(message)

    def _hello_received(self, message: Message) -> None:
        if not isinstance(message, LinkHello):
            self._refuse(MalformedMessage("The first message must be a valid hello."))
        elif not same_major(message.protocol):
            self._refuse(
                VersionMismatch(
                    f"The relay speaks protocol {message.protocol} and this receiver {PROTOCOL_VERSION}; "
                    "one of them needs an update."
                )
            )
        elif self._token is not None and not _same(message.token or "", self._token):
            self._refuse(Unauthorized())
        else:
            self._welcomed = True
            self.send(Welcome(store_id=self._store_id))
            self._set_clock(self._limits.ping_seconds, self._tick)

    def _refuse(self, error: VoiceError) -> None:
        """Say why, then close. Reading goes on until the relay has had time to read it.

        A socket that is closed with unread bytes resets the connection, and the reason would be lost.
        """
        log.warning("link_refused", code=error.code, reason=error.message)
        self.send(LinkErrorMessage.of(error))
        self._closing = True
        transport = self._transport
        if transport is not None and not transport.is_closing() and transport.can_write_eof():
            transport.write_eof()  # TLS knows no such half
        self._set_clock(self._limits.linger_seconds, self.abort)

    def _no_hello(self) -> None:
        self._refuse(MalformedMessage(f"No hello came within {self._limits.hello_seconds:g} s."))

    def _too_slow(self) -> None:
        log.warning("link_too_slow")
        self._closing = True
        self.abort()

    def _tick(self) -> None:
        """Ping when we have been quiet, give up when the relay has. Runs only when one of them is due."""
        now = self._loop.time()
        stale_at = self._last_heard + self._limits.stale_seconds
        if now >= stale_at:
            log.warning("link_stale")
            self.abort()
            return
        if now >= self._last_sent + self._limits.ping_seconds:
            self.send(LinkPing())
        ping_at = self._last_sent + self._limits.ping_seconds
        self._set_clock(min(stale_at, ping_at) - now, self._tick)

    def _set_clock(self, seconds: float, then: Callable[[], None]) -> None:
        if self._clock_timer is not None:
            self._clock_timer.cancel()
        self._clock_timer = self._loop.call_later(max(0.0, seconds), then) if self._transport else None


def _same(given: str, expected: str) -> bool:
    """Compare in a time that tells neither where they differ nor how long they are."""
    return hmac.compare_digest(
        hashlib.sha256(given.encode()).digest(), hashlib.sha256(expected.encode()).digest()
    )


def _about(frame: object) -> dict[str, object]:
    """What a message that is not valid seems to be about, so that the relay can tell whose it was."""
    if not isinstance(frame, dict):
        return {}
    about: dict[str, object] = {}
    for field in ("session", "id"):
        value = frame.get(field)
        if (
            isinstance(value, str)
            and 0 < len(value) <= 128
            and value.isascii()
            and value.isprintable()
            and " " not in value
        ):
            about[field] = value
    for field, least in (("turn", 0), ("attempt", 1), ("epoch", 0)):
        value = frame.get(field)
        if type(value) is int and least <= value < 2**63:
            about[field] = value
    return about
