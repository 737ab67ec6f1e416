"""The store in one SQLite file: WAL, each commit synced to the disk, any number of receivers on one machine.

Writes are compare-and-set on (epoch, revision, next turn) inside `BEGIN IMMEDIATE`, so nothing rests on
one process being the only one. Within a process they queue for one lock, which is fair and cheaper than
SQLite's own waiting (that polls).
"""

from __future__ import annotations

import asyncio
import hmac
import os
import random
import secrets
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import structlog
from sqlalchemy import case, func, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from protocol.errors import (
    MalformedMessage,
    SessionMoved,
    SessionNotOpen,
    SessionRefused,
    SettingsError,
    StoreUnavailable,
    TurnConflict,
)
from receiver.store import OpenedSession, SessionRequest, Snapshot, StoredTurn, TurnWrite, Written
from receiver.store.engine import create_engine, parse_url
from receiver.store.schema import SCHEMA_VERSION, actions, meta, metadata, sessions, turns

log = structlog.get_logger(__name__)

T = TypeVar("T")

HISTORY_TURNS = 50
RETRY_SECONDS = (0.1, 0.3, 0.9)
"""Pauses before the second, third and fourth try of a transaction; then `store_unavailable`."""

BUSY_SECONDS = 2.0
"""How long one try waits for another process that is writing."""

QUEUE_SECONDS = 10.0
"""How long a write waits for this process's other writes; then `store_unavailable`."""

_SNAPSHOT = (
    sessions.c.session, sessions.c.assistant, sessions.c.epoch, sessions.c.next_turn, sessions.c.revision,
    sessions.c.state, sessions.c.audio_until, sessions.c.name, sessions.c.timezone, sessions.c.locale,
)  # fmt: skip
_TURN = (turns.c.turn, turns.c.text, turns.c.answer, turns.c.ids, turns.c.heard)


