"""Requests in question form, thinking aloud, and beginnings that only look like questions."""

from __future__ import annotations

import pytest

from tests.receiver.diet.talk import Talk


@pytest.mark.parametrize(
    ("said", "foods"),
    [
        ("can you put me down for a bagel", [("bagel", 1)]),
        ("hey could you put me down for two bagels please?", [("bagels", 2)]),
        ("would you write down a banana please", [("banana", 1)]),
        ("will you please jot a banana down", [("banana", 1)]),
        ("can you put down an apple and a bagel", [("apple", 1), ("bagel", 1)]),
        ("can I have a pear logged", [("pear", 1)]),
        ("could I get two pears added", [("pears", 2)]),
        ("would you mind noting a plum", [("plum", 1)]),
        ("can you stick a pear on my list", [("pear", 1)]),
        ("jot down a pear", [("pear", 1)]),
        ("can you add that I ate a plum", [("plum", 1)]),
    ],
)
async def test_a_polite_request_to_log_is_not_taken_for_a_plan(
    said: str, foods: list[tuple[str, float]]
) -> None:
    talk = Talk(8)
    await talk.say(said)
    assert talk.foods == foods


@pytest.mark.parametrize(
    "said",
    [
        "can I have pizza for dinner",
        "would it be okay to have a pizza",
        "I want to add a muffin tomorrow",
        "can you count the calories in a banana",
        "can you tell me the calories in a bagel",
    ],
)
async def test_a_polite_question_about_a_food_logs_nothing(said: str) -> None:
    talk = Talk(8)
    await talk.say(said)
    assert talk.foods == []


async def test_a_request_to_note_a_denial_takes_the_food_out() -> None:
    talk = Talk(8)
    await talk.say("two eggs and a coffee")
    await talk.say("could you note that I didn't have the coffee")
    assert talk.foods == [("eggs", 2)]


@pytest.mark.parametrize(
    ("said", "food"),
    [
        ("sorry what was it ah yes a chicken wrap", "chicken wrap"),
        ("what was it oh yes a pear", "pear"),
        ("What did I have? Oh, a tuna sandwich.", "tuna sandwich"),
        ("what was it again a bowl of chili I think", "chili"),
        ("let me think, um, a bagel", "bagel"),
    ],
)
async def test_thinking_aloud_is_not_taken_for_a_question(said: str, food: str) -> None:
    talk = Talk(8)
    await talk.say(said)
    assert talk.foods == [(food, 1)]


@pytest.mark.parametrize(
    "said",
    [
        "what did I have again for breakfast",
        "what was it that I had with the eggs",
        "what was that again with the eggs",
        "have you noted my eggs",
        "did you count the eggs",
        "do you have my eggs",
        "didn't you log my eggs",
        "didn't I have eggs",
    ],
)
async def test_a_question_about_what_was_told_does_not_log_it_again(said: str) -> None:
    talk = Talk(8)
    await talk.say("I had two eggs")
    await talk.say(said)
    assert talk.foods == [("eggs", 2)]


@pytest.mark.parametrize("said", ["have you noted my eggs", "did you count my eggs", "didn't I have eggs"])
async def test_whether_a_food_was_noted_is_answered_from_the_diary(said: str) -> None:
    talk = Talk(8)
    await talk.say("I had two eggs")
    assert "two eggs" in await talk.say(said)
    assert "no toast" in await talk.say("have you noted my toast")


@pytest.mark.parametrize(
    "said",
    [
        "didn't eat any bread, only the soup",
        "wasn't hungry so only had soup",
        "didn't have the bread just soup",
    ],
)
async def test_a_leading_denial_is_not_taken_for_a_question(said: str) -> None:
    talk = Talk(13)
    await talk.say(said)
    assert talk.foods == [("soup", 1)]


async def test_a_dish_that_never_came_is_not_logged() -> None:
    talk = Talk(19)
    await talk.say("I ordered a pizza but they never brought it")
    assert talk.foods == []


@pytest.mark.parametrize(
    "said",
    [
        "I skipped breakfast and lunch but had a big dinner",
        "skipped breakfast, no lunch, but I had a huge dinner",
    ],
)
async def test_a_meal_of_which_nothing_is_told_is_asked_for(said: str) -> None:
    talk = Talk(21)
    answer = await talk.say(said)
    assert "dinner" in answer
    assert "?" in answer
    assert talk.foods == []
    answer = await talk.say("a pizza")
    assert [meal for meal, *_ in talk.diary] == ["dinner"]
    assert "breakfast" not in answer
    assert "lunch" not in answer


async def test_a_meal_that_is_written_down_is_not_asked_for_again() -> None:
    talk = Talk(9)
    await talk.say("two eggs")
    assert "two eggs" in await talk.say("I had breakfast")
