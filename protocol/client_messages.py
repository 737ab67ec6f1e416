"""The client vocabulary: a page, a phone or a terminal talks to the relay (path `/`, JSON over WebSocket).

Audio goes as binary messages; `protocol/README.md` has the whole specification.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from protocol import PROTOCOL_VERSION
from protocol.diary import Diary, DiaryFile
from protocol.errors import MalformedMessage, MessageTooLarge, UnknownType, VoiceError
from protocol.messages import Credentials, Id, Message, Name, Part, Text, by_type, parse

MAX_CLIENT_TEXT_BYTES = 64 * 1024
"""Longest JSON message. A longer one gets `message_too_large`; the session goes on."""

MAX_CLIENT_MESSAGE_BYTES = 256 * 1024
"""Longest message of any kind that is read at all. A longer one closes the connection (RFC 6455, 1009)."""

State = Literal["connecting", "listening", "thinking", "speaking", "waiting_for_receiver", "reconnecting_stt"]


# From the client


class Hello(Message):
    """First message of a client that knows the protocol; all fields are optional."""

    type: Literal["hello"] = "hello"
    protocol: Name = PROTOCOL_VERSION
    session_id: Id | None = None
    resume_token: Id | None = None
    token: Annotated[str, Field(max_length=8192)] | None = None
    name: Name | None = None
    timezone: Name | None = None
    assistant: Name | None = None
    credentials: Credentials | None = None
    """The person's own, for services that the assistant asks for them; taken over TLS or on this machine alone."""
    replies: Literal["whole", "sentences"] = "whole"
    deltas: bool = False
    """Whether to send an answer's text as it comes (`delta`, `answer`)."""
    received: tuple[int, int] | None = None
    """`[turn, seq]` of the last spoken sentence that the client has; later ones are sent again."""


class TypedText(Message):
    type: Literal["text"] = "text"
    text: Annotated[Text, Field(min_length=1)]
    id: Id | None = None
    """Makes sending it again harmless: the same id is taken once a session."""


class Flush(Message):
    type: Literal["flush"] = "flush"


class Interrupt(Message):
    type: Literal["interrupt"] = "interrupt"


class Played(Message):
    """How far the person has heard: `at_ms` into sentence `seq` of the answer of `turn`."""

    type: Literal["played"] = "played"
    turn: Annotated[int, Field(ge=0)]
    seq: Annotated[int, Field(ge=0)]
    at_ms: Annotated[int, Field(ge=0, le=86_400_000)]


class Action(Message):
    """A change made by hand, idempotent by `id`."""

    type: Literal["action"] = "action"
    id: Id
    name: Name
    args: dict[str, Any] = {}


class Ping(Message):
    type: Literal["ping"] = "ping"


FROM_CLIENT: dict[str, type[Message]] = by_type(Hello, TypedText, Flush, Interrupt, Played, Action, Ping)


def parse_client_message(text: str) -> Message:
    """The validated message in `text`. Raises `MessageTooLarge`, `MalformedMessage` or `UnknownType`."""
    if len(text.encode()) > MAX_CLIENT_TEXT_BYTES:
        raise MessageTooLarge(f"A message may have {MAX_CLIENT_TEXT_BYTES} bytes at most.")
    try:
        data = json.loads(text)
        if "\\ud" in text.lower():
            # Half a surrogate pair is valid JSON (RFC 8259, section 8.2) and no Unicode: nobody could send it on.
            json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise MalformedMessage("A text message must be JSON.") from None
    return parse(data, FROM_CLIENT, UnknownType)


# To the client


class PastTurn(Part):
    """One committed turn. Turn 0 is the greeting and has no `text`."""

    turn: int
    text: Text
    message: Text
    ids: list[Id] = []
    """Ids of the typed texts in it, so that a client knows which of its own have arrived."""


