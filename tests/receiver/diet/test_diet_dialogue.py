"""Whole conversations with the diet assistant, and its promise to be deterministic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from receiver.assistants.diet.dialogue import asides
from receiver.assistants.diet.diary import DAYS_KEPT, MAX_ITEMS_A_DAY
from receiver.assistants.diet.parser.parser import parse
from receiver.assistants.diet.utterance import Utterance
from tests.receiver.diet.talk import Talk


@pytest.mark.parametrize(
    ("hour", "part", "meal"),
    [
        (7, "morning", "breakfast"),
        (12, "afternoon", "lunch"),
        (18, "evening", "dinner"),
        (23, "evening", "snacks"),
    ],
)
def test_the_greeting_fits_the_time_of_day(hour: int, part: str, meal: str) -> None:
    greeting = Talk(hour, name="Ann Lee").greeting
    assert greeting.startswith(f"Good {part}, Ann! ")
    assert meal in greeting


def test_the_greeting_goes_by_the_persons_own_clock() -> None:
    assert Talk(20, timezone="Asia/Tokyo").greeting.startswith("Good morning! ")


async def test_only_a_new_session_is_greeted() -> None:
    talk = Talk(name="Ann")
    for said in ("hello", "good morning", "two eggs", "hello"):
        assert "Good morning, Ann" not in await talk.say(said)


async def test_a_day_from_breakfast_to_the_sum() -> None:
    talk = Talk()
    answer = await talk.say("I had two eggs and a slice of toast")
    assert "two eggs and one slice of toast, about 215 calories" in answer
    assert "lunch" in answer
    assert "dinner" in await talk.say("a turkey sandwich")
    assert "snacks" in await talk.say("a cheeseburger with a can of coke")
    await talk.say("no")
    answer = await talk.say("that's all")
    assert "calories" in answer
    assert "protein" in answer
    assert talk.diary == [
        ("breakfast", "eggs", 2, ""), ("breakfast", "toast", 1, "slice"), ("lunch", "turkey sandwich", 1, ""),
        ("dinner", "cheeseburger", 1, ""), ("dinner", "coke", 1, "can"),
    ]  # fmt: skip


async def test_a_whole_day_in_ten_turns_with_two_corrections_and_a_question() -> None:
    talk = Talk()
    for said in (
        "good morning",
        "for breakfast I had two eggs, a slice of toast and a glass of milk",
        "no, three eggs",
        "lunch was a turkey sandwich and an apple",
        "I didn't have the apple",
        "how many calories so far?",
        "for dinner I had a cheeseburger",
        "any snacks? yes, a banana as a snack",
        "nothing else",
        "what did I have for lunch?",
    ):
        answer = await talk.say(said)
    assert "turkey sandwich" in answer
    assert talk.diary == [
        ("breakfast", "eggs", 3, ""), ("breakfast", "toast", 1, "slice"), ("breakfast", "milk", 1, "glass"),
        ("lunch", "turkey sandwich", 1, ""), ("dinner", "cheeseburger", 1, ""), ("snack", "banana", 1, ""),
    ]  # fmt: skip


async def test_what_is_not_known_is_asked_about_and_never_counted() -> None:
    talk = Talk(19)
    answer = await talk.say("two zorbles and a bowl of rice")
    assert "two zorbles and one bowl of rice, about" in answer
    assert "zorbles" in answer.split(". ", 1)[1]
    item = talk.shown.meals[0].items[0]
    assert (item.food, item.known, item.kcal, item.grams) == ("zorbles", False, 0, None)
    assert "without zorbles" in await talk.say("how many calories so far?")
    await talk.say("what did I have for dinner")  # a question between does not change what is asked
    answer = await talk.say("it's a bit like a cookie")
    assert "like cookie" in answer
    item = talk.shown.meals[0].items[0]
    assert (item.food, item.quantity, item.known) == ("zorbles", 2, True)
    assert item.kcal > 100


async def test_each_food_that_is_not_known_is_asked_about_one_by_one() -> None:
    talk = Talk(19)
    assert "zorbles" in await talk.say("two zorbles and a frobnitz")
    answer = await talk.say("like a cookie")
    assert "zorbles" in answer.split(". ")[0]
    assert "frobnitz" in answer.split(". ", 1)[1]
    await talk.say("like an apple")
    assert [item.known for item in talk.shown.meals[0].items] == [True, True]


async def test_what_is_not_known_can_be_left() -> None:
    talk = Talk(19)
    await talk.say("some zorbles")
    assert "leave it" in await talk.say("never mind")
    assert talk.diary == [("dinner", "zorbles", 1, "")]


async def test_that_is_all_with_food_in_the_same_breath_is_both() -> None:
    talk = Talk()
    answer = await talk.say("two eggs and that's all")
    assert "two eggs" in answer
    assert "today" in answer
    assert talk.diary == [("breakfast", "eggs", 2, "")]


async def test_what_is_not_understood_is_asked_back_and_not_logged() -> None:
    talk = Talk()
    for said in (
        "The weather is nice today.",
        "what is the capital of France",
        "my sister called me on the phone",
    ):
        answer = await talk.say(said)
        assert len(answer) < 200
        assert answer.endswith("?")
    assert talk.diary == []


async def test_yesterday_is_written_down_and_shown_as_yesterday() -> None:
    talk = Talk()
    assert "yesterday" in await talk.say("yesterday I had pizza for dinner")
    assert talk.shown.date == "2026-11-20"
    await talk.say("and a beer")
    assert [(meal, food) for meal, food, _, _ in talk.diary] == [("dinner", "pizza"), ("dinner", "beer")]
    await talk.say("I had two eggs for breakfast")
    assert talk.shown.date == "2026-11-21", "a turn about today shows today again"
    assert talk.diary == [("breakfast", "eggs", 2, "")]
    assert "pizza" in await talk.say("what did I eat yesterday?")
    assert talk.shown.date == "2026-11-20"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("another one", [("breakfast", "eggs"), ("breakfast", "banana"), ("breakfast", "banana")]),
        (
            "I had one more of those",
            [("breakfast", "eggs"), ("breakfast", "banana"), ("breakfast", "banana")],
        ),
        ("the same as yesterday", [("breakfast", "eggs"), ("breakfast", "banana"), ("lunch", "pizza")]),
        (
            "for lunch I had the same as breakfast",
            [("breakfast", "eggs"), ("breakfast", "banana"), ("lunch", "eggs"), ("lunch", "banana")],
        ),
    ],
)
async def test_the_same_once_more(said: str, expected: list[tuple[str, str]]) -> None:
    talk = Talk()
    await talk.say("yesterday I had pizza for lunch")
    await talk.say("two eggs and a banana for breakfast")
    await talk.say(said)
    assert [(meal, food) for meal, food, _, _ in talk.diary] == expected


@pytest.mark.parametrize(("weekday", "date"), [("Friday", "20"), ("Monday", "16"), ("Saturday", "14")])
async def test_a_weekday_is_the_last_one_of_its_name(weekday: str, date: str) -> None:
    talk = Talk()  # on a Saturday
    await talk.say(f"on {weekday} I had pizza for dinner")
    assert talk.shown.date == f"2026-11-{date}"
    assert "pizza" in await talk.say(f"what did I have on {weekday}?")
    assert "Nothing" in await talk.say("what did I have today?")


async def test_the_day_that_was_shown_yesterday_is_not_shown_today() -> None:
    talk = Talk(day=20)
    await talk.say("yesterday I had pizza")
    talk.at(datetime(2026, 11, 21, 8, 0, tzinfo=UTC))
    assert talk.shown.date == "2026-11-21"


async def test_a_day_long_ago_is_not_written_down_as_today(monkeypatch: pytest.MonkeyPatch) -> None:
    def long_ago(text: str, *, expecting: bool) -> Utterance:
        return replace(parse(text, expecting=expecting), days_ago=DAYS_KEPT)

    monkeypatch.setattr(asides, "parse", long_ago)
    talk = Talk()
    assert "two weeks" in await talk.say("many days ago I had pizza")
    assert talk.state["diary"]["days"] == {}


@pytest.fixture
def misheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thing that is said only sounds like a food."""

    def doubtful(text: str, *, expecting: bool) -> Utterance:
        utterance = parse(text, expecting=expecting)
        if text != "200 grams of salmon":
            return utterance
        return replace(utterance, mentions=(replace(utterance.mentions[0], name="sammon", doubtful=True),))

    monkeypatch.setattr(asides, "parse", doubtful)


