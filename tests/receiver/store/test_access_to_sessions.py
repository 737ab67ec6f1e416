"""Whose session it is: nobody opens another's, whatever they know of it, and a refusal changes nothing."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from protocol.errors import SessionRefused
from receiver.store import Snapshot
from receiver.store.sql_store import SqlStore
from tests.receiver.stored import TODAY, ate, diary, item, opened, rows

RIGHT, WRONG = "a" * 64, "b" * 64
KEYS = [RIGHT, WRONG, None, "", RIGHT[:-1], RIGHT.upper()]
STRANGERS = ["bob", "Ann", "an", "bob@example.org", "session:s-1", "session:s-2", None, "", " "]


async def refused(store: SqlStore, session: str = "s-1", **about: Any) -> None:
    with pytest.raises(SessionRefused):
        await opened(store, session, **about)


async def everything(database: str) -> list[Any]:
    """What stands in the store of users and sessions."""
    queries = (
        "SELECT id, email, first_name, timezone, revision FROM users ORDER BY id",
        'SELECT session, "user", key, epoch, holder, revision, locale FROM sessions ORDER BY session',
        'SELECT "user", item FROM items ORDER BY "user", item',
    )
    return [await rows(database, query) for query in queries]


async def with_breakfast(store: SqlStore, user: str | None) -> Snapshot:
    """A session with the right key, in which something was eaten."""
    session = await opened(store, user=user, key=RIGHT, name="Ann")
    return await ate(store, session, diary({TODAY: [item(1)]}, next_item=2))


async def test_a_users_session_opens_for_nobody_else(store: SqlStore, database: str) -> None:
    await with_breakfast(store, "ann")
    before = await everything(database)
    about = {"name": "Mallory", "timezone": "Asia/Tokyo", "locale": "x", "holder": "h"}
    for user, key in itertools.product(STRANGERS, KEYS):
        await refused(store, user=user, key=key, **about)
    assert await everything(database) == before


@pytest.mark.parametrize("user", ["ann", None])
async def test_without_its_key_a_session_opens_for_nobody_at_all(
    store: SqlStore, database: str, user: str | None
) -> None:
    await with_breakfast(store, user)
    before = await everything(database)
    for who, key in itertools.product(["ann", *STRANGERS], KEYS[1:]):
        await refused(store, user=who, key=key)
    assert await everything(database) == before


async def test_with_its_key_a_users_session_opens_for_the_user(store: SqlStore) -> None:
    await with_breakfast(store, "ann")
    again = await opened(store, user="ann", key=RIGHT)
    assert (again.user, again.epoch, again.state["diary"]["days"][TODAY][0]["food"]) == ("ann", 2, "egg")


async def test_a_session_of_nobody_in_particular_is_its_key_holders(store: SqlStore) -> None:
    await with_breakfast(store, None)
    again = await opened(store, key=RIGHT)
    assert (again.user, again.epoch, again.state["diary"]["days"][TODAY][0]["food"]) == (
        "session:s-1",
        2,
        "egg",
    )


async def test_who_signs_in_takes_their_session_along_and_closes_it_behind_them(store: SqlStore) -> None:
    await with_breakfast(store, None)
    assert (await opened(store, user="ann", key=RIGHT)).user == "ann"
    for user in (None, "bob", "session:s-1"):
        await refused(store, user=user, key=RIGHT)
    assert (await opened(store, user="ann", key=RIGHT)).epoch == 3


async def test_two_who_sign_in_to_one_session_at_once_do_not_share_it(store: SqlStore) -> None:
    await with_breakfast(store, None)
    outcome = await asyncio.gather(
        *(opened(store, user=user, key=RIGHT) for user in ("ann", "bob")), return_exceptions=True
    )
    assert sorted(type(found).__name__ for found in outcome) == ["SessionRefused", "Snapshot"]
    (won,) = (found for found in outcome if isinstance(found, Snapshot))
    lost = "bob" if won.user == "ann" else "ann"
    await refused(store, user=lost, key=RIGHT)
    assert (await opened(store, "s-2", user=lost)).state["diary"]["days"] == {}


async def test_another_session_shows_nothing_of_anothers_diary(store: SqlStore) -> None:
    await with_breakfast(store, "ann")
    for number, user in enumerate(["bob", "Ann", "ann@example.org", None], start=2):
        stranger = await opened(store, f"s-{number}", user=user, key=RIGHT)
        assert (stranger.state["diary"]["days"], stranger.name) == ({}, None)


async def test_nobody_is_taken_for_another_by_how_the_name_is_written(store: SqlStore) -> None:
    """The Kelvin sign's small letter is an ordinary k; two people differ by it."""
    names = [
        "ann",
        "Ann",
        "ANN",
        "ank@example.org",
        "an\N{KELVIN SIGN}@example.org",
        "\N{LATIN SMALL LETTER A WITH ACUTE}nn",
    ]
    found = [(await opened(store, f"s-{n}", user=name)).user for n, name in enumerate(names)]
    assert all(one != other for one, other in itertools.combinations(found, 2))
