"""One conversation's session at the receiver: opened, opened again after each lost link, and closed."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

from protocol import link_messages as lm
from protocol.client_messages import Hello
from protocol.errors import MalformedMessage, VoiceError
from protocol.messages import Message
from relay import turn_events as ev
from relay.receiver_link import ReceiverLink

OPEN_SECONDS = 30.0
"""Wait for `opened` before asking again."""

REFUSED_SECONDS = 1.0
"""Wait after a retryable error before asking again."""


class ReceiverSessionListener(Protocol):
    """What `ReceiverSession` tells its conversation; all plain calls on the event loop."""

    def on_opened(self, opened: lm.Opened) -> None: ...
    def on_receiver_lost(self) -> None: ...
    def on_receiver_message(self, message: Message) -> None: ...
    def end(self, error: VoiceError) -> None:
        """The receiver refuses the session for good."""
        ...

    def contain(self, act: Callable[..., None], *args: object) -> None:
        """Call `act`; what it raises must not reach the link, which carries the others too."""
        ...


class ReceiverSession:
    """`start()` it once; `close()` it. It is what the link knows of a conversation (`LinkedSession`)."""

    def __init__(self, opening: lm.Open, link: ReceiverLink, listener: ReceiverSessionListener) -> None:
        self.session_id = opening.session
        self.user = opening.user
        self._opening = opening
        self._link = link
        self._listener = listener
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._link.attach(self)

    def close(self) -> None:
        """Let go of the session; what is stored stays."""
        self._cancel_timer()
        self._link.send(lm.Close(session=self.session_id))
        self._link.detach(self)

    def open(self) -> None:
        """Ask for a new epoch; `on_opened` tells when it is there."""
        if self._link.send(self._opening):
            self._open_again_after(OPEN_SECONDS)

    # A message that finds no link is not lost: `on_receiver_lost` parks its turn.

    def think(self, command: ev.SendDraft | ev.SendDiscard) -> None:
        """Think ahead about a turn, or stop it."""
        session, turn, attempt = self.session_id, command.turn, command.attempt
        if isinstance(command, ev.SendDraft):
            self.send_to_receiver(lm.Draft(session=session, turn=turn, attempt=attempt, items=command.items))
        else:
            self.send_to_receiver(lm.Discard(session=session, turn=turn, attempt=attempt))

    def commit(self, commit: ev.SendCommit, base: int) -> None:
        """`base`: samples of the session's audio before those that the commit counts."""
        self.send_to_receiver(
            lm.Commit(
                session=self.session_id,
                epoch=commit.epoch,
                turn=commit.turn,
                items=commit.items,
                attempt=commit.attempt,
                plan=commit.plan,
                audio_until=base + commit.audio_until,
            )
        )

    def heard(self, turn: int, chars: int) -> None:
        self.send_to_receiver(lm.Heard(session=self.session_id, turn=turn, chars=chars))

    def send_to_receiver(self, message: Message) -> bool:
        """Put one message on the link; False when there is none.

        Raises `MalformedMessage` for what no frame can carry; only the arguments of an action can be so.
        """
        try:
            return self._link.send(message)
        except (ValueError, OverflowError, RecursionError):
            raise MalformedMessage("There is something in that message that cannot be sent on.") from None

    def on_link_up(self) -> None:
        self._listener.contain(self.open)

    def on_link_down(self) -> None:
        self._cancel_timer()
        self._listener.contain(self._listener.on_receiver_lost)

    def on_link_message(self, message: Message) -> None:
        self._listener.contain(self._take, message)

    def _take(self, message: Message) -> None:
        match message:
            case lm.Opened():
                self._cancel_timer()
                # A session that is there has a history of its own.
                self._opening = self._opening.model_copy(update={"again": True, "history": None})
                self._listener.on_opened(message)
            case lm.LinkErrorMessage(turn=None, id=None):  # about the session itself: it could not be opened
                error = message.to_error()
                if error.retryable:
                    self._open_again_after(REFUSED_SECONDS)
                else:
                    self._listener.end(error)
            case _:
                self._listener.on_receiver_message(message)

    def _open_again_after(self, seconds: float) -> None:
        self._cancel_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.on_link_up)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def opening_of(
    session_id: str,
    resume_token: str,
    user: str | None,
    hello: Hello,
    assistant: str | None,
    locale: str,
    history: Sequence[lm.EarlierTurn] = (),
) -> lm.Open:
    """The link's `open` for a client's `hello`. Only a digest of the resume token leaves the relay.

    `history` fills a session that is not there yet; raises `ValueError` past its bounds (`lm.EarlierTurns`).
    """
    return lm.Open(
        session=session_id,
        key=hashlib.sha256(resume_token.encode()).hexdigest(),
        user=user,
        assistant=hello.assistant or assistant,
        name=hello.name,
        timezone=hello.timezone,
        locale=locale,
        holder=secrets.token_hex(16),
        history=list(history) or None,
    )
