"""The one connection to the receiver that carries all conversations.

Messages to a conversation are delivered by a plain call that never waits, so one conversation cannot hold up
another's, and there is nothing to overflow; the reader lets the loop run after every 32 messages. What a receiver
may send for one turn is bounded by what a valid answer can be: past it that turn alone fails (`inbox_overflow`).

For a moment there may be two: a receiver that says `goaway` finishes what it is committing on the old connection,
while the sessions move on to the next.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import structlog

from protocol import PROTOCOL_VERSION, same_major
from protocol.errors import (
    AtCapacity,
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
    Commit,
    Committed,
    Delta,
    GoAway,
    LinkActionDone,
    LinkErrorMessage,
    LinkHello,
    LinkPing,
    LinkPong,
    Opened,
    Reply,
    Welcome,
    parse_from_receiver,
)
from protocol.messages import Message
from protocol.settings import is_loopback
from relay.link_tls import client_context, explain
from relay.settings import ReceiverAddress, parse_address

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 10.0
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.1, 5.0
STEADY_SECONDS = 5.0
"""A connection that lived as long was good: after it the waits begin at the first one again."""

LEAVING_SECONDS = 5.0
"""How long a receiver that has said `goaway` may still answer commits; then its connection is closed."""

MAX_UNSENT_BYTES = 8 * 1024 * 1024
"""What waits for a receiver that does not read; past it the connection is given up, and commits go out again."""

MAX_ANSWER_CHARS = 16_384
"""Text of all `delta`s of one attempt: what an answer may have (`protocol.messages.Text`)."""

NO_WELCOME = (
    "The receiver closed the connection during the greeting; one with TLS is asked at tls://HOST:PORT."
)

READ_BYTES = 64 * 1024
MESSAGES_IN_A_ROW = 32


class LinkedSession(Protocol):
    """A conversation, as the link sees it. Plain calls on the event loop."""

    session_id: str

    def on_link_up(self) -> None: ...
    def on_link_down(self) -> None: ...
    def on_link_message(self, message: Message) -> None: ...


class _Connection:
    """One TCP connection to a receiver."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> None:
        self.reader, self.writer = reader, writer
        self.name = name
        peer = writer.get_extra_info("peername")
        self.private = writer.get_extra_info("ssl_object") is not None or bool(peer and is_loopback(peer[0]))
        """Whether nobody on the way can read it."""
        self.decoder = Decoder()
        self.leaving = False
        """Whether `goaway` has come: nothing new goes out on it."""
        self.commits: dict[str, tuple[int, int]] = {}
        """Turn and epoch of the commit that is not answered yet, by session."""
        self.last_sent = self.last_heard = asyncio.get_running_loop().time()

    def send(self, message: Message) -> bool:
        """Queue one message. False when the connection is lost."""
        if self.writer.is_closing():
            return False
        self.writer.write(encode(message.to_wire()))
        self.last_sent = asyncio.get_running_loop().time()
        if (unsent := self.writer.transport.get_write_buffer_size()) > MAX_UNSENT_BYTES:
            log.warning("receiver does not read", unsent_bytes=unsent)
            self.writer.transport.abort()
            return False
        if isinstance(message, Commit):
            self.commits[message.session] = (message.turn, message.epoch)
        return True

    async def abort(self) -> None:
        self.writer.transport.abort()
        with suppress(OSError):
            await self.writer.wait_closed()


