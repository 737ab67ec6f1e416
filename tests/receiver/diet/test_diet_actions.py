"""Changes of the diary by hand."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.errors import MalformedMessage, Unsupported
from tests.receiver.diet.talk import Talk


@pytest.fixture
async def talk() -> Talk:
    """Two eggs (item-1) and a slice of toast (item-2) for breakfast."""
    talk = Talk()
    await talk.say("two eggs and a slice of toast")
    return talk


def edited(talk: Talk, number: int = 1) -> Any:
    return next(item for meal in talk.shown.meals for item in meal.items if item.id == f"item-{number}")


async def test_a_quantity_scales_the_figures(talk: Talk) -> None:
    before = edited(talk)
    talk.act("edit", item="item-1", quantity=3)
    after = edited(talk)
    assert after.quantity == 3
    assert after.kcal == pytest.approx(before.kcal * 1.5, abs=0.2)
    talk.act("undo")
    assert edited(talk) == before


async def test_one_of_several_is_named_as_one(talk: Talk) -> None:
    talk.act("edit", item="item-1", quantity=1)
    assert edited(talk).food == "egg"


async def test_a_unit_is_weighed_anew(talk: Talk) -> None:
    talk.act("edit", item="item-2", unit="grams", quantity=100)
    toast = edited(talk, 2)
    assert (toast.food, toast.quantity, toast.unit, toast.grams) == ("toast", 100, "gram", 100)
    assert toast.kcal > 200


async def test_another_food_is_looked_up(talk: Talk) -> None:
    talk.act("edit", item="item-2", food="Bagel")
    bagel = edited(talk, 2)
    assert (bagel.food, bagel.known, bagel.quantity) == ("bagel", True, 1)
    assert bagel.kcal > 200
    assert bagel.id == "item-2"


async def test_another_food_with_its_amount(talk: Talk) -> None:
    talk.act("edit", item="item-2", food="two bagels")
    assert (edited(talk, 2).quantity, edited(talk, 2).food) == (2, "bagels")
    talk.act("edit", item="item-2", food="rice", quantity=150, unit="g")
    assert (edited(talk, 2).food, edited(talk, 2).grams) == ("rice", 150)


async def test_a_food_that_is_not_known_is_kept_as_typed(talk: Talk) -> None:
    talk.act("edit", item="item-2", food="Zorble")
    item = edited(talk, 2)
    assert (item.food, item.known, item.kcal, item.grams) == ("Zorble", False, 0, None)


async def test_another_meal(talk: Talk) -> None:
    talk.act("edit", item="item-2", meal="lunch")
    assert [(meal, food) for meal, food, *_ in talk.diary] == [("breakfast", "eggs"), ("lunch", "toast")]


async def test_deleting_and_taking_it_back(talk: Talk) -> None:
    talk.act("delete", item="item-1")
    assert talk.foods == [("toast", 1)]
    talk.act("undo")
    assert talk.foods == [("eggs", 2), ("toast", 1)]
    talk.act("undo")
    talk.act("undo")
    assert talk.foods == []


async def test_an_item_of_another_day_is_found(talk: Talk) -> None:
    await talk.say("yesterday I had a banana")
    talk.act("edit", item="item-3", quantity=2)
    assert talk.foods == [("bananas", 2)]


async def test_goals_are_replaced_and_cleared(talk: Talk) -> None:
    talk.act("goal", kcal=2000, protein_g=120)
    assert talk.state["diary"]["goal"] == {"kcal": 2000, "protein_g": 120}
    talk.act("goal", fat_g=70)
    assert talk.state["diary"]["goal"] == {"fat_g": 70}
    talk.act("goal")
    assert talk.shown.goal is None
    talk.act("undo")
    assert talk.state["diary"]["goal"] == {"fat_g": 70}


async def test_another_day_is_shown_until_today_is_talked_about(talk: Talk) -> None:
    talk.act("show", date="2026-11-19")
    assert talk.shown.date == "2026-11-19"
    assert talk.shown.week[-1].date == "2026-11-21"
    talk.act("show", date="2026-11-21")
    assert talk.shown.date == "2026-11-21"
    talk.act("show", date="2026-11-19")
    await talk.say("a banana")
    assert talk.shown.date == "2026-11-21"


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("edit", {"item": "item-9", "quantity": 1}),
        ("edit", {"item": None, "quantity": 1}),
        ("edit", {"item": ["item-1"], "quantity": 1}),
        ("edit", {"item": "item-1"}),
        ("edit", {"item": "item-1", "quantity": 0}),
        ("edit", {"item": "item-1", "quantity": -1}),
        ("edit", {"item": "item-1", "quantity": True}),
        ("edit", {"item": "item-1", "quantity": "two"}),
        ("edit", {"item": "item-1", "quantity": 1e9}),
        ("edit", {"item": "item-1", "quantity": float("nan")}),
        ("edit", {"item": "item-1", "unit": "parsec"}),
        ("edit", {"item": "item-1", "unit": 3}),
        ("edit", {"item": "item-1", "food": ""}),
        ("edit", {"item": "item-1", "food": 3}),
        ("edit", {"item": "item-1", "food": "x" * 81}),
        ("edit", {"item": "item-1", "meal": "brunch"}),
        ("edit", {"item": "item-1", "meal": ["lunch"]}),
        ("delete", {}),
        ("goal", {"kcal": 500}),
        ("goal", {"kcal": 20_000}),
        ("goal", {"kcal": "2000"}),
        ("goal", {"kcal": True}),
        ("goal", {"kcal": float("nan")}),
        ("goal", {"protein_g": -1}),
        ("show", {}),
        ("show", {"date": "yesterday"}),
        ("show", {"date": "2026-11-22"}),
        ("show", {"date": "2026-11-01"}),
        ("show", {"date": ["2026-11-20"]}),
    ],
)
async def test_arguments_that_do_not_fit_change_nothing(talk: Talk, name: str, args: dict[str, Any]) -> None:
    before = talk.state
    with pytest.raises(MalformedMessage):
        talk.act(name, **args)
    assert talk.state == before


async def test_an_action_that_is_none(talk: Talk) -> None:
    with pytest.raises(Unsupported):
        talk.act("dance")