class SqliteStore:
    """Made by `SqliteStore.open`."""

    def __init__(self, engine: AsyncEngine, retry_seconds: tuple[float, ...]) -> None:
        self.store_id = ""
        self.plan_key = b""
        self._reads = engine
        self._writes = engine.execution_options(writes=True)
        self._writing = asyncio.Lock()
        self._retry_seconds = retry_seconds

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        busy_seconds: float = BUSY_SECONDS,
        retry_seconds: tuple[float, ...] = RETRY_SECONDS,
    ) -> SqliteStore:
        """Open the file, and make it and its folder where they are not there.

        Raises `SettingsError` when it cannot be used: no permission, no SQLite database, another schema.
        """
        path = parse_url(url)
        try:
            # What people say about themselves is nobody else's business on this machine.
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise SettingsError(
                f"RECEIVER_DATABASE_URL: {path} cannot be opened: {error.strerror}."
            ) from None
        # WAL is a mark in the file: it is set only once the file is known to be ours.
        first = cls(create_engine(path, busy_seconds, wal=False), retry_seconds)
        try:
            found = await first._try(first._prepare)
        except (DBAPIError, PoolTimeout, StoreUnavailable) as error:
            raise SettingsError(f"RECEIVER_DATABASE_URL: {path} cannot be used: {_reason(error)}.") from None
        finally:
            await first.close()
        version = found.get("schema_version", "unknown")
        if version != str(SCHEMA_VERSION):
            raise SettingsError(
                f"RECEIVER_DATABASE_URL: {path} has schema version {version}, and this receiver needs "
                f"{SCHEMA_VERSION}; run the receiver that made it, or name another file."
            )
        store = cls(create_engine(path, busy_seconds, wal=True), retry_seconds)
        store.store_id = found["store_id"]
        store.plan_key = bytes.fromhex(found["plan_key"])
        return store

    async def close(self) -> None:
        await self._reads.dispose()

    async def open_session(self, request: SessionRequest) -> OpenedSession:
        return await self._retrying(lambda: self._open_session(request))

    async def read_session(self, session: str) -> Snapshot:
        async def read() -> Snapshot:
            async with self._reads.connect() as connection:
                return await _snapshot(connection, session)

        return await self._retrying(read)

    async def read_turn(self, session: str, turn: int) -> StoredTurn | None:
        async def read() -> StoredTurn | None:
            async with self._reads.connect() as connection:
                return await _turn(connection, session, turn)

        return await self._retrying(read)

    async def commit_turn(self, write: TurnWrite) -> Written | None:
        return await self._retrying(lambda: self._commit_turn(write))

    async def apply_action(
        self, snapshot: Snapshot, action: str, state: Mapping[str, Any], created: str
    ) -> Snapshot | None:
        return await self._retrying(lambda: self._apply_action(snapshot, action, state, created))

    async def action_done(self, session: str, action: str) -> bool:
        async def read() -> bool:
            async with self._reads.connect() as connection:
                return await _has_action(connection, session, action)

        return await self._retrying(read)

    async def mark_heard(self, session: str, turn: int, chars: int) -> bool:
        async def write() -> bool:
            async with self._transaction() as connection:
                end = func.length(turns.c.answer)
                mark = case((end < chars, end), else_=chars)
                result = await connection.execute(
                    update(turns)
                    .where(turns.c.session == session, turns.c.turn == turn)
                    .values(heard=case((turns.c.heard > mark, turns.c.heard), else_=mark))
                )
                return result.rowcount == 1

        return await self._retrying(write)

    async def _retrying(self, transaction: Callable[[], Awaitable[T]]) -> T:
        try:
            return await self._try(transaction)
        except (DBAPIError, PoolTimeout) as error:
            # The statement's parameters hold what was said: only the driver's own words are logged.
            log.error("store_unavailable", reason=_reason(error))
            raise StoreUnavailable from error

    async def _try(self, transaction: Callable[[], Awaitable[T]]) -> T:
        """Every transaction may be run again: one whose outcome got lost finds its own traces.

        What can pass (locked, disk full or failing) is tried again; what cannot is raised at once.
        """
        for pause in self._retry_seconds:
            try:
                return await transaction()
            except (OperationalError, PoolTimeout) as error:
                log.warning("store_retry", reason=_reason(error), seconds=pause)
            await asyncio.sleep(pause * random.uniform(0.75, 1.25))
        return await transaction()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
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

    async def _prepare(self) -> dict[str, str]:
        """What `meta` says; made, with all other tables, in an empty file. Raises `SettingsError`."""
        async with self._transaction() as connection:
            tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
            if meta.name in tables:
                rows = await connection.execute(select(meta.c.key, meta.c.value))
                return {row.key: row.value for row in rows}
            if tables:
                raise SettingsError(
                    "RECEIVER_DATABASE_URL names a database of something else; name another file."
                )
            await connection.run_sync(metadata.create_all)
            made = {
                "schema_version": str(SCHEMA_VERSION),
                "store_id": uuid.uuid4().hex,
                "plan_key": secrets.token_hex(32),
            }
            await connection.execute(
                insert(meta), [{"key": key, "value": value} for key, value in made.items()]
            )
            return made

    async def _open_session(self, request: SessionRequest) -> OpenedSession:
        given = {
            field: value
            for field in ("name", "timezone", "locale")
            if (value := getattr(request, field)) is not None
        }
        async with self._transaction() as connection:
            row = (
                await connection.execute(
                    select(sessions.c.key, sessions.c.user, sessions.c.holder).where(
                        sessions.c.session == request.session
                    )
                )
            ).one_or_none()
            if row is None:
                await connection.execute(
                    insert(sessions).values(
                        session=request.session, key=request.key, user=request.user, assistant=request.assistant,
                        epoch=1, next_turn=1, revision=0, state=request.state, audio_until=0,
                        created=request.created, holder=request.holder, **given,
                    )
                )  # fmt: skip
                if request.greeting is not None:
                    await connection.execute(
                        insert(turns).values(
                            session=request.session, turn=0, items=[], text="", ids=[],
                            answer=request.greeting, heard=0, created=request.created,
                        )
                    )  # fmt: skip
            else:
                _check_owner(request, row.key, row.user)
                if request.again and request.holder != row.holder:
                    raise SessionMoved
                await connection.execute(
                    update(sessions)
                    .where(sessions.c.session == request.session)
                    .values(
                        epoch=sessions.c.epoch + 1,
                        user=row.user or request.user,
                        holder=request.holder,
                        **given,
                    )
                )
            latest = await connection.execute(
                select(*_TURN)
                .where(turns.c.session == request.session)
                .order_by(turns.c.turn.desc())
                .limit(HISTORY_TURNS)
            )
            history = [_stored(found) for found in latest]
            history.reverse()
            return OpenedSession(await _snapshot(connection, request.session), history, made=row is None)

    async def _commit_turn(self, write: TurnWrite) -> Written | None:
        before = write.snapshot
        async with self._transaction() as connection:
            audio_until = max(before.audio_until, write.audio_until)
            moved = await connection.execute(
                update(sessions)
                .where(
                    sessions.c.session == before.session,
                    sessions.c.epoch == write.epoch,
                    sessions.c.revision == before.revision,
                    sessions.c.next_turn == write.turn,
                )
                .values(
                    state=write.state,
                    revision=before.revision + 1,
                    next_turn=write.turn + 1,
                    audio_until=audio_until,
                )
            )
            if moved.rowcount != 1:
                return await _why_not(connection, write)
            await connection.execute(
                insert(turns).values(
                    session=before.session, turn=write.turn, items=write.items, text=write.text,
                    ids=list(write.ids), answer=write.answer, heard=0, created=write.created,
                )
            )  # fmt: skip
        after = Snapshot(
            session=before.session, assistant=before.assistant, epoch=write.epoch, next_turn=write.turn + 1,
            revision=before.revision + 1, state=write.state, audio_until=audio_until, name=before.name,
            timezone=before.timezone, locale=before.locale,
        )  # fmt: skip
        return Written(write.answer, after)

    async def _apply_action(
        self, snapshot: Snapshot, action: str, state: Mapping[str, Any], created: str
    ) -> Snapshot | None:
        async with self._transaction() as connection:
            if not await _has_action(connection, snapshot.session, action):
                moved = await connection.execute(
                    update(sessions)
                    .where(sessions.c.session == snapshot.session, sessions.c.revision == snapshot.revision)
                    .values(state=state, revision=snapshot.revision + 1)
                )
                if moved.rowcount != 1:
                    return None
                await connection.execute(
                    insert(actions).values(session=snapshot.session, action=action, created=created)
                )
            return await _snapshot(connection, snapshot.session)


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or type(error).__name__)


