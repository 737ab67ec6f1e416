"""Drafts change nothing; a commit is stored once, whatever happens around it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from protocol.framing import encode
from receiver.store.sql_store import SqlStore
from tests.receiver.gated import FailingAssistant, GatedAssistant
from tests.receiver.raw_relay import RawRelay, foods, items


async def drafted(relay: RawRelay, turn: int, *said: str, attempt: int = 1) -> dict[str, Any]:
    """A draft's reply."""
    relay.send(type="draft", session="s-1", turn=turn, attempt=attempt, items=items(*said))
    return await relay.until("reply")


@pytest.fixture
async def gated(serve: Any, connect: Any) -> tuple[RawRelay, GatedAssistant]:
    assistant = GatedAssistant()
    relay: RawRelay = await connect(await serve(assistant="gated", more={"gated": assistant}))
    await relay.open()
    return relay, assistant


@pytest.fixture
async def failing(serve: Any, connect: Any) -> RawRelay:
    relay: RawRelay = await connect(
        await serve(assistant="failing", more={"failing": FailingAssistant()}, answer_seconds=0.2)
    )
    await relay.open()
    return relay


async def test_a_draft_changes_nothing(relay: RawRelay) -> None:
    await relay.open()
    reply = await drafted(relay, 1, "two eggs")
    assert "two eggs" in reply["text"]
    assert reply["plan"]
    again = await relay.open()
    assert again["next_turn"] == 1
    assert foods(again["diary"]) == []


async def test_a_drafts_deltas_join_to_its_reply(gated: Any) -> None:
    relay, assistant = gated
    relay.send(type="draft", session="s-1", turn=1, attempt=3, items=items("hi"))
    first = await relay.receive()
    assert first == {"type": "delta", "session": "s-1", "turn": 1, "attempt": 3, "text": "thinking: "}
    assistant.gate.set()
    second, reply = await relay.receive(), await relay.receive()
    assert first["text"] + second["text"] == reply["text"] == "thinking: hi (1)"
    assert (reply["type"], reply["attempt"]) == ("reply", 3)


async def test_the_plan_that_comes_back_is_what_is_stored(gated: Any, store: SqlStore) -> None:
    relay, assistant = gated
    assistant.gate.set()
    reply = await drafted(relay, 1, "hi")
    committed = await relay.commit(1, "hi", attempt=1, plan=reply["plan"])
    assert committed["text"] == reply["text"]
    assert assistant.thoughts == 1
    assert (await store.read_session("s-1")).state["heard"] == ["hi"]


async def test_a_plan_holds_on_a_receiver_that_never_saw_the_draft(
    serve: Any, connect: Any, database: str
) -> None:
    first, second = GatedAssistant(), GatedAssistant()
    first.gate.set()
    second.gate.set()
    one = await connect(await serve(assistant="gated", more={"gated": first}))
    await one.open()
    reply = await drafted(one, 1, "hi")
    other_store = await SqlStore.open(database)
    try:
        two = await connect(await serve(assistant="gated", more={"gated": second}, on=other_store))
        assert two.store_id == one.store_id
        opened = await two.open()
        committed = await two.commit(1, "hi", epoch=opened["epoch"], attempt=1, plan=reply["plan"])
    finally:
        await two.close()
        await serve.server.stop()
        await other_store.close()
    assert committed["text"] == reply["text"]
    assert second.thoughts == 0


async def test_a_plan_for_other_words_is_not_applied(relay: RawRelay) -> None:
    await relay.open()
    reply = await drafted(relay, 1, "two eggs")
    committed = await relay.commit(1, "two eggs", "and toast", attempt=1, plan=reply["plan"])
    assert foods(committed["diary"]) == [("breakfast", "eggs", 2.0), ("breakfast", "toast", 1.0)]


async def test_a_plan_for_another_state_is_not_applied(relay: RawRelay) -> None:
    await relay.open()
    await relay.commit(1, "two eggs")
    reply = await drafted(relay, 2, "remove the eggs")
    done = await relay.ask(type="action", session="s-1", id="a-1", name="delete", args={"item": "item-1"})
    assert done["type"] == "action_done"
    committed = await relay.commit(2, "remove the eggs", attempt=1, plan=reply["plan"])
    assert committed["text"].startswith("I have no eggs written down.")


