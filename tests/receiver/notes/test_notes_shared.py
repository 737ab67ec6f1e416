"""One notebook, several sessions: what comes together, what came due meanwhile, and nothing of one harms another's."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.client_messages import PastTurn
from receiver.assistants.notes import NotesAssistant, state
from receiver.assistants.notes.due import due
from receiver.assistants.notes.merging import merge
from receiver.assistants.notes.state import LISTS, empty_notebook, items_of, size_of
from tests.receiver.notes.call import SATURDAY_NOON, Call
from tests.receiver.notes.test_notes_state import add, item

TEXTS = st.text("abc ", min_size=1, max_size=6)
BOOKS = st.lists(st.tuples(st.sampled_from(sorted(LISTS)), TEXTS), max_size=12)


def share(call: Call, notebook: Any) -> None:
    """`call`'s session sees this notebook from now on."""
    call.state = dict(call.state) | {"notes": copy.deepcopy(notebook)}


def book(items: list[tuple[str, str]]) -> Any:
    effects = [add(item(kind, number, text)) for number, (kind, text) in enumerate(items, start=1)]
    return state.apply(state.empty_state(), effects)["notes"]


def texts(notebook: Any, name: str) -> list[str]:
    return [one["text"] for one in notebook[name]]


# What an anonymous session brings


@settings(max_examples=100, deadline=None)
@given(BOOKS, BOOKS)
def test_all_of_both_is_there_afterwards_each_under_an_id_of_its_own(
    kept_items: list[tuple[str, str]], brought_items: list[tuple[str, str]]
) -> None:
    kept, brought = book(kept_items), book(brought_items)
    before = copy.deepcopy((kept, brought))
    merged = merge(kept, brought)
    assert (kept, brought) == before, "merging is pure"
    assert json.loads(json.dumps(merged)) == merged
    for name in LISTS.values():
        assert sorted(texts(merged, name)) == sorted(texts(kept, name) + texts(brought, name))
    ids = [one["id"] for name in LISTS.values() for one in merged[name]]
    assert len(ids) == len(set(ids))
    assert all(state.number_of(one) < merged["next"] for one in ids)
    for name in LISTS.values():
        assert [one for one in kept[name] if one not in merged[name]] == [], "what was there keeps its ids"


def test_somebody_without_notes_simply_has_those_that_came() -> None:
    brought = book([("todo", "milk"), ("note", "it rains")])
    for nothing in (None, {}, empty_notebook()):
        assert merge(nothing, brought) == brought
        assert merge(brought, nothing) == brought


def test_the_bounds_hold_when_notebooks_come_together(monkeypatch: pytest.MonkeyPatch) -> None:
    full = book([("todo", f"{number}") for number in range(990)])
    merged = merge(full, book([("todo", f"more {number}") for number in range(20)]))
    assert len(merged["todos"]) == 1_000
    long = book([("note", f"{number} " + "é" * 490) for number in range(250)])
    assert size_of(long) < 784 * 1024
    both = merge(book([("note", "one"), ("todo", "two")]), long)
    assert size_of(both) <= 384 * 1024
    assert texts(both, "notes")[0] == "one"


async def test_what_is_too_much_for_a_store_is_not_taken_and_that_is_said() -> None:
    call = Call()
    number = 0
    while "no more" not in (answer := await call.say(f"note that {number} " + "é" * 490)):
        number += 1
        assert number < 400
    assert "Delete some first." in answer
    assert "no more" in await call.say("add milk to my list")
    assert size_of(call.shared) < 512 * 1024


def test_nothing_is_made_so_long_that_a_store_would_not_take_it() -> None:
    notebook = book([("note", "é") for _ in range(1_000)])
    longer = [item("note", number, "é" * 500) for number in range(1, 1_001)]
    after = state.apply({"notes": notebook}, [{"do": "replace", "items": [one]} for one in longer])
    assert size_of(after["notes"]) < 512 * 1024


async def test_a_session_whose_items_have_got_other_ids_takes_back_nobody_elses() -> None:
    kept = Call()
    await kept.say("add bread to my list")
    stranger = Call()
    await stranger.say("add milk to my list")
    await stranger.say("add eggs to my list")
    share(stranger, NotesAssistant().merge(kept.shared, stranger.shared))
    assert sorted(stranger.todos) == ["bread", "eggs", "milk"]
    assert "nothing to take back" in await stranger.say("undo")
    assert "don't know what you mean" in await stranger.say("delete that")
    assert sorted(stranger.todos) == ["bread", "eggs", "milk"]
    # From then on it is as ever.
    await stranger.say("add tea to my list")
    await stranger.say("undo")
    assert sorted(stranger.todos) == ["bread", "eggs", "milk"]


