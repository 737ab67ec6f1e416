"""Effects of the diary: every change can be taken back, and totals always fit the items."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.diary import Goal
from receiver.assistants.diet.diary import (
    MAX_FOOD_CHARS,
    MAX_ITEMS_A_DAY,
    MAX_UNDO,
    apply,
    empty_state,
    items_of,
    last_days,
    to_diary,
)

TODAY = "2026-11-21"
DAYS = last_days(TODAY, 3)
MEALS = ["breakfast", "lunch", "dinner", "snack"]
FIGURES = ("kcal", "protein_g", "carbs_g", "fat_g")


def item(number: int, kcal: float = 100.0, meal: str = "lunch", food: str = "egg") -> dict[str, Any]:
    return {
        "id": f"item-{number}", "meal": meal, "food": food, "quantity": 1.0, "unit": "", "grams": 50.0,
        "kcal": kcal, "protein_g": 5.0, "carbs_g": 1.0, "fat_g": 2.0, "known": True, "fdc_id": 1,
    }  # fmt: skip


def add(*items: dict[str, Any], date: str = TODAY) -> dict[str, Any]:
    return {"do": "add", "date": date, "items": list(items)}


dates, ids = st.sampled_from(DAYS), st.integers(1, 12).map(lambda number: f"item-{number}")
changes = st.one_of(
    st.builds(
        lambda count, date, meal, kcal: ("add", count, date, meal, kcal),
        st.integers(1, 3), dates, st.sampled_from(MEALS), st.floats(0, 900).map(lambda kcal: round(kcal, 1)),
    ),
    st.builds(lambda date, gone: {"do": "remove", "date": date, "ids": gone}, dates, st.lists(ids, max_size=4)),
    st.builds(
        lambda date, to, meal, moved: {"do": "move", "date": date, "to": to, "meal": meal, "ids": moved},
        dates, dates, st.sampled_from([None, *MEALS]), st.lists(ids, max_size=4),
    ),
    st.builds(
        lambda date, number, kcal: {"do": "replace", "date": date, "item": item(number, kcal)},
        dates, st.integers(1, 12), st.integers(0, 900).map(float),
    ),
    st.builds(
        lambda goal: {"do": "goal", "goal": goal},
        st.one_of(st.none(), st.builds(lambda kcal: {"kcal": kcal}, st.integers(1000, 3000))),
    ),
    st.just({"do": "undo"}),
    st.builds(lambda date: {"do": "show", "date": date, "on": TODAY}, dates),
    st.just({"do": "ask", "asking": "lunch", "on": TODAY, "pending": None}),
)  # fmt: skip
turns = st.lists(st.lists(changes, min_size=1, max_size=3), max_size=12)


def effect_of(change: Any, state: Any) -> dict[str, Any]:
    if not isinstance(change, tuple):
        return dict(change)
    _, count, date, meal, kcal = change
    first = state["diary"]["next_item"]
    return add(*(item(first + index, kcal, meal) for index in range(count)), date=date)


@settings(max_examples=200, deadline=None)
@given(turns)
def test_any_changes_leave_totals_that_fit_and_are_all_taken_back(told: list[list[Any]]) -> None:
    state: Any = empty_state()
    snapshots: list[Any] = []
    for turn in told:
        for change in turn:
            effect = effect_of(change, state)
            before = copy.deepcopy(state)
            after = apply(state, [effect])
            assert state == before, "what came in is not altered"
            json.dumps(after)
            if effect["do"] == "undo":
                if snapshots:
                    assert after["diary"] | {"next_item": 0} == snapshots.pop() | {"next_item": 0}
            elif len(after["undo"]) > len(before["undo"]):
                snapshots.append(before["diary"])
            state = after
            seen = [one["id"] for items in state["diary"]["days"].values() for one in items]
            assert len(seen) == len(set(seen))
            assert all(items for items in state["diary"]["days"].values()), "a day without items is not there"
            for date in DAYS:
                diary = to_diary(state, date, TODAY)
                for figure in FIGURES:
                    total = sum(one[figure] for one in items_of(state, date))
                    assert getattr(diary.totals, figure) == pytest.approx(total, abs=0.06)
                    meals = sum(getattr(meal.totals, figure) for meal in diary.meals)
                    assert meals == pytest.approx(total, abs=0.3)
    while state["undo"]:
        state = apply(state, [{"do": "undo"}])
    assert state["diary"]["days"] == {}
    assert state["diary"]["goal"] is None


def test_what_one_turn_did_is_taken_back_at_once() -> None:
    state = apply(
        empty_state(), [add(item(1)), {"do": "goal", "goal": {"kcal": 2000}}, add(item(2), date=DAYS[0])]
    )
    assert len(state["undo"]) == 1
    assert apply(state, [{"do": "undo"}])["diary"]["days"] == {}


def test_an_item_that_is_put_back_stands_where_it_stood() -> None:
    state = apply(empty_state(), [add(item(1), item(2), item(3))])
    state = apply(state, [{"do": "remove", "date": TODAY, "ids": ["item-2"]}])
    state = apply(state, [{"do": "undo"}])
    assert [one["id"] for one in items_of(state, TODAY)] == ["item-1", "item-2", "item-3"]


def test_an_id_is_never_given_twice() -> None:
    state = apply(empty_state(), [add(item(1), item(2))])
    state = apply(state, [{"do": "undo"}])
    assert state["diary"]["next_item"] == 3


def test_an_item_that_another_session_took_out_is_not_put_right() -> None:
    state = apply(empty_state(), [add(item(1))])
    after = apply(state, [{"do": "replace", "date": TODAY, "item": item(9)}])
    assert after["diary"] == state["diary"]
    assert len(after["undo"]) == 1


def test_the_session_keeps_to_its_bounds() -> None:
    state = empty_state()
    for number in range(1, 400):
        state = dict(apply(state, [add(item(number, food="x" * 500))]))
    assert len(items_of(state, TODAY)) == MAX_ITEMS_A_DAY
    assert all(len(one["food"]) == MAX_FOOD_CHARS for one in items_of(state, TODAY))
    assert len(state["undo"]) == MAX_UNDO
    for day in range(20):
        everything = [one["id"] for one in items_of(state, TODAY)]
        state = dict(apply(state, [{"do": "remove", "date": TODAY, "ids": everything}]))
        first = state["diary"]["next_item"]
        short = [item(first + index, food="a food of some length") for index in range(150)]
        state = dict(apply(state, [add(*short, date=f"2026-10-{day + 1:02}"), add()]))
    session = {key: value for key, value in state.items() if key != "diary"}
    assert len(json.dumps(session)) < 60 * 1024


def test_moving_keeps_each_items_meal_when_it_is_taken_back() -> None:
    state = apply(empty_state(), [add(item(1, meal="lunch"), item(2, meal="dinner"))])
    moved = apply(
        state, [{"do": "move", "date": TODAY, "ids": ["item-1", "item-2"], "to": DAYS[0], "meal": "snack"}]
    )
    assert {one["meal"] for one in items_of(moved, DAYS[0])} == {"snack"}
    assert apply(moved, [{"do": "undo"}])["diary"] == state["diary"]


def test_the_week_ends_today_and_has_days_without_food() -> None:
    state = apply(empty_state(), [add(item(1)), add(item(2, 300), date=DAYS[1])])
    week = to_diary(state, DAYS[1], TODAY).week
    assert [day.date for day in week] == last_days(TODAY, 7)
    assert [day.kcal for day in week] == [0, 0, 0, 0, 0, 300, 100]


def test_the_goal_is_shown() -> None:
    state = apply(empty_state(), [{"do": "goal", "goal": {"kcal": 2000}}])
    assert to_diary(state, TODAY, TODAY).goal == Goal(kcal=2000)


def test_a_state_that_lacks_keys_is_taken() -> None:
    old = {"diary": {"days": {}, "goal": None, "next_item": 1}, "asking": "lunch"}
    state = apply(old, [add(item(1)), {"do": "undo"}, {"do": "finish", "meal": "lunch", "on": TODAY}])
    assert state["finished"] == {"on": TODAY, "meals": ["lunch"]}


def test_an_effect_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no effect"):
        apply(empty_state(), [{"do": "dance", "date": TODAY}])
