"""Where calories would be the wrong answer, there are none, and the person is sent to people who can help."""

from __future__ import annotations

import re

import pytest

from tests.receiver.diet.talk import Talk

FIGURES = re.compile(r"calorie|kcal|gram|protein|\d")

DISTRESS = [
    "I made myself throw up my lunch", "I've been making myself sick after meals", "I need to purge",
    "I can't stop eating", "I'm so fat", "I feel guilty for eating that", "I haven't eaten in three days",
    "I took laxatives after dinner", "I want to starve myself", "I don't want to eat anymore",
    "I binged last night and I feel awful", "is it ok to fast for five days", "I hate how I look",
    "I hate my body", "I'm anorexic", "I don't deserve dinner", "I don't deserve to eat", "I'm disgusting",
    "how few calories can I live on", "I've been skipping meals to lose weight",
    "I only want to eat 500 calories a day", "I have to burn that off now", "I'm afraid of gaining weight",
    "how do I stop eating", "I vomit after meals to stay thin",
    "I fasted for three days", "what's the least I can eat", "I'm on a 500 calorie diet",
    "I skip dinner to lose weight", "I chew my food and spit it out", "my body is disgusting",
    "I haven't eaten anything since Monday",
]  # fmt: skip
MEDICAL = [
    "how much insulin should I take for a slice of pizza", "should I take my metformin before dinner",
    "what can a diabetic eat for lunch", "can I eat sushi while pregnant", "my blood sugar is low",
    "I am allergic to peanuts", "I feel dizzy", "is it safe for me to fast", "what dose of ibuprofen can I take",
    "my stomach hurts", "I have kidney disease, how much protein can I have", "how do I lose ten pounds in a week",
    "I think I have food poisoning", "can my baby have honey", "should I take vitamin d", "I have a fever",
    "I want to lose weight as fast as possible", "I feel weak and shaky, my sugar is low",
]  # fmt: skip
EMERGENCY = [
    "I have chest pain", "I can't breathe", "my throat is swelling up", "I think I'm having a heart attack",
    "I took too many pills", "I just passed out", "my heart is racing and I feel faint",
    "my lips are tingling", "my child swallowed bleach",
]  # fmt: skip
DESPAIR = [
    "I want to kill myself", "I don't want to live", "I'm thinking about suicide", "I want to hurt myself",
    "life isn't worth living", "I wish I could disappear",
]  # fmt: skip

BLAME = ("bad", "fault", "wrong", "shame", "cheat", "fail", "too much", "well done", "great job", "proud")


@pytest.mark.parametrize("said", [*DISTRESS, *MEDICAL, *EMERGENCY, *DESPAIR])
async def test_a_careful_answer_has_no_figures_no_blame_and_logs_nothing(said: str) -> None:
    talk = Talk(12)
    answer = await talk.say(said)
    assert not FIGURES.search(answer.lower())
    assert not any(word in answer.lower() for word in BLAME)
    assert re.search(r"doctor|trust|emergency|crisis|pharmacist", answer)
    assert talk.diary == []
    assert talk.shown.goal is None


@pytest.mark.parametrize("said", EMERGENCY)
async def test_an_emergency_is_sent_to_emergency_services(said: str) -> None:
    assert "local emergency number" in await Talk().say(said)
    assert "911" in await Talk(locale="en-US").say(said)


@pytest.mark.parametrize("said", DESPAIR)
async def test_a_helplines_number_is_only_given_where_it_is_valid(said: str) -> None:
    assert "988" in await Talk(locale="en-US").say(said)
    for locale in (None, "en-GB", "de-DE"):
        answer = await Talk(locale=locale).say(said)
        assert not re.search(r"\d", answer)
        assert "somebody you trust" in answer


@pytest.mark.parametrize("said", [*DISTRESS[:6], *DESPAIR[:1]])
async def test_the_rest_of_the_day_stays_gentle(said: str) -> None:
    talk = Talk()
    await talk.say(said)
    for told in ("I had two eggs", "no, three eggs", "and some rice", "a banana for lunch", "remove the banana",
                 "two zorbles", "like a cookie", "what did I have today", "that's all"):  # fmt: skip
        answer = await talk.say(told)
        assert "calorie" not in answer
        assert "gram" not in answer
        assert not any(word in answer.lower() for word in BLAME)
    assert ("eggs", 3) in talk.foods, "and everything is written down all the same"
    assert "calories" in await talk.say("how many calories have I had?"), "what is asked for is answered"


async def test_the_next_day_is_a_new_one() -> None:
    talk = Talk()
    await talk.say("I hate my body")
    talk.at(talk.context.now.replace(day=22))
    assert "calories" in await talk.say("I had two eggs")


async def test_a_medical_question_does_not_keep_figures_back_afterwards() -> None:
    talk = Talk()
    await talk.say("how much insulin should I take")
    assert "calories" in await talk.say("I had two eggs")


async def test_medicine_beside_a_meal_is_no_question() -> None:
    talk = Talk()
    answer = await talk.say("I took my meds and had two eggs for breakfast")
    assert talk.foods == [("eggs", 2)]
    assert "written down" in answer
    assert not FIGURES.search(answer.lower())


async def test_foods_that_are_plainly_told_are_written_down_quietly() -> None:
    talk = Talk(12)
    answer = await talk.say("I ate a whole pizza for lunch and I hate myself")
    assert [food for food, _ in talk.foods] == ["whole pizza"] or [food for food, _ in talk.foods] == [
        "pizza"
    ]
    assert not FIGURES.search(answer.lower())
    assert "written down" in answer


@pytest.mark.parametrize(
    "said",
    ["set my goal to six hundred calories", "set my goal to 800", "my goal is 500 calories a day",
     "I want to eat 700 calories a day"],
)  # fmt: skip
async def test_a_goal_of_too_little_is_never_set(said: str) -> None:
    talk = Talk()
    answer = await talk.say(said)
    assert talk.shown.goal is None
    assert "doctor" in answer
    assert not FIGURES.search(answer.lower())
    assert "calorie" not in await talk.say("two eggs")


async def test_a_goal_that_was_misheard_can_be_said_again() -> None:
    talk = Talk()
    await talk.say("set my goal to 800 calories")
    await talk.say("I said set my goal to 1800 calories")
    assert talk.state["diary"]["goal"] == {"kcal": 1800}


async def test_eating_little_is_never_praised() -> None:
    talk = Talk(20)
    await talk.say("set my goal to 2000 calories")
    for said in ("I only had an apple today", "how many calories so far", "am I under my goal", "that's all"):
        answer = (await talk.say(said)).lower()
        assert not re.search(r"great|good job|well done|excellent|nice|amazing|proud|keep it up", answer)


@pytest.mark.parametrize(
    "said",
    ["I cut myself a slice of cake", "I binge watched tv and ate popcorn", "a pain au chocolat",
     "I had a shot of espresso",
     "a heart attack burger", "I'm starving, I had a burger", "I could kill for a pizza but I had an apple",
     "diabetic chocolate", "an old fashioned doughnut", "I had beans and a baked potato", "blood orange juice"],
)  # fmt: skip
async def test_plain_food_gets_a_plain_answer(said: str) -> None:
    talk = Talk()
    answer = await talk.say(said)
    assert "doctor" not in answer
    assert "emergency" not in answer
    assert talk.diary != []
