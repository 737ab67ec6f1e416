"""Corrections reach what they mean, and nothing else."""

from __future__ import annotations

import pytest

from tests.receiver.diet.talk import Talk

EGGS_AND_TOAST = "two eggs and a slice of toast"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("no, three eggs", [("eggs", 3), ("toast", 1)]),
        ("actually it was three eggs", [("eggs", 3), ("toast", 1)]),
        ("I had three eggs, not two", [("eggs", 3), ("toast", 1)]),
        ("change the eggs to three", [("eggs", 3), ("toast", 1)]),
        ("make the toast two slices", [("eggs", 2), ("toast", 2)]),
        ("make that two", [("eggs", 2), ("toast", 2)]),
        ("make it two", [("eggs", 2), ("toast", 2)]),
        ("no, that should be two", [("eggs", 2), ("toast", 2)]),
        ("half of that", [("eggs", 2), ("toast", 0.5)]),
        ("two slices", [("eggs", 2), ("toast", 2)]),
        ("the eggs were fried", [("fried eggs", 2), ("toast", 1)]),
        ("remove the toast", [("eggs", 2)]),
        ("please take the toast off", [("eggs", 2)]),
        ("take out the toast", [("eggs", 2)]),
        ("remove one egg", [("egg", 1), ("toast", 1)]),
        ("I didn't have toast", [("eggs", 2)]),
        ("I didn't have the toast", [("eggs", 2)]),
        ("not toast, a bagel", [("eggs", 2), ("bagel", 1)]),
        ("it was a bagel, not toast", [("eggs", 2), ("bagel", 1)]),
        ("a bagel instead of the toast", [("eggs", 2), ("bagel", 1)]),
        ("replace the toast with a bagel", [("eggs", 2), ("bagel", 1)]),
        ("sorry, I meant a bagel", [("eggs", 2), ("bagel", 1)]),
        ("scratch that", []),
        ("undo", []),
        ("scratch that, I had a bagel", [("bagel", 1)]),
        ("remove everything from breakfast", []),
        ("delete my breakfast", []),
        ("clear breakfast", []),
        ("the toast was only half a slice", [("eggs", 2), ("toast", 0.5)]),
        ("add a banana and remove the toast", [("eggs", 2), ("banana", 1)]),
        ("remove the toast and the eggs", []),
        ("delete the caviar", [("eggs", 2), ("toast", 1)]),
        ("I did not have caviar", [("eggs", 2), ("toast", 1)]),
        ("I had a bagel, not toast", [("eggs", 2), ("bagel", 1)]),
        ("I didn't have the toast, I had a bagel", [("eggs", 2), ("bagel", 1)]),
        ("I had a banana but I skipped the toast", [("eggs", 2), ("toast", 1), ("banana", 1)]),
        ("I had a banana too", [("eggs", 2), ("toast", 1), ("banana", 1)]),
    ],
)
async def test_corrections(said: str, expected: list[tuple[str, float]]) -> None:
    talk = Talk()
    await talk.say(EGGS_AND_TOAST)
    await talk.say(said)
    assert talk.foods == expected


async def test_a_kind_that_is_named_keeps_the_amount() -> None:
    talk = Talk()
    await talk.say("two slices of toast")
    await talk.say("no, whole wheat toast")
    assert talk.diary == [("breakfast", "whole wheat toast", 2, "slice")]


async def test_a_smaller_bowl_is_counted_as_less() -> None:
    talk = Talk()
    await talk.say("a bowl of oatmeal")
    whole = talk.shown.totals.kcal
    await talk.say("actually it was a small bowl")
    assert 0.5 * whole < talk.shown.totals.kcal < 0.9 * whole


async def test_a_question_between_does_not_change_what_that_means() -> None:
    talk = Talk()
    await talk.say("a banana")
    await talk.say("a bagel for lunch")
    await talk.say("how many calories so far?")
    await talk.say("make that two")
    assert talk.foods == [("banana", 1), ("bagels", 2)]


@pytest.mark.parametrize(
    ("said", "meal", "date"),
    [
        ("that was for lunch", "lunch", "2026-11-21"),
        ("no, that was lunch", "lunch", "2026-11-21"),
        ("I had that for lunch", "lunch", "2026-11-21"),
        ("move that to dinner", "dinner", "2026-11-21"),
        ("it was for lunch, not breakfast", "lunch", "2026-11-21"),
        ("that wasn't breakfast, it was lunch", "lunch", "2026-11-21"),
        ("that was yesterday", "breakfast", "2026-11-20"),
        ("I had that yesterday", "breakfast", "2026-11-20"),
        ("that was for dinner yesterday", "dinner", "2026-11-20"),
        ("I meant yesterday", "breakfast", "2026-11-20"),
    ],
)
async def test_a_meal_that_was_another_is_moved(said: str, meal: str, date: str) -> None:
    talk = Talk()
    await talk.say(EGGS_AND_TOAST)
    answer = await talk.say(said)
    assert "moved" in answer
    assert talk.shown.date == date
    assert [(on, food) for on, food, _, _ in talk.diary] == [(meal, "eggs"), (meal, "toast")]
    await talk.say("undo")
    assert talk.shown.date == date
    assert len(talk.diary) == (0 if date == "2026-11-20" else 2)


