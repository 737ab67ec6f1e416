"""Whole conversations with the diet assistant, and its promise to be deterministic."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from protocol.link_messages import Item
from receiver.assistants.assistant import Context
from receiver.assistants.diet import DietAssistant
from receiver.assistants.diet.diary import MAX_DAYS, MAX_ITEMS_A_DAY


class Talk:
    """One conversation, at an hour of a day in UTC."""

    def __init__(self, hour: int = 8, day: int = 21, name: str | None = None, timezone: str = "UTC") -> None:
        self.assistant = DietAssistant()
        self.context = Context(datetime(2026, 11, day, hour, 30, tzinfo=UTC), ZoneInfo(timezone), name)
        beginning = self.assistant.begin(self.context)
        self.state: Any = beginning.state
        self.greeting = beginning.greeting or ""

    async def say(self, text: str) -> str:
        before = copy.deepcopy(self.state)
        outcomes = []
        for _ in range(2):
            pieces = [
                piece
                async for piece in self.assistant.think(
                    self.state, self.context, [Item(text=text, timestamp="2026-11-21T08:00:00Z")]
                )
            ]
            outcomes.append(pieces)
        assert outcomes[0] == outcomes[1], "the same words on the same state are answered in the same way"
        assert self.state == before, "thinking changes nothing"
        self.state = self.assistant.apply(
            self.state, [piece for piece in outcomes[0] if not isinstance(piece, str)]
        )
        return "".join(piece for piece in outcomes[0] if isinstance(piece, str))

    @property
    def diary(self) -> list[tuple[str, str, float, str]]:
        diary = self.assistant.diary(self.state, self.context)
        return [
            (meal.meal, item.food, item.quantity, item.unit) for meal in diary.meals for item in meal.items
        ]


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


async def test_a_day_from_breakfast_to_the_sum() -> None:
    talk = Talk()
    answer = await talk.say("I had two eggs and a slice of toast")
    assert "two eggs and one slice of toast, about 215 calories" in answer
    assert "lunch" in answer
    assert "dinner" in await talk.say("a turkey sandwich")
    assert "snacks" in await talk.say("salmon with rice")
    await talk.say("no")
    answer = await talk.say("that's all")
    assert "calories" in answer
    assert "protein" in answer
    assert talk.diary == [
        ("breakfast", "eggs", 2, ""), ("breakfast", "toast", 1, "slice"), ("lunch", "turkey sandwich", 1, ""),
        ("dinner", "salmon", 1, "serving"), ("dinner", "rice", 1, "cup"),
    ]  # fmt: skip


async def test_what_is_not_known_is_asked_about_and_never_counted() -> None:
    talk = Talk(19)
    answer = await talk.say("two zorbles and rice")
    assert "two zorbles and one cup of rice, about 205 calories" in answer
    assert "zorbles" in answer.split(". ", 1)[1]
    item = talk.assistant.diary(talk.state, talk.context).meals[0].items[0]
    assert (item.food, item.known, item.kcal, item.grams) == ("zorbles", False, 0, None)
    assert "without zorbles" in await talk.say("how many calories so far?")
    await talk.say("what did I have for dinner")  # a question between does not change what is asked
    answer = await talk.say("it's a bit like a cookie")
    assert "like cookie" in answer
    item = talk.assistant.diary(talk.state, talk.context).meals[0].items[0]
    assert (item.food, item.quantity, item.known, item.grams) == ("zorbles", 2, True, 60)


async def test_what_is_not_known_can_be_left() -> None:
    talk = Talk(19)
    await talk.say("some ugali")
    assert "leave it" in await talk.say("never mind")
    assert talk.diary == [("dinner", "ugali", 1, "")]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("no, three eggs", [("eggs", 3), ("toast", 1)]),
        ("actually it was three eggs", [("eggs", 3), ("toast", 1)]),
        ("remove the toast", [("eggs", 2)]),
        ("take the toast off", [("eggs", 2)]),
        ("I didn't have toast", [("eggs", 2)]),
        ("make it two", [("eggs", 2), ("toast", 2)]),
        ("sorry, I meant a bagel", [("eggs", 2), ("bagel", 1)]),
        ("scratch that", []),
        ("undo", []),
        ("delete the caviar", [("eggs", 2), ("toast", 1)]),
        ("I did not have caviar", [("eggs", 2), ("toast", 1)]),
    ],
)
async def test_corrections(said: str, expected: list[tuple[str, float]]) -> None:
    talk = Talk()
    await talk.say("two eggs and toast")
    await talk.say(said)
    assert [(food, quantity) for _, food, quantity, _ in talk.diary] == expected


async def test_undo_takes_back_one_change_after_the_other() -> None:
    talk = Talk()
    await talk.say("two eggs")
    await talk.say("and a banana")
    await talk.say("remove the eggs")
    assert len(talk.diary) == 1
    await talk.say("undo that")
    assert len(talk.diary) == 2
    await talk.say("undo that")
    assert [food for _, food, _, _ in talk.diary] == ["eggs"]
    await talk.say("undo that")
    assert talk.diary == []
    assert "nothing to take back" in await talk.say("undo that")


async def test_questions_change_nothing() -> None:
    talk = Talk(13)
    assert "Nothing is written down" in await talk.say("how many calories so far")
    await talk.say("eggs for breakfast and pizza for lunch")
    before = talk.diary
    assert "two eggs" in await talk.say("what did I have for breakfast?")
    assert "pizza" not in await talk.say("what did I have for breakfast?")
    assert "calories" in await talk.say("how many calories have I had so far?")
    assert "One egg has about 70 calories" in await talk.say("how many calories are in an egg?")
    assert talk.diary == before


async def test_a_skipped_meal_leads_to_the_next_question() -> None:
    talk = Talk(13)
    assert "dinner" in await talk.say("I skipped lunch")
    assert "snack" in await talk.say("nothing")
    assert talk.diary == []


async def test_that_is_all_with_food_in_the_same_breath_is_both() -> None:
    talk = Talk()
    answer = await talk.say("two eggs and that's all")
    assert "two eggs" in answer
    assert "today" in answer
    assert talk.diary == [("breakfast", "eggs", 2, "")]


async def test_what_is_not_understood_is_asked_back_and_not_logged() -> None:
    talk = Talk()
    for said in ("The weather is nice today.", "what is the capital of France", "purple"):
        answer = await talk.say(said)
        assert len(answer) < 200
        assert answer.endswith("?")
    assert [food for _, food, _, _ in talk.diary] in ([], ["purple"])


async def test_yesterday_is_written_down_as_yesterday() -> None:
    talk = Talk()
    await talk.say("yesterday I had pizza for dinner")
    assert talk.diary == []
    assert "pizza" in await talk.say("what did I eat yesterday?")


async def test_the_day_is_the_persons_day() -> None:
    talk = Talk(hour=3, timezone="America/New_York")
    await talk.say("I had pizza")
    assert talk.assistant.diary(talk.state, talk.context).date == "2026-11-20"


async def test_a_question_of_yesterday_does_not_decide_about_todays_breakfast() -> None:
    talk = Talk(20, day=20)
    await talk.say("pizza")  # asks about snacks
    talk.context = Context(datetime(2026, 11, 21, 8, 0, tzinfo=UTC))
    await talk.say("I had two eggs")
    assert talk.diary == [("breakfast", "eggs", 2, "")]


async def test_the_state_stays_small_however_long_one_talks() -> None:
    talk = Talk()
    for _ in range(MAX_ITEMS_A_DAY // 10 + 3):
        await talk.say(", ".join(["egg"] * 10))
    assert len(talk.diary) == MAX_ITEMS_A_DAY
    assert "more than I can write down" in await talk.say("two eggs and toast")
    for day in range(1, 28):
        talk.context = Context(datetime(2026, 12, day, 8, 0, tzinfo=UTC))
        await talk.say("I had an egg")
    assert len(talk.state["days"]) == MAX_DAYS


async def test_wordings_vary() -> None:
    openings = set()
    talk = Talk()
    for food in ("egg", "banana", "apple", "bagel", "taco", "cookie", "pear", "muffin"):
        openings.add((await talk.say(f"I had a {food}")).split(":")[0])
    assert len(openings) > 1
