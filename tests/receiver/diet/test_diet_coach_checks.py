"""Nothing that was told gets lost, and nothing is written twice, whatever the model overlooks or repeats."""

from __future__ import annotations

import pytest

from receiver.assistants.diet.coach.checks import meal_asked
from receiver.assistants.diet.coach.coach import Coach
from receiver.llm import ModelFailed
from tests.emulators.model_brain import Brain, Call, Reply, always
from tests.receiver.diet.brain_model import BrainModel
from tests.receiver.diet.coach_session import CoachSession

EGGS = {"food": "eggs", "quantity": 2, "meal": "breakfast"}


def log(*foods: dict[str, object]) -> Call:
    return Call("log_food", {"foods": list(foods)})


def session_with(brain: Brain) -> tuple[CoachSession, BrainModel]:
    model = BrainModel(brain)
    return CoachSession(Coach(model)), model


@pytest.mark.parametrize(
    ("told", "foods"),
    [
        ("I had two eggs", ["eggs"]),
        ("um just a coffee", ["coffee"]),
        ("two slices of toast with butter", ["toast with butter"]),
        ("for lunch a turkey sandwich and an apple", ["turkey sandwich", "apple"]),
        ("I had a bagel how many calories is that", ["bagel"]),
    ],
)
async def test_a_meal_that_the_model_only_talks_about_is_written_down_by_the_rules(
    told: str, foods: list[str]
) -> None:
    session, _ = session_with(always(Reply("That sounds lovely! What else did you have?")))
    said = await session.say(told)
    assert said.restarted
    assert session.foods == foods


async def test_a_meal_is_not_lost_beside_another_tool() -> None:
    skip = Call("finish_meal", {"meal": "lunch"})
    session, _ = session_with(always(Reply("", (skip,)), Reply("Okay, no lunch then.")))
    await session.say("I had two eggs for breakfast and I skipped lunch")
    assert session.foods == ["eggs"]


@pytest.mark.parametrize(
    "told",
    [
        "hello",
        "I love pizza",
        "I will have a burger later",
        "I cooked pasta for my kids",
        "how many calories are in a banana",
        "hm maybe a banana would be good",
        "I didn't have the toast",
        "tell me about avocados",
    ],
)
async def test_foods_that_were_not_told_as_eaten_leave_the_answer_to_the_model(told: str) -> None:
    session, _ = session_with(always(Reply("I see. How is your day?")))
    said = await session.say(told)
    assert said.answer == "I see. How is your day?"
    assert session.items == []


async def test_a_question_about_what_is_written_down_is_not_written_down_again() -> None:
    session, model = session_with(always(Reply("", (log(EGGS),)), Reply("Two eggs.")))
    await session.say("two eggs for breakfast")
    model.brain = always(Reply("Yes, I have noted two eggs for breakfast."))
    for question in ("have you noted my eggs", "I had two eggs as I said"):
        said = await session.say(question)
        assert not said.restarted
        assert session.foods == ["eggs"]


async def test_a_model_that_does_its_work_and_says_nothing_is_given_the_words() -> None:
    session, _ = session_with(always(Reply("", (log(EGGS),)), Reply("")))
    said = await session.say("I had two eggs for breakfast")
    assert said.answer == "That is two eggs, about 145 calories."
    assert not said.restarted
    assert session.foods == ["eggs"]


async def test_what_a_later_call_repeats_is_written_once_and_what_it_adds_is_written() -> None:
    again = log({**EGGS, "quantity": 2.0}, {"food": "toast", "meal": "breakfast"})
    session, model = session_with(always(Reply("", (log(EGGS),)), Reply("", (again,)), Reply("All done.")))
    await session.say("I had two eggs and toast")
    assert session.foods == ["eggs", "toast"]
    (result,) = model.requests[-1].messages[-1].results  # type: ignore[union-attr]
    assert [item["food"] for item in result.content["logged_before"]] == ["eggs"]


async def test_two_of_the_same_in_one_call_are_two() -> None:
    coffee = {"food": "coffee", "meal": "breakfast"}
    session, _ = session_with(always(Reply("", (log(coffee, coffee),)), Reply("Two coffees.")))
    await session.say("a coffee and then another coffee")
    assert session.foods == ["coffee", "coffee"]


async def test_the_rules_know_which_meal_the_model_asked_about() -> None:
    session, model = session_with(always(Reply("Good to hear from you. What did you have for dinner?")))
    await session.say("hello")
    model.failures.append(ModelFailed("unavailable"))
    await session.say("a turkey sandwich")
    assert [(item["meal"], item["food"]) for item in session.items] == [("dinner", "turkey sandwich")]


@pytest.mark.parametrize(
    ("answer", "meal"),
    [
        ("Noted. What did you have for lunch?", "lunch"),
        ("And for supper?", "dinner"),
        ("What was for lunch and dinner?", "more"),
        ("What was lunch? Take your time.", "more"),
        ("Lunch was fine. What else?", "more"),
        ("", "more"),
    ],
)
def test_the_meal_of_the_last_question(answer: str, meal: str) -> None:
    assert meal_asked(answer) == meal
