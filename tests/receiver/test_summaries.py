"""A conversation is summed up once, and again only when there is more of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from protocol.client_messages import PastTurn
from protocol.link_messages import Summary
from receiver import summing_up
from receiver.assistants.assistant import Context
from receiver.store import StoredSummary
from receiver.store.sql_store import SqlStore
from tests.receiver.errands import ErrandAssistant, until
from tests.receiver.raw_relay import RawRelay
from tests.receiver.stored import NOW, opened, rows
from tests.relay.loop_clock import LoopClock


@pytest.fixture
def database(either_database: str) -> str:
    return either_database


@pytest.fixture
async def relay(serve: Any, connect: Any) -> RawRelay:
    address = await serve(assistant="errands", more={"errands": ErrandAssistant()})
    relay: RawRelay = await connect(address)
    await relay.open()
    return relay


async def summed_up(relay: RawRelay, **fields: Any) -> dict[str, Any]:
    return await relay.ask(type="summarize", session="s-1", id="sum-1", **fields)


async def test_asked_again_it_is_the_same_until_there_are_new_turns(relay: RawRelay, database: str) -> None:
    await relay.commit(1, "hello")
    await relay.commit(2, "balance")
    first = await summed_up(relay)
    assert first == {
        "type": "summarized", "session": "s-1", "id": "sum-1",
        "summary": {
            "key_points": ["hello", "balance"], "action_items": [], "open_questions": [],
            "text": "Summary 1: I see. I told you your balance.",
        },
    }  # fmt: skip
    assert await summed_up(relay) == first
    await relay.commit(3, "bye")
    again = await summed_up(relay)
    assert again["summary"]["text"] == "Summary 2: I see. I told you your balance. I see."
    assert await rows(database, "SELECT turns FROM summaries") == [(4,)]


async def test_another_receiver_gives_the_summary_that_is_kept(
    relay: RawRelay, serve: Any, connect: Any
) -> None:
    await relay.commit(1, "hello")
    first = await summed_up(relay)
    other = ErrandAssistant()
    second = await connect(await serve(assistant="errands", more={"errands": other}))
    await second.open()
    assert await summed_up(second) == first
    assert other.summed_up == 0


async def test_where_nothing_was_said_there_is_nothing_to_sum_up(relay: RawRelay) -> None:
    error = await summed_up(relay)
    assert (error["code"], error["id"], error["retryable"]) == ("unsupported", "sum-1", False)


async def test_an_assistant_that_sums_nothing_up_says_so(relay: RawRelay) -> None:
    await relay.open("s-2", assistant="echo")
    await relay.commit(1, "hello", session="s-2")
    error = await relay.ask(type="summarize", session="s-2", id="sum-1")
    assert (error["code"], error["session"]) == ("unsupported", "s-2")


async def test_a_session_that_is_not_open_has_no_summary(relay: RawRelay) -> None:
    error = await relay.ask(type="summarize", session="s-9", id="sum-1")
    assert error["code"] == "session_not_open"


async def test_the_summary_of_a_very_long_conversation_is_bounded(
    relay: RawRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summing_up, "MAX_TURNS", 2)
    for turn in range(1, 5):
        await relay.commit(turn, f"word-{turn}")
    assert (await summed_up(relay))["summary"]["key_points"] == ["word-3", "word-4"]


async def test_of_two_summaries_at_once_the_one_with_more_in_it_stays(store: SqlStore) -> None:
    await opened(store)
    longer, shorter = StoredSummary(3, "{}"), StoredSummary(2, '{"text":"old"}')
    assert await store.keep_summary("s-1", longer, NOW) == longer
    assert await store.keep_summary("s-1", shorter, NOW) == longer
    assert await store.keep_summary("s-1", StoredSummary(3, '{"text":"late"}'), NOW) == longer
    assert await store.read_summary("s-1") == longer


class SlowAssistant(ErrandAssistant):
    """Sums up when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Event()
        self.asked = 0

    async def summarize(self, turns: Sequence[PastTurn], context: Context) -> Summary:
        self.asked += 1
        await self.let.wait()
        return await super().summarize(turns, context)


async def test_who_asks_while_a_summary_is_being_made_waits_for_that_one(serve: Any, connect: Any) -> None:
    slow = SlowAssistant()
    address = await serve(assistant="errands", more={"errands": slow})
    first: RawRelay = await connect(address)
    await first.open()
    await first.commit(1, "hello")
    # As a relay does that has lost its link while it waited.
    second: RawRelay = await connect(address)
    await second.open()
    for relay in (first, second):
        relay.send(type="summarize", session="s-1", id="sum-1")
    await until(lambda: slow.asked)
    slow.let.set()
    told = [await relay.until("summarized") for relay in (first, second)]
    assert told[0] == told[1]
    assert slow.asked == 1


async def test_an_assistant_that_takes_too_long_is_asked_again_and_holds_nobody_up(
    serve: Any, connect: Any, database: str
) -> None:
    slow = SlowAssistant()
    relay: RawRelay = await connect(await serve(assistant="errands", more={"errands": slow}))
    await relay.open()
    await relay.commit(1, "hello")
    clock = LoopClock()
    asking = asyncio.create_task(summed_up(relay))
    await until(lambda: slow.asked)
    await clock.put_forward(summing_up.SUMMARY_SECONDS)
    error = await asking
    assert (error["code"], error["id"], error["retryable"]) == ("answer_failed", "sum-1", True)
    assert await rows(database, "SELECT turns FROM summaries") == []
    slow.let.set()
    assert (await summed_up(relay))["type"] == "summarized"


async def test_a_summary_that_a_dying_receiver_was_making_is_made_by_the_next_one(
    serve: Any, connect: Any, database: str
) -> None:
    slow = SlowAssistant()
    relay: RawRelay = await connect(await serve(assistant="errands", more={"errands": slow}))
    server = serve.server
    await relay.open()
    await relay.commit(1, "hello")
    relay.send(type="summarize", session="s-1", id="sum-1")
    await until(lambda: slow.asked)
    await server.stop()
    assert await rows(database, "SELECT turns FROM summaries") == []
    other = ErrandAssistant()
    second: RawRelay = await connect(await serve(assistant="errands", more={"errands": other}))
    await second.open(again=True)
    assert (await summed_up(second))["summary"]["key_points"] == ["hello"]
    assert other.summed_up == 1
