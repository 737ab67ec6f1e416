"""Asks one question after the other in a conversation, and tells what becomes of each.

What a client needs whose wire knows questions and answers and no conversation. In process it is a client like all
others.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import ClassVar, Protocol

from protocol import client_messages as cm
from protocol.error_codes import from_wire
from protocol.errors import ReceiverTimeout, ReceiverUnavailable, VoiceError
from protocol.messages import Message
from relay.clients.answers.questions import Question
from relay.conversation import Conversation
from relay.identity import Identity, session_token
from relay.services import Services
from relay.tts import MP3, Speech

READY_SECONDS = 30.0
"""How long a question waits for the receiver to open its session; then it fails (`receiver_unavailable`), unasked. One
that was asked is given up by the conversation itself, after five minutes (`turn_failed`)."""


class AskerListener(Protocol):
    """What is told of the question that was asked last; all plain calls on the event loop.

    Pieces, the text and sentences in this order; then `on_answered`, or at any point `on_failed`, ends it.
    """

    def on_piece(self, text: str, restart: bool) -> None:
        """The next piece of the answer; with `restart`, those before it are void. Together they are the text."""
        ...

    def on_text(self, text: str) -> None:
        """The whole answer, which is stored now."""
        ...

    def on_sentence(self, text: str, audio: bytes) -> None:
        """A sentence's sound, where the answer is taken in sentences."""
        ...

    def on_answered(self, audio: bytes | None, error: VoiceError | None) -> None:
        """There is nothing more to come; the sound of all of it, where it is taken as a whole."""
        ...

    def on_failed(self, error: VoiceError) -> None: ...


class Asker:
    """A `relay.clients.Client`. `join` a conversation, `ask`, and when that is over again; `leave` at the end."""

    kind: ClassVar[str | None] = "answers"
    deltas = True
    speech: Speech = MP3

    def __init__(
        self,
        services: Services,
        identity: Identity,
        listener: AskerListener,
        replies: str,
    ) -> None:
        """`replies`: `whole` or `sentences`."""
        self.replies = replies
        self.session_id: str | None = None
        """Of the conversation; None before `join`, and when it cannot go on."""
        self._services = services
        self._identity = identity
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._conversation: Conversation | None = None
        self._ready = False
        self._timer: asyncio.TimerHandle | None = None
        self._question: Question | None = None
        self._put = False  # whether the conversation has it
        self._id = ""  # of the question, as a typed text
        self._turn: int | None = None  # that answers it
        self._told = ""  # of the answer

    def join(self, question: Question) -> None:
        """Take part in the conversation of the question's session, or of a new one.

        Raises `AccessError`, `CapacityError`.
        """
        session_id = question.session_id or secrets.token_urlsafe(16)
        token = session_token("answers", session_id, self._identity.user)
        hello = cm.Hello(session_id=session_id, resume_token=token, deltas=True)
        self._services.sessions.join(hello, self, self._identity, question.earlier_turns)
        self.session_id = session_id

    def ask(self, question: Question) -> None:
        """Ask it in the conversation, as soon as its session is open."""
        assert self._conversation is not None
        assert self._question is None
        self._question, self._put = question, False
        self._id, self._turn, self._told = secrets.token_hex(8), None, ""
        self.speech = Speech(voice=question.voice_id)
        if self._ready:
            self._put_question()
        else:
            self._timer = self._loop.call_later(READY_SECONDS, self._wait_no_longer)

    def leave(self, *, for_good: bool) -> None:
        """Let go of the conversation. What was asked is answered there all the same."""
        conversation, self._conversation, self.session_id = self._conversation, None, None
        self._question = None
        self._cancel_timer()
        if conversation is not None:
            self._services.sessions.leave(conversation, self, for_good=for_good)

    # As a client of the conversation

    def on_joined(self, conversation: Conversation) -> None:
        self._conversation, self._ready = conversation, False

    def hang_up(self, error: VoiceError) -> None:
        """The conversation cannot go on here, or has gone on elsewhere."""
        self._conversation = self.session_id = None
        self._fail(error)

    def deliver(self, message: Message) -> None:
        if isinstance(message, cm.Ready):
            self._ready = True
            self._cancel_timer()
            self._loop.call_soon(self._put_question)  # when it has been told all of what `opened` says
            return
        if self._question is None:
            return
        match message:
            case cm.Turn(turn=turn, ids=ids) if self._id in ids:
                self._turn = turn
            case cm.Delta(turn=turn, text=text, restart=restart) if turn == self._turn:
                self._tell_piece(text, bool(restart))
            case cm.Answer(turn=turn, message=text) if turn == self._turn:
                self._tell_text(text)
            case cm.ReplyAudio(turn=turn, text=text, audio=bytes(audio)) if turn == self._turn:
                self._listener.on_sentence(text, audio)
            case cm.ServerResponse(turn=turn, audio=audio, audio_error=code) if turn == self._turn:
                self._question = None
                self._listener.on_answered(audio, None if code is None else from_wire(code, ""))
            case cm.ErrorMessage(code=code, turn=turn, id=id):
                ours = id == self._id or (turn is not None and turn == self._turn)
                if ours and code != ReceiverTimeout.code:  # which says that it takes longer
                    self._fail(from_wire(code, message.message))

    # Inside

    def _put_question(self) -> None:
        if self._question is not None and self._conversation is not None and not self._put:
            self._put = True
            # What is being voiced, nobody waits for: a greeting, or an answer that its page has left.
            self._conversation.take(cm.Interrupt())
            self._conversation.take(cm.TypedText(text=self._question.text, id=self._id))

    def _tell_piece(self, text: str, restart: bool) -> None:
        self._told = text if restart else self._told + text
        self._listener.on_piece(text, restart)

    def _tell_text(self, text: str) -> None:
        """The stored answer, and before it what its pieces have not said: all of it, when they said something else."""
        if not text.startswith(self._told):
            self._tell_piece(text, True)
        elif rest := text[len(self._told) :]:
            self._tell_piece(rest, False)
        self._listener.on_text(text)

    def _wait_no_longer(self) -> None:
        question = self._question
        self.leave(for_good=True)
        self._question = question
        self._fail(ReceiverUnavailable())

    def _fail(self, error: VoiceError) -> None:
        self._cancel_timer()
        if self._question is not None:
            self._question = None
            self._listener.on_failed(error)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