async def test_the_users_own_sessions_take_their_changes_back_after_others_came() -> None:
    kept, stranger = Call(), Call()
    await stranger.say("add milk to my list")
    await kept.say("add bread to my list")
    later = NotesAssistant().merge(kept.shared, stranger.shared)
    share(kept, merge(later, book([("todo", "tea")])))
    assert "merges" in later
    await kept.say("delete milk from my list")
    await kept.say("undo")
    assert sorted(kept.todos) == ["bread", "milk", "tea"]


async def test_a_question_that_names_nothing_by_its_id_still_stands() -> None:
    kept, stranger = Call(), Call()
    await kept.say("add bread to my list")
    await stranger.say("add milk to my list")
    assert "When" in await stranger.say("remind me to call mum")
    share(stranger, merge(kept.shared, stranger.shared))
    assert "I'll remind you to call mum tomorrow" in await stranger.say("tomorrow at nine")


async def test_a_change_of_what_another_session_has_taken_out_is_not_brought_back() -> None:
    first, second = Call(), Call()
    await first.say("add milk to my list")
    await first.say("change milk to oat milk")
    share(second, first.shared)
    await second.say("delete oat milk from my list")
    share(first, second.shared)
    assert "not there any more" in await first.say("undo")
    assert first.todos == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["add", "remove", "replace", "undo"])), max_size=14)
)
def test_two_sessions_on_one_notebook_never_give_two_things_one_id(steps: list[tuple[int, str]]) -> None:
    sessions: list[Any] = [state.empty_state(), state.empty_state()]
    shared: Any = sessions[0]["notes"]
    for who, what in steps:
        mine = dict(sessions[who]) | {"notes": shared}
        there = items_of(mine, "todo")
        effect: dict[str, Any] = {"do": "undo", "now": SATURDAY_NOON}
        if what == "add":
            effect = add(item("todo", shared["next"], f"{shared['next']}"))
        elif there and what == "remove":
            effect = {"do": "remove", "ids": [there[0]["id"]]}
        elif there and what == "replace":
            effect = {"do": "replace", "items": [there[-1] | {"text": "changed"}]}
        sessions[who] = state.apply(mine, [effect])
        shared = sessions[who]["notes"]
        ids = [one["id"] for one in shared["todos"]]
        assert len(ids) == len(set(ids))
        assert all(state.number_of(one) < shared["next"] for one in ids)
        assert all(one["text"] in ("changed", str(state.number_of(one["id"]))) for one in shared["todos"])


# What came due since


async def test_what_came_due_is_told_once_before_the_next_answer() -> None:
    call = Call()
    await call.say("remind me at one to call my mum")
    call.at("2026-11-21T13:00:30+00:00")
    assert len(call.due()) == 1
    later = Call("2026-11-22T10:00:00+00:00")
    share(later, call.shared)
    assert await later.say("add milk to my list") == (
        "While you were away, it was time for this: to call your mum, yesterday at one in the afternoon. "
        "I put milk on your list."
    )
    assert "While" not in await later.say("what's on my list")
    assert later.shared["gone"] == []
    # It is the person who has been told, whichever session it was in.
    share(call, later.shared)
    assert "it was time" not in await call.say("hello")


async def test_within_a_call_nobody_was_away() -> None:
    call = Call()
    await call.say("remind me in one minute to take the bread out")
    call.at("2026-11-21T12:01:00+00:00")
    call.due()
    told = await call.say("what time is it")
    assert told.startswith("In the meantime, it was time for this: to take the bread out, today at ")
    assert told.endswith(". It is twelve oh one in the afternoon.")


async def test_of_many_the_latest_five_are_told_and_how_many_more() -> None:
    call = Call()
    for number in range(8):
        await call.say(f"remind me at {1 + number % 8}:{10 + number} pm to do the {'abcdefgh'[number]} thing")
    call.at("2026-11-22T12:00:00+00:00")
    assert len(call.due()) == 8
    told = (await call.say("hello")).split(" Hello")[0]
    assert told.count("thing") == 5
    assert told.endswith("; and three more before that.")
    assert "the a thing" not in told
    assert "it was time" not in await call.say("hello")


