"""One conversation's session at the receiver: opened, opened again after each lost link, and closed."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from protocol import link_messages as lm
from protocol.client_messages import ErrorMessage, Hello
from protocol.errors import InsecureConnection, MalformedMessage, Unsupported, VoiceError
from protocol.messages import Credentials, Message
from relay import turn_events as ev
from relay.receiver_link import ReceiverLink

log = structlog.get_logger(__name__)

OPEN_SECONDS = 30.0
"""Wait for `opened` before asking again."""

REFUSED_SECONDS = 1.0
"""Wait after a retryable error before asking again."""


WITHHELD = (
    "Your credentials were not passed on: somebody between this relay and the assistant could read them."
)


@dataclass(frozen=True, slots=True)
class Opening:
    """How a conversation's session is opened."""

    message: lm.Open
    assistant_wanted: bool = False
    """Whether the client itself has asked for that assistant, so that no other may answer in its place."""


class ReceiverSessionListener(Protocol):
    """What `ReceiverSession` tells its conversation; all plain calls on the event loop."""

    def on_opened(self, opened: lm.Opened) -> None: ...
    def on_receiver_lost(self) -> None: ...
    def on_receiver_message(self, message: Message) -> None: ...
    def deliver(self, message: Message) -> None:
        """Tell the client, if one is there."""
        ...

    def end(self, error: VoiceError) -> None:
        """The receiver refuses the session for good."""
        ...

    def contain(self, act: Callable[..., None], *args: object) -> None:
        """Call `act`; what it raises must not reach the link, which carries the others too."""
        ...


class ReceiverSession:
    """`start()` it once; `close()` it. It is what the link knows of a conversation (`LinkedSession`)."""

    def __init__(self, opening: Opening, link: ReceiverLink, listener: ReceiverSessionListener) -> None:
        self.session_id = opening.message.session
        self.user = opening.message.user
        self._opening = opening.message
        self._assistant_wanted = opening.assistant_wanted
        self._withheld = False  # the credentials, of which the client has not been told yet
        self._told_of_credentials = False
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
        opening = self._opening
        if withheld := opening.credentials is not None and not self._link.private:
            opening = opening.model_copy(update={"credentials": None})
        self._withheld = withheld and not self._told_of_credentials
        if self._link.send(opening):
            self._open_again_after(OPEN_SECONDS)

    @property
    def opening(self) -> lm.Open:
        """How it is opened the next time."""
        return self._opening

    @property
    def credentials(self) -> Credentials | None:
        """What the client has brought; in memory alone, and for as long as the conversation."""
        return self._opening.credentials

    def bring(self, credentials: Credentials | None) -> bool:
        """From now on these are the client's. True when they are others, and the session is opened anew for them."""
        if (credentials := credentials or None) == self._opening.credentials:
            return False
        self._opening = self._opening.model_copy(update={"credentials": credentials})
        self._withheld = self._told_of_credentials = False
        # Closed first, and nothing is sent until it is open again: not a word of whoever talks from now on may be
        # answered with what somebody else has brought.
        self._link.send(lm.Close(session=self.session_id))
        self._listener.on_receiver_lost()
        self.open()
        return True

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
                self._tell_of_credentials()
            case lm.LinkErrorMessage(turn=None, id=None):  # about the session itself: it could not be opened
                error = message.to_error()
                if isinstance(error, Unsupported) and self._opening.assistant and not self._assistant_wanted:
                    # A receiver with assistants of its own serves all kinds of clients with them.
                    self._link.note_missing(self._opening.assistant)
                    self._opening = self._opening.model_copy(update={"assistant": None})
                    self.open()
                elif error.retryable:
                    self._open_again_after(REFUSED_SECONDS)
                else:
                    self._listener.end(error)
            case _:
                self._listener.on_receiver_message(message)

    def _tell_of_credentials(self) -> None:
        """Once, after the client has been told that its session is open: they have not gone on."""
        if self._withheld:
            self._withheld, self._told_of_credentials = False, True
            log.warning("credentials not sent: the link is neither encrypted nor on this machine")
            self._listener.deliver(ErrorMessage.of(InsecureConnection(WITHHELD)))

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
) -> Opening:
    """For a client's `hello`; `assistant` answers where it asks for nobody. Only a digest of the resume token leaves
    the relay.

    `history` fills a session that is not there yet; raises `ValueError` past its bounds (`lm.EarlierTurns`).
    """
    message = lm.Open(
        session=session_id,
        key=hashlib.sha256(resume_token.encode()).hexdigest(),
        user=user,
        assistant=hello.assistant or assistant,
        name=hello.name,
        timezone=hello.timezone,
        locale=locale,
        holder=secrets.token_hex(16),
        history=list(history) or None,
        credentials=hello.credentials or None,
    )
    return Opening(message, assistant_wanted=bool(hello.assistant))
