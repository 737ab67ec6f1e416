"""What the receiver keeps, and the promises of whoever keeps it.

A store is shared by any number of receivers. It is where exactly-once is decided: each method is one
transaction that either happened whole or not at all, and may be called again.

Each session belongs to a user, by whom the diary is kept: `state["diary"]`, as it is in
`receiver.assistants.assistant`, is there in the state of all sessions of a user, and is the same in all of
them. It holds the user's latest `DIARY_DAYS` days that have items; older ones stay in the store. A write gives
the whole state back, and what is different in its diary is written down; a state without `diary` leaves it
as it was. A day with items must not be left out to forget it: that deletes them.

One more key of a state may be the same in all sessions of a user: that of `Sharing`, which goes along with what
makes or reads a session, so that the store knows of no assistant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from receiver.store.export import Export

DIARY_DAYS = 14
"""Days with items that a state holds."""

MAX_SHARED_BYTES = 512 * 1024
"""Longest JSON under a shared key; a write with a longer one is refused."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """How the sessions of a user share a part of their states. Both functions are pure and quick."""

    key: str
    merge: Callable[[Any, Any], Any]
    """Of the user's and of what a session brings that becomes theirs."""
    next_due: Callable[[Any], str | None]
    """When something in it is to be done by itself (ISO 8601, UTC, milliseconds)."""