async def test_a_food_of_another_day_is_moved_to_today() -> None:
    talk = Talk()
    await talk.say("yesterday I had pizza for dinner")
    await talk.say("two eggs")
    await talk.say("move the pizza to today")
    assert [food for food, _ in talk.foods] == ["eggs", "pizza"]
    assert talk.shown.date == "2026-11-21"


async def test_more_of_one_is_said_in_the_plural() -> None:
    talk = Talk(12)
    await talk.say("a burger")
    await talk.say("no wait, I had two burgers")
    assert talk.foods == [("burgers", 2)]
    await talk.say("actually just one")
    assert talk.foods == [("burger", 1)]


async def test_one_food_of_a_meal_is_moved_alone() -> None:
    talk = Talk()
    await talk.say(EGGS_AND_TOAST)
    await talk.say("the toast was for lunch")
    assert [(meal, food) for meal, food, _, _ in talk.diary] == [("breakfast", "eggs"), ("lunch", "toast")]


async def test_undo_takes_back_one_change_after_the_other() -> None:
    talk = Talk()
    await talk.say("two eggs")
    await talk.say("and a banana")
    await talk.say("set my goal to 2000 calories")
    await talk.say("remove the eggs")
    assert talk.foods == [("banana", 1)]
    await talk.say("undo that")
    assert talk.foods == [("eggs", 2), ("banana", 1)]
    await talk.say("undo that")
    assert talk.shown.goal is None
    await talk.say("undo that")
    assert talk.foods == [("eggs", 2)]
    await talk.say("undo that")
    assert talk.diary == []
    assert "nothing to take back" in await talk.say("undo that")


async def test_no_answers_our_question_and_corrects_nothing() -> None:
    talk = Talk(20)
    await talk.say("a turkey sandwich")
    assert "snacks" in talk.history[-1].message
    await talk.say("no, just a coffee")
    assert talk.foods == [("turkey sandwich", 1), ("coffee", 1)]


async def test_a_kind_of_food_with_a_no_in_its_name_removes_nothing() -> None:
    talk = Talk()
    await talk.say("a cookie")
    await talk.say("a no bake cookie")
    assert ("cookie", 1) in talk.foods


@pytest.mark.parametrize(
    ("answer", "quantity", "unit"),
    [
        ("two cups", 2, "cup"),
        ("no, two cups", 2, "cup"),
        ("it was about 200 grams", 200, "gram"),
        ("about half", 0.5, ""),
        ("more like a cup and a half", 1.5, "cup"),
        ("yes", 1, ""),
        ("yeah that's about right", 1, ""),
        ("I don't know", 1, ""),
        ("two cups of rice", 2, "cup"),
        ("a bowl", 1, "bowl"),
    ],
)
async def test_an_amount_that_was_missing_is_asked_for_once(answer: str, quantity: float, unit: str) -> None:
    talk = Talk(12)
    asked = await talk.say("I had rice")
    assert "right" in asked or "that much" in asked
    [(meal, food, told, usual)] = talk.diary
    assert (meal, food, told) == ("lunch", "rice", 1), "it is written down before it is asked"
    said = await talk.say(answer)
    assert talk.diary == [("lunch", "rice", quantity, unit or usual)]
    assert "dinner" in said
    again = await talk.say("I had rice for dinner")
    assert "snacks" in again, "and it is not asked again"
    assert "right?" not in again


async def test_an_amount_may_name_the_food_more_exactly() -> None:
    talk = Talk(12)
    await talk.say("I had chicken")
    await talk.say("a chicken breast")
    assert talk.diary == [("lunch", "chicken breast", 1, "")]


async def test_a_no_to_an_amount_asks_how_much_it_was() -> None:
    talk = Talk(12)
    await talk.say("I had rice")
    assert "how much" in await talk.say("no")
    await talk.say("a small bowl")
    [(_, food, _, unit)] = talk.diary
    assert (food, unit) == ("rice", "bowl")


async def test_the_question_for_an_amount_that_is_not_answered_is_dropped() -> None:
    talk = Talk(12)
    await talk.say("I had rice")
    await talk.say("and a banana")
    await talk.say("two cookies")
    assert talk.foods == [("rice", 1), ("banana", 1), ("cookies", 2)]


@pytest.mark.parametrize(
    "said",
    ["two eggs", "a bowl of rice", "a can of coke", "200 grams of chicken", "a banana", "a coffee with milk",
     "mac and cheese", "a slice of cheese", "a turkey sandwich"],
)  # fmt: skip
async def test_an_amount_that_is_plain_is_not_asked_for(said: str) -> None:
    answer = await Talk(12).say(f"I had {said}")
    assert "right?" not in answer
    assert "that much" not in answer
    assert "dinner" in answer


@pytest.mark.parametrize(
    ("said", "foods"),
    [
        ("scrap the wine", [("eggs", 2)]),
        ("no the eggs were three", [("wine", 1), ("eggs", 3)]),
        ("no, the eggs were only one", [("wine", 1), ("egg", 1)]),
        ("no the eggs were not two but four", [("wine", 1), ("eggs", 4)]),
        ("the eggs were three not two", [("wine", 1), ("eggs", 3)]),
        ("no the eggs were scrambled", [("wine", 1), ("scrambled eggs", 2)]),
    ],
)
async def test_a_no_before_what_it_was_puts_right_and_takes_nothing_out(
    said: str, foods: list[tuple[str, float]]
) -> None:
    talk = Talk(19)
    await talk.say("a glass of wine and two eggs")
    await talk.say(said)
    assert talk.foods == foods
