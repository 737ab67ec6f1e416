"""What should be in no database is told, and told again, but never stored; credentials stay in memory."""

from __future__ import annotations

import asyncio
from typing import Any

import msgpack
import pytest

from receiver.kept_answers import WholeAnswers
from receiver.plan import Thought, seal, unseal
from receiver.store.sql_store import SqlStore
from tests.receiver.errands import ErrandAssistant, until
from tests.receiver.raw_relay import RawRelay, items
from tests.receiver.stored import everything_in

KEPT = "I told you your balance."
SECRET = "up:yeah:xylophone"


@pytest.fixture
def database(either_database: str) -> str:
    return either_database


@pytest.fixture
async def assistant() -> ErrandAssistant:
    return ErrandAssistant()


@pytest.fixture
async def relay(serve: Any, connect: Any, assistant: ErrandAssistant) -> RawRelay:
    relay: RawRelay = await connect(await serve(assistant="errands", more={"errands": assistant}))
    return relay


async def balance(relay: RawRelay, **fields: Any) -> dict[str, Any]:
    return await relay.commit(1, "balance", **fields)


async def planned(relay: RawRelay) -> dict[str, Any]:
    relay.send(type="draft", session="s-1", turn=1, attempt=1, items=items("balance"))
    return await relay.until("reply")


async def test_an_amount_is_told_and_found_in_no_database(
    relay: RawRelay, store: SqlStore, database: str
) -> None:
    await relay.open()
    relay.send(type="commit", session="s-1", epoch=1, turn=1, items=items("balance"))
    told = [await relay.receive() for _ in range(3)]
    assert [message["text"] for message in told] == ["You have ", "101 dollars.", "You have 101 dollars."]
    assert told[-1]["type"] == "committed"
    stored = await store.read_turn("s-1", 1)
    assert stored is not None
    assert stored.answer == KEPT
    assert "101 dollars" not in await everything_in(database)


async def test_an_assistant_is_shown_what_was_kept_and_so_is_the_page(relay: RawRelay) -> None:
    await relay.open()
    await balance(relay)
    assert (await relay.commit(2, "repeat"))["text"] == KEPT
    assert [turn["message"] for turn in (await relay.open())["history"]] == [KEPT, KEPT]


async def test_a_heard_mark_does_not_pass_the_end_of_what_is_stored(relay: RawRelay, store: SqlStore) -> None:
    await relay.open()
    await balance(relay)
    relay.send(type="heard", session="s-1", turn=1, chars=10_000)

    async def marked() -> bool:
        stored = await store.read_turn("s-1", 1)
        return stored is not None and stored.heard == len(KEPT)

    await until(marked)


async def test_who_lost_the_link_is_told_the_same_amount_again(relay: RawRelay) -> None:
    await relay.open()
    first = await balance(relay)
    assert first["text"] == "You have 101 dollars."
    assert await balance(relay) == first
    opened = await relay.open()
    assert await balance(relay, epoch=opened["epoch"]) == first


async def test_another_receiver_tells_the_amount_from_the_plan_and_else_what_was_kept(
    relay: RawRelay, serve: Any, connect: Any
) -> None:
    await relay.open()
    reply = await planned(relay)
    first = await balance(relay, attempt=1, plan=reply["plan"])
    assert first["text"] == reply["text"] == "You have 101 dollars."
    other = await connect(await serve(assistant="errands", more={"errands": ErrandAssistant()}))
    opened = await other.open()
    assert (await balance(other, epoch=opened["epoch"], plan=reply["plan"]))["text"] == first["text"]
    assert (await balance(other, epoch=opened["epoch"]))["text"] == KEPT


async def test_a_plan_of_another_turn_tells_nothing_of_this_one(
    relay: RawRelay, serve: Any, connect: Any
) -> None:
    await relay.open()
    await relay.open("s-2")
    relay.send(type="draft", session="s-2", turn=1, attempt=1, items=items("balance"))
    others = (await relay.until("reply"))["plan"]
    await balance(relay)
    other = await connect(await serve(assistant="errands", more={"errands": ErrandAssistant()}))
    opened = await other.open()
    for plan in (others, b"rubbish", others[:-1] + bytes([others[-1] ^ 1])):
        assert (await balance(other, epoch=opened["epoch"], plan=plan))["text"] == KEPT


