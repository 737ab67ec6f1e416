"""The store in SQLite or Postgres, for any number of receivers at once.

Writes are compare-and-set on (epoch, revision, next turn) with the rows of the session and its user locked,
so nothing rests on one process being the only one. On SQLite that lock is `BEGIN IMMEDIATE`; within a
process its writes queue for one lock, which is fair and cheaper than SQLite's own waiting (that polls).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from protocol.errors import (
    MalformedMessage,
    SessionMoved,
    StoreUnavailable,
    TurnConflict,
)
from receiver.store import (
    Due,
    OpenedSession,
    OutboxRow,
    Outgoing,
    Profile,
    SessionRequest,
    Sharing,
    Snapshot,
    StoredSummary,
    StoredTurn,
    TurnWrite,
    Written,
    outbox_rows,
    shared_rows,
)
from receiver.store import turns as turn_rows
from receiver.store.diary_rows import read_diary
from receiver.store.encryption import TextCipher
from receiver.store.engine import BUSY_SECONDS, QUEUE_SECONDS, Location, create_engine, parse_url
from receiver.store.export import Export
from receiver.store.personal_data import delete_user, encrypt_rows, read_diary_export, read_full_export, sweep
from receiver.store.retrying import RETRY_SECONDS, retry_or_give_up
from receiver.store.schema import actions, users
from receiver.store.sessions import (
    MAX_SAMPLES,
    Standing,
    lock,
    open_session,
    read_snapshot,
    read_standing,
    write_state,
)
from receiver.store.startup import prepare
from receiver.store.summary_rows import keep_summary, read_summary
from receiver.store.users import find_user

T = TypeVar("T")

HISTORY_TURNS = 50


class SqlStore:
    """Made by `SqlStore.open`."""

    def __init__(
        self,
        location: Location,
        engine: AsyncEngine,
        cipher: TextCipher,
        retry_seconds: tuple[float, ...] = RETRY_SECONDS,
    ) -> None:
        self.store_id = ""
        self.plan_key = b""
        self._location = location
        self._engine = engine
        self._cipher = cipher
        self._retry_seconds = retry_seconds
        self._writes = engine.execution_options(writes=True)
        self._reads = engine
        self._writing: asyncio.Lock | None = None
        if location.path is not None:
            self._writing = asyncio.Lock()
        else:
            # A snapshot is read by several statements, all of one moment.
            self._reads = engine.execution_options(isolation_level="REPEATABLE READ")

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        encryption_key: str | None = None,
        busy_seconds: float = BUSY_SECONDS,
        retry_seconds: tuple[float, ...] = RETRY_SECONDS,
    ) -> SqlStore:
        """Open the database at `url`, make its tables or bring them up to date; a file is made where there is none.

        `encryption_key`: see `TextCipher`. Raises `SettingsError` when the database cannot be used: no
        permission, no server, something else's, a later version's, another key.
        """
        location, cipher = parse_url(url), TextCipher(encryption_key)
        found = await prepare(location, cipher, busy_seconds, retry_seconds)
        store = cls(location, create_engine(location, busy_seconds=busy_seconds), cipher, retry_seconds)
        store.store_id = found["store_id"]
        store.plan_key = bytes.fromhex(found["plan_key"])
        return store

    async def close(self) -> None:
        await self._engine.dispose()

    async def open_session(self, request: SessionRequest) -> OpenedSession:
        async def write(connection: AsyncConnection) -> OpenedSession:
            standing, made = await open_session(connection, self._cipher, request)
            history = await turn_rows.read_history(connection, self._cipher, request.session, HISTORY_TURNS)
            sharing = request.sharing.get(standing.session.assistant)
            snapshot = await read_snapshot(connection, self._cipher, standing, sharing)
            return OpenedSession(snapshot, history, made)

        return await self._write(write)

    async def read_profile(self, user: str) -> Profile | None:
        async def read(connection: AsyncConnection) -> Profile | None:
            found = await find_user(connection, user)
            if found is None:
                return None
            row = (await connection.execute(select(users).where(users.c.id == found))).one()
            return Profile(
                user=row.id,
                email=row.email,
                name=None if row.first_name is None else self._cipher.unseal(row.first_name),
                timezone=row.timezone,
                diary=await read_diary(connection, self._cipher, row),
            )

        return await self._read(read)

    async def read_session(self, session: str, sharing: Sharing | None = None) -> Snapshot:
        async def read(connection: AsyncConnection) -> Snapshot:
            standing = await read_standing(connection, session)
            return await read_snapshot(connection, self._cipher, standing, sharing)

        return await self._read(read)

    async def read_turn(self, session: str, turn: int) -> StoredTurn | None:
        return await self._read(lambda at: turn_rows.read_turn(at, self._cipher, session, turn))

    async def read_history(self, session: str, limit: int) -> list[StoredTurn]:
        return await self._read(lambda at: turn_rows.read_history(at, self._cipher, session, limit))

    async def read_export(self, session: str) -> Export:
        async def read(connection: AsyncConnection) -> Export:
            standing = await read_standing(connection, session)
            return await read_diary_export(connection, self._cipher, standing.user)

        return await self._read(read)

    async def commit_turn(self, write: TurnWrite) -> Written | None:
        return await self._retrying(lambda: self._commit_turn(write))

    async def _commit_turn(self, write: TurnWrite) -> Written | None:
        before = write.snapshot
        async with self._transaction() as connection:
            standing = await lock(connection, before.session)
            now = standing.session
            if (now.epoch, now.next_turn) != (write.epoch, write.turn) or not _stands(standing, before):
                return await self._why_not(connection, standing, write)
            after = await write_state(
                connection, self._cipher, standing, write.turn, before, write.state,
                next_turn=write.turn + 1, audio_until=max(now.audio_until, min(write.audio_until, MAX_SAMPLES)),
            )  # fmt: skip
            await turn_rows.insert_turn(
                connection, self._cipher, before.session, write.turn, write.items, write.answer, write.created
            )
            await self._insert_outgoing(
                connection, standing, write.outgoing, write.outgoing_at or write.created
            )
        return Written(write.answer, after)

    async def _why_not(
        self, connection: AsyncConnection, standing: Standing, write: TurnWrite
    ) -> Written | None:
        """Why a turn was not written: see `Store.commit_turn`."""
        now = standing.session
        if write.turn < now.next_turn:
            stored = await turn_rows.read_turn(connection, self._cipher, now.session, write.turn)
            if stored is None:
                raise MalformedMessage(
                    f"There is no turn {write.turn} to answer; the next is {now.next_turn}."
                )
            if stored.text != write.text:
                raise TurnConflict
            return Written(stored.answer)
        if write.epoch < now.epoch:
            raise SessionMoved
        if write.turn > now.next_turn or write.epoch > now.epoch:
            raise MalformedMessage(
                f"Turn {write.turn} of epoch {write.epoch} is not next: that is turn {now.next_turn} "
                f"of epoch {now.epoch}."
            )
        return None

    async def apply_action(
        self,
        snapshot: Snapshot,
        action: str,
        state: Mapping[str, Any],
        created: str,
        outgoing: Sequence[Outgoing] = (),
    ) -> Snapshot | None:
        async def write(connection: AsyncConnection) -> Snapshot | None:
            standing = await lock(connection, snapshot.session)
            if await _has_action(connection, snapshot.session, action):
                return await read_snapshot(connection, self._cipher, standing, snapshot.sharing)
            if not _stands(standing, snapshot):
                return None
            await connection.execute(
                insert(actions).values(session=snapshot.session, action=action, created=created)
            )
            await self._insert_outgoing(connection, standing, outgoing, created)
            return await write_state(connection, self._cipher, standing, None, snapshot, state)

        return await self._write(write)

    async def action_done(self, session: str, action: str) -> bool:
        return await self._read(lambda at: _has_action(at, session, action))

    async def mark_heard(self, session: str, turn: int, chars: int) -> bool:
        return await self._write(lambda at: turn_rows.mark_heard(at, session, turn, chars))

    async def next_due(self, keys: Sequence[str]) -> str | None:
        return await self._read(lambda at: shared_rows.next_due(at, keys))

    async def read_due(self, keys: Sequence[str], now: str, limit: int) -> list[tuple[str, str]]:
        return await self._read(lambda at: shared_rows.read_due(at, keys, now, limit))

    async def apply_due(self, user: str, assistant: str, sharing: Sharing, now: str, due: Due) -> int:
        return await self._write(
            lambda at: shared_rows.apply_due(at, self._cipher, user, assistant, sharing, now, due)
        )

    async def next_outgoing(self, assistants: Sequence[str]) -> str | None:
        return await self._read(lambda at: outbox_rows.next_outgoing(at, assistants))

    async def take_outgoing(
        self, assistants: Sequence[str], now: str, until: str, holder: str, limit: int
    ) -> list[OutboxRow]:
        return await self._write(
            lambda at: outbox_rows.take_outgoing(at, self._cipher, assistants, now, until, holder, limit)
        )

    async def hurry_outgoing(self, user: str, now: str) -> int:
        return await self._write(lambda at: outbox_rows.hurry_outgoing(at, user, now))

    async def delay_outgoing(self, row: OutboxRow, until: str) -> None:
        await self._write(lambda at: outbox_rows.delay_outgoing(at, row, until))

    async def drop_outgoing(self, row: OutboxRow) -> None:
        await self._write(lambda at: outbox_rows.drop_outgoing(at, row))

    async def give_up_outgoing(self, row: OutboxRow, snapshot: Snapshot, state: Mapping[str, Any]) -> bool:
        async def write(connection: AsyncConnection) -> bool:
            standing = await lock(connection, snapshot.session)
            if not _stands(standing, snapshot):
                return False
            if await outbox_rows.drop_outgoing(connection, row):
                await write_state(connection, self._cipher, standing, None, snapshot, state)
            return True

        return await self._write(write)

    async def read_summary(self, session: str) -> StoredSummary | None:
        return await self._read(lambda at: read_summary(at, self._cipher, session))

    async def keep_summary(self, session: str, summary: StoredSummary, created: str) -> StoredSummary:
        async def write(connection: AsyncConnection) -> StoredSummary:
            await lock(connection, session)
            return await keep_summary(connection, self._cipher, session, summary, created)

        return await self._write(write)

    async def export_user(self, user: str) -> Export | None:
        """All that is kept about the user with this id or e-mail address; None where there is no such user."""

        async def read(connection: AsyncConnection) -> Export | None:
            found = await find_user(connection, user)
            return None if found is None else await read_full_export(connection, self._cipher, found)

        return await self._read(read)

    async def forget_user(self, user: str) -> bool:
        """Delete all that is kept about a user. False: no such user.

        A SQLite file holds nothing of it any more. Raises `StoreUnavailable` where that could not be made sure,
        as somebody is using the file; what was deleted then goes at the next forgetting.
        """

        async def write(connection: AsyncConnection) -> bool:
            found = await find_user(connection, user)
            if found is not None:
                await delete_user(connection, found)
            return found is not None

        forgotten = await self._write(write)
        if forgotten and self._location.path is not None:
            await self._retrying(lambda: sweep(self._engine))
        return forgotten

    async def encrypt_all(self) -> int:
        """Encrypt every text anew under the first key; gives their number. Nothing may run beside it."""
        count = await self._write(lambda at: encrypt_rows(at, self._cipher))
        if self._location.path is not None:
            await self._retrying(lambda: sweep(self._engine))
        return count

    async def _insert_outgoing(
        self, connection: AsyncConnection, standing: Standing, outgoing: Sequence[Outgoing], created: str
    ) -> None:
        row = standing.session
        await outbox_rows.insert_outgoing(
            connection, self._cipher, outgoing, row.user, row.session, row.assistant, created
        )

    async def _read(self, read: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async def once() -> T:
            async with self._reads.connect() as connection:
                return await read(connection)

        return await self._retrying(once)

    async def _write(self, write: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async def once() -> T:
            async with self._transaction() as connection:
                return await write(connection)

        return await self._retrying(once)

    async def _retrying(self, transaction: Callable[[], Awaitable[T]]) -> T:
        return await retry_or_give_up(transaction, self._retry_seconds)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        if self._writing is None:
            async with self._writes.begin() as connection:
                yield connection
            return
        try:
            async with asyncio.timeout(QUEUE_SECONDS):
                await self._writing.acquire()
        except TimeoutError:
            raise StoreUnavailable from None
        try:
            async with self._writes.begin() as connection:
                yield connection
        finally:
            self._writing.release()


def _stands(standing: Standing, snapshot: Snapshot) -> bool:
    """Whether nothing has changed since the snapshot."""
    return (standing.revision, standing.user.id) == (snapshot.revision, snapshot.user)


async def _has_action(connection: AsyncConnection, session: str, action: str) -> bool:
    query = select(actions.c.action).where(actions.c.session == session, actions.c.action == action)
    return (await connection.execute(query)).first() is not None
