"""What the turn machine is told (events) and what it asks for (commands)."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.errors import VoiceError
from protocol.link_messages import Item

# Events


@dataclass(frozen=True, slots=True)
class Partial:
    """STT's words so far; they replace the partial before. Empty when STT takes it back."""

    text: str


@dataclass(frozen=True, slots=True)
class Final:
    """STT's words for good. `audio_until`: samples of the client's audio up to their end."""

    item: Item
    audio_until: int


@dataclass(frozen=True, slots=True)
class Typed:
    item: Item


@dataclass(frozen=True, slots=True)
class FlushAsked:
    """The client has stopped recording."""


@dataclass(frozen=True, slots=True)
class Drained:
    """STT has decoded all audio that came before the flush."""


@dataclass(frozen=True, slots=True)
class SttLost:
    pass


@dataclass(frozen=True, slots=True)
class SttBack:
    pass


@dataclass(frozen=True, slots=True)
class Behind:
    """Whether more than 1 s of audio waits to be decoded."""

    behind: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """The receiver has opened the session. `stored` is its latest turn: number, words, answer."""

    epoch: int
    next_turn: int
    stored: tuple[int, str, str] | None = None


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The receiver is not there (any more)."""


@dataclass(frozen=True, slots=True)
class DraftReplied:
    turn: int
    attempt: int
    plan: bytes | None


@dataclass(frozen=True, slots=True)
class Committed:
    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The receiver's error about a draft or a commit."""

    error: VoiceError
    turn: int
    attempt: int | None = None
    epoch: int | None = None


@dataclass(frozen=True, slots=True)
class ClientPlays:
    """Whether the client reports what it has played."""

    plays: bool


@dataclass(frozen=True, slots=True)
class VoiceHeard:
    """The local VAD hears the person while the answer is being spoken."""


@dataclass(frozen=True, slots=True)
class InterruptAsked:
    """The person pressed stop."""


@dataclass(frozen=True, slots=True)
class Speaks:
    """Something is being spoken that no commit of ours brought: the greeting, or an answer said again."""

    turn: int


@dataclass(frozen=True, slots=True)
class SpeakingDone:
    turn: int


@dataclass(frozen=True, slots=True)
class Wake:
    """The deadline has come."""


Event = (
    Partial | Final | Typed | FlushAsked | Drained | SttLost | SttBack | Behind | Opened | LinkLost
    | DraftReplied | Committed | Refused | ClientPlays | VoiceHeard | InterruptAsked | Speaks | SpeakingDone | Wake
)  # fmt: skip


# Commands


@dataclass(frozen=True, slots=True)
class SendDraft:
    turn: int
    attempt: int
    items: list[Item]


@dataclass(frozen=True, slots=True)
class SendDiscard:
    turn: int
    attempt: int


@dataclass(frozen=True, slots=True)
class SendCommit:
    epoch: int
    turn: int
    items: list[Item]
    attempt: int | None
    plan: bytes | None
    audio_until: int


@dataclass(frozen=True, slots=True)
class ShowTurn:
    """Tell the client what is being answered."""

    turn: int
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Answer:
    """Voice and send the stored answer. `audio_until` is durable now."""

    turn: int
    text: str
    audio_until: int


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    turn: int


@dataclass(frozen=True, slots=True)
class Drain:
    """Let STT decode what it has; report `Drained`."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Open the session anew at the receiver; report `Opened`."""


@dataclass(frozen=True, slots=True)
class FailTurn:
    """The turn is given up: show its text with the error."""

    turn: int
    items: list[Item]
    error: VoiceError


@dataclass(frozen=True, slots=True)
class Reject:
    """Tell the client about an error: of the typed text `id`, of `turn`, or in general."""

    error: VoiceError
    id: str | None = None
    turn: int | None = None


Command = (
    SendDraft | SendDiscard | SendCommit | ShowTurn | Answer | StopSpeaking | Drain | Reopen | FailTurn
    | Reject
)  # fmt: skip