@pytest.mark.usefixtures("misheard")
@pytest.mark.parametrize("yes", ["yes", "yeah", "yes, salmon", "salmon", "that's right", "I did"])
async def test_what_sounded_like_a_food_counts_once_it_is_confirmed(yes: str) -> None:
    talk = Talk(12)
    answer = await talk.say("200 grams of salmon")
    assert "salmon" in answer.split(". ")[-1]
    [item] = talk.shown.meals[0].items
    assert (item.food, item.known, item.kcal) == ("sammon", False, 0)
    await talk.say(yes)
    [item] = talk.shown.meals[0].items
    assert (item.food, item.known, item.quantity, item.unit) == ("salmon", True, 200, "gram")


@pytest.mark.usefixtures("misheard")
async def test_what_was_misheard_is_asked_for() -> None:
    talk = Talk(12)
    await talk.say("200 grams of salmon")
    assert "What was it" in await talk.say("no")
    await talk.say("pasta")
    [item] = talk.shown.meals[0].items
    assert item.known
    assert (item.quantity, item.unit) == (200, "gram")
    assert item.kcal == pytest.approx(315, abs=60)


@pytest.mark.usefixtures("misheard")
async def test_what_was_misheard_can_be_said_again_at_once() -> None:
    talk = Talk(12)
    await talk.say("200 grams of salmon")
    await talk.say("no, pasta")
    [item] = talk.shown.meals[0].items
    assert (item.food, item.known, item.quantity) == ("pasta", True, 200)


