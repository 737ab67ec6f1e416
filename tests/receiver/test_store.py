"""The store in a SQLite file: where it is, how it is synced, and clear words when it cannot be used."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event

from protocol.errors import SettingsError, StoreUnavailable
from receiver.store.engine import parse_url
from receiver.store.sql_store import SqlStore
from tests.receiver.stored import opened, path_of, turn


async def test_the_database_syncs_every_commit(store: SqlStore) -> None:
    async with store._reads.connect() as connection:
        values = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert values == ["wal", 2, 1]  # 2 is FULL


async def test_a_database_locked_for_good_is_store_unavailable_and_recovers(database: str) -> None:
    store = await SqlStore.open(database, busy_seconds=0.02, retry_seconds=(0.01, 0.01, 0.01))
    snapshot = await opened(store)
    other = sqlite3.connect(path_of(database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable) as caught:
        await store.commit_turn(turn(snapshot))
    assert caught.value.retryable
    assert (await store.read_session("s-1")).next_turn == 1  # reading still works
    other.execute("COMMIT")
    other.close()
    assert await store.commit_turn(turn(snapshot)) is not None
    await store.close()


async def test_a_database_locked_for_a_moment_is_only_a_wait(database: str) -> None:
    store = await SqlStore.open(database, busy_seconds=0.02, retry_seconds=(0.05, 0.1, 0.5))
    snapshot = await opened(store)
    other = sqlite3.connect(path_of(database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(store.commit_turn(turn(snapshot)))
    await asyncio.sleep(0.05)
    other.execute("ROLLBACK")
    other.close()
    assert await writing is not None
    await store.close()


async def test_a_full_disk_is_store_unavailable_and_nothing_is_half_written(database: str) -> None:
    store = await SqlStore.open(database, retry_seconds=(0.01,))
    snapshot = await opened(store)
    async with store._reads.connect() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar()
    await store._reads.dispose()  # the limit below is one of each new connection

    @event.listens_for(store._reads.sync_engine, "connect")
    def _limit(connection: object, _record: object) -> None:
        connection.cursor().execute(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]

    with pytest.raises(StoreUnavailable):
        await store.commit_turn(turn(snapshot, text="x" * 100_000))
    assert await store.read_session("s-1") == snapshot
    assert await store.commit_turn(turn(snapshot, text="short")) is not None
    await store.close()


async def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    store = await SqlStore.open(f"sqlite:///{tmp_path}/a/b/receiver.db")
    await store.close()
    assert (tmp_path / "a" / "b" / "receiver.db").exists()


async def test_a_folder_in_the_place_of_the_file_is_a_clear_error(tmp_path: Path) -> None:
    folder = tmp_path / "folder.db"
    folder.mkdir()
    with pytest.raises(SettingsError, match=r"folder\.db cannot be opened"):
        await SqlStore.open(f"sqlite:///{folder}")


async def test_nobody_else_on_this_machine_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state" / "receiver.db"
    store = await SqlStore.open(f"sqlite:///{path}")
    await store.commit_turn(turn(await opened(store)))
    found = list(path.parent.iterdir())
    assert len(found) == 3, "the database and its journal"
    assert all(file.stat().st_mode & 0o077 == 0 for file in (path.parent, *found))
    await store.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("receiver.db", "sqlite:///PATH or postgresql://"),
        ("mysql://ann@db/x", "SQLite or Postgres"),
        ("postgresql+psycopg://ann@db/x", "SQLite or Postgres"),
        ("postgresql://ann@db:port/x", "of the form"),
        ("postgresql://ann@db", "names no database"),
        ("postgresql://ann@db/x?options=-c", "'options' is not known here"),
        ("sqlite://", "a file is needed"),
        ("sqlite:///:memory:", "a file is needed"),
        ("sqlite:///file:x?mode=memory", "a file is needed"),
    ],
)
def test_an_address_that_leads_nowhere_is_named(url: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        parse_url(url)


def test_the_encryption_of_the_connection_is_asked_for_as_everywhere() -> None:
    assert parse_url("postgresql://ann@db/x?sslmode=verify-full").url.query == {"ssl": "verify-full"}


def test_an_address_is_shown_without_its_password() -> None:
    for form in ("postgresql", "postgres", "postgresql+asyncpg"):
        assert (
            str(parse_url(f"{form}://ann:hush@db.example:5432/diary"))
            == "postgresql://ann:***@db.example:5432/diary"
        )
    assert str(parse_url("sqlite:////var/lib/receiver.db")) == "/var/lib/receiver.db"
