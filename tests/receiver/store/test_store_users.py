"""Users: found by id or e-mail address, made where they are missing, and nobody is taken for another."""

from __future__ import annotations

import pytest

from protocol.errors import SessionRefused
from receiver.store.sql_store import SqlStore
from tests.receiver.stored import TODAY, ate, diary, item, opened, rows


async def test_an_email_address_finds_the_same_user_however_it_is_written(store: SqlStore) -> None:
    one = await opened(store, "s-1", user="Ann@Example.org", name="Ann")
    two = await opened(store, "s-2", user=" ann@example.org")
    assert one.user == two.user
    assert "@" not in one.user
    assert two.name == "Ann"
    assert (await opened(store, "s-3", user=one.user)).name == "Ann"


async def test_name_and_time_zone_are_known_days_later_in_another_session(store: SqlStore) -> None:
    one = await opened(store, "s-1", user="ann", name="Ann", timezone="Europe/Berlin", locale="de-DE")
    two = await opened(store, "s-2", user="ann")
    assert (two.name, two.timezone, two.locale) == ("Ann", "Europe/Berlin", None)
    three = await opened(store, "s-2", user="ann", timezone="Asia/Tokyo")
    assert (three.name, three.timezone) == ("Ann", "Asia/Tokyo")
    seen = await store.read_session("s-1")
    assert (seen.timezone, seen.locale) == ("Asia/Tokyo", "de-DE")
    assert seen.revision > one.revision, "what was thought by another clock does not hold"
    profile = await store.read_profile("ann")
    assert profile is not None
    assert (profile.user, profile.name, profile.timezone, profile.email) == ("ann", "Ann", "Asia/Tokyo", None)
    assert await store.read_profile("bob") is None


async def test_saying_the_same_again_changes_nothing(store: SqlStore) -> None:
    one = await opened(store, "s-1", user="ann", name="Ann")
    two = await opened(store, "s-1", user="ann", name="Ann")
    assert one.revision == two.revision


async def test_sessions_of_nobody_in_particular_share_nothing(store: SqlStore) -> None:
    one = await opened(store, "s-1", name="Ann")
    await ate(store, one, diary({TODAY: [item(1)]}, next_item=2))
    two = await opened(store, "s-2")
    assert (one.user, two.user, two.name) == ("session:s-1", "session:s-2", None)
    assert two.state["diary"]["days"] == {}


async def test_nobody_gets_at_anothers_private_diary(store: SqlStore) -> None:
    await opened(store, "s-1")
    with pytest.raises(SessionRefused):
        await opened(store, "s-2", user="session:s-1")
    assert (await opened(store, "s-1", user="session:s-1")).epoch == 2


async def test_a_refused_open_leaves_no_user_behind(store: SqlStore, database: str) -> None:
    await opened(store, "s-1", user="ann")
    with pytest.raises(SessionRefused):
        await opened(store, "s-1", user="mallory")
    assert await rows(database, "SELECT id FROM users") == [("ann",)]


async def test_what_was_told_before_signing_in_comes_along(store: SqlStore, database: str) -> None:
    ann = await opened(store, "s-old", user="ann", timezone="Europe/Berlin")
    await ate(store, ann, diary({TODAY: [item(1, "egg")]}, next_item=2))
    private = await opened(store, "s-new", name="Ann")
    private = await ate(
        store,
        private,
        diary({TODAY: [item(1, "soup", "lunch"), item(2, "tea", "lunch")]}, {"kcal": 1800.0}, 3),
    )
    stale = private

    both = await opened(store, "s-new", user="ann")
    assert (both.user, both.name, both.timezone) == ("ann", "Ann", "Europe/Berlin")
    assert both.revision > stale.revision
    assert both.state["diary"] == diary(
        {TODAY: [item(1, "egg"), item(2, "soup", "lunch"), item(3, "tea", "lunch")]}, {"kcal": 1800.0}, 4
    )
    assert (await store.read_session("s-old")).state["diary"] == both.state["diary"]
    assert await rows(database, "SELECT id FROM users") == [("ann",)]


async def test_what_a_session_remembers_of_items_follows_them(store: SqlStore) -> None:
    await ate(store, await opened(store, "s-old", user="ann"), diary({TODAY: [item(1)]}, next_item=2))
    private = await opened(store, "s-new")
    state = {"undo": [[{"do": "remove", "ids": ["item-1"]}]], "diary": diary({TODAY: [item(1)]}, next_item=2)}
    await store.apply_action(private, "a-1", state, "now")
    both = await opened(store, "s-new", user="ann")
    assert both.state["undo"] == [[{"do": "remove", "ids": ["item-2"]}]]
