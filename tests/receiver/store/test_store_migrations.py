"""Tables are made and brought up to date at the start: once, together, and only where they are ours."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from cryptography.fernet import Fernet
from sqlalchemy import Connection, inspect, text

from protocol.errors import SettingsError
from receiver.assistants.assistant import Outgoing
from receiver.store.encryption import TextCipher
from receiver.store.engine import create_engine, make_file, parse_url
from receiver.store.schema import SCHEMA_VERSION, metadata
from receiver.store.sql_store import SqlStore
from receiver.store.startup import _migrate
from tests.receiver.stored import NOW, TODAY, item, opened, path_of, rows, turn

VERSION_1 = """
CREATE TABLE meta ("key" VARCHAR(40) NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE sessions (
    session VARCHAR(128) NOT NULL, "key" VARCHAR(128), "user" VARCHAR(80), name VARCHAR(80), timezone VARCHAR(80),
    locale VARCHAR(80), assistant VARCHAR(80) NOT NULL, epoch INTEGER NOT NULL, holder VARCHAR(128),
    next_turn INTEGER NOT NULL, revision INTEGER NOT NULL, state JSON NOT NULL, audio_until INTEGER NOT NULL,
    created VARCHAR(40) NOT NULL, PRIMARY KEY (session)
);
CREATE TABLE turns (
    session VARCHAR(128) NOT NULL, turn INTEGER NOT NULL, items JSON NOT NULL, text TEXT NOT NULL,
    ids JSON NOT NULL, answer TEXT NOT NULL, heard INTEGER NOT NULL, created VARCHAR(40) NOT NULL,
    PRIMARY KEY (session, turn), FOREIGN KEY(session) REFERENCES sessions (session)
);
CREATE TABLE actions (
    session VARCHAR(128) NOT NULL, action VARCHAR(128) NOT NULL, created VARCHAR(40) NOT NULL,
    PRIMARY KEY (session, action), FOREIGN KEY(session) REFERENCES sessions (session)
);
INSERT INTO meta VALUES ('schema_version', '1');
INSERT INTO meta VALUES ('store_id', 'the-same-store');
INSERT INTO meta VALUES ('plan_key', '6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b')
"""
"""The tables of the first version, as it made them."""


def old_item(number: int, food: str, meal: str = "breakfast") -> dict[str, Any]:
    """As the first version kept it."""
    return {key: value for key, value in item(number, food, meal).items() if key != "fdc_id"}


async def make_version_1(url: str) -> None:
    for statement in VERSION_1.split(";"):
        await rows(url, statement)
    states = {
        "s-1": {
            "days": {"2026-11-20": [old_item(1, "soup", "dinner")], TODAY: [old_item(2, "egg"), old_item(4, "tea")]},
            "asking": "lunch", "asked_on": TODAY, "unclear": None, "next_item": 5, "undo": [{"do": "remove"}],
        },
        "s-2": {"days": {}, "asking": None, "asked_on": "", "unclear": None, "next_item": 1, "undo": []},
        "s-3": {"days": {TODAY: [old_item(1, "jam")]}, "asking": None, "asked_on": "", "next_item": 2, "undo": []},
        "s-4": {"days": {TODAY: [old_item(1, "ham")]}, "asking": None, "asked_on": "", "next_item": 2, "undo": []},
        "s-5": {"mood": "good"},
    }  # fmt: skip
    about = {
        "s-1": ("NULL", "'Ann'", "'Asia/Tokyo'", "diet"), "s-2": ("NULL", "NULL", "NULL", "diet"),
        "s-3": ("'Bo@example.org'", "NULL", "NULL", "diet"), "s-4": ("'bo@example.org'", "'Bo'", "NULL", "diet"),
        "s-5": ("'ann'", "NULL", "NULL", "echo"),
    }  # fmt: skip
    for number, (session, state) in enumerate(states.items()):
        user, name, zone, assistant = about[session]
        await rows(
            url,
            f"INSERT INTO sessions VALUES ('{session}', 'kkk', {user}, {name}, {zone}, 'en', '{assistant}', 3, "
            f"'holder', 2, 7, '{json.dumps(state)}', 48000, '2026-11-2{number}')",
        )
    said = [
        {"text": "two eggs", "timestamp": "t-1", "confidence": 0.9, "speaker": "spk_0"},
        {"text": " and tea ", "timestamp": "t-2", "id": "typed-1"},
    ]
    for values in (
        "('s-1', 0, '[]', '', '[]', 'Hello Ann!', 4, 'then')",
        f"('s-1', 1, '{json.dumps(said)}', 'two eggs and tea', '[\"typed-1\"]', 'Noted.', 2, 'later')",
    ):
        await rows(url, f"INSERT INTO turns VALUES {values}")
    await rows(url, "INSERT INTO actions VALUES ('s-1', 'a-1', 'then')")


async def test_a_database_of_the_first_version_is_taken_up_with_all_that_is_in_it(database: str) -> None:
    await make_version_1(database)
    store = await SqlStore.open(database)
    assert (store.store_id, store.plan_key) == ("the-same-store", b"k" * 32)

    ann = await store.read_session("s-1")
    assert (ann.epoch, ann.next_turn, ann.revision, ann.audio_until) == (3, 2, 7, 48_000)
    assert (ann.user, ann.name, ann.timezone, ann.locale) == ("session:s-1", "Ann", "Asia/Tokyo", "en")
    assert ann.state == {
        "asking": "lunch", "asked_on": TODAY,
        "diary": {
            "days": {
                "2026-11-20": [old_item(1, "soup", "dinner") | {"fdc_id": None}],
                TODAY: [old_item(2, "egg") | {"fdc_id": None}, old_item(4, "tea") | {"fdc_id": None}],
            },
            "goal": None, "next_item": 5,
        },
    }  # fmt: skip
    greeting, first = await store.read_history("s-1", 10)
    assert (greeting.turn, greeting.text, greeting.answer, greeting.heard) == (0, "", "Hello Ann!", 4)
    assert (first.text, first.answer, first.ids, first.heard) == (
        "two eggs and tea", "Noted.", ("typed-1",), 2,
    )  # fmt: skip
    assert await store.action_done("s-1", "a-1")
    assert await rows(database, "SELECT text, voice, confidence, timestamp FROM messages WHERE turn = 1") == [
        ("two eggs", "spk_0", 0.9, "t-1"), (" and tea ", None, None, "t-2"), ("Noted.", None, None, "later"),
    ]  # fmt: skip

    # Two sessions of one user become one diary.
    bo = await store.read_session("s-4")
    assert bo.user == (await store.read_session("s-3")).user
    assert (bo.name, bo.state["diary"]["next_item"]) == ("Bo", 3)
    assert [(found["id"], found["food"]) for found in bo.state["diary"]["days"][TODAY]] == [
        ("item-1", "jam"), ("item-2", "ham"),
    ]  # fmt: skip
    assert (await store.read_session("s-5")).state["mood"] == "good"

    # And it goes on: a repeated turn is known, the next one is written.
    snapshot = await opened(store, "s-1", key="kkk")
    repeated = await store.commit_turn(turn(snapshot, 1, "two eggs and tea"))
    assert repeated is not None
    assert repeated.answer == "Noted."
    assert await store.commit_turn(turn(snapshot, 2)) is not None
    await store.close()


async def test_a_database_of_the_second_version_is_taken_up_with_all_that_is_in_it(database: str) -> None:
    store = await SqlStore.open(database)
    before = await opened(store, user="ann", name="Ann")
    assert await store.commit_turn(turn(before)) is not None
    await store.close()
    for table in ("summaries", "outbox", "user_states"):
        await rows(database, f"DROP TABLE {table}")
    await rows(database, "UPDATE meta SET value = '2' WHERE key = 'schema_version'")
    await rows(database, "UPDATE alembic_version SET version_num = '0002'")

    store = await SqlStore.open(database)
    after = await store.read_session("s-1")
    assert (after.name, after.next_turn, after.state["turns"]) == ("Ann", 2, 1)
    # Rows of the outbox number themselves, upwards.
    outgoing = [Outgoing({"number": number}) for number in range(3)]
    assert await store.commit_turn(turn(after, 2, outgoing=outgoing)) is not None
    taken = []
    for _ in range(3):
        (row,) = await store.take_outgoing(["diet"], NOW, NOW, "me", 8)
        await store.drop_outgoing(row)
        taken.append(row.body["number"])
    assert taken == [0, 1, 2]
    await store.close()


async def test_taking_up_a_database_with_a_key_encrypts_what_is_in_it(database: str) -> None:
    await make_version_1(database)
    store = await SqlStore.open(database, encryption_key=Fernet.generate_key().decode())
    found = str(
        [
            await rows(database, f"SELECT * FROM {table}")
            for table in ("users", "sessions", "messages", "items")
        ]
    )
    assert [word for word in ("Ann", "soup", "two eggs", "Noted", "lunch'") if word in found] == []
    assert (await store.read_session("s-1")).name == "Ann"
    await store.close()


@pytest.mark.parametrize("old", [False, True], ids=["empty", "old"])
async def test_ten_receivers_that_start_together_agree(database: str, old: bool) -> None:
    if old:
        await make_version_1(database)
    stores = await asyncio.gather(*(SqlStore.open(database) for _ in range(10)))
    assert len({(store.store_id, store.plan_key) for store in stores}) == 1
    for store in stores:
        await store.close()
    assert await rows(database, "SELECT version_num FROM alembic_version") == [(f"{SCHEMA_VERSION:04}",)]


def tables(connection: Connection) -> dict[str, Any]:
    """All that there is to say of each table; the columns in their order."""
    inspector = inspect(connection)
    found: dict[str, Any] = {}
    for name in inspector.get_table_names():
        key = inspector.get_pk_constraint(name)
        found[name] = {
            "columns": [{**column, "type": str(column["type"])} for column in inspector.get_columns(name)],
            # SQLite leaves a key without a name that got none; Postgres gives it this one.
            "primary key": {**key, "name": key["name"] or f"{name}_pkey"},
            "foreign keys": sorted(inspector.get_foreign_keys(name), key=str),
            "unique": sorted(inspector.get_unique_constraints(name), key=str),
            "indexes": sorted(inspector.get_indexes(name), key=str),
        }
    if connection.dialect.name == "sqlite":
        for name, sql in connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
        ):
            found.setdefault(name, {})["numbers"] = "AUTOINCREMENT" in sql
    return found


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_the_migrations_lead_to_the_very_tables_that_a_new_database_gets(database: str) -> None:
    location = parse_url(database)
    if location.path is not None:
        make_file(location.path)
    engine = create_engine(location, starting=True)
    async with engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(_migrate, TextCipher(None), 0)
        assert await connection.run_sync(differences) == []
        migrated = await connection.run_sync(tables)
        for name in ("alembic_version", *(table.name for table in reversed(metadata.sorted_tables))):
            await connection.execute(text(f"DROP TABLE {name}"))
    await engine.dispose()

    store = await SqlStore.open(database)
    async with store._reads.connect() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(tables) == migrated
    await store.close()
    assert len(migrated) > len(metadata.tables)
    assert await rows(database, "SELECT version_num FROM alembic_version") == [(f"{SCHEMA_VERSION:04}",)]
    config = Config()
    config.set_main_option("script_location", "receiver.store:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [f"{SCHEMA_VERSION:04}"]


async def test_a_database_of_a_later_version_is_refused_and_left_as_it_is(database: str) -> None:
    await (await SqlStore.open(database)).close()
    later = SCHEMA_VERSION + 1
    await rows(database, f"UPDATE meta SET value = '{later}' WHERE key = 'schema_version'")
    known = f"has schema version {later}, and this receiver knows {SCHEMA_VERSION} at most"
    with pytest.raises(SettingsError, match=known):
        await SqlStore.open(database)


@pytest.mark.parametrize("name", ["photos", "meta"])
async def test_a_database_of_something_else_is_refused_and_left_as_it_is(database: str, name: str) -> None:
    await rows(database, f"CREATE TABLE {name} (name TEXT)")
    before = path_of(database).read_bytes() if database.startswith("sqlite") else b""
    with pytest.raises(SettingsError, match="database of something else"):
        await SqlStore.open(database)
    if before:
        assert path_of(database).read_bytes() == before
    else:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        assert await rows(database, query) == [(name,)]


async def test_a_migration_that_fails_leaves_the_old_tables(database: str, tmp_path: Path) -> None:
    await make_version_1(database)
    await rows(
        database, "UPDATE sessions SET state = '{\"days\": {\"2026-11-21\": [{}]}}' WHERE session = 's-4'"
    )
    with pytest.raises(KeyError):
        await SqlStore.open(database)
    assert await rows(database, "SELECT value FROM meta WHERE key = 'schema_version'") == [("1",)]
    assert await rows(database, "SELECT count(*) FROM turns WHERE text = 'two eggs and tea'") == [(1,)]
