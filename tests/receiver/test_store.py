"""The store's promises on a real SQLite file: whole or not at all, and clear when it cannot."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import StatementError

from protocol.errors import SettingsError, StoreUnavailable
from receiver.store import SessionRequest, Snapshot, TurnWrite
from receiver.store.sqlite import SqliteStore

NOW = "2026-11-21T08:00:00.000+00:00"


async def opened(store: SqliteStore, session: str = "s-1") -> Snapshot:
    request = SessionRequest(session=session, assistant="echo", state={}, greeting="Hello!", created=NOW)
    return (await store.open_session(request)).snapshot


def turn(snapshot: Snapshot, number: int = 1, text: str = "two eggs") -> TurnWrite:
    return TurnWrite(
        snapshot=snapshot, epoch=snapshot.epoch, turn=number, text=text, items=[{"text": text}],
        answer=f"You said: {text}", state={"turns": number}, created=NOW,
    )  # fmt: skip


async def test_the_database_syncs_every_commit(store: SqliteStore) -> None:
    async with store._reads.connect() as connection:
        values = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert values == ["wal", 2, 1]  # 2 is FULL


async def test_the_name_and_the_key_of_a_store_outlive_it(database: str) -> None:
    seen = []
    for _ in range(2):
        store = await SqliteStore.open(database)
        seen.append((store.store_id, store.plan_key))
        await store.close()
    assert seen[0] == seen[1]
    assert len(seen[0][1]) == 32


async def test_ten_receivers_making_one_database_at_once_agree_on_its_name(database: str) -> None:
    stores = await asyncio.gather(*(SqliteStore.open(database) for _ in range(10)))
    assert len({store.store_id for store in stores}) == 1
    for store in stores:
        await store.close()


async def test_a_turn_and_the_state_are_written_together(store: SqliteStore, database: str) -> None:
    snapshot = await opened(store)
    written = await store.commit_turn(turn(snapshot))
    assert written is not None
    assert written.snapshot == await store.read_session("s-1")
    assert written.snapshot.state == {"turns": 1}
    with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
        rows = connection.execute("SELECT turn, text, answer FROM turns ORDER BY turn").fetchall()
    connection.close()
    assert rows == [(0, "", "Hello!"), (1, "two eggs", "You said: two eggs")]


async def test_a_write_that_fails_half_way_leaves_nothing(store: SqliteStore) -> None:
    snapshot = await opened(store)
    # The session's row is updated first; the turn's row then cannot be written as JSON.
    with pytest.raises(StatementError):
        await store.commit_turn(replace(turn(snapshot), items=[{"text": object()}]))
    assert await store.read_session("s-1") == snapshot
    assert await store.read_turn("s-1", 1) is None


async def test_a_stale_snapshot_is_told_to_think_again(store: SqliteStore) -> None:
    snapshot = await opened(store)
    assert await store.apply_action(snapshot, "a-1", {"by": "hand"}, NOW) is not None
    assert await store.commit_turn(turn(snapshot)) is None
    assert await store.apply_action(snapshot, "a-2", {"by": "late hand"}, NOW) is None
    assert (await store.read_session("s-1")).state == {"by": "hand"}


async def test_a_database_locked_for_good_is_store_unavailable_and_recovers(database: str) -> None:
    store = await SqliteStore.open(database, busy_seconds=0.02, retry_seconds=(0.01, 0.01, 0.01))
    snapshot = await opened(store)
    other = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
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
    store = await SqliteStore.open(database, busy_seconds=0.02, retry_seconds=(0.05, 0.1, 0.5))
    snapshot = await opened(store)
    other = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(store.commit_turn(turn(snapshot)))
    await asyncio.sleep(0.05)
    other.execute("ROLLBACK")
    other.close()
    assert await writing is not None
    await store.close()


async def test_a_full_disk_is_store_unavailable_and_nothing_is_half_written(database: str) -> None:
    store = await SqliteStore.open(database, retry_seconds=(0.01,))
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
    store = await SqliteStore.open(f"sqlite:///{tmp_path}/a/b/receiver.db")
    await store.close()
    assert (tmp_path / "a" / "b" / "receiver.db").exists()


async def test_a_folder_in_the_place_of_the_file_is_a_clear_error(tmp_path: Path) -> None:
    folder = tmp_path / "folder.db"
    folder.mkdir()
    with pytest.raises(SettingsError, match=r"folder\.db cannot be opened"):
        await SqliteStore.open(f"sqlite:///{folder}")


async def test_a_database_of_something_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE photos (name TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(SettingsError, match="database of something else"):
        await SqliteStore.open(f"sqlite:///{path}")
    assert path.read_bytes() == before
