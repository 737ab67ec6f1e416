"""Hours without "am" or "pm", by the time of day at which they are told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from receiver.assistants.diet.dialogue.hours import with_half_of_day
from tests.receiver.diet.talk import Talk


@pytest.mark.parametrize(
    ("hour", "said", "meal"),
    [
        (21, "at eight I had pasta", "dinner"),
        (21, "I had pasta at 8", "dinner"),
        (19, "at eight o'clock I had pasta", "dinner"),
        (21, "around eight I had pasta", "dinner"),
        (21, "at half past seven I had pasta", "dinner"),
        (9, "at eight I had pasta", "breakfast"),
        (9, "at six I had pasta", "breakfast"),
        (14, "at eight I had pasta", "breakfast"),
        (19, "at six I had pasta", "dinner"),
        (21, "at eight this morning I had pasta", "breakfast"),
        (21, "at eight am I had pasta", "breakfast"),
        (21, "at eight I had eggs and at one a sandwich", "breakfast"),
    ],
)
async def test_an_evening_hour_is_not_taken_for_breakfast(hour: int, said: str, meal: str) -> None:
    talk = Talk(hour)
    await talk.say(said)
    assert talk.diary[0][0] == meal


async def test_an_hour_is_told_in_the_time_zone_of_the_person() -> None:
    talk = Talk(2, timezone="America/New_York")
    await talk.say("at eight I had pasta")
    assert talk.diary[0][0] == "dinner"


async def test_what_was_for_breakfast_stays_breakfast_in_the_evening() -> None:
    talk = Talk(21)
    await talk.say("let's go to breakfast")
    await talk.say("at eight I had eggs")
    assert talk.diary[0][0] == "breakfast"


@pytest.mark.parametrize(
    "said",
    [
        "about eight nuggets", "around eight chips", "yesterday at eight I had pasta", "two eggs",
        "at eight to ten dollars", "at eight percent",
    ],
)  # fmt: skip
def test_a_number_that_is_no_hour_of_today_is_left_as_it_is(said: str) -> None:
    assert with_half_of_day(said, datetime(2026, 11, 21, 21, 30, tzinfo=UTC)) == said
