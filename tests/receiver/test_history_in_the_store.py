"""What a new session is filled with is in the database as every other turn is, whichever database that is."""

from __future__ import annotations

import json

import pytest
from cryptography.fernet import Fernet

from receiver.store import SessionRequest
from receiver.store.export import to_json
from receiver.store.sql_store import SqlStore
from tests.receiver.stored import NOW, everything_in, opened, rows, turn

KEPT = [("a quick xylophone", "Noted: a xylophone."), ("", "Are you there?"), ("json:[\x00]", "")]


@pytest.fixture
def database(either_database: str) -> str:
    return either_database


async def test_a_filled_session_goes_on_with_the_next_turn(store: SqlStore) -> None:
    snapshot = await opened(store, greeting=None, history=KEPT)
    assert snapshot.next_turn == 4
    past = await store.read_history("s-1", 50)
    assert [(stored.turn, stored.text, stored.answer, stored.ids) for stored in past] == [
        (1, "a quick xylophone", "Noted: a xylophone.", ()),
        (2, "", "Are you there?", ()),
        (3, "json:[\x00]", "", ()),
    ]
    assert [stored.heard for stored in past] == [len(answer) for _, answer in KEPT]
    written = await store.commit_turn(turn(snapshot, 4))
    assert written is not None
    assert written.snapshot is not None
    assert written.snapshot.next_turn == 5
    assert await store.mark_heard("s-1", 4, 3)
    assert [stored.turn for stored in await store.read_history("s-1", 50)] == [1, 2, 3, 4]


async def test_a_greeting_and_a_history_stand_side_by_side(store: SqlStore) -> None:
    answer = await store.open_session(SessionRequest("s-1", "diet", {}, "Hello!", NOW, history=[("a", "b")]))
    assert [(stored.turn, stored.answer) for stored in answer.history] == [(0, "Hello!"), (1, "b")]
    assert (answer.made, answer.greeting, answer.snapshot.next_turn) == (True, "Hello!", 2)


async def test_an_open_that_fails_half_way_leaves_no_half_of_a_history(
    store: SqlStore, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("in the middle of the transaction")

    with monkeypatch.context() as patched:
        patched.setattr("receiver.store.sql_store.read_snapshot", fail)
        with pytest.raises(RuntimeError):
            await opened(store, history=KEPT)
    for table in ("sessions", "turns", "messages", "users"):
        assert await rows(database, f"SELECT * FROM {table}") == []
    assert (await opened(store)).next_turn == 1


async def test_a_history_cannot_be_read_in_an_encrypted_database(database: str) -> None:
    key = Fernet.generate_key().decode()
    store = await SqlStore.open(database, encryption_key=key)
    await opened(store, user="ann", history=KEPT)
    assert "xylophone" not in await everything_in(database)
    assert (await store.read_history("s-1", 50))[1].answer == "Noted: a xylophone."
    await store.close()


async def test_a_history_is_handed_out_and_forgotten_with_its_user(store: SqlStore, database: str) -> None:
    await opened(store, user="ann", greeting=None, history=KEPT)
    exported = await store.export_user("ann")
    assert exported is not None
    messages = json.loads(to_json(exported))["sessions"][0]["messages"]
    assert [(said["turn"], said["speaker"], said["text"]) for said in messages] == [
        (1, "user", "a quick xylophone"),
        (1, "assistant", "Noted: a xylophone."),
        (2, "assistant", "Are you there?"),
        (3, "user", "json:[\x00]"),
        (3, "assistant", ""),
    ]
    assert await store.forget_user("ann")
    assert await rows(database, "SELECT * FROM messages") == []
    assert "xylophone" not in await everything_in(database)
