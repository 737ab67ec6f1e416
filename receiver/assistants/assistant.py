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
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from protocol.client_messages import PastTurn
from protocol.diary import Diary
from protocol.errors import Unsupported
from protocol.link_messages import Item

log = structlog.get_logger(__name__)

State = Mapping[str, Any]
"""What an assistant knows. JSON: only dicts, lists, texts, numbers, booleans and null.

All of it is the session's own but the key `diary`, which all sessions of a user share; the store keeps that
in tables: `{"days": {"2026-11-21": [item, ...]}, "goal": {figure: number} | null, "next_item": 4}`, an item
as in `receiver.assistants.diet.items`. A store gives the latest 14 days that have any.
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
class Context:
    """Who is talking, and when. All that an assistant may use besides the state and the words."""

    now: datetime
    """Aware. When the turn's last item was heard, so that thinking again gives the same answer."""
    timezone: ZoneInfo = UTC_ZONE
    name: str | None = None
    locale: str | None = None
    history: tuple[PastTurn, ...] = ()
    """The turns before this one, oldest first, the greeting as turn 0; the receiver bounds their number."""

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

    def warm_up(self) -> None:  # noqa: B027 - most have nothing to do
        """Do now, at the start, what would else make the first turn slow."""

    def begin(self, context: Context) -> Beginning:
        return Beginning(state={})

    @abstractmethod
    def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect | Restart]:
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


def parse_timestamp(timestamp: str) -> datetime:
    """An item's timestamp (ISO 8601; UTC where it names no zone) as an aware datetime. Raises `ValueError`."""
    moment = datetime.fromisoformat(timestamp)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