class Ready(Message):
    type: Literal["ready"] = "ready"
    protocol: str = PROTOCOL_VERSION
    session_id: Id
    resume_token: Id
    resume_at: int
    """Samples of this session's audio that the relay has; the client goes on from there."""
    history: list[PastTurn]


class Status(Message):
    type: Literal["status"] = "status"
    state: State


class Ack(Message):
    """Samples of audio received so far, and how many of them are in a committed turn."""

    type: Literal["ack"] = "ack"
    received: int
    durable: int


class Transcript(Message):
    type: Literal["transcript"] = "transcript"
    text: str
    final: bool
    turn: int
    confidence: float | None = None


class Turn(Message):
    """What is being answered: sent when the turn is committed, before its answer."""

    type: Literal["turn"] = "turn"
    turn: int
    text: Text
    ids: list[Id] = []


class Delta(Message):
    """The next piece of the answer that is being thought of; pieces join without a separator."""

    type: Literal["delta"] = "delta"
    turn: int
    text: str
    restart: bool | None = None
    """The pieces before this one are void: the answer begins anew."""


class Answer(Message):
    """The answer's text, stored and final: it counts, whatever the deltas said. Its sound follows."""

    type: Literal["answer"] = "answer"
    turn: int
    message: Text


def _from_base64(value: object) -> object:
    return b64decode(value, validate=True) if isinstance(value, str) else value


def _to_base64(sound: bytes) -> str:
    return b64encode(sound).decode("ascii")


Sound = Annotated[bytes, BeforeValidator(_from_base64), PlainSerializer(_to_base64)]
"""Bytes of sound, in base64 (RFC 4648, section 4) on the wire alone."""


class ReplyAudio(Message):
    """One sentence of the answer. `audio` is null when it could not be voiced."""

    type: Literal["reply_audio"] = "reply_audio"
    turn: int
    seq: int
    text: Text
    audio: Sound | None = Field(repr=False)
    """A whole MP3; for a client that takes it, PCM (s16le, mono, 8,000 Hz)."""

    def to_wire(self) -> dict[str, Any]:
        return self.model_dump()


class Stop(Message):
    """Stop playing the answer of `turn` at once: the person has started to speak."""

    type: Literal["stop"] = "stop"
    turn: int


class ServerResponse(Message):
    """The answer, as the original relay sent it: `audio` is the sound of all of it, or null."""

    type: Literal["server_response"] = "server_response"
    message: Text
    audio: Sound | None = Field(repr=False)
    turn: int
    audio_error: str | None = None
    """Stable code of what kept the answer from being voiced."""

    def to_wire(self) -> dict[str, Any]:
        return self.model_dump(exclude={"audio_error"} if self.audio_error is None else None)


class DiaryUpdate(Message):
    type: Literal["diary"] = "diary"
    diary: Diary

    def to_wire(self) -> dict[str, Any]:
        return {"type": self.type, **self.diary.model_dump()}


class Latency(Message):
    """Milliseconds of one turn, stage by stage; `protocol/README.md` names the stages."""

    type: Literal["latency"] = "latency"
    turn: int
    stages: dict[str, float]


class ActionDone(Message):
    type: Literal["action_done"] = "action_done"
    id: Id
    export: DiaryFile | None = None
    """What the action `export` asked for."""


class ErrorMessage(Message):
    type: Literal["error"] = "error"
    code: str
    message: str
    retryable: bool
    turn: int | None = None
    id: str | None = None
    """Of the typed text or action that it is about."""

    @classmethod
    def of(cls, error: VoiceError, *, turn: int | None = None, id: str | None = None) -> ErrorMessage:
        return cls(code=error.code, message=error.message, retryable=error.retryable, turn=turn, id=id)


class Pong(Message):
    type: Literal["pong"] = "pong"


TO_CLIENT: dict[str, type[Message]] = by_type(
    Ready, Status, Ack, Transcript, Turn, Delta, Answer, ReplyAudio, Stop, ServerResponse, Latency, ActionDone,
    ErrorMessage, Pong,
)  # fmt: skip