@pytest.mark.parametrize(
    "harm", [b"", b"rubbish", b"flipped", b"another session"], ids=lambda harm: harm.decode()
)
async def test_a_plan_that_this_store_did_not_seal_means_thinking_again(relay: RawRelay, harm: bytes) -> None:
    await relay.open()
    plan = (await drafted(relay, 1, "two eggs"))["plan"]
    if harm == b"flipped":
        plan = plan[:-1] + bytes([plan[-1] ^ 1])
    elif harm == b"another session":
        await relay.open("s-2")
        relay.send(type="draft", session="s-2", turn=1, attempt=1, items=items("ten eggs"))
        plan = (await relay.until("reply"))["plan"]
    else:
        plan = harm
    committed = await relay.commit(1, "two eggs", attempt=1, plan=plan)
    assert foods(committed["diary"]) == [("breakfast", "eggs", 2.0)]


async def test_a_commit_during_its_draft_waits_for_it_and_does_not_think_twice(gated: Any) -> None:
    relay, assistant = gated
    relay.send(type="draft", session="s-1", turn=1, attempt=1, items=items("hi"))
    await relay.until("delta")
    relay.send(type="commit", session="s-1", epoch=1, turn=1, attempt=1, items=items("hi"))
    await asyncio.sleep(0.02)
    assistant.gate.set()
    committed = await relay.until("committed")
    assert committed["text"] == "thinking: hi (1)"
    assert assistant.thoughts == 1


async def test_a_commit_of_other_words_cancels_the_draft(gated: Any) -> None:
    relay, assistant = gated
    relay.send(type="draft", session="s-1", turn=1, attempt=1, items=items("hi"))
    await relay.until("delta")
    relay.send(type="commit", session="s-1", epoch=1, turn=1, items=items("hi", "there"))
    # What a commit thinks anew bears no attempt, so that it is not taken for more of the draft.
    assert await relay.until("delta") == {"type": "delta", "session": "s-1", "turn": 1, "text": "thinking: "}
    assistant.gate.set()
    assert (await relay.until("committed"))["text"] == "thinking: hi there (2)"
    assert assistant.cancelled == 1


async def test_discard_stops_the_thinking(gated: Any) -> None:
    relay, assistant = gated
    relay.send(type="draft", session="s-1", turn=1, attempt=1, items=items("hi"))
    await relay.until("delta")
    relay.send(
        type="discard", session="s-1", turn=1, attempt=2
    )  # another attempt: nothing to do with this one
    relay.send(type="discard", session="s-1", turn=1, attempt=1)
    relay.send(type="draft", session="s-1", turn=1, attempt=2, items=items("hi there"))
    await relay.until("delta", attempt=2)
    assistant.gate.set()
    reply = await relay.until("reply")
    assert (reply["attempt"], reply["text"]) == (2, "thinking: hi there (2)")
    assert assistant.cancelled == 1


async def test_a_discard_right_behind_its_draft_stops_it_too(gated: Any) -> None:
    relay, assistant = gated
    message = {"session": "s-1", "turn": 1, "attempt": 1}
    relay.send_bytes(
        encode({"type": "draft", "items": items("hi"), **message}) + encode({"type": "discard", **message})
    )
    await relay.ask(type="ping")
    assistant.gate.set()
    assert (await relay.commit(1, "hi"))["text"].startswith("thinking: hi")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await relay.until("reply")


async def test_a_newer_draft_cancels_the_older(gated: Any) -> None:
    relay, assistant = gated
    for attempt in (1, 2):
        relay.send(type="draft", session="s-1", turn=1, attempt=attempt, items=items("hi"))
        await relay.until("delta", attempt=attempt)
    assistant.gate.set()
    assert (await relay.until("reply"))["attempt"] == 2
    assert assistant.cancelled == 1


async def test_a_repeated_commit_gets_the_stored_answer_whatever_the_epoch(relay: RawRelay) -> None:
    await relay.open()
    first = await relay.commit(1, "two eggs and toast")
    assert await relay.commit(1, "two eggs and toast") == first
    await relay.open()
    assert await relay.commit(1, "two eggs and toast", epoch=1) == first
    assert await relay.commit(1, "two eggs and toast", epoch=2) == first
    await relay.commit(2, "coffee", epoch=2)
    late = await relay.commit(1, "two eggs and toast", epoch=1)
    assert late["text"].encode() == first["text"].encode()
    assert len(foods(late["diary"])) == 3


