"""One relay: which sessions it has open, and the work it has asked for.

Each request is a task of its own, so that no conversation waits for another. Drafts end with the link; all
else (`open`, `commit`, `heard`, `action`, `summarize`) is carried through even when the relay is gone, because the
relay may have gone after we started to write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from weakref import WeakValueDictionary

import structlog

from protocol.errors import AtCapacity, InternalError, MessageTooLarge, SessionNotOpen, VoiceError
from protocol.link_messages import (
    Close,
    Commit,
    Discard,
    Draft,
    GoAway,
    Heard,
    LinkAction,
    LinkErrorMessage,
    Open,
    Summarize,
)
from protocol.messages import Message
from receiver.connection import Connection, Limits
from receiver.faults import describe
from receiver.services import Services
from receiver.session import Session

log = structlog.get_logger(__name__)


class _Opening:
    """Held by the opens of a session that are on their way to the store, until a `close` makes them void."""


class Link:
    """`durable` gets the tasks that must not be cut short; the server waits for them when it stops."""

    def __init__(
        self,
        services: Services,
        token: str | None,
        limits: Limits,
        durable: set[asyncio.Task[None]],
        links: set[Link],
    ) -> None:
        self._services = services
        self._limits = limits
        self._durable = durable
        self._links = links
        self._leaving = False
        self._sessions: dict[str, Session] = {}
        self._opening: WeakValueDictionary[str, _Opening] = WeakValueDictionary()
        self._work: set[asyncio.Task[None]] = set()
        self.connection = Connection(
            store_id=services.store.store_id,
            token=token,
            limits=limits,
            on_message=self._message_received,
            on_lost=self._lost,
        )
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = self._loop.create_future()
        links.add(self)

    def go_away(self) -> None:
        """Tell the relay that this receiver stops, stop thinking ahead, and begin no turn any more."""
        self._leaving = True
        self._send(GoAway())
        self._cancel_drafts()

    def _message_received(self, message: Message) -> None:
        match message:
            case Open() | Draft() | Commit() if self._leaving:
                # It crossed our `goaway`. Retryable, and no fault of the turn: the relay asks the next receiver.
                self._send_error(AtCapacity("This receiver is about to stop."), message)
            case Open():
                if len(self._sessions) >= self._limits.sessions and message.session not in self._sessions:
                    self._send_error(AtCapacity(), message)
                else:
                    opening = self._opening.setdefault(message.session, _Opening())
                    self._start(self._open(message, opening), message, durable=True)
            case Draft() | Discard() | Commit() | Heard() | LinkAction() | Summarize():
                session = self._sessions.get(message.session)
                if session is None:
                    self._send_error(SessionNotOpen(), message)
                else:
                    self._for_session(session, message)
            case Close():
                self._opening.pop(message.session, None)
                session = self._let_go(message.session)
                if session is not None:
                    self._loop.call_soon(session.cancel_draft)
            case LinkErrorMessage():
                log.warning("relay_reports", code=message.code)
            case _:
                log.warning("message_ignored", type=type(message).__name__)

    def _for_session(
        self, session: Session, message: Draft | Discard | Commit | Heard | LinkAction | Summarize
    ) -> None:
        match message:
            case Draft():
                self._start(session.draft(message), message, durable=False)
            case Discard():
                # After the first step of a draft that came in the same read, which has only been scheduled.
                self._loop.call_soon(session.discard, message.turn, message.attempt)
            case Commit():
                self._start(session.commit(message), message, durable=True)
            case Heard():
                self._start(session.heard(message), message, durable=True)
            case LinkAction():
                self._start(session.action(message), message, durable=True)
            case Summarize():
                self._start(session.summarize(message), message, durable=True)

    async def _open(self, message: Open, opening: _Opening) -> None:
        session, opened = await Session.open(self._services, message, self._send)
        if self._opening.get(message.session) is not opening:
            return  # the relay has let go of it meanwhile, and nobody would ever close it
        before = self._sessions.get(message.session)
        # Two opens may overtake each other on their way through the store; the newer epoch stays.
        if before is None or before.epoch < session.epoch:
            if before is not None:
                self._let_go(message.session)
                before.cancel_draft()
            self._sessions[message.session] = session
            self._services.open_sessions.add(session)
            if session.credentials:
                self._services.signals.credentials(session.user)
        self._send(opened)

    def _start(self, work: Coroutine[Any, Any, None], message: Message, *, durable: bool) -> None:
        if len(self._work) >= self._limits.work:
            work.close()
            self._send_error(AtCapacity(), message)
            return
        task = asyncio.create_task(self._report(work, message))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        if durable:
            self._durable.add(task)
            task.add_done_callback(self._durable.discard)

    async def _report(self, work: Coroutine[Any, Any, None], message: Message) -> None:
        """Whatever becomes of the work, the relay learns it."""
        try:
            await work
        except VoiceError as error:
            if isinstance(error, SessionNotOpen):
                # Its user was forgotten: what is remembered of it must not outlive that.
                self._let_go(getattr(message, "session", ""))
            self._send_error(error, message)
        except Exception as error:
            # A fault of ours. Without an answer the relay would wait for its time-out.
            log.error("receiver_bug", request=type(message).__name__, **describe(error))
            self._send_error(InternalError(), message)

    def _send(self, message: Message) -> None:
        try:
            self.connection.send(message)
        except MessageTooLarge as error:
            log.error("answer_too_large", type=type(message).__name__)
            self._send_error(error, message)

    def _send_error(self, error: VoiceError, message: Message) -> None:
        about = {
            field: getattr(message, field, None) for field in ("session", "turn", "attempt", "epoch", "id")
        }
        self.connection.send(LinkErrorMessage.of(error, **about))

    def _cancel_drafts(self) -> None:
        for task in self._work - self._durable:
            task.cancel()

    def _let_go(self, name: str) -> Session | None:
        session = self._sessions.pop(name, None)
        if session is not None:
            self._services.open_sessions.discard(session)
        return session

    def _lost(self) -> None:
        self._cancel_drafts()
        # An `open` that is still on its way must leave nothing here that nobody would ever close.
        self._opening.clear()
        for name in list(self._sessions):
            self._let_go(name)
        self._links.discard(self)
        self.closed.set_result(None)
