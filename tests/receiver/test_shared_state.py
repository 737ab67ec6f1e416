"""What an assistant shares among the sessions of a user is one, whichever session changes it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from receiver.store import MAX_SHARED_BYTES
from receiver.store.export import to_json
from receiver.store.sql_store import SqlStore
from tests.receiver.errands import ErrandAssistant
from tests.receiver.raw_relay import RawRelay, items
from tests.receiver.stored import everything_in, opened, rows


@pytest.fixture
def database(either_database: str) -> str:
    return either_database


@pytest.fixture
async def relay(serve: Any, connect: Any) -> RawRelay:
    relay: RawRelay = await connect(await serve(assistant="errands", more={"errands": ErrandAssistant()}))
    return relay


async def count(relay: RawRelay, turn: int, word: str, **fields: Any) -> str:
    answer = await relay.commit(turn, f"add {word}", **fields)
    return str(answer["text"])


async def shared(database: str) -> dict[str, list[str]]:
    """The words of each user."""
    return {
        user: json.loads(state)["words"]
        for user, state in await rows(database, 'SELECT "user", state FROM user_states')
    }


async def test_sessions_of_a_user_see_what_the_others_added(relay: RawRelay, database: str) -> None:
    await relay.open("s-1", user="ann")
    await relay.open("s-2", user="ann")
    assert await count(relay, 1, "one", session="s-1") == "Now there are 1."
    assert await count(relay, 1, "two", session="s-2") == "Now there are 2."
    assert await count(relay, 2, "three", session="s-1") == "Now there are 3."
    await relay.open("s-3", user="ann")
    assert await count(relay, 1, "four", session="s-3") == "Now there are 4."
    assert await shared(database) == {"ann": ["one", "two", "three", "four"]}


async def test_of_two_sessions_at_once_neither_overwrites_the_other(
    relay: RawRelay, serve: Any, connect: Any, database: str
) -> None:
    other = await connect(await serve(assistant="errands", more={"errands": ErrandAssistant()}))
    await asyncio.gather(relay.open("s-1", user="ann"), other.open("s-2", user="ann"))

    async def talk(link: RawRelay, session: str) -> None:
        for turn in range(1, 6):
            answer = await link.commit(turn, f"add {session}-{turn}", session=session)
            assert answer["type"] == "committed", answer

    await asyncio.gather(talk(relay, "s-1"), talk(other, "s-2"))
    found = (await shared(database))["ann"]
    assert sorted(found) == sorted(f"s-{session}-{turn}" for session in (1, 2) for turn in range(1, 6))


async def test_a_draft_of_before_the_change_is_thought_anew(relay: RawRelay) -> None:
    await relay.open("s-1", user="ann")
    await relay.open("s-2", user="ann")
    relay.send(type="draft", session="s-1", turn=1, attempt=1, items=items("add one"))
    reply = await relay.until("reply")
    assert reply["text"] == "Now there are 1."
    await count(relay, 1, "two", session="s-2")
    committed = await relay.commit(1, "add one", attempt=1, plan=reply["plan"])
    assert committed["text"] == "Now there are 2."


async def test_users_and_strangers_share_nothing(relay: RawRelay, database: str) -> None:
    for session, user in (("s-1", "ann"), ("s-2", "bob"), ("s-3", None), ("s-4", None)):
        await relay.open(session, user=user)
        assert await count(relay, 1, session, session=session) == "Now there are 1."
    assert await shared(database) == {
        "ann": ["s-1"], "bob": ["s-2"], "session:s-3": ["s-3"], "session:s-4": ["s-4"],
    }  # fmt: skip


@pytest.mark.parametrize("known", [True, False], ids=["who has some", "who is new"])
async def test_what_was_said_before_signing_in_becomes_the_users(
    relay: RawRelay, database: str, known: bool
) -> None:
    if known:
        await relay.open("s-old", user="ann")
        await count(relay, 1, "old", session="s-old")
    await relay.open("s-1")
    await relay.commit(1, "add new")
    await relay.commit(2, "remind me at 2026-12-01T09:00:00Z")
    opened_again = await relay.open("s-1", user="ann")
    assert await count(relay, 3, "newer", epoch=opened_again["epoch"]) == f"Now there are {2 + known}."
    before = ["old"] if known else []
    assert await shared(database) == {"ann": [*sorted(["new", *before]), "newer"]}
    assert await rows(database, "SELECT next_due FROM user_states") == [("2026-12-01T09:00:00.000+00:00",)]
    if known:
        assert await count(relay, 2, "last", session="s-old") == "Now there are 4."


async def test_a_receiver_without_the_assistant_loses_nothing_of_what_was_said_before_signing_in(
    relay: RawRelay, serve: Any, connect: Any, database: str
) -> None:
    await relay.open("s-old", user="ann")
    await count(relay, 1, "old", session="s-old")
    await relay.open("s-1")
    await count(relay, 1, "new")
    without = await connect(await serve())
    without.send(type="open", session="s-1", user="ann")
    assert (await without.until("error"))["code"] == "unsupported"
    await relay.open("s-1", user="ann")
    assert await shared(database) == {"ann": ["new", "old"]}


async def test_what_is_waiting_outside_goes_along_with_the_session(store: SqlStore, database: str) -> None:
    """And what the user has there already is not there twice."""
    from receiver.sharing import sharing_by_name
    from tests.receiver.stored import turn

    sharing = sharing_by_name({"errands": ErrandAssistant()})
    state = {"common": {"words": [], "reminders": []}}
    assistant = ErrandAssistant()
    for session, user in (("s-1", "ann"), ("s-2", None)):
        snapshot = await opened(
            store, session, user=user, assistant="errands", state=state, sharing=sharing, greeting=None
        )
        outgoing = assistant.outgoing([{"send": session, "key": "same"}, {"send": session}])
        await store.commit_turn(turn(snapshot, state=state, outgoing=outgoing))
    await opened(store, "s-2", user="ann", assistant="errands", sharing=sharing)
    found = await rows(database, 'SELECT "user", session FROM outbox ORDER BY id')
    assert found == [("ann", "s-1"), ("ann", "s-1"), ("ann", "s-2")]


async def test_a_shared_state_cannot_grow_without_end(relay: RawRelay, database: str) -> None:
    await relay.open(user="ann")
    word = "x" * 16_000
    for turn in range(1, MAX_SHARED_BYTES // 16_000 + 1):
        assert (await relay.commit(turn, f"add {word}"))["type"] == "committed"
    error = await relay.commit(turn + 1, f"add {word}")
    assert (error["code"], error["retryable"]) == ("message_too_large", False)
    assert (await relay.commit(turn + 1, "hello"))["type"] == "committed"


async def test_one_who_was_forgotten_has_left_nothing_and_was_given_all(
    relay: RawRelay, store: SqlStore, database: str, serve: Any
) -> None:
    assistant = serve.server._services.assistants["errands"]
    assistant.gate.clear()
    await relay.open(user="ann")
    await relay.commit(1, "add xylophone")
    await relay.commit(2, "send xylophone-letter")
    await relay.ask(type="summarize", session="s-1", id="sum-1")
    await relay.open("s-2", user="bob")
    await relay.commit(1, "add marimba", session="s-2")

    export = await store.export_user("ann")
    assert export is not None
    document = json.loads(to_json(export))
    assert document["shared"] == {"common": {"words": ["xylophone"], "reminders": []}}
    assert document["sessions"][0]["summary"]["key_points"] == ["add xylophone", "send xylophone-letter"]
    (waiting,) = document["outgoing"]
    assert (waiting["assistant"], waiting["body"]) == ("errands", {"word": "xylophone-letter"})

    assert await store.forget_user("ann")
    assert "xylophone" not in await everything_in(database)
    assistant.gate.set()
    assert await shared(database) == {"bob": ["marimba"]}