async def test_the_same_turn_with_other_words_is_a_conflict(relay: RawRelay) -> None:
    await relay.open()
    await relay.commit(1, "two eggs")
    conflict = await relay.commit(1, "three eggs")
    assert (conflict["code"], conflict["turn"], conflict["epoch"]) == ("turn_conflict", 1, 1)
    assert (await relay.commit(0, "three eggs"))["code"] == "turn_conflict"
    assert foods((await relay.open())["diary"]) == [("breakfast", "eggs", 2.0)]


async def test_an_older_epoch_cannot_write(serve: Any, connect: Any) -> None:
    address = await serve()
    old, new = await connect(address), await connect(address)
    await old.open()
    await new.open()
    moved = await old.commit(1, "two eggs", epoch=1)
    assert (moved["code"], moved["retryable"]) == ("session_moved", False)
    assert (await new.commit(1, "toast", epoch=2))["type"] == "committed"
    assert (await old.commit(1, "two eggs", epoch=1))["code"] == "turn_conflict"
    assert (await old.commit(2, "two eggs", epoch=1))["code"] == "session_moved"
    assert foods((await new.open())["diary"]) == [("breakfast", "toast", 1.0)]


async def test_a_turn_or_an_epoch_from_the_future_is_malformed(relay: RawRelay) -> None:
    await relay.open()
    assert (await relay.commit(2, "two eggs"))["code"] == "malformed_message"
    assert (await relay.commit(1, "two eggs", epoch=7))["code"] == "malformed_message"
    assert (await relay.draft(5, "two eggs"))["code"] == "malformed_message"
    assert (await relay.commit(1, "two eggs"))["type"] == "committed"
    assert (await relay.draft(1, "two eggs"))["code"] == "turn_conflict"


async def test_the_same_commit_on_two_links_at_once_is_written_once(serve: Any, connect: Any) -> None:
    address = await serve()
    links = [await connect(address) for _ in range(2)]
    for turn in range(1, 11):
        epoch = max([(await link.open())["epoch"] for link in links])
        answers = await asyncio.gather(*(link.commit(turn, "one egg", epoch=epoch) for link in links))
        assert [answer["type"] for answer in answers] == ["committed", "committed"], answers
        assert answers[0]["text"] == answers[1]["text"]
    assert len(foods((await links[0].open())["diary"])) == 10


async def test_an_action_between_the_thinking_and_the_write_is_not_lost(gated: Any, store: SqlStore) -> None:
    relay, assistant = gated
    relay.send(type="commit", session="s-1", epoch=1, turn=1, items=items("hi"))
    await relay.until("delta")
    snapshot = await store.read_session("s-1")
    await store.apply_action(snapshot, "a-1", {"heard": ["by hand"]}, "2026-11-21T08:00:00Z")
    assistant.gate.set()
    assert (await relay.until("committed"))["text"] == "thinking: hi (2)"
    assert (await store.read_session("s-1")).state["heard"] == ["by hand", "hi"]


async def test_a_lost_link_ends_the_draft_but_not_the_commit(
    gated: Any, connect: Any, store: SqlStore
) -> None:
    relay, assistant = gated
    await relay.open("s-2")
    relay.send(type="draft", session="s-2", turn=1, attempt=1, items=items("draft"))
    relay.send(type="commit", session="s-1", epoch=1, turn=1, items=items("commit"))
    await relay.until("delta", session="s-1")
    await relay.until("delta", session="s-2")
    await relay.close()
    async with asyncio.timeout(30):
        while not assistant.cancelled:
            await asyncio.sleep(0.01)
        assistant.gate.set()
        while await store.read_turn("s-1", 1) is None:
            await asyncio.sleep(0.01)
    assert await store.read_turn("s-2", 1) is None