def _check_owner(request: SessionRequest, key: str | None, user: str | None) -> None:
    same_key = hmac.compare_digest((request.key or "").encode(), (key or "").encode())
    other_user = user is not None and request.user is not None and request.user != user
    if not same_key or other_user:
        raise SessionRefused


async def _snapshot(connection: AsyncConnection, session: str) -> Snapshot:
    row = (await connection.execute(select(*_SNAPSHOT).where(sessions.c.session == session))).one_or_none()
    if row is None:
        raise SessionNotOpen
    return Snapshot(**row._mapping)


async def _turn(connection: AsyncConnection, session: str, turn: int) -> StoredTurn | None:
    row = (
        await connection.execute(select(*_TURN).where(turns.c.session == session, turns.c.turn == turn))
    ).one_or_none()
    return None if row is None else _stored(row)


def _stored(row: Any) -> StoredTurn:
    return StoredTurn(row.turn, row.text, row.answer, tuple(row.ids), row.heard)


async def _has_action(connection: AsyncConnection, session: str, action: str) -> bool:
    query = select(actions.c.action).where(actions.c.session == session, actions.c.action == action)
    return (await connection.execute(query)).first() is not None


async def _why_not(connection: AsyncConnection, write: TurnWrite) -> Written | None:
    """Why a turn was not written: see `Store.commit_turn`."""
    now = await _snapshot(connection, write.snapshot.session)
    if write.turn < now.next_turn:
        stored = await _turn(connection, now.session, write.turn)
        if stored is None:
            raise MalformedMessage(f"There is no turn {write.turn} to answer; the next is {now.next_turn}.")
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