async def test_of_very_many_the_number_is_right_and_the_notebook_stays_small() -> None:
    daily = [
        item("reminder", number, "x" * 500, f"2026-11-21T13:{number:02}:00+00:00") for number in range(1, 41)
    ]
    call = Call()
    call.state = state.apply(call.state, [add(*daily)])
    call.at("2026-11-22T12:00:00+00:00")
    assert len(call.due()) == 40
    assert len(call.shared["gone"]) == 20
    assert all(len(one["text"]) <= 200 for one in call.shared["gone"])
    assert "thirty five more before that" in await call.say("hello")
    assert (call.shared["gone"], call.shared["more"]) == ([], 0)


async def test_what_comes_due_while_the_answer_is_thought_out_is_told_with_the_next() -> None:
    call = Call()
    await call.say("remind me at one to eat")
    await call.say("remind me at two to sing")
    call.at("2026-11-21T13:00:00+00:00")
    call.due()
    thought = [
        piece async for piece in call.assistant.think(call.state, call._context(), [call.item("hello")])
    ]
    call.at("2026-11-21T14:00:00+00:00")
    call.due()
    call.state = call.assistant.apply(call.state, [piece for piece in thought if not isinstance(piece, str)])
    assert [one["text"] for one in call.shared["gone"]] == ["sing"]


async def test_somebody_in_need_is_helped_first() -> None:
    call = Call()
    await call.say("remind me at one to eat")
    call.at("2026-11-21T13:00:00+00:00")
    call.due()
    assert "it was time" not in await call.say("I can't breathe")
    assert "it was time" in await call.say("hello")


# What goes out


@pytest.fixture
def records() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as captured:
        yield captured


async def test_what_goes_out_has_a_key_of_its_own_for_each_person_and_time(records: list[Any]) -> None:
    assistant = NotesAssistant()
    call = Call()
    await call.say("remind me at one not to forget the keys")
    call.at("2026-11-21T13:00:00+00:00")
    assert assistant.next_due(call.shared) == call.now
    (one,), after = assistant.due(call.shared, call.now)
    assert one.key == "reminder-1@2026-11-21T13:00:00+00:00"
    assert json.loads(json.dumps(one.body)) == one.body
    assert assistant.next_due(after) is None
    for user in ("ann", "bob", "anné"):
        await assistant.deliver(one.body, call.context_of(user))
    await assistant.deliver(one.body, call.context_of("ann"))
    keys = [record["key"] for record in records]
    assert len(set(keys)) == 3
    assert keys[0] == keys[3]
    assert all(key.isascii() and len(key) <= 200 for key in keys)
    assert "keys" not in str([record | {"key": ""} for record in records])


# The end of a call


async def test_a_summary_names_the_turns_by_their_numbers() -> None:
    turns = [
        PastTurn(turn=0, text="", message="Hello! What can I note or remind you of?"),
        PastTurn(turn=4, text="I will send the report by Friday", message="Shall I put that on your list?"),
        PastTurn(
            turn=7,
            text="remind me at one to eat",
            message="I'll remind you to eat today at one in the afternoon.",
        ),
    ]
    found = await NotesAssistant().summarize(turns, Call()._context())
    assert [(one.kind, one.turn, one.text) for one in found.action_items] == [
        ("promise", 4, "I will send the report by Friday"),
        ("reminder", 7, "remind me at one to eat"),
    ]
    assert found.action_items[0].answer is None
    assert found.action_items[1].answer == "I'll remind you to eat today at one in the afternoon."
    assert found.text.startswith("Two action items: ")


async def test_a_call_in_which_nothing_was_said_has_nothing_open() -> None:
    greeting = PastTurn(turn=0, text="", message="Hello! What can I note or remind you of?")
    found = await NotesAssistant().summarize([greeting], Call()._context())
    assert (found.key_points, found.action_items, found.open_questions) == ([], [], [])


async def test_what_was_told_of_earlier_reminders_is_no_action_item_of_this_call() -> None:
    call = Call()
    await call.say("remind me at one to ask Dr. Smith. About the knee")
    call.at("2026-11-21T13:00:00+00:00")
    found, shared = due(call.shared, call.now)
    assert len(found) == 1
    later = Call("2026-11-22T10:00:00+00:00")
    share(later, shared)
    told = await later.say("remind me tomorrow at nine to run")
    assert told.startswith("While you were away, it was time for this: ")
    summary = await NotesAssistant().summarize(
        [PastTurn(turn=1, text=later.turns[0][0], message=told)], later._context()
    )
    (one,) = summary.action_items
    assert one.text == "remind me tomorrow at nine to run"
    assert (one.answer or "").startswith("I'll remind you to run tomorrow")
    assert "knee" not in summary.text