async def test_the_day_is_the_persons_day() -> None:
    talk = Talk(hour=3, timezone="America/New_York")
    await talk.say("I had pizza")
    assert talk.shown.date == "2026-11-20"
    assert len(talk.diary) == 1


async def test_a_question_of_yesterday_does_not_decide_about_todays_breakfast() -> None:
    talk = Talk(20, day=20)
    await talk.say("pizza")  # asks about snacks
    talk.at(datetime(2026, 11, 21, 8, 0, tzinfo=UTC))
    await talk.say("I had two eggs")
    assert talk.diary == [("breakfast", "eggs", 2, "")]


async def test_the_day_is_bounded_however_long_one_talks() -> None:
    talk = Talk()
    for _ in range(MAX_ITEMS_A_DAY // 10 + 3):
        await talk.say("I had " + ", ".join(["an egg"] * 10))
    assert len(talk.diary) == MAX_ITEMS_A_DAY
    assert "more than I can write down" in await talk.say("two eggs and a slice of toast")


async def test_wordings_vary() -> None:
    talk = Talk()
    openings = {
        (await talk.say(f"I had a {food}")).split(":")[0]
        for food in ("egg", "banana", "apple", "bagel", "taco", "cookie", "pear", "muffin")
    }
    assert len(openings) > 1


async def test_long_lists_are_not_read_out_to_the_end() -> None:
    talk = Talk()
    answer = await talk.say(
        "an egg, a banana, an apple, a bagel, a taco, a cookie, a pear, a muffin and a waffle"
    )
    assert "four more" in answer
    assert len(talk.diary) == 9


async def test_answers_are_short_and_speakable() -> None:
    talk = Talk()
    for said in ("two eggs", "how are you", "what can you do", "set my goal to 2000 calories", "how much is left",
                 "undo", "a turkey sandwich", "that's all"):  # fmt: skip
        answer = await talk.say(said)
        assert len(answer) < 260
        assert not set("*_#`<>[]{}|\n") & set(answer)
        assert answer.isascii()


@pytest.mark.parametrize(
    "said",
    [
        "an egg and remove ",
        "scratch that an egg ",
        "no wait ",
        "change it to ",
        "not an egg but a ",
        "same as yesterday ",
    ],
)
async def test_however_long_one_goes_on_there_is_an_answer(said: str) -> None:
    talk = Talk()
    await talk.say("two eggs")
    assert await talk.say(said * (16_000 // len(said)))
