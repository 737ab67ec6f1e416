"""A Postgres that is stopped, or drops somebody's connections: waits and tries again, and nothing is half done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event
from structlog.testing import capture_logs

from protocol.errors import SettingsError, StoreUnavailable
from receiver.store.sql_store import SqlStore
from tests.receiver.postgres_server import PostgresServer
from tests.receiver.raw_relay import RawRelay, foods
from tests.receiver.stored import TODAY, ate, diary, item, opened, rows, turn

QUICK = (0.02, 0.02, 0.02)
PATIENT = (0.05, 0.2, 2.0)


@pytest.fixture
async def database(postgres: PostgresServer) -> AsyncIterator[str]:
    async with postgres.database() as url:
        yield url


@contextmanager
def stopped(postgres: PostgresServer) -> Iterator[None]:
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


async def cut(postgres: PostgresServer, url: str) -> None:
    """Drop all connections to the database, as a failover does."""
    name = url.rpartition("/")[2].partition("?")[0]
    await postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


async def test_commits_fail_retryably_while_it_is_stopped_and_go_on_afterwards(
    postgres: PostgresServer, database: str
) -> None:
    store = await SqlStore.open(database, retry_seconds=QUICK)
    snapshot = await opened(store)
    with stopped(postgres):
        for attempt in (
            store.commit_turn(turn(snapshot)),
            store.read_session("s-1"),
            store.mark_heard("s-1", 0, 1),
        ):
            with pytest.raises(StoreUnavailable) as caught:
                await attempt
            assert caught.value.retryable
    assert await store.commit_turn(turn(snapshot)) is not None
    await store.close()


async def test_a_short_stop_is_only_a_wait(postgres: PostgresServer, database: str) -> None:
    store = await SqlStore.open(database, retry_seconds=PATIENT)
    snapshot = await opened(store)
    with stopped(postgres):
        writing = asyncio.create_task(store.commit_turn(turn(snapshot)))
        await asyncio.sleep(0.1)
    assert await writing is not None
    await store.close()


async def test_drafts_are_answered_while_it_is_stopped_and_the_commit_goes_through_later(
    postgres: PostgresServer, database: str, serve: Any, connect: Any
) -> None:
    store = await SqlStore.open(database, retry_seconds=QUICK)
    relay: RawRelay = await connect(await serve(on=store))
    await relay.open()
    await relay.commit(1, "two eggs")
    with stopped(postgres):
        reply = await relay.draft(2, "and a banana")
        assert reply["type"] == "reply"
        plan = {"attempt": 1, "plan": reply["plan"]}
        failed = await relay.commit(2, "and a banana", **plan)
        assert (failed["code"], failed["retryable"]) == ("store_unavailable", True)
    committed = await relay.commit(2, "and a banana", **plan)
    assert (committed["type"], committed["text"]) == ("committed", reply["text"])
    assert len(foods(committed["diary"])) == 2
    await store.close()


async def test_connections_that_were_dropped_are_made_anew(postgres: PostgresServer, database: str) -> None:
    store = await SqlStore.open(database, retry_seconds=PATIENT)
    snapshot = await opened(store)
    for number in range(1, 6):
        snapshot = await ate(store, snapshot, diary({TODAY: [item(number)]}, next_item=number + 1))
        await cut(postgres, database)
    assert (await store.read_session("s-1")).next_turn == 6
    await store.close()


async def test_a_commit_whose_outcome_got_lost_is_found_and_not_repeated(
    postgres: PostgresServer, database: str
) -> None:
    store = await SqlStore.open(database, retry_seconds=PATIENT)
    snapshot = await opened(store)
    await ate(store, snapshot, diary({}, next_item=1))
    snapshot = await store.read_session("s-1")
    lost = []

    @event.listens_for(store._engine.sync_engine, "commit")
    def _after_commit(connection: Connection) -> None:
        if not lost:
            lost.append(True)
            connection.connection.dbapi_connection.commit()  # type: ignore[union-attr]
            raise ConnectionResetError

    written = await store.commit_turn(turn(snapshot, 2, answer="the only answer"))
    assert lost
    assert written is not None
    assert (written.answer, written.snapshot) == ("the only answer", None)
    assert await rows(database, "SELECT turn FROM turns ORDER BY turn") == [(0,), (1,), (2,)]
    await store.close()


async def test_two_that_lock_each_other_are_both_written_in_the_end(database: str) -> None:
    store = await SqlStore.open(database, retry_seconds=PATIENT)
    one, two = await opened(store, "s-1", user="ann"), await opened(store, "s-2", user="bob")

    # Somebody from outside locks in the wrong order: Postgres ends one of the two.
    with capture_logs() as logs:
        async with store._engine.connect() as other:
            await other.exec_driver_sql("SET LOCAL deadlock_timeout = '5s'")
            await other.exec_driver_sql("SELECT 1 FROM users WHERE id = 'ann' FOR UPDATE")
            writing = asyncio.create_task(store.commit_turn(turn(one)))
            await asyncio.sleep(0.1)
            await other.exec_driver_sql("SELECT 1 FROM sessions WHERE session = 's-1' FOR UPDATE")
            await other.rollback()
        assert await writing is not None
    assert [log["reason"] for log in logs] == ["DeadlockDetectedError (40P01)"]
    assert await store.commit_turn(turn(two)) is not None
    await store.close()


async def test_a_server_that_is_not_there_is_one_clear_line_without_the_password(
    postgres: PostgresServer, database: str
) -> None:
    with pytest.raises(SettingsError, match="cannot be used") as caught:
        await SqlStore.open("postgresql://ann:hush@127.0.0.1:1/x", retry_seconds=QUICK)
    assert "hush" not in caught.value.message
    assert "127.0.0.1:1" in caught.value.message
    missing = database.replace("postgres:", "postgres:hush").replace("/t", "/missing", 1)
    with pytest.raises(SettingsError, match=r'cannot be used: database ".*" does not exist'):
        await SqlStore.open(missing, retry_seconds=QUICK)
