"""Eighty calls as people speak on the phone, written down with what must come of them before any was tried."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.receiver.notes.call import Call
from tests.receiver.notes.spoken_by_others import WEDNESDAY, judge, rows

TUNED, HELD_BACK = rows("tuned"), rows("held_back")

HELD_BACK_RIGHT = 38
"""Of forty calls that the grammar was not written with."""

HELD_BACK_WRONG = 1
"""Of these: an alarm for nothing in particular is called "the alarm"."""


def test_there_are_forty_of_each() -> None:
    assert (len(TUNED), len(HELD_BACK)) == (40, 40)


@pytest.mark.parametrize("row", TUNED, ids=[row["say"][-1][:60] for row in TUNED])
async def test_a_call_comes_to_what_the_caller_meant(row: dict[str, Any]) -> None:
    verdict, call = await judge(row)
    assert verdict == "right", call


async def test_calls_that_nobody_looked_at_go_nearly_as_well() -> None:
    judged = [await judge(row) for row in HELD_BACK]
    counted = Counter(verdict for verdict, _ in judged)
    wrong = "\n".join(call for verdict, call in judged if verdict != "right")
    assert counted["silently wrong"] <= HELD_BACK_WRONG, wrong
    assert counted["right"] >= HELD_BACK_RIGHT, wrong


async def _said(*turns: str) -> Call:
    call = Call(WEDNESDAY)
    for turn in turns:
        await call.say(turn)
    return call


@pytest.mark.parametrize(
    ("said", "times"),
    [
        ("remind me in half an hour and then again in an hour to look", ["Wed 25 10:50", "Wed 25 11:20"]),
        ("remind me in half an hour to look and again in an hour", ["Wed 25 10:50", "Wed 25 11:20"]),
        (
            "remind me monday wednesday and friday at nine to look",
            ["Fri 27 09:00", "Mon 30 09:00", "Wed 02 09:00"],
        ),
        ("remind me tomorrow at nine and five to look", ["Thu 26 09:00", "Thu 26 17:00"]),
        ("remind me tomorrow morning and evening to look", ["Thu 26 09:00", "Thu 26 19:00"]),
        ("remind me on the first and the fifteenth at noon to look", ["Tue 01 12:00", "Tue 15 12:00"]),
        (
            "remind me on the first and fifteenth of every month at noon to look",
            ["Tue 01 12:00", "Tue 15 12:00"],
        ),
        ("remind me tomorrow and every monday at six pm to look", ["Thu 26 18:00", "Mon 30 18:00"]),
        ("remind me tonight at eight and tomorrow at noon to look", ["Wed 25 20:00", "Thu 26 12:00"]),
    ],
)
async def test_each_of_several_times_is_kept(said: str, times: list[str]) -> None:
    call = await _said(said)
    assert [f"{at[:6]} {at[-5:]}" for _, at in call.reminders] == times
    assert {text for text, _ in call.reminders} == {"look"}


async def test_what_several_times_lack_is_asked_once() -> None:
    call = await _said("remind me saturday and sunday to look", "at ten")
    assert [at for _, at in call.reminders] == ["Sat 28 Nov 2026 10:00", "Sun 29 Nov 2026 10:00"]
    call = await _said("remind me tomorrow at six and at ten to look", "in the evening")
    assert [at for _, at in call.reminders] == ["Thu 26 Nov 2026 18:00", "Thu 26 Nov 2026 22:00"]


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("at nine pm tonight", "Wed 25 Nov 2026 21:00"),
        ("at 22:15 this evening", "Wed 25 Nov 2026 22:15"),
        ("last thing tonight", "Wed 25 Nov 2026 22:00"),
        ("tomorrow around fiveish", "Thu 26 Nov 2026 17:00"),
        ("two days before christmas at noon", "Wed 23 Dec 2026 12:00"),
    ],
)
async def test_a_time_of_day_is_not_lost_to_the_words_beside_it(said: str, there: str) -> None:
    assert (await _said(f"remind me {said} to look")).reminders == [("look", there)]


@pytest.mark.parametrize(
    "said",
    [
        "remind me two days before easter at noon to look",
        "remind me the morning of my exam at eight to look",
        "remind me at five or maybe at six to look",
        "i have a call at three remind me at quarter to",
        "remind me when i get home to look",
    ],
)
async def test_a_time_that_is_not_understood_is_never_taken_for_another(said: str) -> None:
    call = await _said(said)
    assert call.reminders == []
    assert call.turns[-1][1].endswith("?")


async def test_a_long_list_is_read_to_its_end() -> None:
    call = await _said(
        f"add {' and '.join('abcdefgh')} to my list", "what's on my list", "go on", "what else"
    )
    assert [answer for _, answer in call.turns[1:]] == [
        "Eight things on your list: a, b, c, d, e and three more.", "F, g and h.", "That is all.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("turns", "todos"),
    [
        (("add milk to my list no wait oat milk",), ["oat milk"]),
        (("add milk and bread to my list", "no that's fine"), ["milk", "bread"]),
        (("add call tom to my list", "done with tom", "i haven't called tom after all"), ["call tom"]),
        (("add milk and bread to my list", "delete the milk and the bread"), []),
        (("add milk to my list", "i don't need milk"), ["milk"]),
        (("add milk to my list", "i don't need milk any more"), []),
    ],
)
async def test_a_list_is_what_was_said_last(turns: tuple[str, ...], todos: list[str]) -> None:
    assert (await _said(*turns)).todos == todos


@pytest.mark.parametrize(
    ("then", "times"),
    [
        ("it's been moved to six", ["Wed 25 Nov 2026 18:00"]),
        ("can we make the swim at seven instead", ["Wed 25 Nov 2026 19:00"]),
        (
            "and again tomorrow and friday",
            ["Wed 25 Nov 2026 17:00", "Thu 26 Nov 2026 17:00", "Fri 27 Nov 2026 17:00"],
        ),
        ("delete all the reminders today", ["Wed 25 Nov 2026 17:00"]),
        ("same time tomorrow", ["Wed 25 Nov 2026 17:00", "Thu 26 Nov 2026 17:00"]),
        ("delete the one at five", []),
    ],
)
async def test_a_reminder_that_is_there_is_moved_repeated_or_taken_out(then: str, times: list[str]) -> None:
    assert [at for _, at in (await _said("remind me at five pm to swim", then)).reminders] == times


async def test_the_other_half_of_the_day_keeps_the_minutes() -> None:
    call = await _said("remind me tomorrow at quarter past seven to look", "oh in the evening")
    assert call.reminders == [("look", "Thu 26 Nov 2026 19:15")]


@pytest.mark.parametrize(
    ("said", "reminders"),
    [
        (
            "remind me tomorrow at nine to call anna and at ten to call ben",
            [("call anna", "Thu 26 Nov 2026 09:00"), ("call ben", "Thu 26 Nov 2026 10:00")],
        ),
        (
            "so tomorrow i've got the vet at ten can you remind me at nine",
            [("the vet", "Thu 26 Nov 2026 09:00")],
        ),
        ("wake me at seven", [("wake up", "Thu 26 Nov 2026 07:00")]),
        ("remind me every day except sunday at nine to run", []),
        ("remind me in ten", []),
    ],
)
async def test_what_belongs_to_which_time(said: str, reminders: list[tuple[str, str]]) -> None:
    assert (await _said(said)).reminders == reminders


@pytest.mark.parametrize(
    ("then", "there"), [("change it to quarter past", "17:15"), ("can you make that a bit later", "17:00")]
)
async def test_a_new_time_never_becomes_the_text(then: str, there: str) -> None:
    (reminder,) = (await _said("remind me at five pm to swim", then)).reminders
    assert reminder == ("swim", f"Wed 25 Nov 2026 {there}")


async def test_more_times_than_can_be_heard_out_are_refused() -> None:
    times = " and ".join(
        f"at {hour} pm" for hour in ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    call = await _said(f"remind me {times} to look")
    assert call.reminders == []
    assert "up to eight times" in call.turns[-1][1]
