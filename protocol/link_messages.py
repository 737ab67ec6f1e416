"""The link vocabulary: the relay and the receiver (TCP port 5001, frames of `protocol.framing`).

Only text crosses the link, never audio. `protocol/README.md` has the whole specification.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from protocol import PROTOCOL_VERSION
from protocol.client_messages import PastTurn
from protocol.diary import Diary, DiaryFile
from protocol.error_codes import from_wire
from protocol.errors import Unsupported, VoiceError
from protocol.messages import MAX_ITEMS, Credentials, Id, Message, Name, Part, Text, by_type, parse

MAX_PLAN_BYTES = 64 * 1024
"""Longest plan. A receiver with a longer one sends none and thinks again at `commit`."""

MAX_EARLIER_TURNS = 50
"""Turns that `open` may fill a new session with."""

MAX_EARLIER_BYTES = 64 * 1024
"""All their texts together, in UTF-8."""

PING_SECONDS = 10.0
"""Each side sends `ping` when it has sent nothing for this long, so the other hears something."""

STALE_SECONDS = 25.0
"""A side that has heard nothing for this long closes the connection: both notice within 30 s."""

TurnNumber = Annotated[int, Field(ge=0)]
Attempt = Annotated[int, Field(ge=1)]
Plan = Annotated[bytes, Field(max_length=MAX_PLAN_BYTES)]


class Item(Part):
    """One final of the speech engine, or one typed text."""

    text: Annotated[Text, Field(min_length=1)]
    timestamp: Annotated[str, Field(max_length=40)]
    """When it was heard: ISO 8601, UTC, with milliseconds."""
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    speaker: Name | None = None
    id: Id | None = None
    """The client's id of a typed text."""


Items = Annotated[list[Item], Field(min_length=1, max_length=MAX_ITEMS)]


def spoken_text(items: list[Item]) -> str:
    """The turn's words in one line, as the client shows them and the receiver stores them."""
    return " ".join(item.text.strip() for item in items)


class EarlierTurn(Part):
    """What was said and answered before the session was made, as the client kept it; one of them may be empty."""

    text: Text
    message: Text

    @model_validator(mode="after")
    def _says_something(self) -> EarlierTurn:
        if not self.text.strip() and not self.message.strip():
            raise ValueError("a turn needs words")
        return self

    @property
    def size(self) -> int:
        """Bytes of `MAX_EARLIER_BYTES`."""
        return len(self.text.encode()) + len(self.message.encode())


def _check_size(turns: list[EarlierTurn]) -> list[EarlierTurn]:
    if sum(turn.size for turn in turns) > MAX_EARLIER_BYTES:
        raise ValueError(f"more than {MAX_EARLIER_BYTES} bytes")
    return turns


EarlierTurns = Annotated[list[EarlierTurn], Field(max_length=MAX_EARLIER_TURNS), AfterValidator(_check_size)]
"""Oldest first."""


# From the relay


class LinkHello(Message):
    type: Literal["hello"] = "hello"
    protocol: Name = PROTOCOL_VERSION
    token: Annotated[str, Field(max_length=8192)] | None = None


class Open(Message):
    """Take a session up, or make it: answered by `opened` with a new epoch, or by an `error`."""

    type: Literal["open"] = "open"
    session: Id
    key: Id | None = None
    """SHA-256 (hex) of the client's resume token. The first `open` sets it; later ones must match it."""
    user: Name | None = None
    assistant: Name | None = None
    name: Name | None = None
    timezone: Name | None = None
    locale: Name | None = None
    holder: Id | None = None
    """Who opens: a random id of the relay's conversation."""
    again: bool | None = None
    """This holder has opened it before, and must not take it from whoever did since (`session_moved`)."""
    history: EarlierTurns | None = None
    """Turns 1 and up of the session, where this `open` makes it; a session that is there has its own."""
    credentials: Credentials | None = None
    """The person's own, for the services that the assistant asks for them. The receiver keeps them in memory, for as
    long as the relay has the session open."""


class Draft(Message):
    """Think about what was said so far and change nothing: answered by `delta`s and a `reply`."""

    type: Literal["draft"] = "draft"
    session: Id
    turn: TurnNumber
    attempt: Attempt
    items: Items


class Discard(Message):
    type: Literal["discard"] = "discard"
    session: Id
    turn: TurnNumber
    attempt: Attempt


class Commit(Message):
    """Answer the turn and write it down, once: answered by `committed` or an `error`."""

    type: Literal["commit"] = "commit"
    session: Id
    epoch: int
    turn: TurnNumber
    items: Items
    attempt: Attempt | None = None
    """The draft that this turns into a commit; absent when there was none or it no longer fits."""
    plan: Plan | None = None
    """That draft's plan, when its `reply` has come."""
    audio_until: Annotated[int, Field(ge=0)] = 0
    """Samples of the client's audio that this turn and those before it cover."""


