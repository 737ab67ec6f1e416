"""What an assistant is: it thinks from a state, and says apart from that how its effects change the state.

The split is what makes a turn safe. `think` may be slow, may be cancelled, may run twice and changes
nothing; `apply` is pure and quick, and the receiver stores its result in the transaction that stores the
answer. An assistant never sees the store. One that uses a language model turns the model's tool calls into
effects, and may `apply` those so far to a copy of the state to tell the model what they did.

docs/ASSISTANTS.md is the page on writing one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from pydantic import SecretStr

from protocol.client_messages import PastTurn
from protocol.diary import Diary
from protocol.errors import Unsupported, VoiceError
from protocol.link_messages import Item, Summary

log = structlog.get_logger(__name__)

State = Mapping[str, Any]
"""What an assistant knows. JSON: only dicts, lists, texts, numbers, booleans and null.

All of it is the session's own but two keys that all sessions of a user share. One is what the assistant names as
`shared`. The other is `diary`, which the store keeps in tables:
`{"days": {"2026-11-21": [item, ...]}, "goal": {figure: number} | null, "next_item": 4}`, an item as in
`receiver.assistants.diet.items`. A store gives the latest 14 days that have any.
"""

Effect = Mapping[str, Any]
"""One change of the state, as JSON."""


UTC_ZONE = ZoneInfo("UTC")


class Restart:
    """Yielded by `think` instead of a piece: what was yielded before is void, the answer begins anew.

    For an answer that fails half-way and is given by somebody else: a model's, then the rules'.
    """


RESTART = Restart()


@dataclass(frozen=True, slots=True)
class KeepOnly:
    """Yielded by `think`: the person is told the whole answer, but `text` is what is stored in its place.

    For what should be found in no database, such as how much money somebody has.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Something to be done outside, once what has led to it is stored. The store keeps it until it is done."""

    body: Mapping[str, Any]
    """JSON, for the assistant's own `deliver`."""
    key: str | None = None
    """Of two with the same key of one user the second is left out, as long as the first waits. None: both are done."""


Thinking = AsyncIterator[str | Effect | Restart | KeepOnly]
"""What `think` yields."""


@dataclass(frozen=True, slots=True)
class Context:
    """Who is talking, and when. All that an assistant may use besides the state and the words."""

    now: datetime
    """Aware. When the turn's last item was heard, so that thinking again gives the same answer."""
    timezone: ZoneInfo = UTC_ZONE
    name: str | None = None
    locale: str | None = None
    history: tuple[PastTurn, ...] = ()
    """The turns before this one, oldest first, the greeting as turn 0; the receiver bounds their number."""
    user: str = ""
    """Who it is: the id or e-mail address by which they are signed in, as `protocol.users` writes it; an id of
    the session's own for somebody who was not named."""
    credentials: Mapping[str, SecretStr] = field(default_factory=dict, repr=False)
    """What the person's client brought for services that are asked on their behalf, by service. Never for a state, an
    effect, an answer or a log."""

    @classmethod
    def of(cls, now: datetime, name: str | None, timezone: str | None, locale: str | None) -> Context:
        """`timezone` is an IANA name. One that is not known counts as UTC: its owner still gets answers."""
        try:
            zone = ZoneInfo(timezone or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            log.info("unknown_timezone")
            zone = UTC_ZONE
        return cls(now=now, timezone=zone, name=name or None, locale=locale or None)

    @property
    def local_now(self) -> datetime:
        return self.now.astimezone(self.timezone)


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a session starts."""

    state: State
    greeting: str | None = None
    """Said once, stored as the answer of turn 0."""


class Assistant(ABC):
    """Stateless itself: one instance serves all sessions."""

    name: ClassVar[str]
    version: ClassVar[int]
    """Raised whenever `think` or `apply` come to mean something else: plans of another version are not used."""

    shared: ClassVar[str | None] = None
    """A key of the state that all sessions of a user have in common. At most 512 KiB as JSON."""

    def warm_up(self) -> None:  # noqa: B027 - most have nothing to do
        """Do now, at the start, what would else make the first turn slow."""

    def begin(self, context: Context) -> Beginning:
        return Beginning(state={})

    @abstractmethod
    def think(self, state: State, context: Context, items: Sequence[Item]) -> Thinking:
        """Yield the answer in pieces (`str`, they join without a separator) and effects among them.

        Same arguments, same outcome, as far as the assistant can help it. It must not alter `state`. It may
        be cancelled at any `await`. Raises `AnswerFailed` when it cannot answer.
        """

    def apply(self, state: State, effects: Sequence[Effect]) -> State:
        """The state after `effects`. Pure, and the same in every receiver of this version."""
        return state

    def act(self, state: State, context: Context, name: str, args: Mapping[str, Any]) -> list[Effect]:
        """Effects of a change made by hand. Raises `Unsupported` or `MalformedMessage`."""
        raise Unsupported(f"The assistant knows no action '{name[:40]}'.")

    def diary(self, state: State, context: Context) -> Diary | None:
        """What the page shows of the day of `context`, if this assistant keeps a diary."""
        return None

    async def summarize(self, turns: Sequence[PastTurn], context: Context) -> Summary:
        """The whole conversation in a few lines, when it is over; kept, so that it is asked for once. Changes nothing.

        It may be cancelled at any `await`, and is after `receiver.summing_up.SUMMARY_SECONDS`. Raises `Unsupported`.
        """
        raise Unsupported("The assistant sums no conversation up.")

    # Shared state

    def merge(self, kept: Any, brought: Any) -> Any:
        """The user's `shared`, when a session becomes theirs that was begun for nobody. Pure."""
        return kept

    # What is done outside

    def outgoing(self, effects: Sequence[Effect]) -> Sequence[Outgoing]:
        """What these effects ask to be done outside. Pure; stored in the transaction that stores them."""
        return ()

    async def deliver(self, body: Mapping[str, Any], context: Context) -> None:
        """Do what an `Outgoing` asks for. Those of one user come one after another, in their order.

        It may come again after it was done, so that twice has to be the same as once. Raises a `VoiceError`:
        after a retryable one it comes again, with growing waits, for a day; any other gives it up. The user may
        have gone: where `context` lacks the credentials, a retryable error has it come again when they come.
        """
        raise Unsupported("The assistant does nothing outside.")

    def undelivered(self, body: Mapping[str, Any], error: VoiceError) -> Sequence[Effect]:
        """What to remember, in the session that it came from, of what was given up."""
        return ()

    def next_due(self, shared: Any) -> datetime | None:
        """When `due` wants to be asked, without anybody having said something. Aware; None: not at all. Pure."""
        return None

    def due(self, shared: Any, now: datetime) -> tuple[Sequence[Outgoing], Any]:
        """What the `shared` state wants done outside at `now`, and that state afterwards. Pure."""
        return (), shared


def parse_timestamp(timestamp: str) -> datetime:
    """An item's timestamp (ISO 8601; UTC where it names no zone) as an aware datetime. Raises `ValueError`."""
    moment = datetime.fromisoformat(timestamp)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