async def test_no_conversation_waits_for_another(gated: Any) -> None:
    relay, assistant = gated
    await relay.open("s-echo", assistant="echo")
    relay.send(type="commit", session="s-1", epoch=1, turn=1, items=items("slow"))
    await relay.until("delta")
    assert (await relay.commit(1, "quick", session="s-echo"))["text"] == "You said: quick"
    assistant.gate.set()
    assert (await relay.until("committed"))["session"] == "s-1"


@pytest.mark.parametrize("way", ["bug", "refuse", "silence", "hang"])
async def test_a_failing_assistant_stores_nothing_and_says_so(failing: RawRelay, way: str) -> None:
    error = await failing.commit(1, way, attempt=None)
    assert (error["code"], error["retryable"], error["turn"], error["epoch"]) == ("answer_failed", True, 1, 1)
    assert "secret" not in error["message"]
    assert (await failing.draft(1, way))["attempt"] == 1
    assert (await failing.commit(1, "well"))["text"] == "fine"


async def test_an_endless_answer_is_cut_or_given_up(failing: RawRelay) -> None:
    assert len((await failing.commit(1, "long"))["text"]) == 16_384
    assert (await failing.commit(2, "endless"))["code"] == "answer_failed"


async def test_a_plan_that_is_too_long_is_left_out_and_the_draft_is_used_all_the_same(
    failing: RawRelay,
) -> None:
    reply = await drafted(failing, 1, "big plan")
    assert "plan" not in reply
    assert (await failing.commit(1, "big plan", attempt=1))["text"] == "fine"


async def test_a_turn_without_words_or_with_a_bad_time_is_malformed(relay: RawRelay) -> None:
    await relay.open()
    assert (await relay.commit(1, "  "))["code"] == "malformed_message"
    for time in ("half past nine", "", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"):
        bad = [{"text": "two eggs", "timestamp": time}]
        error = await relay.ask(type="commit", session="s-1", epoch=1, turn=1, items=bad)
        assert (error["code"], error["turn"]) == ("malformed_message", 1)
    long = [{"text": "x" * 16_000, "timestamp": "2026-11-21T08:00:00Z"}] * 2
    error = await relay.ask(type="commit", session="s-1", epoch=1, turn=1, items=long)
    assert error["code"] == "message_too_large"
    assert (await relay.commit(1, "two eggs"))["type"] == "committed"


async def test_the_time_of_a_turn_is_when_it_was_said(relay: RawRelay) -> None:
    await relay.open(timezone="America/New_York")
    # 03:30 UTC is still the evening before in New York: it was dinner, and the day before.
    said = items("pizza", at="2026-11-21T03:30:00.000Z")
    committed = await relay.ask(type="commit", session="s-1", epoch=1, turn=1, items=said)
    assert committed["diary"]["date"] == "2026-11-20"
    assert foods(committed["diary"]) == [("snack", "pizza", 1.0)]


async def test_an_action_is_done_once(relay: RawRelay, tmp_path: Path) -> None:
    await relay.open()
    await relay.commit(1, "two eggs and toast")
    edit = {
        "type": "action",
        "session": "s-1",
        "id": "a-1",
        "name": "edit",
        "args": {"item": "item-1", "quantity": 3},
    }
    done = await relay.ask(**edit)
    assert (done["type"], done["id"]) == ("action_done", "a-1")
    assert foods(done["diary"])[0] == ("breakfast", "eggs", 3.0)
    delete = edit | {"id": "a-2", "name": "delete", "args": {"item": "item-2"}}
    assert foods((await relay.ask(**delete))["diary"]) == [("breakfast", "eggs", 3.0)]
    assert (await relay.ask(**delete))["type"] == "action_done"  # its item is gone, and that is no error
    undo = edit | {"id": "a-3", "name": "undo", "args": {}}
    for _ in range(3):
        assert len(foods((await relay.ask(**undo))["diary"])) == 2
    assert (await relay.ask(**edit | {"id": "a-4", "name": "dance"}))["code"] == "unsupported"
    assert (await relay.ask(**edit | {"id": "a-5", "args": {"item": "item-9"}}))[
        "code"
    ] == "malformed_message"
    for quantity in (0, -1, float("nan"), float("inf"), "2", True, None):
        error = await relay.ask(**edit | {"id": "a-6", "args": {"item": "item-1", "quantity": quantity}})
        assert (error["code"], error["id"]) == ("malformed_message", "a-6")