async def test_an_answer_that_began_anew_is_kept_whole(relay: RawRelay, store: SqlStore) -> None:
    await relay.open()
    assert (await relay.commit(1, "start over"))["text"] == "Let us start over."
    stored = await store.read_turn("s-1", 1)
    assert stored is not None
    assert stored.answer == "Let us start over."


def test_a_plan_of_an_older_receiver_is_no_plan_and_no_crash() -> None:
    import hmac

    key = b"k" * 32
    body = msgpack.packb([b"d" * 32, 7, "Noted.", []])
    assert unseal(key, hmac.digest(key, body, "sha256") + body) is None
    thought = Thought(b"d" * 32, 7, "You have 5 dollars.", [], KEPT)
    plan = seal(key, thought)
    assert plan is not None
    assert unseal(key, plan) == thought


async def test_whole_answers_are_let_go_in_time_and_number() -> None:
    now = 0.0
    answers = WholeAnswers(seconds=0.02, most=3, clock=lambda: now)
    for turn in range(1, 6):
        answers.add("s-1", turn, "balance", KEPT, f"{turn} dollars")
    assert [answers.find("s-1", turn, "balance", KEPT) for turn in range(1, 6)] == [
        None, None, "3 dollars", "4 dollars", "5 dollars",
    ]  # fmt: skip
    assert answers.find("s-1", 5, "other words", KEPT) is None
    assert answers.find("s-1", 5, "balance", "something else that was kept") is None
    now = 0.03
    assert answers.find("s-1", 5, "balance", KEPT) is None
    # Also where nobody asks any more.
    await until(lambda: len(answers) == 0)


# Credentials


async def test_credentials_reach_the_assistant_and_no_database(relay: RawRelay, database: str) -> None:
    await relay.open(user="ann", credentials={"bank": SECRET})
    assert (await relay.commit(1, "credentials"))["text"] == "ann: ['bank']"
    relay.send(type="draft", session="s-1", turn=2, attempt=1, items=items("credentials"))
    plan = (await relay.until("reply"))["plan"]
    assert SECRET.encode() not in plan
    assert SECRET not in await everything_in(database)


async def test_another_user_on_the_same_link_has_none_of_them(relay: RawRelay) -> None:
    await relay.open(user="ann", credentials={"bank": SECRET})
    await relay.open("s-2", user="bob")
    assert (await relay.commit(1, "credentials", session="s-2"))["text"] == "bob: []"
    # Nor does an `open` without any keep those of the one before.
    opened = await relay.open(user="ann")
    assert (await relay.commit(1, "credentials", epoch=opened["epoch"]))["text"] == "ann: []"


async def test_who_is_nobody_in_particular_has_an_id_all_the_same(relay: RawRelay) -> None:
    await relay.open()
    assert (await relay.commit(1, "credentials"))["text"] == "session:s-1: []"


@pytest.mark.parametrize("end", ["close", "lost", "opened again"])
async def test_credentials_are_let_go_of_with_the_session(relay: RawRelay, serve: Any, end: str) -> None:
    known = serve.server._services.open_sessions
    await relay.open(user="ann", credentials={"bank": SECRET})
    assert known.credentials("ann")["bank"].get_secret_value() == SECRET
    assert SECRET not in repr(known.credentials("ann"))
    if end == "close":
        relay.send(type="close", session="s-1")
    elif end == "lost":
        await relay.close()
    else:
        await relay.open(user="ann")
    await until(lambda: not known.credentials("ann"))
    assert known._of_user == {}


async def test_an_open_that_outlives_its_link_leaves_no_credentials(
    relay: RawRelay, serve: Any, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, gone = asyncio.Event(), asyncio.Event()
    through = store.open_session

    async def slow(request: Any) -> Any:
        opening.set()
        await gone.wait()
        return await through(request)

    monkeypatch.setattr(store, "open_session", slow)
    server = serve.server
    relay.send(type="open", session="s-1", user="ann", credentials={"bank": SECRET})
    await opening.wait()
    await relay.close()
    await until(lambda: not server._links)
    gone.set()
    await until(lambda: not server._durable)
    assert server._services.open_sessions._of_user == {}
