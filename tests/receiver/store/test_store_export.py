"""What is kept about somebody: handed out whole, and forgotten so that no file has it any more."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections import Counter
from typing import Any

from protocol.diary import MAX_EXPORT_BYTES
from protocol.errors import SessionMoved, SessionNotOpen
from receiver.assistants.assistant import Outgoing
from receiver.store import Sharing, StoredSummary
from receiver.store.export import COLUMNS, Export, to_csv, to_json
from receiver.store.schema import metadata
from receiver.store.sql_store import SqlStore
from tests.receiver.raw_relay import RawRelay, foods
from tests.receiver.stored import NOW, TODAY, ate, diary, everything_in, item, opened, rows, turn

SHARING = Sharing("common", lambda kept, _: kept, lambda _: None)

USER = {"id": "ann", "email": None, "first_name": "Ann", "timezone": None, "goal": None, "created": NOW}


def line(number: int, food: str = "egg", date: str = TODAY) -> dict[str, Any]:
    return {**item(number, food), "date": date}


async def test_an_export_has_all_days_and_in_full_all_that_was_said(store: SqlStore) -> None:
    ann = await opened(store, "s-1", user="ann@example.org", name="Ann", timezone="Asia/Tokyo")
    days = {f"2026-{month:02}-01": [item(month, f"food {month}")] for month in range(1, 13)}
    ann = await ate(store, ann, diary(days, {"kcal": 2000.0}, 13))
    days = {f"2025-{month:02}-01": [item(month + 20, f"food {month + 20}")] for month in range(1, 13)}
    await ate(store, ann, diary({**ann.state["diary"]["days"], **days}, {"kcal": 2000.0}, 33))
    await opened(store, "s-2", user="bob")

    short = await store.read_export("s-1")
    assert len(short.items) == 24
    assert (short.items[0]["food"], short.items[-1]["food"]) == ("food 21", "food 12")
    assert short.sessions == ()

    full = await store.export_user("Ann@example.org")
    assert full is not None
    assert full.items == short.items
    document = json.loads(to_json(full))
    about = document["user"]
    assert (about["email"], about["first_name"], about["timezone"], about["goal"]) == (
        "ann@example.org", "Ann", "Asia/Tokyo", {"kcal": 2000.0},
    )  # fmt: skip
    assert list(document["items"][0]) == list(COLUMNS)
    (session,) = document["sessions"]
    assert [(said["turn"], said["speaker"], said["text"]) for said in session["messages"]] == [
        (0, "assistant", "Hello!"), (1, "user", "turn 1"), (1, "assistant", "You said: turn 1"),
        (2, "user", "turn 2"), (2, "assistant", "You said: turn 2"),
    ]  # fmt: skip
    assert await store.export_user("carol") is None


async def test_forgetting_somebody_leaves_nothing_of_them_in_any_file(store: SqlStore, database: str) -> None:
    for user, secret in (("ann", "xylophone"), ("bob", "marimba")):
        for session in (f"{user}-1", f"{user}-2"):
            told = await opened(
                store, session, user=user, name=secret, greeting=f"Hello {secret}!",
                sharing={"diet": SHARING}, state={"common": secret},
            )  # fmt: skip
            found = told.state["diary"]["days"].get(TODAY, [])
            number = len(found) + 1
            told = await ate(
                store, told, diary({TODAY: [*found, item(number, secret)]}, next_item=number + 1)
            )
            outgoing = [Outgoing({"word": secret})]
            await store.apply_action(told, "a-1", {**told.state, "note": secret}, NOW, outgoing)
            await store.keep_summary(session, StoredSummary(2, f'{{"text":"{secret}"}}'), NOW)
    assert "xylophone" in await everything_in(database)

    assert await store.forget_user("ann")
    left = await everything_in(database)
    assert ("xylophone" in left, "marimba" in left) == (False, True)
    assert not await store.forget_user("ann")
    for table, count in (
        ("users", 1),
        ("sessions", 2),
        ("turns", 4),
        ("messages", 6),
        ("items", 2),
        ("actions", 2),
        ("user_states", 1),
        ("outbox", 2),
        ("summaries", 2),
    ):
        assert await rows(database, f"SELECT count(*) FROM {table}") == [(count,)], table
    assert (await store.read_session("bob-1")).name == "marimba"
    assert await store.forget_user("bob")
    # Also where a table is added that nobody has thought of here.
    for table in set(metadata.tables) - {"meta"}:
        assert await rows(database, f"SELECT * FROM {table}") == [], table
    await store.close()
    assert "xylophone" not in await everything_in(database)


async def test_who_was_forgotten_can_begin_again(store: SqlStore) -> None:
    first = await ate(store, await opened(store, user="ann", name="Ann"), diary({TODAY: [item(1)]}))
    await store.forget_user("ann")
    again = await opened(store, user="ann")
    assert (again.name, again.next_turn, again.state["diary"]["days"]) == (None, 1, {})
    assert first.name == "Ann"


async def test_a_session_that_is_open_while_its_user_is_forgotten_begins_anew(
    store: SqlStore, relay: RawRelay
) -> None:
    await relay.open(user="ann", name="Ann")
    for number in (1, 2):
        assert (await relay.commit(number, "two eggs"))["type"] == "committed"
    assert await store.forget_user("ann")
    for _ in range(2):
        assert (await relay.commit(3, "a banana"))["code"] == "session_not_open"
    opened_again = await relay.open(user="ann")
    assert (opened_again["next_turn"], opened_again["epoch"]) == (1, 1)
    committed = await relay.commit(1, "a banana")
    assert [food for _, food, _ in foods(committed["diary"])] == ["banana"]


async def test_somebody_who_keeps_talking_can_be_forgotten(store: SqlStore, database: str) -> None:
    """The two only wait for each other, also where the session or the user is gone in the middle of an `open`."""
    other = await SqlStore.open(database)
    outcomes: Counter[str] = Counter()

    async def talk(store: SqlStore, session: str) -> None:
        for _ in range(5):
            told = await opened(store, session, user="ann")
            try:
                await store.commit_turn(turn(told, told.next_turn))
                outcomes["written"] += 1
            except (SessionNotOpen, SessionMoved):
                outcomes["forgotten"] += 1

    async def forget() -> None:
        while not talking.done():
            outcomes["forgets"] += await store.forget_user("ann")
            await asyncio.sleep(0)

    talking = asyncio.gather(*(talk((store, other)[number % 2], f"s-{number}") for number in range(4)))
    await asyncio.gather(talking, forget())
    assert outcomes["forgets"]
    await store.forget_user("ann")
    for table in ("users", "sessions", "turns", "messages"):
        assert await rows(database, f"SELECT count(*) FROM {table}") == [(0,)]
    await other.close()


def test_csv_has_a_line_for_each_item_and_no_formulas() -> None:
    text = to_csv(Export(USER, [line(1, '=HYPERLINK("http://evil")'), line(2, 'soup, "hot"')]))
    found = list(csv.DictReader(io.StringIO(text)))
    assert [row["food"] for row in found] == ['\'=HYPERLINK("http://evil")', 'soup, "hot"']
    assert (found[0]["date"], found[0]["quantity"], found[0]["known"], found[0]["fdc_id"]) == (
        TODAY, "2.0", "yes", "173424",
    )  # fmt: skip
    assert to_csv(Export(USER, [])) == ",".join(COLUMNS) + "\r\n"


def test_an_export_for_a_page_has_the_newest_that_fits() -> None:
    export = Export(USER, [line(number, f"food {number} " + "\N{EGG}" * 50) for number in range(5000)])
    for write in (to_csv, to_json):
        text = write(export, MAX_EXPORT_BYTES)
        assert MAX_EXPORT_BYTES * 0.95 < len(text.encode()) <= MAX_EXPORT_BYTES
        assert "food 4999 " in text
        assert "food 0 " not in text
        assert "food 0 " in write(export)
    items = json.loads(to_json(export, MAX_EXPORT_BYTES))["items"]
    assert [found["food"].split()[1] for found in items] == [
        str(5000 - len(items) + n) for n in range(len(items))
    ]
    assert json.loads(to_json(export, 10))["items"] == []
