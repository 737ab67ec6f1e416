"""Turns: whole or not at all, once, and never on top of what somebody else has changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import event

from protocol.errors import MalformedMessage, SessionMoved, SessionNotOpen, StoreUnavailable, TurnConflict
from receiver.store import StoredTurn
from receiver.store.sql_store import SqlStore
from tests.receiver.stored import NOW, TODAY, ate, diary, item, opened, rows, turn


async def test_the_name_and_the_key_of_a_store_outlive_it(database: str) -> None:
    seen = []
    for _ in range(2):
        store = await SqlStore.open(database)
        seen.append((store.store_id, store.plan_key))
        await store.close()
    assert seen[0] == seen[1]
    assert len(seen[0][1]) == 32


async def test_a_turn_its_messages_and_the_state_are_written_together(store: SqlStore, database: str) -> None:
    snapshot = await opened(store)
    said = [
        {"text": "two ", "timestamp": NOW, "confidence": 0.5, "speaker": "spk_1"},
        {"text": "eggs", "timestamp": NOW, "id": "typed-1"},
    ]
    written = await store.commit_turn(turn(snapshot, text="two eggs", items=said))
    assert written is not None
    assert written.snapshot == await store.read_session("s-1")
    assert written.snapshot.state["turns"] == 1
    assert await rows(
        database,
        "SELECT turn, position, speaker, voice, text, confidence, client_id FROM messages ORDER BY 1, 2",
    ) == [
        (0, 0, "assistant", None, "Hello!", None, None),
        (1, 0, "user", "spk_1", "two ", 0.5, None),
        (1, 1, "user", None, "eggs", None, "typed-1"),
        (1, 2, "assistant", None, "You said: two eggs", None, None),
    ]
    assert await store.read_turn("s-1", 1) == StoredTurn(1, "two eggs", "You said: two eggs", ("typed-1",))


async def test_a_write_that_fails_half_way_leaves_nothing(store: SqlStore) -> None:
    snapshot = await opened(store)
    # The session's and the turn's rows are written first; a message then cannot be.
    with pytest.raises(StoreUnavailable):
        await store.commit_turn(turn(snapshot, items=[{"text": "two eggs", "timestamp": None}]))
    assert await store.read_session("s-1") == snapshot
    assert await store.read_turn("s-1", 1) is None


async def test_a_turn_takes_as_many_statements_for_thirty_foods_as_for_one(store: SqlStore) -> None:
    counts = []
    snapshot = await opened(store)
    statements: list[str] = []
    event.listen(
        store._engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _u, statement, *_: statements.append(statement),
    )
    for foods in (1, 31, 2):
        statements.clear()
        found = [item(number, meal=("lunch", "dinner")[number % 2]) for number in range(1, foods + 1)]
        said = [{"text": "turn", "timestamp": NOW}, *([{"text": "more", "timestamp": NOW}] * foods)]
        snapshot = await ate(store, snapshot, diary({TODAY: found}), items=said)
        counts.append(len([statement for statement in statements if not statement.startswith("BEGIN")]))
    assert max(counts) <= 8, counts


async def test_a_stale_snapshot_is_told_to_think_again(store: SqlStore) -> None:
    snapshot = await opened(store)
    assert await store.apply_action(snapshot, "a-1", {"by": "hand"}, NOW) is not None
    assert await store.commit_turn(turn(snapshot)) is None
    assert await store.apply_action(snapshot, "a-2", {"by": "late hand"}, NOW) is None
    assert (await store.read_session("s-1")).state["by"] == "hand"


async def test_an_action_changes_something_once(store: SqlStore) -> None:
    snapshot = await opened(store)
    first = await store.apply_action(snapshot, "a-1", {"by": "hand"}, NOW)
    assert await store.apply_action(snapshot, "a-1", {"by": "another"}, NOW) == first
    assert await store.action_done("s-1", "a-1")
    assert not await store.action_done("s-1", "a-2")


async def test_a_repeated_turn_gets_its_answer_and_other_words_are_a_conflict(store: SqlStore) -> None:
    snapshot = await opened(store)
    await store.commit_turn(turn(snapshot))
    again = await store.commit_turn(turn(snapshot, answer="something else"))
    assert again is not None
    assert (again.answer, again.snapshot) == ("You said: two eggs", None)
    with pytest.raises(TurnConflict):
        await store.commit_turn(turn(snapshot, text="three eggs"))


async def test_a_turn_that_is_not_next_or_of_another_epoch_is_not_written(store: SqlStore) -> None:
    old = await opened(store)
    snapshot = await opened(store)
    assert (old.epoch, snapshot.epoch) == (1, 2)
    with pytest.raises(SessionMoved):
        await store.commit_turn(turn(old))
    with pytest.raises(MalformedMessage):
        await store.commit_turn(turn(snapshot, 2))
    with pytest.raises(MalformedMessage):
        await store.commit_turn(turn(replace(snapshot, epoch=3)))
    with pytest.raises(MalformedMessage):
        await store.commit_turn(turn(replace(snapshot, revision=7), 2**40))
    assert (await store.read_session("s-1")).next_turn == 1


async def test_a_session_that_is_not_there_is_not_open(store: SqlStore) -> None:
    snapshot = replace(await opened(store), session="s-2")
    for attempt in (
        store.read_session("s-2"),
        store.commit_turn(turn(snapshot)),
        store.apply_action(snapshot, "a-1", {}, NOW),
        store.read_export("s-2"),
    ):
        with pytest.raises(SessionNotOpen):
            await attempt
    assert await store.read_history("s-2", 5) == []


async def test_one_commit_of_many_at_once_is_written(store: SqlStore, database: str) -> None:
    other = await SqlStore.open(database)
    snapshot = await opened(store)
    writes = [turn(snapshot, answer=f"answer {number}") for number in range(20)]
    written = await asyncio.gather(
        *((store, other)[number % 2].commit_turn(write) for number, write in enumerate(writes))
    )
    await other.close()
    answers = {outcome.answer for outcome in written if outcome is not None}
    assert len(answers) == 1
    assert sum(outcome is not None and outcome.snapshot is not None for outcome in written) == 1
    assert await rows(database, "SELECT turn FROM turns ORDER BY turn") == [(0,), (1,)]


async def test_one_of_many_opens_at_once_makes_the_session(store: SqlStore, database: str) -> None:
    other = await SqlStore.open(database)
    snapshots = await asyncio.gather(
        *(opened((store, other)[number % 2], user="ann@example.org") for number in range(10))
    )
    await other.close()
    assert sorted(snapshot.epoch for snapshot in snapshots) == list(range(1, 11))
    assert len({snapshot.user for snapshot in snapshots}) == 1
    assert await rows(database, "SELECT count(*) FROM users") == [(1,)]


async def test_the_history_is_the_latest_turns_oldest_first(store: SqlStore) -> None:
    snapshot = await opened(store)
    for number in range(1, 6):
        written = await store.commit_turn(turn(snapshot, number, f"number {number}"))
        assert written is not None
        assert written.snapshot is not None
        snapshot = written.snapshot
    history = await store.read_history("s-1", 3)
    assert [(past.turn, past.text) for past in history] == [(3, "number 3"), (4, "number 4"), (5, "number 5")]
    assert [past.turn for past in await store.read_history("s-1", 50)] == [0, 1, 2, 3, 4, 5]


async def test_the_heard_mark_moves_forward_to_the_answers_end(store: SqlStore) -> None:
    await store.commit_turn(turn(await opened(store)))
    length = len("You said: two eggs")
    for chars, expected in ((5, 5), (3, 5), (2**60, length), (9, length)):
        assert await store.mark_heard("s-1", 1, chars)
        stored = await store.read_turn("s-1", 1)
        assert stored is not None
        assert stored.heard == expected
    assert not await store.mark_heard("s-1", 2, 1)
    assert not await store.mark_heard("s-1", 2**40, 1)
    assert await store.read_turn("s-1", 2**40) is None


async def test_words_that_not_every_database_can_hold_come_back_as_they_were(store: SqlStore) -> None:
    for number, text in enumerate(
        ("nul \x00 here", "encrypted:gAAAA", 'json:"x"', "\N{CLINKING BEER MUGS} é"), 1
    ):
        snapshot = await opened(store, "s-1", timezone="\x00", locale="e\x00n", name="A\x00nn")
        assert await store.commit_turn(turn(snapshot, number, text)) is not None
        stored = await store.read_turn("s-1", number)
        assert stored is not None
        assert (stored.text, stored.answer) == (text, f"You said: {text}")
    assert (snapshot.name, snapshot.timezone, snapshot.locale) == ("Ann", "", "en")


async def test_a_day_of_audio_and_more_is_counted(store: SqlStore) -> None:
    written = await store.commit_turn(turn(await opened(store), audio_until=2**40))
    assert written is not None
    assert (await store.read_session("s-1")).audio_until == 2**40
