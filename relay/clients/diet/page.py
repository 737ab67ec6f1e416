"""The diet bot's page (path `/ws/diet?sessionId=&userEmail=`): WebM in pieces of about a second, or typed words.

`protocol/CLIENTS.md` has the tables. It is an ordinary conversation: what the page shows comes from its messages.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Awaitable
from typing import Any, ClassVar

from pydantic import ValidationError
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request

from protocol import client_messages as cm
from protocol.diary import Diary
from protocol.errors import MalformedMessage, ReceiverTimeout, VoiceError
from protocol.messages import Message
from relay.clients.diet.messages import (
    ClientReadyRequest,
    ConversationCompleted,
    SummaryRequest,
    UserMessage,
    parse_diet_message,
)
from relay.clients.diet.sound import DietSound
from relay.clients.diet.summary import summary_of, summary_text
from relay.clients.socket_client import SocketClient, parse_target
from relay.identity import Identity, as_named, session_token
from relay.services import Services

NO_SESSION = "The address needs ?sessionId=, with 1 to 128 printable ASCII characters and no space."

COMPLETE_SECONDS = 60.0
"""After `conversation_completed`: longest wait until everything that was said is answered."""

LOOK_SECONDS = 0.05

STATES: dict[cm.State, tuple[str, str]] = {
    "connecting": ("waiting", "One moment, please: the assistant is being called."),
    "listening": ("listening", "Listening."),
    "thinking": ("thinking", "Thinking."),
    "speaking": ("speaking", "Speaking."),
    "waiting_for_receiver": (
        "waiting",
        "One moment, please: the assistant is not there right now. Nothing is lost.",
    ),
    "reconnecting_stt": ("waiting", "Speech recognition is away; what you say is heard when it is back."),
}
"""The conversation's states in the page's words."""

STUCK = "This takes unusually long. What you said is kept and still worked on; you can go on talking."
IDLE = "Nothing was said for a while, so this connection is closed. Connect again to go on."


class DietPageClient(SocketClient):
    """One connection. Whoever knows a session's id takes it up, if it is theirs (`relay.identity.session_token`)."""

    kind: ClassVar[str | None] = "diet"

    def __init__(self, connection: ServerConnection, services: Services, identity: Identity) -> None:
        super().__init__(connection, services, identity)
        self.deltas = True  # for `answer`: the text before its sound
        self._sound = DietSound(
            services.settings,
            services.diet_pages,
            self._add_audio,
            self.report,
            self._tell,
            lambda fields: self.send_json({"type": "audio", **fields}),
        )
        self._counters = services.diet_pages.counters
        self._diary: Diary | None = None
        self._ready: dict[str, Any] | None = None  # fields of `status ready`, once the session is open
        self._summary_asked = False  # before the session was open
        self._open_turn: int | None = None  # that has no answer yet
        self._stuck: asyncio.TimerHandle | None = None
        self._answer: tuple[int, str] | None = None  # waits for the diary that it makes
        self._answered = -1  # the latest turn whose text was sent
        self._completing: asyncio.Task[None] | None = None
        self._active_at = self._loop.time()
        self._idle_timer: asyncio.TimerHandle | None = None
        self._deaf = False  # so that sound is all there is to know that somebody talks

    @classmethod
    async def admit(cls, request: Request, services: Services, identity: Identity) -> Identity:
        """Raises `UserRefused` for a `userEmail` that is not the token's, `MalformedMessage` for none at all."""
        _, query = parse_target(request.path)
        return as_named(identity, query.get("userEmail"))

    def begin(self) -> None:
        session_id = self.query.get("sessionId", "")
        self._tell("connected", "Connected.", sessionId=session_id)
        self._idle_timer = self._loop.call_later(self.services.settings.diet_idle_seconds, self._look_idle)
        try:
            hello = cm.Hello(
                session_id=session_id,
                resume_token=session_token("diet", session_id, self.identity.user),
                name=self.query.get("name"),
                timezone=self.query.get("timezone"),
            )
        except ValidationError:
            self.hang_up(MalformedMessage(NO_SESSION))
        else:
            self.join(hello)

    async def ended(self) -> None:
        self._forget_stuck()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        if self._completing is not None:
            self._completing.cancel()
            await asyncio.gather(self._completing, return_exceptions=True)
        await self._sound.end()  # the last words belong to the conversation, which goes on without the page
        await self._sound.close()

    # In

    def take_binary(self, data: bytes) -> Awaitable[None] | None:
        if self._deaf:
            self._active_at = self._loop.time()
        return self._sound.take(data)

    def take_text(self, text: str) -> Awaitable[None] | None:
        self._active_at = self._loop.time()
        match parse_diet_message(text):
            case UserMessage() as typed:
                if self.conversation is not None:
                    self.conversation.take(cm.TypedText(text=typed.words, id=typed.id))
            case ClientReadyRequest():
                if self._ready is not None:  # otherwise it is told as soon as the session is open
                    self._tell("ready", "Ready.", **self._ready)
            case SummaryRequest():
                self._summary_asked = True
                self._tell_summary()
            case ConversationCompleted():
                return self._complete()
        return None

    def _add_audio(self, pcm: bytes) -> None:
        if self.conversation is not None:
            self.conversation.add_audio(pcm)

    async def _complete(self) -> None:
        """Commit what is open. The page is read on meanwhile."""
        await self._sound.end()
        if self.conversation is not None and self._completing is None:
            self.conversation.finish()
            self._completing = self._loop.create_task(self._tell_completed())

    async def _tell_completed(self) -> None:
        assert self.conversation is not None
        try:
            async with asyncio.timeout(COMPLETE_SECONDS):
                while not self.conversation.finished or self._ready is None or self._open_turn is not None:
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            self.report(ReceiverTimeout())
        else:
            self._tell("completed", summary_text(self._diary), summary=summary_of(self._diary))
        finally:
            self._completing = None

    # The conversation

    def deliver(self, message: Message) -> None:
        match message:
            case cm.Status(state=state):
                self._deaf = state == "reconnecting_stt"
                self._tell(*STATES[state])
            case cm.Transcript(text=text, final=final):
                self._active_at = self._loop.time()
                self._tell("transcript", text, text=text, final=final)
            case cm.Turn(turn=turn, text=text):
                self._open(turn)
                self._tell("processing", "Working on it.", turn=turn, text=text)
            case cm.Answer(turn=turn, message=text):
                self._forget_stuck()
                self._answer = (turn, text)
                self._loop.call_soon(
                    self._send_answer
                )  # after the diary, which follows at once if it has changed
            case cm.ServerResponse():
                self._take_response(message)
            case cm.DiaryUpdate(diary=diary):
                self._diary = diary
            case cm.Ready(history=history):
                self._ready = {"sessionId": message.session_id, "turns": len(history)}
                self._tell("ready", "Ready.", **self._ready)
                self._loop.call_soon(self._tell_summary)  # likewise
            case cm.ErrorMessage(turn=turn):
                if turn is not None:
                    self._settle(turn)
                self.send_json(message.to_wire())

    def _open(self, turn: int) -> None:
        self._open_turn = turn
        self._forget_stuck()
        self._stuck = self._loop.call_later(self.services.settings.diet_stuck_seconds, self._reset, turn)

    def _settle(self, turn: int) -> None:
        self._active_at = self._loop.time()
        if self._open_turn == turn:
            self._open_turn = None
            self._forget_stuck()

    def _forget_stuck(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()

    def _reset(self, turn: int) -> None:
        """The turn takes too long: the page may go on. The turn machine has it and works on (`relay.turn`, rule 8)."""
        self._counters.resets += 1
        self._tell("reset", STUCK, turn=turn)

    def _send_answer(self) -> None:
        if self._answer is None:
            return
        (turn, text), self._answer = self._answer, None
        self._answered = turn
        answer: dict[str, Any] = {"type": "ai_response", "text": text, "message": text, "turn": turn}
        if self._diary is not None:
            answer["diary"] = summary_of(self._diary)
        self.send_json(answer)

    def _take_response(self, response: cm.ServerResponse) -> None:
        """The answer's sound; also its text, if it was voiced without being an answer just now, as a greeting is."""
        self._send_answer()
        if response.turn > self._answered:
            self._answer = (response.turn, response.message)
            self._send_answer()
        spoken: dict[str, Any] = {
            "type": "tts_response",
            "audio": b64encode(response.audio).decode("ascii") if response.audio else None,
            "format": "mp3",
            "text": response.message,
            "turn": response.turn,
        }
        if response.audio_error is not None:
            spoken["error"] = response.audio_error
        self.send_json(spoken)
        self._settle(response.turn)

    def _tell_summary(self) -> None:
        if self._summary_asked and self._ready is not None:
            self._summary_asked = False
            text = summary_text(self._diary)
            self.send_json(
                {"type": "ai_response", "text": text, "message": text, "summary": summary_of(self._diary)}
            )

    def _look_idle(self) -> None:
        """Whether nothing was said for so long that nobody seems to be there."""
        limit = self.services.settings.diet_idle_seconds
        quiet = self._loop.time() - self._active_at
        if quiet < limit or self._open_turn is not None:
            self._idle_timer = self._loop.call_later(max(limit - quiet, LOOK_SECONDS), self._look_idle)
            return
        self._counters.idle += 1
        self._tell("idle", IDLE)
        self.close(1000, "idle")

    # Out

    def report(self, error: VoiceError) -> None:
        self.send_json(cm.ErrorMessage.of(error).to_wire())

    def _tell(self, status: str, message: str, **fields: Any) -> None:
        self.send_json({"type": "status", "status": status, "message": message, **fields})