class Heard(Message):
    """How many characters of a stored answer the person has heard. Never moves back, changes nothing else."""

    type: Literal["heard"] = "heard"
    session: Id
    turn: TurnNumber
    chars: Annotated[int, Field(ge=0)]


class LinkAction(Message):
    type: Literal["action"] = "action"
    session: Id
    id: Id
    name: Name
    args: dict[str, Any] = {}


class Summarize(Message):
    """The conversation is over: sum it up and keep that, once. Answered by `summarized` or an `error`.

    Asked again, it gives what is kept, unless turns have been added since.
    """

    type: Literal["summarize"] = "summarize"
    session: Id
    id: Id


class Close(Message):
    """The relay has let go of the session; what is stored stays."""

    type: Literal["close"] = "close"
    session: Id


# From the receiver


class Welcome(Message):
    type: Literal["welcome"] = "welcome"
    protocol: Name = PROTOCOL_VERSION
    store_id: Id
    """Names the database. Sessions move only between receivers that share it."""


class Opened(Message):
    type: Literal["opened"] = "opened"
    session: Id
    epoch: int
    next_turn: TurnNumber
    history: list[PastTurn] = []
    """The latest turns, oldest first, the greeting as turn 0; the receiver bounds their number."""
    greeting: Text | None = None
    """To be spoken now: present only in the `opened` that made the session."""
    diary: Diary | None = None
    audio_until: int = 0


class Delta(Message):
    """The next piece of an answer that is being thought of; pieces join without a separator."""

    type: Literal["delta"] = "delta"
    session: Id
    turn: TurnNumber
    attempt: Attempt | None = None
    text: Text
    restart: bool | None = None
    """The pieces before this one are void: the answer begins anew."""


class Reply(Message):
    """A draft's whole answer. `plan` goes back with the commit and means something to receivers only."""

    type: Literal["reply"] = "reply"
    session: Id
    turn: TurnNumber
    attempt: Attempt
    text: Text
    plan: Plan | None = None


class Committed(Message):
    """The turn is stored. `text` is its answer, the same bytes however often it is asked for."""

    type: Literal["committed"] = "committed"
    session: Id
    turn: TurnNumber
    text: Text
    diary: Diary | None = None


class LinkActionDone(Message):
    type: Literal["action_done"] = "action_done"
    session: Id
    id: Id
    diary: Diary | None = None
    export: DiaryFile | None = None


class ActionItem(Part):
    """Something that somebody is to do."""

    text: Text
    """As it was said, word for word."""
    turn: TurnNumber
    """The turn that it was said in."""
    kind: Name
    """`reminder`, `todo`, `promise` or `request`; there may come to be others."""
    answer: Text | None = None
    """What was answered when it was written down, with its time in full."""


class Summary(Part):
    key_points: Annotated[list[Text], Field(max_length=50)] = []
    action_items: Annotated[list[ActionItem], Field(max_length=100)] = []
    open_questions: Annotated[list[Text], Field(max_length=50)] = []
    text: Text
    """All of it, for the ear."""


class Summarized(Message):
    type: Literal["summarized"] = "summarized"
    session: Id
    id: Id
    summary: Summary


class LinkErrorMessage(Message):
    """What went wrong with a session, a turn or an action, or with the connection when none is named."""

    type: Literal["error"] = "error"
    code: str
    message: str
    retryable: bool
    session: Id | None = None
    turn: TurnNumber | None = None
    attempt: Attempt | None = None
    epoch: int | None = None
    id: Id | None = None

    @classmethod
    def of(cls, error: VoiceError, **about: Any) -> LinkErrorMessage:
        """`about` takes `session`, `turn`, `attempt`, `epoch`, `id`."""
        return cls(code=error.code, message=error.message, retryable=error.retryable, **about)

    def to_error(self) -> VoiceError:
        return from_wire(self.code, self.message)


class GoAway(Message):
    """The receiver is about to stop: finish nothing new here, connect again."""

    type: Literal["goaway"] = "goaway"


# Either way


class LinkPing(Message):
    type: Literal["ping"] = "ping"


class LinkPong(Message):
    type: Literal["pong"] = "pong"


FROM_RELAY: dict[str, type[Message]] = by_type(
    LinkHello, Open, Draft, Discard, Commit, Heard, LinkAction, Summarize, Close, LinkPing, LinkPong,
    LinkErrorMessage,
)  # fmt: skip

FROM_RECEIVER: dict[str, type[Message]] = by_type(
    Welcome, Opened, Delta, Reply, Committed, LinkActionDone, Summarized, LinkErrorMessage, GoAway, LinkPing,
    LinkPong,
)  # fmt: skip


def parse_from_relay(data: object) -> Message:
    """Raises `MalformedMessage` or `Unsupported`; neither closes the connection."""
    return parse(data, FROM_RELAY, Unsupported)


def parse_from_receiver(data: object) -> Message:
    """Raises `MalformedMessage` or `Unsupported`; neither closes the connection."""
    return parse(data, FROM_RECEIVER, Unsupported)
