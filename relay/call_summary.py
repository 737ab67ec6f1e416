"""The summary of a telephone call that is over: asked for at the receiver, which keeps it, and told to call screens.

By then the call's conversation has let go of its session, and with it of its place. The session is opened once more,
so that a call that ends while the receiver is away has its summary when it is back.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

import structlog

from protocol import link_messages as lm
from protocol.errors import Unsupported, VoiceError
from protocol.messages import Message
from relay.calls import Call, Calls
from relay.receiver_link import ReceiverLink
from relay.receiver_session import Opening, ReceiverSession

log = structlog.get_logger(__name__)

GIVE_UP_SECONDS = 300.0
"""How long a summary is asked for, with the receiver away or busy; then the call has none here."""

ANSWER_SECONDS = 30.0
"""Wait for `summarized` before asking again, which is harmless."""

AGAIN_SECONDS = 1.0
"""Wait after a retryable error before asking again."""

MAX_ASKED = 1_000
"""Summaries that are asked for at once; a call that ends past it has none here."""

STOP_SECONDS = 2.0
"""What has been asked for gets this long when the relay stops, so that it is kept at the receiver."""


class CallSummaries:
    """Those of one relay."""

    def __init__(self, link: ReceiverLink, calls: Calls) -> None:
        self._link = link
        self._calls = calls
        self._asked: set[_Question] = set()

    def __len__(self) -> int:
        """How many are asked for."""
        return len(self._asked)

    def ask(self, call: Call, opening: lm.Open) -> None:
        """Have the session of `call` summed up, as `opening` has opened it. Nobody else may have it open here."""
        if len(self._asked) >= MAX_ASKED:
            log.warning("summary not asked for", asked=len(self._asked))
            return

        def on_done(question: _Question, summary: lm.Summary | None) -> None:
            self._asked.discard(question)
            if summary is not None:
                self._calls.sum_up(call, summary)

        question = _Question(opening, self._link, on_done)
        self._asked.add(question)
        question.start()

    async def close(self) -> None:
        """Wait for those that a receiver is there for, bounded, and give the others up."""
        loop = asyncio.get_running_loop()
        until = loop.time() + STOP_SECONDS
        while self._asked and self._link.up and loop.time() < until:
            await asyncio.sleep(0.01)
        for question in tuple(self._asked):
            question.finish(None)


class _Question:
    """One summary that is asked for, until it is there or given up: each failure begins with opening the session."""

    def __init__(
        self,
        opening: lm.Open,
        link: ReceiverLink,
        on_done: Callable[[_Question, lm.Summary | None], None],
    ) -> None:
        # The conversation has opened it: whoever has taken it up since keeps it. Nothing is asked in somebody's name.
        again = {"again": True, "history": None, "credentials": None}
        self._session = ReceiverSession(Opening(opening.model_copy(update=again)), link, self)
        self._id = secrets.token_hex(16)
        self._on_done = on_done
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.call_later(GIVE_UP_SECONDS, self.finish, None)
        self._next: asyncio.TimerHandle | None = None
        self._done = False

    def start(self) -> None:
        self._session.start()

    def finish(self, summary: lm.Summary | None) -> None:
        if self._done:
            return
        self._done = True
        self._end.cancel()
        self._wait()
        self._session.close()
        self._on_done(self, summary)

    def _wait(self, seconds: float | None = None) -> None:
        """Open the session after so many seconds, unless something comes before; None: wait for what comes."""
        if self._next is not None:
            self._next.cancel()
            self._next = None
        if seconds is not None:
            self._next = self._loop.call_later(seconds, self._session.open)

    # From the session

    def on_opened(self, opened: lm.Opened) -> None:
        self._wait(ANSWER_SECONDS)
        self._session.send_to_receiver(lm.Summarize(session=self._session.session_id, id=self._id))

    def on_receiver_message(self, message: Message) -> None:
        match message:
            case lm.Summarized(id=self._id, summary=summary):
                self.finish(summary)
            case lm.LinkErrorMessage(id=self._id):
                error = message.to_error()
                if error.retryable:
                    self._wait(AGAIN_SECONDS)
                else:
                    self.end(error)

    def on_receiver_lost(self) -> None:
        self._wait()

    def deliver(self, message: Message) -> None:
        """Nobody is there to be told."""

    def end(self, error: VoiceError) -> None:
        if not isinstance(error, Unsupported):  # not every assistant sums up
            log.warning("call not summed up", session=self._session.session_id, code=error.code)
        self.finish(None)

    def contain(self, act: Callable[..., None], *args: object) -> None:
        try:
            act(*args)
        except Exception:
            log.exception("summary failed", session=self._session.session_id)
            self.finish(None)
