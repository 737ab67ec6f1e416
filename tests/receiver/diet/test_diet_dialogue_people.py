"""Conversations as people have them: odd answers, changed minds, slang, and what was said only in part."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.receiver.diet.talk import Talk


async def told(talk: Talk, *sentences: str) -> str:
    said = ""
    for sentence in sentences:
        said = await talk.say(sentence)
    return said


async def test_a_food_that_turns_out_to_be_of_today_answers_the_question_of_its_meal() -> None:
    talk = Talk(19)
    said = await told(talk, "yesterday I had a pizza for dinner", "no that was today")
    assert "dinner" not in said
    assert "snacks" in said


async def test_a_meal_that_a_move_leaves_empty_is_asked_about_and_not_the_next() -> None:
    talk = Talk(13)
    assert "lunch" in await told(talk, "eggs and bacon", "that was breakfast")
    await talk.say("a chicken wrap")
    assert "lunch" in await talk.say("no the wrap was yesterday")
    assert [meal for meal, *_ in talk.diary] == ["lunch"]


async def test_a_second_correction_of_the_day_is_not_taken_for_being_done() -> None:
    talk = Talk(13)
    said = await told(talk, "a bagel", "that was yesterday", "no, today")
    assert "moved" in said
    assert talk.foods == [("bagel", 1)]
    assert talk.shown.date == "2026-11-21"


@pytest.mark.parametrize(
    ("corrections", "foods"),
    [
        (["no a diet coke"], ["turkey sandwich", "diet coke"]),
        (["actually it was a ham sandwich"], ["ham sandwich", "coke"]),
        (["actually it was a ham sandwich", "no wait turkey was right"], ["turkey sandwich", "coke"]),
        (["the sandwich was tuna"], ["tuna sandwich", "coke"]),
        (["make that two sandwiches"], ["turkey sandwiches", "coke"]),
    ],
)
async def test_another_sort_takes_the_place_of_its_kind_and_not_of_the_last_food(
    corrections: list[str], foods: list[str]
) -> None:
    talk = Talk(13)
    await told(talk, "I had a turkey sandwich and a coke", *corrections)
    assert [food for food, _ in talk.foods] == foods


@pytest.mark.parametrize(
    "said", ["scratch that, I did have the coke", "I did have the coke", "I had the coke after all"]
)
async def test_what_was_taken_out_comes_back_once_and_to_its_meal(said: str) -> None:
    talk = Talk(13)
    await told(talk, "a burger and a coke", "remove the coke", said)
    assert [(meal, food) for meal, food, *_ in talk.diary] == [("lunch", "burger"), ("lunch", "coke")]


async def test_undo_says_what_it_took_back_and_asks_for_that_meal_again() -> None:
    talk = Talk(12)
    said = await told(talk, "I had a burger", "undo")
    assert "no burger" in said
    assert "lunch" in said
    await talk.say("a bagel")
    assert [(meal, food) for meal, food, *_ in talk.diary] == [("lunch", "bagel")]


async def test_a_correction_of_a_goal_never_multiplies_a_food() -> None:
    talk = Talk(20)
    await told(talk, "a bowl of chili", "set my goal to eighteen hundred")
    assert "2000 calories" in await talk.say("make it 2000 instead")
    assert "120 grams" in await talk.say("and 120 grams of protein")
    assert talk.foods == [("chili", 1)]


async def test_an_amount_that_nobody_eats_changes_nothing() -> None:
    talk = Talk(20)
    await told(talk, "a bowl of chili", "make it 2000")
    assert talk.foods == [("chili", 1)]


async def test_goals_of_several_figures_are_set_at_once() -> None:
    talk = Talk(20)
    await talk.say("set my macros to 3000 calories 220 protein 300 carbs and 80 fat")
    goal = talk.shown.goal
    assert goal is not None
    assert (goal.kcal, goal.protein_g, goal.carbs_g, goal.fat_g) == (3000, 220, 300, 80)


async def test_yes_to_whether_a_meal_was_had_asks_what_it_was() -> None:
    talk = Talk(8)
    await talk.say("a banana")
    assert (await talk.say("yep")).endswith("what was it?") or "What was it?" in talk.history[-1].message


@pytest.mark.parametrize("answer", ["sort of", "yes is correct", "I guess so", "about that", "give or take"])
async def test_half_a_yes_to_an_amount_is_a_yes(answer: str) -> None:
    talk = Talk(12)
    await talk.say("I had rice")
    before = talk.diary
    assert "dinner" in await talk.say(answer)
    assert talk.diary == before


@pytest.mark.parametrize("said", ["bruh", "lol", "idk", "dunno", "nvm", "sup", "bet", "yo", "gn"])
async def test_slang_is_no_food(said: str) -> None:
    talk = Talk(12)
    await talk.say(said)
    assert talk.diary == []


async def test_less_and_half_of_it_are_of_what_was_said_last() -> None:
    talk = Talk(19)
    await told(talk, "a steak", "12 ounces", "I didn't finish it, only half")
    assert [(quantity, unit) for *_, quantity, unit in talk.diary] == [(6, "ounce")]
    await talk.say("bigger")
    assert [(quantity, unit) for *_, quantity, unit in talk.diary] == [(9, "ounce")]


async def test_what_comes_on_a_food_belongs_to_its_meal() -> None:
    talk = Talk(19)
    await told(talk, "two tacos", "with sour cream on them")
    assert {meal for meal, *_ in talk.diary} == {"dinner"}


async def test_a_further_food_is_taken_out_and_not_written_down_once_more() -> None:
    talk = Talk(13)
    await told(
        talk, "a burger, a salad and a blorf", "never mind", "I didn't have the burger", "or the salad"
    )
    assert talk.foods == [("blorf", 1)]
    await talk.say("remove the blorf")
    assert talk.foods == []


async def test_all_of_a_food_are_taken_out() -> None:
    talk = Talk(9)
    await told(talk, "a coffee", "another one", "remove all coffees")
    assert talk.foods == []


async def test_a_meal_that_was_not_eaten_but_is_written_down_is_asked_back() -> None:
    talk = Talk(13)
    said = await told(talk, "a burger", "a salad", "I didn't eat dinner")
    assert "salad" in said
    await talk.say("move the salad to lunch")
    assert [(meal, food) for meal, food, *_ in talk.diary] == [("lunch", "burger"), ("lunch", "salad")]


async def test_foods_change_places_with_their_meals() -> None:
    talk = Talk(21)
    await told(talk, "eggs for breakfast, a sandwich for lunch, a steak for dinner")
    await talk.say("the steak was lunch and the sandwich was dinner")
    assert [(meal, food) for meal, food, *_ in talk.diary] == [
        ("breakfast", "eggs"), ("lunch", "steak"), ("dinner", "sandwich"),
    ]  # fmt: skip
    await talk.say("swap lunch and dinner")
    assert [(meal, food) for meal, food, *_ in talk.diary][1:] == [("lunch", "sandwich"), ("dinner", "steak")]


async def test_the_rest_of_a_question_is_taken_from_the_one_before() -> None:
    talk = Talk(19)
    await told(talk, "yesterday I had lasagna", "I had a croissant for breakfast", "what did I eat yesterday")
    assert "croissant" in await talk.say("and today?")
    await told(talk, "set my goal to 2000 calories and 100 grams of protein", "how much is left")
    assert "left" in await talk.say("and protein?")


async def test_what_was_asked_about_can_be_eaten_by_it() -> None:
    talk = Talk(18)
    await told(talk, "how many calories in a banana", "ok I had one")
    assert talk.foods == [("banana", 1)]
    await told(talk, "is an apple healthy", "I had two of those")
    assert talk.foods == [("banana", 1), ("apples", 2)]


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("what am I at", "calories"), ("where do I stand", "calories"), ("what's the damage", "calories"),
        ("macros for lunch?", "protein"), ("give me the breakdown", "Lunch"),
        ("which meal had the most calories", "Lunch"),
        ("have you got all that?", "cheeseburger"), ("is that right?", "cheeseburger"),
        ("how did I do today", "calories"),
        ("tell me the protein", "grams"), ("how much sugar is in a coke", "only keep count"),
        ("what's left on the list", "cheeseburger"), ("how was my week", "average"),
    ],
)  # fmt: skip
async def test_questions_in_other_words(question: str, word: str) -> None:
    talk = Talk(20)
    await talk.say("a cheeseburger for lunch")
    assert word in await talk.say(question)
    assert talk.foods == [("cheeseburger", 1)]


@pytest.mark.parametrize(
    "said",
    [
        "sorry gotta run",
        "thank you dear, good night",
        "ok bye",
        "no that's everything, bye",
        "we're finished here",
    ],
)
async def test_a_farewell_is_not_answered_with_a_question(said: str) -> None:
    talk = Talk(20)
    await talk.say("a cheeseburger for dinner")
    assert "?" not in await talk.say(said)


@pytest.mark.parametrize(
    "said",
    [
        "that's all I'm allowing myself", "I need to make up for it tomorrow", "I ate and then got rid of it",
        "food is the enemy", "I just want to be lighter", "nothing since tuesday", "I can't go on",
        "I took ten diet pills", "I'm allergic to nuts and I think I just ate some", "I feel a bit faint",
        "my sugar's been all over the place", "my tummy's been funny", "my feet are swollen",
        "my doctor says I should watch my salt", "can I skip dinner because I had cake",
    ],
)  # fmt: skip
async def test_signs_in_indirect_words_get_a_kind_answer_and_no_figures(said: str) -> None:
    answer = await Talk(15).say(said)
    assert "calories" not in answer
    assert any(word in answer for word in ("doctor", "help", "911"))


async def test_a_kind_answer_is_not_the_same_twice_in_a_row() -> None:
    talk = Talk(15)
    answers = [
        await talk.say(said) for said in ("I hate my body", "food is the enemy", "I don't deserve dinner")
    ]
    assert answers[0] != answers[1] != answers[2]


async def test_a_remark_beside_a_food_does_not_lose_the_food() -> None:
    talk = Talk(15)
    await talk.say("I was bad today, I ate a cheeseburger")
    assert talk.foods == [("cheeseburger", 1)]


async def test_a_sum_is_not_read_out_again_and_again() -> None:
    talk = Talk(20)
    await told(talk, "a cheeseburger for dinner", "that's all")
    assert "calories" not in await talk.say("all good")


async def test_the_day_is_that_of_the_time_zone() -> None:
    talk = Talk(14, timezone="Asia/Tokyo")
    await talk.say("a bowl of ramen")
    talk.at(datetime(2026, 11, 21, 15, 30, tzinfo=UTC))
    assert "ramen" in await talk.say("what did I eat yesterday")


@pytest.mark.parametrize("said", ["can you delete the wine", "don't count the wine", "scrap the wine"])
async def test_a_removal_in_other_words_is_not_written_down(said: str) -> None:
    talk = Talk(19)
    await told(talk, "a steak and a glass of wine", said)
    assert talk.foods == [("steak", 1)]


async def test_putting_back_takes_nothing_away() -> None:
    talk = Talk(19)
    await told(talk, "a steak", "put it back")
    assert talk.foods == [("steak", 1)]


async def test_hang_on_corrects_and_adds_nothing() -> None:
    talk = Talk(19)
    await told(talk, "a brownie", "hang on, two brownies")
    assert talk.foods == [("brownies", 2)]


async def test_two_meals_are_skipped_in_one_sentence() -> None:
    talk = Talk(8)
    assert "dinner" in await talk.say("I skipped breakfast and lunch")
    assert "snacks" in await talk.say("a steak")


async def test_a_food_is_doubled_where_it_stands() -> None:
    talk = Talk(19)
    await told(talk, "200 grams of rice and a steak", "double the rice")
    assert talk.foods == [("rice", 400), ("steak", 1)]
