"""Effects on reminders, to-dos and notes: each can be taken back, none is done twice, all is bounded."""

from __future__ import annotations

import copy
import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.assistants.notes.state import (
    LIMITS,
    LISTS,
    MAX_TEXT_CHARS,
    MAX_UNDO,
    apply,
    empty_state,
    items_of,
)
from tests.receiver.notes.call import Call

NOW = "2026-11-21T12:00:00+00:00"


def item(kind: str, number: int, text: str = "milk", at: str = "2026-12-01T09:00:00+00:00") -> dict[str, Any]:
    base = {"id": f"{kind}-{number}", "text": text, "made": NOW}
    if kind == "reminder":
        return base | {"how": "to", "at": at, "zone": "UTC", "repeat": None, "time": None, "from": None}
    return base | ({"done": None} if kind == "todo" else {})


def add(*items: dict[str, Any], now: str = NOW) -> dict[str, Any]:
    return {"do": "add", "items": list(items), "now": now}


kinds = st.sampled_from(sorted(LISTS))
ids = st.builds("{}-{}".format, kinds, st.integers(1, 9))
changes = st.one_of(
    st.builds(lambda kind, number, text: add(item(kind, number, text)), kinds, st.integers(1, 9), st.text(max_size=5)),
    st.builds(lambda gone: {"do": "remove", "ids": gone}, st.lists(ids, max_size=3)),
    st.builds(
        lambda kind, number, text: {"do": "replace", "items": [item(kind, number, text)]},
        kinds, st.integers(1, 9), st.text(max_size=5),
    ),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(changes, max_size=8), st.lists(changes, min_size=1, max_size=4))
def test_one_undo_takes_back_all_of_a_turn(before: list[dict[str, Any]], turn: list[dict[str, Any]]) -> None:
    state = apply(empty_state(), before)
    untouched = copy.deepcopy(state)
    after = apply(state, turn)
    assert state == untouched, "apply is pure"
    assert json.loads(json.dumps(after)) == after, "the state is JSON"
    undone = apply(after, [{"do": "undo", "now": NOW}]) if len(after["undo"]) > len(state["undo"]) else after
    for name in LISTS.values():
        assert undone["notes"][name] == state["notes"][name]


def test_the_same_effects_again_add_nothing() -> None:
    effects = [add(item("todo", 1)), add(item("reminder", 2)), add(item("note", 3))]
    once = apply(empty_state(), effects)
    assert apply(once, effects)["notes"] == once["notes"]


@pytest.mark.parametrize("kind", sorted(LISTS))
def test_the_bound_holds_and_what_is_spent_makes_room(kind: str) -> None:
    limit = LIMITS[kind]
    state = apply(empty_state(), [add(*(item(kind, number) for number in range(1, limit + 1)))])
    more = add(item(kind, limit + 1, "one more"))
    assert len(items_of(apply(state, [more]), kind)) == limit
    assert items_of(apply(state, [more]), kind)[-1]["text"] == "milk"
    if kind == "note":
        return
    spent = item(kind, 5, at="2026-11-20T09:00:00+00:00") | ({"done": NOW} if kind == "todo" else {})
    state = apply(state, [{"do": "replace", "items": [spent]}, more])
    assert len(items_of(state, kind)) == limit
    assert {"one more"} <= {one["text"] for one in items_of(state, kind)}
    assert f"{kind}-5" not in {one["id"] for one in items_of(state, kind)}


@pytest.mark.parametrize(
    ("kind", "said", "told"),
    [
        ("reminder", "remind me tomorrow at nine to call", "You have 500 reminders, and I can keep no more."),
        ("todo", "add milk shake to my list", "You have 1000 things on your list, and I can keep no more."),
        ("note", "note that it rains", "You have 1000 notes, and I can keep no more."),
    ],
)
async def test_at_the_bound_it_is_said(kind: str, said: str, told: str) -> None:
    call = Call()
    call.state = apply(call.state, [add(*(item(kind, number) for number in range(1, LIMITS[kind] + 1)))])
    assert told in await call.say(said)
    assert len(items_of(call.state, kind)) == LIMITS[kind]


async def test_a_long_text_is_cut_and_that_is_said() -> None:
    call = Call()
    answer = await call.say("note that " + "the sea is blue " * 60)
    assert "I kept the first 500 characters" in answer
    assert len(call.notes[0]) == MAX_TEXT_CHARS


def test_undo_is_bounded() -> None:
    state: Any = empty_state()
    for number in range(1, 3 * MAX_UNDO):
        state = apply(state, [add(item("note", number, "long " * 90))])
    assert 1 <= len(state["undo"]) <= MAX_UNDO


def test_what_repeats_is_put_back_at_its_next_time() -> None:
    daily = item("reminder", 1, at="2026-11-22T09:00:00+00:00") | {
        "repeat": {"unit": "day", "interval": 1, "weekdays": [], "day": None, "nth": None, "month": None},
        "time": "09:00", "from": "2026-11-22", "zone": "Europe/London",
    }  # fmt: skip
    state = apply(apply(empty_state(), [add(daily)]), [{"do": "remove", "ids": ["reminder-1"]}])
    later = "2026-11-25T10:00:00+00:00"
    (back,) = items_of(apply(state, [{"do": "undo", "now": later}]), "reminder")
    assert datetime.fromisoformat(back["at"]) == datetime.fromisoformat("2026-11-26T09:00:00+00:00")


async def test_a_change_cannot_be_taken_back_to_a_time_gone_by() -> None:
    call = Call()
    await call.say("remind me at one to eat")
    await call.say("make that three")
    call.at("2026-11-21T14:00:00+00:00")
    assert "has gone by" in await call.say("undo")
    assert call.reminders == [("eat", "Sat 21 Nov 2026 15:00")]
