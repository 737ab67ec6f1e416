"""The diary: rows that all sessions of a user share, and a map in each of their states."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from receiver.store.sql_store import SqlStore
from tests.receiver.stored import NOW, TODAY, ate, diary, item, opened, rows, turn


async def test_a_new_user_has_an_empty_diary(store: SqlStore) -> None:
    assert (await opened(store)).state == {"diary": {"days": {}, "goal": None, "next_item": 1}}


async def test_what_was_eaten_stands_in_rows_with_who_wrote_it(store: SqlStore, database: str) -> None:
    snapshot = await opened(store, user="ann")
    after = await ate(
        store, snapshot, diary({TODAY: [item(1, "egg"), item(2, "soup", "lunch")]}, next_item=3)
    )
    assert after == await store.read_session("s-1")
    assert after.state["diary"]["days"][TODAY] == [item(1, "egg"), item(2, "soup", "lunch")]
    assert await rows(
        database,
        'SELECT "user", item, date, meal, position, food, fdc_id, session, turn FROM items ORDER BY item',
    ) == [
        ("ann", "item-1", TODAY, "breakfast", 0, "egg", 173424, "s-1", 1),
        ("ann", "item-2", TODAY, "lunch", 1, "soup", 173424, "s-1", 1),
    ]
    assert await rows(database, "SELECT state FROM sessions") == [("{}",)], "the diary is written once"


async def test_the_rows_follow_every_change_of_the_map(store: SqlStore, database: str) -> None:
    """Random changes, from a fixed seed: what is read is what was written, in its order, and nothing else."""
    chance = random.Random(7)
    dates = [f"2026-11-{day}" for day in range(10, 20)]
    meals = ("breakfast", "lunch", "dinner", "snack")
    snapshot = await opened(store)
    days: dict[str, list[dict[str, Any]]] = {}
    number = 1
    for _ in range(60):
        days = {day: list(found) for day, found in days.items()}
        for _ in range(chance.randint(0, 3)):
            day = chance.choice(dates)
            found = days.setdefault(day, [])
            match chance.choice(["add", "add", "add", "remove", "edit", "move", "shuffle", "insert"]):
                case "add":
                    found.append(item(number, f"food {number}", chance.choice(meals)))
                    number += 1
                case "insert":
                    found.insert(0, item(number, f"food {number}", chance.choice(meals)))
                    number += 1
                case "remove" if found:
                    found.pop(chance.randrange(len(found)))
                case "edit" if found:
                    at = chance.randrange(len(found))
                    found[at] = found[at] | {"kcal": chance.random() * 500, "meal": chance.choice(meals)}
                case "move" if found:
                    days.setdefault(chance.choice(dates), []).append(found.pop())
                case "shuffle":
                    chance.shuffle(found)
        goal = chance.choice([None, {"kcal": 2000.0}, {"kcal": 1800.0, "protein_g": 90.0}])
        snapshot = await ate(store, snapshot, diary(days, goal, number))
        assert snapshot == await store.read_session("s-1")
        expected = {day: found for day, found in sorted(days.items()) if found}
        assert snapshot.state["diary"] == diary(expected, goal, number)
    taken = {(day, found["meal"]) for day, day_items in days.items() for found in day_items}
    assert set(await rows(database, "SELECT date, meal FROM meals")) == taken


async def test_another_session_of_the_user_changing_the_diary_means_thinking_again(store: SqlStore) -> None:
    one, two = await opened(store, "s-1", user="ann"), await opened(store, "s-2", user="ann")
    await ate(store, one, diary({TODAY: [item(1)]}, next_item=2))
    assert await store.commit_turn(turn(two)) is None
    assert await store.apply_action(two, "a-1", {}, NOW) is None
    seen = await store.read_session("s-2")
    assert seen.revision > two.revision
    assert seen.state["diary"]["days"] == {TODAY: [item(1)]}
    await ate(store, seen, diary({TODAY: [item(1), item(2, "toast")]}, next_item=3))
    assert [found["food"] for found in (await store.read_session("s-1")).state["diary"]["days"][TODAY]] == [
        "egg",
        "toast",
    ]


async def test_talk_that_leaves_the_diary_alone_does_not_disturb_other_sessions(store: SqlStore) -> None:
    one, two = await opened(store, "s-1", user="ann"), await opened(store, "s-2", user="ann")
    assert await store.commit_turn(turn(one)) is not None
    assert await store.commit_turn(turn(two)) is not None


async def test_a_state_without_a_diary_leaves_it_as_it_was(store: SqlStore) -> None:
    snapshot = await ate(store, await opened(store), diary({TODAY: [item(1)]}, {"kcal": 1500.0}, 2))
    after = await store.apply_action(snapshot, "a-1", {"mood": "good"}, NOW)
    assert after is not None
    assert after.state == {"mood": "good", "diary": diary({TODAY: [item(1)]}, {"kcal": 1500.0}, 2)}
    assert after == await store.read_session("s-1")


async def test_the_latest_fourteen_days_are_in_the_state_and_older_ones_are_kept(store: SqlStore) -> None:
    snapshot = await opened(store)
    first = date(2026, 10, 1)
    for number in range(1, 21):
        day = (first + timedelta(days=3 * number)).isoformat()
        before = snapshot.state["diary"]
        snapshot = await ate(
            store, snapshot, diary({**before["days"], day: [item(number)]}, next_item=number + 1)
        )
        assert snapshot == await store.read_session("s-1")
    days = list(snapshot.state["diary"]["days"])
    assert (len(days), days[-1]) == (14, "2026-11-30")
    assert len((await store.read_export("s-1")).items) == 20

    # Something that is remembered late goes to what was there that day.
    late = {**snapshot.state["diary"]["days"], "2026-10-04": [item(99, "cake")]}
    snapshot = await ate(store, snapshot, diary(late, next_item=100))
    assert "2026-10-04" not in snapshot.state["diary"]["days"]
    foods = [
        found["food"] for found in (await store.read_export("s-1")).items if found["date"] == "2026-10-04"
    ]
    assert sorted(foods) == ["cake", "egg"]


async def test_whole_numbers_and_missing_figures_come_back_the_same_every_time(store: SqlStore) -> None:
    odd = item(1, quantity=2, grams=None, kcal=0, known=False)
    del odd["fdc_id"]
    after = await ate(store, await opened(store), diary({TODAY: [odd], "2026-11-20": []}, {"kcal": 2000}, 2))
    assert after == await store.read_session("s-1")
    assert after.state["diary"]["days"] == {TODAY: [odd | {"fdc_id": None}]}
    empty = await ate(store, after, diary({}, {"kcal": None}, 2))
    assert empty.state["diary"] == {"days": {}, "goal": None, "next_item": 2}
    assert empty == await store.read_session("s-1")
