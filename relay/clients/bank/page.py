"""The bank's page: one client of Socket.IO, its events translated into a conversation and back.

The events are specified in `protocol/CLIENTS.md`; `relay/clients/bank/server.py` brings them here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import structlog
from pydantic import AliasChoices, Field

from protocol import client_messages as cm
from protocol.error_codes import BY_CODE
from protocol.errors import (
    BufferFull,
    CapacityError,
    InputError,
    InternalError,
    MalformedMessage,
    SttError,
    Unauthorized,
    UnknownType,
    VoiceError,
)
from protocol.messages import Id, Message, Text, by_type, parse
from relay.clients.bank.answer import BankAnswer
from relay.clients.bank.wire import MALFORMED, Connection
from relay.clients.incoming_audio import IncomingAudio
from relay.clients.rate_limit import RateLimit
from relay.clients.socket_client import SIGN_IN_ENDED
from relay.codecs.containers import container_of, is_cut_header
from relay.conversation import Conversation
from relay.identity import Identity
from relay.services import Services
from relay.tts import MP3, Speech

log = structlog.get_logger(__name__)

ROOM_SECONDS = 10.0
"""How long a client whose sound waits to be decoded is held back. Its answers to pings are not read meanwhile, so this
is shorter than what they may take."""

LEAVE_SECONDS = 1.0
"""How long what a client sent before it left may take to be decoded; a tenth of a second does."""

SENTENCES = {
    "audio": "Audio streaming failed. Please try again.",
    "processing": "Could not process your request.",
}
"""`message` of the event `error`, by its `type`."""

Kind = Literal["audio", "processing"]
Sent = dict[str, Any] | bytes


class Query(Message):
    type: Literal["bankingQuery"] = "bankingQuery"
    text: Annotated[Text, Field(min_length=1, validation_alias=AliasChoices("text", "query", "message"))]
    id: Id | None = None


class AudioPlayed(Message):
    type: Literal["audioPlayed"] = "audioPlayed"
    turn: Annotated[int, Field(ge=0)]
    at_ms: Annotated[int, Field(ge=0, le=86_400_000, validation_alias="atMs")]


FROM_PAGE = by_type(Query, AudioPlayed)


class BankClient:
    """One connection of a page. `join` a conversation, `begin`, `take` its events, see that it has `ended`."""

    kind: ClassVar[str | None] = "socketio"
    replies = "sentences"
    deltas = True
    speech: Speech = MP3

    def __init__(self, connection: Connection, services: Services, identity: Identity) -> None:
        settings = services.settings
        self.connection = connection
        self._services = services
        self._identity = identity
        self._loop = asyncio.get_running_loop()
        self._conversation: Conversation | None = None
        self._early: list[tuple[str, Sent]] | None = []  # told before the client is connected
        self._answer = BankAnswer(self._emit, settings.socketio_prebuffer_ms / 1000)
        self._incoming = IncomingAudio(self._hear, self._audio_failed)
        self._per_second = settings.socketio_audio_per_second
        self._rate = RateLimit(self._per_second, self._loop.time)
        self._flooded = False  # the recording that is coming in has been ended
        self._expiry: asyncio.TimerHandle | None = None
        self._closing = False

    def join(self, hello: cm.Hello) -> None:
        """Take part in the conversation that `hello` asks for. Raises `AccessError`, `CapacityError`."""
        # Without a token the session is known by its id alone.
        self._services.sessions.join(hello, self, self._identity, proven=self._identity.user is not None)
        if (expires := self._identity.expires) is not None:
            left = max(0.0, expires - time.time())
            self._expiry = self._loop.call_later(left, self.hang_up, Unauthorized(SIGN_IN_ENDED))

    def begin(self) -> None:
        """The client knows that it is connected: tell it what has happened since `join`."""
        early, self._early = self._early or [], None
        for event, data in early:
            self.connection.emit(event, data)

    async def ended(self) -> None:
        """The connection is gone. What came before is heard; the conversation waits for its client a while."""
        if self._expiry is not None:
            self._expiry.cancel()
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._incoming.end()
        except TimeoutError:
            pass
        finally:
            self._closing = True
            try:
                await self._incoming.close()
            finally:
                if self._conversation is not None:
                    self._services.sessions.leave(self._conversation, self)

    # In

    async def take(self, event: str, *args: object) -> dict[str, Any] | None:
        """An event, and what to acknowledge it with. The next one is read when this returns."""
        if self._closing or self._conversation is None:
            return None
        try:
            await self._take(event, args[0] if args else None, self._conversation)
        except InputError as error:
            self._report(error, "audio" if event == "audioData" else "processing")
            return refusal(error)
        except Exception:
            # A defect of ours. The session is kept, so that coming back may help.
            log.exception("client failed", client="BankClient")
            self.hang_up(InternalError())
            return refusal(InternalError())
        return {"ok": True} if event != "audioData" else None

    async def _take(self, event: str, data: object, conversation: Conversation) -> None:
        match event:
            case "audioData":
                if not isinstance(data, bytes):
                    raise MalformedMessage("'audioData' takes binary data.")
                await self._take_audio(data)
            case "bankingQuery":
                query = _parse(event, {"text": data} if isinstance(data, str) else data)
                assert isinstance(query, Query)
                if not query.text.strip():
                    raise MalformedMessage("There is no question in it.")
                conversation.take(cm.TypedText(text=query.text, id=query.id))
            case "stopAudio":
                self._flooded = False
                await self._incoming.end()
                conversation.take(cm.Flush())
            case "interrupt":
                conversation.take(cm.Interrupt())
            case "audioPlayed":
                report = _parse(event, data)
                assert isinstance(report, AudioPlayed)
                if (played := self._answer.locate(report.turn, report.at_ms)) is not None:
                    conversation.take(played)
            case _ if event == MALFORMED:
                raise MalformedMessage("That event cannot be read.")
            case _:
                raise UnknownType(f"There is no event '{event[:40]}'.")

    async def _take_audio(self, piece: bytes) -> None:
        """A piece of a recording, which is not to have a hole: past the rate limit the recording ends with an error.

        The rest of it is dropped, until a piece brings the header of the next, or after `stopAudio`.
        """
        if not self._rate.take():
            if not self._flooded:
                self._flooded = True
                await self._incoming.end()
                raise BufferFull(f"More than {self._per_second} pieces of audio came in a second.")
            return
        if self._flooded and not (container_of(piece) or is_cut_header(piece)):
            return
        self._flooded = False
        try:
            if (room := self._incoming.take(piece)) is not None:
                async with asyncio.timeout(ROOM_SECONDS):
                    await room
        except TimeoutError:
            self._flooded = True
            raise BufferFull("The recording comes faster than it can be decoded.") from None
        except CapacityError as error:
            self._flooded = True
            self._report(error, "audio")  # typing goes on

    def _hear(self, pcm: bytes) -> None:
        if self._conversation is not None:
            self._conversation.add_audio(pcm)

    def _audio_failed(self, error: InputError) -> None:
        self._report(error, "audio")

    # Out

    def on_joined(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def deliver(self, message: Message) -> None:
        """A message of the conversation, as the page's events."""
        if self._closing:
            return
        match message:
            case cm.Delta():
                self._answer.delta(message)
            case cm.Answer(turn=turn, message=text):
                self._answer.answer(turn, text)
            case cm.ReplyAudio():
                self._answer.sound(message)
            case cm.ServerResponse():
                self._answer.end(message)
            case cm.Stop(turn=turn):
                self._answer.stop(turn)
            case cm.Ready(session_id=session_id):
                self._tell("ready", {"sessionId": session_id})
            case cm.Status(state=state):
                self._tell("status", {"state": state})
            case cm.Transcript(text=text, final=final):
                self._tell("transcript", {"text": text, "final": final})
            case cm.ErrorMessage(code=code, turn=turn, id=id):
                about = {name: value for name, value in (("turn", turn), ("id", id)) if value is not None}
                kind: Kind = "audio" if issubclass(BY_CODE.get(code, VoiceError), SttError) else "processing"
                self._tell_error(kind, code, message.message, message.retryable, about)

    def hang_up(self, error: VoiceError) -> None:
        """Tell the page why, and close. It is to come back by itself where that can help."""
        if self._closing:
            return
        self._report(error, "processing")
        self._closing = True
        if self._early is not None:
            self.begin()
        if error.retryable or isinstance(error, InternalError):
            self.connection.close()
        else:
            self.connection.disconnect()

    def report(self, error: VoiceError) -> None:
        """Tell the page of an error that is not about its sound."""
        self._report(error, "processing")

    def _report(self, error: VoiceError, kind: Kind) -> None:
        self._tell_error(kind, error.code, error.message, error.retryable)

    def _tell_error(
        self, kind: Kind, code: str, reason: str, retryable: bool, about: Mapping[str, Any] | None = None
    ) -> None:
        told = {
            "type": kind,
            "message": SENTENCES[kind],
            "code": code,
            "reason": reason,
            "retryable": retryable,
        }
        self._tell("error", {**told, **(about or {})})

    def _tell(self, event: str, data: dict[str, Any]) -> None:
        self._answer.flush()
        self._emit(event, data)

    def _emit(self, event: str, data: Sent) -> None:
        if self._closing:
            return
        if self._early is not None:
            self._early.append((event, data))
        else:
            self.connection.emit(event, data)


def refusal(error: VoiceError) -> dict[str, Any]:
    """An error as an acknowledgement."""
    return {"ok": False, "code": error.code, "message": error.message, "retryable": error.retryable}


def _parse(event: str, data: object) -> Message:
    """Raises `MalformedMessage`."""
    if not isinstance(data, dict):
        raise MalformedMessage(f"'{event}' takes an object.")
    return parse({**data, "type": event}, FROM_PAGE, UnknownType)