class Outgoing(Protocol):
    """As `receiver.assistants.assistant.Outgoing`."""

    @property
    def body(self) -> Mapping[str, Any]: ...

    @property
    def key(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A session as it stood at one moment."""

    session: str
    assistant: str
    epoch: int
    next_turn: int
    revision: int
    """Raised with each change of `state`, by whichever session of the user, and of `name` and `timezone`; a
    write that was thought out on another revision is refused."""
    state: Mapping[str, Any]
    audio_until: int = 0
    name: str | None = None
    """The user's, as `timezone` is: what the latest `open` said that said any."""
    timezone: str | None = None
    locale: str | None = None
    user: str = ""
    """Id of the user."""
    email: str | None = None
    """The user's, if that is how they are named; their id is one of ours then."""
    sharing: Sharing | None = field(default=None, compare=False, repr=False)
    """What it was read with, and is written with."""


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
    """What an `open` asks for; `state` (but for its diary), `greeting` and `history` are used where it makes the
    session."""

    session: str
    assistant: str
    state: Mapping[str, Any]
    greeting: str | None
    created: str
    """ISO 8601, UTC."""
    key: str | None = None
    user: str | None = None
    """An id, or an e-mail address (it has an "@"). Who is not there yet is made."""
    name: str | None = None
    timezone: str | None = None
    locale: str | None = None
    holder: str | None = None
    again: bool = False
    history: Sequence[tuple[str, str]] = ()
    """What was said before and what was answered, oldest first: the session's turns 1 and up."""
    sharing: Mapping[str, Sharing] = field(default_factory=dict)
    """By assistant: a session that is there may have another than `assistant`."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a user."""

    user: str
    """Id."""
    email: str | None = None
    name: str | None = None
    timezone: str | None = None
    diary: Mapping[str, Any] = field(default_factory=dict)
    """As in a state."""


@dataclass(frozen=True, slots=True)
class OpenedSession:
    snapshot: Snapshot
    history: list[StoredTurn]
    """The latest turns, oldest first."""
    made: bool
    """Whether this open made the session."""

    @property
    def greeting(self) -> str | None:
        """What is to be said now: turn 0, where this open stored it."""
        first = self.history[0] if self.made and self.history else None
        return first.answer if first is not None and first.turn == 0 else None


@dataclass(frozen=True, slots=True)
class TurnWrite:
    """One turn, thought out on `snapshot` under `epoch`."""

    snapshot: Snapshot
    epoch: int
    turn: int
    text: str
    """The words of `items` in one line (`protocol.link_messages.spoken_text`)."""
    items: list[dict[str, Any]]
    """As `protocol.link_messages.Item`: each becomes a message of the user's."""
    answer: str
    state: Mapping[str, Any]
    created: str
    ids: tuple[str, ...] = ()
    audio_until: int = 0
    outgoing: Sequence[Outgoing] = ()
    """For the outbox."""
    outgoing_at: str = ""
    """The time by the receiver's clock, where there are any; `created` is when it was said."""


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome of a write that was not refused."""

    answer: str
    snapshot: Snapshot | None = field(default=None)
    """The session after it; None where the turn was stored before, by whomever."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Something to be done outside, handed to one receiver until its lease ends."""

    id: int
    holder: str
    user: str
    session: str | None
    assistant: str
    body: Mapping[str, Any] = field(repr=False)
    attempts: int
    """Before this one."""
    created: str
    name: str | None = None
    """The user's, as `timezone` is."""
    timezone: str | None = None
    locale: str | None = None
    """The session's."""
    email: str | None = None
    """The user's, as in `Snapshot`."""


@dataclass(frozen=True, slots=True)
class StoredSummary:
    turns: int
    """It is of the turns before this number."""
    summary: str = field(repr=False)
    """JSON."""


Due = Callable[[Any], tuple[Sequence[Outgoing], Any]]
"""What a shared state wants done, and that state afterwards. Pure and quick."""


class Store(Protocol):
    """Every method raises `StoreUnavailable` when the database cannot be used after a few tries."""

    store_id: str
    """Names the database; receivers of one `store_id` can take sessions over from each other."""
    plan_key: bytes
    """Secret of all receivers of this store, with which they sign plans."""

    async def open_session(self, request: SessionRequest) -> OpenedSession:
        """Make the session (with its greeting as turn 0, and its history) or take it up, under a new epoch.

        A session that was begun for nobody in particular becomes the user's that it is opened for, with what
        was written down in it. From then on it is opened for nobody else, and not for nobody in particular either.

        Raises `SessionRefused` when the key or the user is another than the session's, `SessionMoved`
        when it is opened `again` by a holder that is not the latest; its epoch is then as it was.
        """

    async def read_profile(self, user: str) -> Profile | None:
        """Who `SessionRequest.user` is; None where the store does not know them."""

    async def read_session(self, session: str, sharing: Sharing | None = None) -> Snapshot:
        """Raises `SessionNotOpen` when there is no such session."""

    async def read_turn(self, session: str, turn: int) -> StoredTurn | None: ...

    async def read_history(self, session: str, limit: int) -> list[StoredTurn]:
        """The latest `limit` turns, oldest first, the greeting as turn 0."""

    async def read_export(self, session: str) -> Export:
        """The whole diary of the session's user, for `receiver.store.export` to write.

        Raises `SessionNotOpen` when there is no such session.
        """

    async def commit_turn(self, write: TurnWrite) -> Written | None:
        """Store the turn, its answer and the state, once.

        A turn that is stored with the same words gives the stored answer, whatever the epoch. None when
        the session has changed since `write.snapshot`: read it and think again. Raises `TurnConflict`
        (stored with other words), `SessionMoved` (not stored, and another epoch has begun), `MalformedMessage`
        (not the next turn), `MessageTooLarge` (more than `MAX_SHARED_BYTES`) or `SessionNotOpen` (there is no
        such session any more).
        """

    async def apply_action(
        self,
        snapshot: Snapshot,
        action: str,
        state: Mapping[str, Any],
        created: str,
        outgoing: Sequence[Outgoing] = (),
    ) -> Snapshot | None:
        """Store the state that an action leads to; the same action id changes nothing the second time.

        Gives the session after it. None when it has changed since `snapshot`. Raises `SessionNotOpen` and
        `MessageTooLarge` as `commit_turn` does.
        """

    async def action_done(self, session: str, action: str) -> bool:
        """Whether the action with this id is stored."""

    async def mark_heard(self, session: str, turn: int, chars: int) -> bool:
        """Move the heard mark of a stored answer forward, never past its end. False: there is no such turn."""

    # What is due by itself. Moments are ISO 8601, UTC, with milliseconds, so that texts compare as they do.

    async def next_due(self, keys: Sequence[str]) -> str | None:
        """When the first of what is under these shared keys is due, whoever's it is."""

    async def read_due(self, keys: Sequence[str], now: str, limit: int) -> list[tuple[str, str]]:
        """(user, key) of what is due, the earliest first."""

    async def apply_due(self, user: str, assistant: str, sharing: Sharing, now: str, due: Due) -> int:
        """Store what `due` makes of a shared state, and in the outbox what it wants done; gives the number of that.

        Nothing where it is not due any more: somebody else has done it.
        """

    # The outbox. Those of one user and assistant are handed out one at a time, in the order of their storing.

    async def next_outgoing(self, assistants: Sequence[str]) -> str | None:
        """When the next of what these assistants have in the outbox can be taken."""

    async def take_outgoing(
        self, assistants: Sequence[str], now: str, until: str, holder: str, limit: int
    ) -> list[OutboxRow]:
        """What can be tried now. Nobody else gets it before `until`."""

    async def hurry_outgoing(self, user: str, now: str) -> int:
        """Let what waits for its next try be tried now; gives the number of rows."""

    async def delay_outgoing(self, row: OutboxRow, until: str) -> None:
        """It has failed, and is tried again at `until`; unless somebody else has taken it meanwhile."""

    async def drop_outgoing(self, row: OutboxRow) -> None:
        """It is done, or given up."""

    async def give_up_outgoing(self, row: OutboxRow, snapshot: Snapshot, state: Mapping[str, Any]) -> bool:
        """Drop it, and store the state that this leads to in the session that it came from.

        False, and nothing happens, when that session has changed since `snapshot`. Raises `SessionNotOpen`.
        """

    # Summaries

    async def read_summary(self, session: str) -> StoredSummary | None: ...

    async def keep_summary(self, session: str, summary: StoredSummary, created: str) -> StoredSummary:
        """Keep it, unless one of as many turns or more is there; gives what is kept. Raises `SessionNotOpen`."""

    async def close(self) -> None: ...
