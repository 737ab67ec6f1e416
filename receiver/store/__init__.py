"""What the receiver keeps, and the promises of whoever keeps it.

A store is shared by any number of receivers. It is where exactly-once is decided: each method is one
transaction that either happened whole or not at all, and may be called again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A session as it stood at one moment."""

    session: str
    assistant: str
    epoch: int
    next_turn: int
    revision: int
    """Raised with each change of `state`; a write that was thought out on another revision is refused."""
    state: Mapping[str, Any]
    audio_until: int = 0
    name: str | None = None
    timezone: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class StoredTurn:
    turn: int
    text: str
    """What was said, in one line; empty for the greeting (turn 0)."""
    answer: str
    ids: tuple[str, ...] = ()
    """The client's ids of the typed texts in it."""
    heard: int = 0
    """Characters of the answer that the person has heard."""


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What an `open` asks for; `state` and `greeting` are used only where it makes the session."""

    session: str
    assistant: str
    state: Mapping[str, Any]
    greeting: str | None
    created: str
    """ISO 8601, UTC."""
    key: str | None = None
    user: str | None = None
    name: str | None = None
    timezone: str | None = None
    locale: str | None = None
    holder: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class OpenedSession:
    snapshot: Snapshot
    history: list[StoredTurn]
    """The latest turns, oldest first."""
    made: bool
    """Whether this open made the session."""


@dataclass(frozen=True, slots=True)
class TurnWrite:
    """One turn, thought out on `snapshot` under `epoch`."""

    snapshot: Snapshot
    epoch: int
    turn: int
    text: str
    items: list[dict[str, Any]]
    answer: str
    state: Mapping[str, Any]
    created: str
    ids: tuple[str, ...] = ()
    audio_until: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome of a write that was not refused."""

    answer: str
    snapshot: Snapshot | None = field(default=None)
    """The session after it; None where the turn was stored before, by whomever."""


class Store(Protocol):
    """Every method raises `StoreUnavailable` when the database cannot be used after a few tries."""

    store_id: str
    """Names the database; receivers of one `store_id` can take sessions over from each other."""
    plan_key: bytes
    """Secret of all receivers of this store, with which they sign plans."""

    async def open_session(self, request: SessionRequest) -> OpenedSession:
        """Make the session (with its greeting as turn 0) or take it up, under a new epoch.

        Raises `SessionRefused` when the key or the user is another than the one that made it, `SessionMoved`
        when it is opened `again` by a holder that is not the latest; its epoch is then as it was.
        """

    async def read_session(self, session: str) -> Snapshot:
        """Raises `SessionNotOpen` when there is no such session."""

    async def read_turn(self, session: str, turn: int) -> StoredTurn | None: ...

    async def commit_turn(self, write: TurnWrite) -> Written | None:
        """Store the turn, its answer and the state, once.

        A turn that is stored with the same words gives the stored answer, whatever the epoch. None when
        the session has changed since `write.snapshot`: read it and think again. Raises `TurnConflict`
        (stored with other words), `SessionMoved` (not stored, and another epoch has begun) or
        `MalformedMessage` (not the next turn).
        """

    async def apply_action(
        self, snapshot: Snapshot, action: str, state: Mapping[str, Any], created: str
    ) -> Snapshot | None:
        """Store the state that an action leads to; the same action id changes nothing the second time.

        Gives the session after it. None when it has changed since `snapshot`.
        """

    async def action_done(self, session: str, action: str) -> bool:
        """Whether the action with this id is stored."""

    async def mark_heard(self, session: str, turn: int, chars: int) -> bool:
        """Move the heard mark of a stored answer forward, never past its end. False: there is no such turn."""

    async def close(self) -> None: ...
