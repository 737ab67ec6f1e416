"""Thirty reminders as they are spoken, written down with their instants before the parser was."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from receiver.assistants.notes.state import next_after
from tests.receiver.notes.call import Call

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "spoken_reminders.jsonl").read_text().splitlines()
]


def test_there_are_thirty() -> None:
    assert len(ROWS) == 30


@pytest.mark.parametrize("row", ROWS, ids=[row["said"][:60] for row in ROWS])
async def test_a_spoken_reminder_is_right_to_the_minute(row: dict[str, Any]) -> None:
    call = Call(row["now"], row["zone"])
    answer = await call.say(row["said"])
    assert answer.startswith("I'll remind you"), answer
    (reminder,) = call.state["notes"]["reminders"]
    assert reminder["text"] == row["text"]
    assert datetime.fromisoformat(reminder["at"]) == datetime.fromisoformat(row["at"])
    assert (reminder["repeat"] is not None) == ("then" in row)
    for then in row.get("then", []):
        reminder = next_after(reminder, datetime.fromisoformat(reminder["at"])) or {}
        assert datetime.fromisoformat(reminder["at"]) == datetime.fromisoformat(then)


@pytest.mark.parametrize("row", ROWS, ids=[row["said"][:60] for row in ROWS])
async def test_the_same_with_a_capital_and_a_stop_means_the_same(row: dict[str, Any]) -> None:
    call = Call(row["now"], row["zone"])
    await call.say(f"{row['said'].capitalize()}.")
    (reminder,) = call.state["notes"]["reminders"]
    assert datetime.fromisoformat(reminder["at"]) == datetime.fromisoformat(row["at"])


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("Remind me to call Mum tomorrow at 9:00 AM.", "Sun 22 Nov 2026 09:00"),
        ("Remind me at 5:30 p.m. to leave.", "Sat 21 Nov 2026 17:30"),
        ("remind me today at 17:45 to leave", "Sat 21 Nov 2026 17:45"),
        ("remind me on December 3rd at 10 a.m. to pay", "Thu 03 Dec 2026 10:00"),
        ("remind me on 3 December 2027 at 10 to pay", "Fri 03 Dec 2027 10:00"),
        ("remind me tonight at two to look", "Sun 22 Nov 2026 02:00"),
        ("remind me on friday at midnight to look", "Sat 28 Nov 2026 00:00"),
        ("remind me this time tomorrow to look", "Sun 22 Nov 2026 12:00"),
        ("remind me the monday after next at ten to look", "Mon 30 Nov 2026 10:00"),
        ("remind me next month on the fifth at ten to look", "Sat 05 Dec 2026 10:00"),
        ("remind me tomorrow at ten to look, I mean on Friday", "Fri 27 Nov 2026 10:00"),
        ("remind me friday the thirteenth at ten to look", "Fri 13 Aug 2027 10:00"),
        ("remind me at noon to book a table for eight", "Sun 22 Nov 2026 12:00"),
        ("remind me to book a table for eight at one", "Sat 21 Nov 2026 13:00"),
        ("remind me to prepare my three o'clock call at two", "Sat 21 Nov 2026 14:00"),
        ("remind me to take two pills at nine p.m.", "Sat 21 Nov 2026 21:00"),
        ("remind me in two and a half hours to look", "Sat 21 Nov 2026 14:30"),
        ("remind me in one year to look", "Sun 21 Nov 2027 12:00"),
        ("set a daily reminder at 9 AM to stretch", "Sun 22 Nov 2026 09:00"),
        ("i need to remember to look on thursday at quarter past three", "Thu 26 Nov 2026 15:15"),
        ("set a timer for ten minutes", "Sat 21 Nov 2026 12:10"),
        ("remind me every first monday of the month at nine to pay", "Mon 07 Dec 2026 09:00"),
        ("remind me every second friday of the month at nine to pay", "Fri 11 Dec 2026 09:00"),
        ("remind me every second friday at nine to pay", "Fri 27 Nov 2026 09:00"),
        ("wake me up at quarter to seven in the morning", "Sun 22 Nov 2026 06:45"),
    ],
)
async def test_other_ways_to_say_a_time(said: str, there: str) -> None:
    call = Call()
    answer = await call.say(said)
    assert [at for _, at in call.reminders] == [there], answer


@pytest.mark.parametrize(
    ("locale", "there"), [("en-US", "Sat 05 Dec"), ("en-GB", "Wed 12 May"), (None, "Wed 12 May")]
)
async def test_a_date_in_digits_is_read_as_where_the_person_is(locale: str | None, there: str) -> None:
    call = Call(locale=locale)
    await call.say("remind me on 12/5 at ten to look")
    assert call.reminders[0][1].startswith(there)


async def test_a_time_that_does_not_exist_is_said_to_be_left_out() -> None:
    call = Call("2027-03-13T23:00:00Z", "America/New_York")
    answer = await call.say("remind me tomorrow at half past two in the morning to check")
    assert "the clocks go forward" in answer.lower()
    assert call.reminders == [("check", "Sun 14 Mar 2027 03:30")]


@pytest.mark.parametrize(
    ("now", "said", "at", "which"),
    [
        ("2026-10-24T19:00:00Z", "tomorrow at half past one in the morning", "2026-10-25T00:30", "first"),
        ("2026-10-25T00:45:00Z", "at half past one", "2026-10-25T01:30", "second"),
        ("2026-10-24T19:00:00Z", "tomorrow at half past one in the morning after the clocks go back",
         "2026-10-25T01:30", "second"),
    ],
)  # fmt: skip
async def test_a_time_that_exists_twice_is_said_to(now: str, said: str, at: str, which: str) -> None:
    call = Call(now)
    answer = await call.say(f"remind me {said} to check")
    assert f"that time comes twice; I took the {which}" in answer
    assert call.state["notes"]["reminders"][0]["at"].startswith(at)


async def test_what_repeats_stays_at_its_wall_time_for_years() -> None:
    call = Call("2026-03-01T12:00:00Z", "Europe/Berlin")
    await call.say("every monday at nine remind me to plan the week")
    (reminder,) = call.state["notes"]["reminders"]
    for _ in range(150):
        there = datetime.fromisoformat(reminder["at"]).astimezone(ZoneInfo("Europe/Berlin"))
        assert (there.weekday(), there.hour, there.minute) == (0, 9, 0)
        reminder = next_after(reminder, datetime.fromisoformat(reminder["at"])) or {}


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("remind me to buy stamps", "When should I remind you to buy stamps?"),
        ("remind me to buy stamps tomorrow", "at what time should I remind you to buy stamps?"),
        ("remind me to buy stamps next week", "On which day should I remind you to buy stamps?"),
        ("remind me every week at ten to buy stamps", "On which day"),
        ("remind me every day to buy stamps", "At what time"),
        ("remind me to run tomorrow at six", "Is that six in the morning or six in the evening?"),
        ("remind me today at noon to look", "That time has gone by. When"),
        ("remind me in twenty years to look", "more than ten years away"),
        ("remind me every hour to drink", "once on each of its days"),
        (
            "remind me on Tuesday the 25th of November at three to sing",
            "The 25th of November is a Wednesday.",
        ),
        ("remind me at nine or at ten to eat", "I heard two times."),
        ("remind me every full moon at nine to sing", "once on each of its days"),
        ("remind me to eat at eight in the morning or eight in the evening", "I heard two times."),
        ("remind me to eat every day at noon or at one", "I heard two times."),
        ("remind me the day before christmas to look", "When"),
        ("remind me at nine", "What should I remind you of?"),
        ("remind me", "What should I remind you of, and when?"),
    ],
)
async def test_what_is_missing_or_doubtful_is_asked_in_one_question(said: str, question: str) -> None:
    call = Call()
    answer = await call.say(said)
    assert question in answer
    assert answer.count("?") == 1
    assert call.reminders == []


async def test_at_three_said_in_the_evening_is_not_taken_for_the_night() -> None:
    call = Call("2026-11-21T18:00:00Z")
    assert (
        await call.say("remind me at three to look")
        == "Is that three in the morning or three in the afternoon?"
    )
    await call.say("in the afternoon")
    assert call.reminders == [("look", "Sun 22 Nov 2026 15:00")]
