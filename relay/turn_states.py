"""The states of a turn and the one table that says how they change. `relay/turn.py` has the rules.

What is being said:

    state   | cause                | becomes
    ------- | -------------------- | -------
    EMPTY   | HEARD                | HEARD
    HEARD   | HEARD                | HEARD
    HEARD   | DRAFT_DUE            | DRAFTED
    DRAFTED | SPOKE, DRAFT_LOST    | HEARD
    HEARD   | COMMIT_DUE           | EMPTY
    DRAFTED | COMMIT_DUE           | EMPTY

The turn before it, on its way to the store:

    FREE    | SEND                 | SENT
    FREE    | PARK                 | PARKED
    PARKED  | SEND                 | SENT
    SENT    | LOST                 | PARKED
    SENT    | COMMITTED, GIVEN_UP  | FREE
    PARKED  | GIVEN_UP             | FREE

`SPOKE` is more speech while a draft is out, which is discarded with it. A partial changes no other state, only
when the silence ends. `PARK` is a commit that is due with no receiver there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from protocol.link_messages import Item

FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 1.0, 30.0
"""Waits after a refusal, doubled each time."""


class Gathering(Enum):
    """What is being said."""

    EMPTY = "empty"
    HEARD = "heard"
    DRAFTED = "drafted"


class Committing(Enum):
    """The turn before it, on its way to the store."""

    FREE = "free"
    PARKED = "parked"
    SENT = "sent"


class Cause(Enum):
    HEARD = "heard"
    SPOKE = "spoke"
    DRAFT_DUE = "draft due"
    DRAFT_LOST = "draft lost"
    COMMIT_DUE = "commit due"
    PARK = "park"
    SEND = "send"
    LOST = "lost"
    COMMITTED = "committed"
    GIVEN_UP = "given up"


GATHERING: dict[tuple[Gathering, Cause], Gathering] = {
    (Gathering.EMPTY, Cause.HEARD): Gathering.HEARD,
    (Gathering.HEARD, Cause.HEARD): Gathering.HEARD,
    (Gathering.HEARD, Cause.DRAFT_DUE): Gathering.DRAFTED,
    (Gathering.DRAFTED, Cause.SPOKE): Gathering.HEARD,
    (Gathering.DRAFTED, Cause.DRAFT_LOST): Gathering.HEARD,
    (Gathering.HEARD, Cause.COMMIT_DUE): Gathering.EMPTY,
    (Gathering.DRAFTED, Cause.COMMIT_DUE): Gathering.EMPTY,
}

COMMITTING: dict[tuple[Committing, Cause], Committing] = {
    (Committing.FREE, Cause.SEND): Committing.SENT,
    (Committing.FREE, Cause.PARK): Committing.PARKED,
    (Committing.PARKED, Cause.SEND): Committing.SENT,
    (Committing.SENT, Cause.LOST): Committing.PARKED,
    (Committing.SENT, Cause.COMMITTED): Committing.FREE,
    (Committing.SENT, Cause.GIVEN_UP): Committing.FREE,
    (Committing.PARKED, Cause.GIVEN_UP): Committing.FREE,
}
"""A pair that is not here cannot happen; meeting one is a defect and raises KeyError."""


@dataclass(slots=True)
class Draft:
    """The draft that is out."""

    turn: int
    attempt: int
    plan: bytes | None = None


@dataclass(slots=True)
class Pending:
    """The turn that is being committed. `turn` is None until the session's next number is known."""

    items: list[Item]
    since: float
    audio_until: int
    turn: int | None = None
    attempt: int | None = None
    plan: bytes | None = None
    sent_at: float = 0.0
    retry_at: float | None = None
    losses: int = 0
    refusals: int = 0
    shown: bool = False

    def next_wait(self) -> float:
        """Seconds before it is asked again after one more refusal."""
        self.refusals += 1
        return min(FIRST_RETRY_SECONDS * 2.0 ** (self.refusals - 1), LAST_RETRY_SECONDS)