class ReceiverLink:
    """Keeps a connection to one of `addresses`. Run `run()` as a task."""

    def __init__(
        self,
        addresses: Sequence[str],
        token: str | None = None,
        *,
        ca: Path | None = None,
        ping_seconds: float = PING_SECONDS,
        stale_seconds: float = STALE_SECONDS,
    ) -> None:
        """`ca`: who may vouch for receivers with TLS (`relay.link_tls`). Raises `SettingsError`."""
        self._addresses = [parse_address(address) for address in addresses]
        self._token = token
        self._tls = client_context(ca) if any(address.tls for address in self._addresses) else None
        self._ping, self._stale = ping_seconds, stale_seconds
        self._sessions: dict[str, LinkedSession] = {}
        self._answer_chars: dict[tuple[str, int, int | None], int] = {}
        self._connection: _Connection | None = None
        self._store_id: str | None = None
        self._noted: dict[ReceiverAddress, str] = {}  # why each could not be reached, since one was
        self._missing: set[str] = set()
        self.error: VoiceError | None = ReceiverUnavailable()
        """Why there is no connection, or None while there is one."""

    @property
    def up(self) -> bool:
        return self._connection is not None

    @property
    def private(self) -> bool:
        """Whether nobody on the way to the receiver can read what is sent: it has TLS, or is on this machine."""
        return self._connection is not None and self._connection.private

    def note_missing(self, assistant: str) -> None:
        """A receiver has no such assistant, which the settings ask for: say so once."""
        if assistant not in self._missing:
            self._missing.add(assistant)
            log.warning("receiver has no such assistant, its own answers", assistant=assistant)

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
            if self._connection is not None:
                self._connection.commits.pop(session.session_id, None)

    def send(self, message: Message) -> bool:
        """Queue one message. False when there is no connection: `on_link_up` will tell when there is."""
        return self._connection is not None and self._connection.send(message)

    async def run(self) -> None:
        """Connect, serve, connect again, with exponential backoff and jitter, until cancelled."""
        delay = FIRST_RETRY_SECONDS
        turn = 0
        # Those that are left end by themselves in LEAVING_SECONDS, so that there are only a few of them.
        async with asyncio.TaskGroup() as leaving:
            while True:
                address = self._addresses[turn % len(self._addresses)]
                turn += 1
                try:
                    if await self._serve_connection(address, leaving) >= STEADY_SECONDS:
                        delay = FIRST_RETRY_SECONDS
                except (OSError, TimeoutError, VoiceError) as error:
                    self._note(error, address)
                await asyncio.sleep(delay * random.uniform(0.5, 1.0))
                delay = min(delay * 2, LAST_RETRY_SECONDS)

    def _note(self, error: Exception, address: ReceiverAddress) -> None:
        known = error if isinstance(error, VoiceError) else ReceiverUnavailable()
        reason = explain(error)
        # That nobody listens there is no news: it is waited for, and `/healthz` tells.
        if isinstance(error, VoiceError | ssl.SSLError) and self._noted.get(address) != reason:
            self._noted[address] = reason
            log.warning("receiver not reached", receiver=_shown(address), code=known.code, reason=reason)
        self.error = known

    async def _serve_connection(self, address: ReceiverAddress, leaving: asyncio.TaskGroup) -> float:
        """One connection from its start to its end, or to its `goaway`. Seconds that it was of use."""
        async with asyncio.timeout(CONNECT_SECONDS):
            streams = await asyncio.open_connection(
                address.host, address.port, ssl=self._tls if address.tls else None
            )
            connection = _Connection(*streams, name=_shown(address))
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                early = await self._greet(connection)
            loop = asyncio.get_running_loop()
            began = connection.last_heard = loop.time()
            log.info("receiver connected", receiver=connection.name)
            self._connection, self.error = connection, None
            self._noted.clear()
            self._answer_chars.clear()
            heartbeat = asyncio.create_task(self._keep_alive(connection))
            try:
                for session in list(self._sessions.values()):
                    session.on_link_up()
                for frame in early:
                    self._take(connection, frame)
                if not connection.leaving:
                    await self._read(connection)
            except (OSError, InputError) as error:
                log.warning("receiver connection lost", receiver=connection.name, reason=str(error))
            finally:
                heartbeat.cancel()
                self._lose(connection)
            lived = loop.time() - began
        except BaseException:
            await connection.abort()
            raise
        if connection.leaving:
            leaving.create_task(self._leave(connection), name="receiver link, left")
        else:
            await connection.abort()
        return lived

    def _lose(self, connection: _Connection) -> None:
        """The connection is no more, or takes nothing new: tell the sessions that do not wait for it."""
        if self._connection is connection:
            self._connection, self.error = None, ReceiverUnavailable()
            self._answer_chars.clear()
            for session in list(self._sessions.values()):
                if not connection.leaving or session.session_id not in connection.commits:
                    session.on_link_down()

    async def _leave(self, connection: _Connection) -> None:
        """Take what a receiver that stops still answers; what it does not goes out again, at no one's loss."""
        try:
            async with asyncio.timeout(LEAVING_SECONDS):
                await self._read(connection)
        except (OSError, InputError) as error:
            log.info("receiver connection ended", receiver=connection.name, reason=str(error))
        finally:
            await connection.abort()
        if self._connection is not None:
            return  # opened anew there, the sessions have sent or will send their commits again
        for session_id, (turn, epoch) in connection.commits.items():
            if session := self._sessions.get(session_id):
                # What the receiver would have said, had the commit come a little later.
                refusal = LinkErrorMessage.of(AtCapacity(), session=session_id, turn=turn, epoch=epoch)
                session.on_link_message(refusal)
                session.on_link_down()

    async def _greet(self, connection: _Connection) -> list[dict[str, object] | MalformedMessage]:
        """Exchange `hello` and `welcome`; return the frames that came right after it."""
        connection.send(LinkHello(token=self._token))
        while data := await connection.reader.read(READ_BYTES):
            frames = list(connection.decoder.feed(data))
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
        raise ReceiverUnavailable(NO_WELCOME)

    async def _read(self, connection: _Connection) -> None:
        """Take what comes, to the end of the connection or to the first `goaway`."""
        loop = asyncio.get_running_loop()
        left = connection.leaving
        count = 0
        while connection.leaving is left and (data := await connection.reader.read(READ_BYTES)):
            connection.last_heard = loop.time()
            for frame in connection.decoder.feed(data):
                self._take(connection, frame)
                count += 1
                if count % MESSAGES_IN_A_ROW == 0:
                    await asyncio.sleep(0)

    def _take(self, connection: _Connection, frame: dict[str, object] | MalformedMessage) -> None:
        """Deliver one message. What cannot be taken is answered with an error and harms nothing else."""
        try:
            if isinstance(frame, MalformedMessage):
                raise frame
            message = parse_from_receiver(frame)
        except InputError as error:
            log.warning("receiver sent what cannot be taken", code=error.code, reason=error.message)
            connection.send(LinkErrorMessage.of(error))
            return
        if isinstance(message, LinkPing):
            connection.send(LinkPong())
        elif isinstance(message, GoAway):
            log.info("receiver is about to stop", receiver=connection.name)
            connection.leaving = True
            self._lose(connection)
        elif isinstance(message, LinkErrorMessage) and message.session is None:
            log.warning("receiver reports an error", code=message.code, reason=message.message)
        elif session := self._sessions.get(getattr(message, "session", "")):
            if not connection.leaving:
                _settle(connection, message)
                self._deliver(session, message)
            elif self._still_counts(message):
                answered = _settle(connection, message)
                self._deliver(session, message)
                if answered and self._connection is None:
                    session.on_link_down()

    def _still_counts(self, message: Message) -> bool:
        """Of a connection that is being left: whether the session, which may be open on the next, still needs it."""
        if self._connection is None:
            return not isinstance(message, Opened)
        return isinstance(message, Committed | LinkActionDone)

    def _deliver(self, session: LinkedSession, message: Message) -> None:
        if isinstance(message, Delta):
            key = (message.session, message.turn, message.attempt)
            before = 0 if message.restart else self._answer_chars.get(key, 0)
            chars = before + len(message.text) + 1
            self._answer_chars[key] = chars
            if chars > MAX_ANSWER_CHARS:
                if before <= MAX_ANSWER_CHARS:  # the first one over: say it once
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

    async def _keep_alive(self, connection: _Connection) -> None:
        """Ping when nothing was sent for a while; give the connection up when nothing is heard."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            if now - connection.last_heard >= self._stale:
                log.warning("receiver is silent", seconds=round(now - connection.last_heard))
                connection.writer.transport.abort()
                return
            if now - connection.last_sent >= self._ping:
                connection.send(LinkPing())
            await asyncio.sleep(min(self._ping, self._stale) / 4)


def _settle(connection: _Connection, message: Message) -> bool:
    """Whether the message is the answer to the session's commit, which is then no longer waited for."""
    if isinstance(message, Committed) or (
        # A draft's error bears its attempt and no epoch.
        isinstance(message, LinkErrorMessage) and (message.attempt is None or message.epoch is not None)
    ):
        commit = connection.commits.get(message.session or "")
        if commit is not None and commit[0] == message.turn:
            del connection.commits[message.session or ""]
            return True
    return False


def _shown(address: ReceiverAddress) -> str:
    return f"{address.host}:{address.port}"
