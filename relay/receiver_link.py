"""The one connection to the receiver that carries all conversations.

Messages to a conversation are delivered by a plain call that never waits, so one conversation cannot hold up
another's, and there is nothing to overflow; the reader lets the loop run after every 32 messages. What a receiver
may send for one turn is bounded by what a valid answer can be: past it that turn alone fails (`inbox_overflow`).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from protocol import PROTOCOL_VERSION, same_major
from protocol.errors import (
    ForeignStore,
    InboxOverflow,
    InputError,
    MalformedMessage,
    ReceiverUnavailable,
    VersionMismatch,
    VoiceError,
)
from protocol.framing import Decoder, encode
from protocol.link_messages import (
    PING_SECONDS,
    STALE_SECONDS,
    Committed,
    Delta,
    GoAway,
    LinkErrorMessage,
    LinkHello,
    LinkPing,
    LinkPong,
    Reply,
    Welcome,
    parse_from_receiver,
)
from protocol.messages import Message
from relay.settings import parse_address

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 10.0
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.1, 5.0
MAX_UNSENT_BYTES = 8 * 1024 * 1024
"""What waits for a receiver that does not read; past it the connection is given up, and commits go out again."""

MAX_ANSWER_CHARS = 16_384
"""Text of all `delta`s of one attempt: what an answer may have (`protocol.messages.Text`)."""

READ_BYTES = 64 * 1024
MESSAGES_IN_A_ROW = 32


class LinkedSession(Protocol):
    """A conversation, as the link sees it. Plain calls on the event loop."""

    session_id: str

    def on_link_up(self) -> None: ...
    def on_link_down(self) -> None: ...
    def on_link_message(self, message: Message) -> None: ...


class ReceiverLink:
    """Keeps a connection to one of `addresses`. Run `run()` as a task."""

    def __init__(
        self,
        addresses: Sequence[str],
        token: str | None = None,
        *,
        ping_seconds: float = PING_SECONDS,
        stale_seconds: float = STALE_SECONDS,
    ) -> None:
        self._addresses = [parse_address(address) for address in addresses]
        self._token = token
        self._ping, self._stale = ping_seconds, stale_seconds
        self._sessions: dict[str, LinkedSession] = {}
        self._answer_chars: dict[tuple[str, int, int | None], int] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._store_id: str | None = None
        self._last_sent = self._last_heard = 0.0
        self.error: VoiceError | None = ReceiverUnavailable()
        """Why there is no connection, or None while there is one."""

    @property
    def up(self) -> bool:
        return self._writer is not None

    def attach(self, session: LinkedSession) -> None:
        """Deliver the session's messages from now on, and tell it how the link stands."""
        self._sessions[session.session_id] = session
        if self.up:
            session.on_link_up()
        else:
            session.on_link_down()

    def detach(self, session: LinkedSession) -> None:
        if self._sessions.get(session.session_id) is session:
            del self._sessions[session.session_id]
            for key in [key for key in self._answer_chars if key[0] == session.session_id]:
                del self._answer_chars[key]

    def send(self, message: Message) -> bool:
        """Queue one message. False when there is no connection: `on_link_up` will tell when there is."""
        writer = self._writer
        if writer is None or writer.is_closing():
            return False
        writer.write(encode(message.to_wire()))
        self._last_sent = asyncio.get_running_loop().time()
        if writer.transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            log.warning("receiver does not read", unsent_bytes=writer.transport.get_write_buffer_size())
            writer.transport.abort()
            return False
        return True

    async def run(self) -> None:
        """Connect, serve, connect again, with exponential backoff and jitter, until cancelled."""
        delay = FIRST_RETRY_SECONDS
        turn = 0
        while True:
            host, port = self._addresses[turn % len(self._addresses)]
            turn += 1
            try:
                await self._serve_connection(host, port)
                delay = FIRST_RETRY_SECONDS
            except (OSError, TimeoutError, VoiceError) as error:
                self._note(error, host, port)
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))
            delay = min(delay * 2, LAST_RETRY_SECONDS)

    def _note(self, error: Exception, host: str, port: int) -> None:
        known = error if isinstance(error, VoiceError) else ReceiverUnavailable()
        if self.error is None or self.error.code != known.code or known.message != self.error.message:
            log.warning("receiver not reached", receiver=f"{host}:{port}", code=known.code, reason=str(error))
        self.error = known

    async def _serve_connection(self, host: str, port: int) -> None:
        """One connection from its start to its end. Returns when one that was good has ended."""
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
        try:
            decoder = Decoder()
            async with asyncio.timeout(CONNECT_SECONDS):
                early = await self._greet(reader, writer, decoder)
            self._writer, self.error = writer, None
            self._last_sent = self._last_heard = asyncio.get_running_loop().time()
            log.info("receiver connected", receiver=f"{host}:{port}")
            heartbeat = asyncio.create_task(self._keep_alive(writer))
            try:
                for session in list(self._sessions.values()):
                    session.on_link_up()
                for frame in early:
                    self._take(frame)
                await self._read(reader, decoder)
            except (OSError, InputError) as error:
                log.warning("receiver connection lost", receiver=f"{host}:{port}", reason=str(error))
            finally:
                self._writer, self.error = None, ReceiverUnavailable()
                self._answer_chars.clear()
                heartbeat.cancel()
                for session in list(self._sessions.values()):
                    session.on_link_down()
        finally:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    async def _greet(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, decoder: Decoder
    ) -> list[dict[str, object] | MalformedMessage]:
        """Exchange `hello` and `welcome`; return the frames that came right after it."""
        writer.write(encode(LinkHello(token=self._token).to_wire()))
        while data := await reader.read(READ_BYTES):
            frames = list(decoder.feed(data))
            if not frames:
                continue
            if isinstance(frames[0], MalformedMessage):
                raise frames[0]
            answer = parse_from_receiver(frames[0])
            if isinstance(answer, LinkErrorMessage):
                raise answer.to_error()
            if not isinstance(answer, Welcome):
                raise MalformedMessage("The receiver's first message is not 'welcome'.")
            if not same_major(answer.protocol):
                raise VersionMismatch(
                    f"The receiver speaks protocol {answer.protocol}, this relay {PROTOCOL_VERSION}."
                )
            if self._store_id not in (None, answer.store_id):
                raise ForeignStore
            self._store_id = answer.store_id
            return frames[1:]
        raise ReceiverUnavailable("The receiver closed the connection during the greeting.")

    async def _read(self, reader: asyncio.StreamReader, decoder: Decoder) -> None:
        loop = asyncio.get_running_loop()
        count = 0
        while data := await reader.read(READ_BYTES):
            self._last_heard = loop.time()
            for frame in decoder.feed(data):
                self._take(frame)
                count += 1
                if count % MESSAGES_IN_A_ROW == 0:
                    await asyncio.sleep(0)

    def _take(self, frame: dict[str, object] | MalformedMessage) -> None:
        """Deliver one message. What cannot be taken is answered with an error and harms nothing else."""
        try:
            if isinstance(frame, MalformedMessage):
                raise frame
            message = parse_from_receiver(frame)
        except InputError as error:
            log.warning("receiver sent what cannot be taken", code=error.code, reason=error.message)
            self.send(LinkErrorMessage.of(error))
            return
        if isinstance(message, LinkPing):
            self.send(LinkPong())
        elif isinstance(message, GoAway):
            # It finishes what it is committing and closes; what it no longer takes goes out again after that.
            log.info("receiver is about to stop")
        elif isinstance(message, LinkErrorMessage) and message.session is None:
            log.warning("receiver reports an error", code=message.code, reason=message.message)
        elif session := self._sessions.get(getattr(message, "session", "")):
            self._deliver(session, message)

    def _deliver(self, session: LinkedSession, message: Message) -> None:
        if isinstance(message, Delta):
            key = (message.session, message.turn, message.attempt)
            chars = self._answer_chars.get(key, 0) + len(message.text) + 1
            self._answer_chars[key] = chars
            if chars > MAX_ANSWER_CHARS:
                if chars - len(message.text) - 1 <= MAX_ANSWER_CHARS:  # the first one over: say it once
                    error = LinkErrorMessage.of(
                        InboxOverflow(), session=message.session, turn=message.turn, attempt=message.attempt
                    )
                    session.on_link_message(error)
                return
        elif isinstance(message, Committed):
            for key in [key for key in self._answer_chars if key[:2] == (message.session, message.turn)]:
                del self._answer_chars[key]
        elif isinstance(message, Reply):
            self._answer_chars.pop((message.session, message.turn, message.attempt), None)
        session.on_link_message(message)

    async def _keep_alive(self, writer: asyncio.StreamWriter) -> None:
        """Ping when nothing was sent for a while; give the connection up when nothing is heard."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            if now - self._last_heard >= self._stale:
                log.warning("receiver is silent", seconds=round(now - self._last_heard))
                writer.transport.abort()
                return
            if now - self._last_sent >= self._ping:
                self.send(LinkPing())
            await asyncio.sleep(min(self._ping, self._stale) / 4)
