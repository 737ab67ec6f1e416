"""Questions are answered from the diary, and change nothing in it."""

from __future__ import annotations

import pytest

from tests.receiver.diet.talk import Talk


async def a_day() -> Talk:
    """Two eggs (about 145 calories) for breakfast, a turkey sandwich (215) for lunch; pizza yesterday."""
    talk = Talk(14)
    await talk.say("yesterday I had a slice of pizza for dinner")
    await talk.say("two eggs for breakfast and a turkey sandwich for lunch")
    assert len(talk.diary) == 2
    return talk


@pytest.mark.parametrize(
    ("said", "words", "unsaid"),
    [
        ("how many calories so far?", ["calories", "today"], ["grams"]),
        ("how many calories have I had today", ["calories", "today"], []),
        ("how much protein have I had", ["grams of protein"], ["calories"]),
        ("calories?", ["calories", "today"], []),
        ("how many calories in zorbles", ["no figures for zorbles"], ["today"]),
        ("what about a banana?", ["One banana has about"], []),
        ("is that a lot?", ["dietitian"], ["calories"]),
        ("how many calories should I eat?", ["dietitian"], ["calories"]),
        ("what's my total", ["calories", "protein", "carbs", "fat"], []),
        ("how am I doing", ["calories", "today"], []),
        ("how many calories did I eat yesterday", ["calories", "yesterday"], []),
        ("how many calories in my lunch", ["for lunch"], []),
        ("what did I have for breakfast?", ["two eggs", "breakfast"], ["turkey"]),
        ("what did I have for lunch?", ["turkey sandwich"], ["eggs"]),
        ("what have I eaten today", ["two eggs", "turkey sandwich"], ["pizza"]),
        ("what did I have yesterday", ["pizza", "yesterday"], ["eggs"]),
        ("read my diary", ["two eggs", "turkey sandwich"], []),
        ("what did I have for dinner", ["Nothing", "dinner"], []),
        ("did I have eggs?", ["two eggs"], []),
        ("how many eggs did I have", ["two eggs"], []),
        ("did I have a banana", ["no banana"], []),
        ("how many calories this week on average", ["two days", "calories a day on average"], []),
        ("how much protein did I average this week", ["two days", "protein"], ["calories"]),
        ("how many calories are in an egg?", ["One egg has about 70 calories"], []),
        ("how many calories in a banana", ["One banana has about", "calories"], []),
        ("how much protein is in 100 grams of chicken", ["100 grams of chicken", "protein"], []),
        ("how many calories were in that", ["wo eggs", "calories"], []),
        ("how much protein is left?", ["no goal", "set my goal"], []),
        ("am I over my goal?", ["no goal", "set my goal"], []),
        ("what's my goal?", ["no goal", "set my goal"], []),
    ],
)
async def test_questions(said: str, words: list[str], unsaid: list[str]) -> None:
    talk = await a_day()
    before = talk.state["diary"]
    answer = await talk.say(said)
    assert all(word in answer for word in words)
    assert not any(word in answer for word in unsaid)
    assert talk.state["diary"] == before


async def test_a_question_after_a_food_in_the_same_breath_loses_neither() -> None:
    talk = Talk()
    answer = await talk.say("I had a banana, how many calories is that?")
    assert ("banana", 1) in talk.foods
    assert "calories" in answer


async def test_a_question_about_food_that_follows_a_meals_question_logs_nothing() -> None:
    talk = Talk()
    await talk.say("how many calories in a banana?")
    await talk.say("two eggs")
    assert talk.foods == [("eggs", 2)]


async def test_what_is_left_of_a_goal() -> None:
    talk = await a_day()
    await talk.say("set my goal to 2000 calories and 120 grams of protein")
    left = await talk.say("how many calories do I have left?")
    kcal = talk.shown.totals.kcal
    assert f"{round((2000 - kcal) / 5) * 5} calories left" in left
    assert "grams of protein left" in await talk.say("how much protein is left?")
    both = await talk.say("how much is left?")
    assert "calories" in both
    assert "protein" in both
    assert "within your goal" in await talk.say("am I over my goal?")


async def test_more_than_the_goal_is_said_without_blame() -> None:
    talk = await a_day()
    await talk.say("set my goal to 1000 calories")
    await talk.say("I had a whole pizza")
    for said in ("how much is left?", "am I over my goal?", "did I reach my goal", "that's all"):
        answer = await talk.say(said)
        assert not any(
            word in answer.lower() for word in ("too much", "bad", "should", "fail", "exceed", "sorry")
        )
    assert "past your goal" in await talk.say("how much is left?")


@pytest.mark.parametrize(
    ("said", "goal"),
    [
        ("set my goal to 2000 calories", {"kcal": 2000}),
        ("my daily goal is 2000", {"kcal": 2000}),
        ("I'd like to set a goal of 1,800 calories", {"kcal": 1800}),
        ("change my goal to two thousand five hundred calories please", {"kcal": 2500}),
        ("set my goal to eighteen hundred", {"kcal": 1800}),
        ("I want to eat 1800 calories a day", {"kcal": 1800}),
        ("I'm trying to stay under 2000 calories", {"kcal": 2000}),
        ("I want 120 grams of protein a day", {"protein_g": 120}),
        ("aim for 150 grams of protein", {"protein_g": 150}),
        ("set my protein goal to 130", {"protein_g": 130}),
        ("limit my carbs to 150 grams a day", {"carbs_g": 150}),
        ("make my goal two thousand calories and 100 grams of protein", {"kcal": 2000, "protein_g": 100}),
        ("set my calorie goal to 50000", {}),
        ("set my goal to 120", {}),
        ("my goal is to lose weight", {}),
        ("my goal weight is 150 pounds", {}),
    ],
)
async def test_goals_by_voice(said: str, goal: dict[str, float]) -> None:
    talk = Talk()
    await talk.say(said)
    assert (talk.state["diary"]["goal"] or {}) == goal
    assert talk.diary == [], "a goal is no food"


async def test_what_the_goal_should_be_is_asked_and_understood() -> None:
    talk = Talk()
    assert "What should the goal be?" in await talk.say("set a goal")
    await talk.say("2000 calories")
    assert talk.state["diary"]["goal"] == {"kcal": 2000}


async def test_goals_are_kept_beside_each_other_said_and_cleared() -> None:
    talk = Talk()
    await talk.say("set my goal to 2000 calories")
    await talk.say("I want 120 grams of protein a day")
    assert "2000 calories and 120 grams of protein" in await talk.say("what's my goal?")
    await talk.say("clear my protein goal")
    assert talk.state["diary"]["goal"] == {"kcal": 2000}
    await talk.say("clear my goal")
    assert talk.shown.goal is None
    await talk.say("undo")
    assert talk.state["diary"]["goal"] == {"kcal": 2000}


async def test_protein_that_was_eaten_is_no_goal() -> None:
    talk = Talk()
    await talk.say("I had 30 grams of protein powder a day after the gym")
    assert talk.shown.goal is None
