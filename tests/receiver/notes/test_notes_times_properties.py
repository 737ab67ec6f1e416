"""What holds for every time that is understood: it lies ahead, and what is said back means the same."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from receiver.assistants.notes.times.reader import read_when
from receiver.assistants.notes.times.saying import say_moment
from receiver.assistants.notes.times.when import When
from receiver.assistants.notes.times.words import MAX_WORDS, words_of
from receiver.assistants.notes.times.working_out import Moment, Open, scene_at, work_out

ZONES = (
    "UTC", "Europe/London", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata",
    "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu",
)  # fmt: skip
HOURS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"
)  # fmt: skip
WORDS = """
at on in by every next the a of to past half quarter nine ten twenty first third 31st 9:30 0900 am pm o'clock noon
midnight tonight tomorrow monday mondays friday week weeks month day days hour and no wait i mean oh hundred
twenty-eight 2028 february may from now last before after remind me this that 3/4 minutes couple few
"""
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
hours = st.sampled_from(list(HOURS))
clocks = st.one_of(
    hours.map("at {}".format),
    hours.map("at half past {}".format),
    hours.map("at quarter to {}".format),
    hours.map("half {}".format),
    st.builds("at {} oh seven".format, hours),
    st.builds("at {} forty one".format, hours),
    st.builds(
        "at {} {}".format, hours, st.sampled_from(["a.m.", "p m", "o'clock", "in the evening", "at night"])
    ),
    st.builds("at {:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59)),
    st.sampled_from(
        ["at noon", "at midnight", "at ten to midnight", "in the morning", "at oh two thirty", ""]
    ),
)
days = st.one_of(
    st.sampled_from(
        [
            "", "today", "tonight", "tomorrow", "the day after tomorrow", "tomorrow evening", "in three days",
            "in two weeks", "in a month", "in forty minutes", "in an hour and a half", "in twenty five hours",
            "on the last day of the month", "on the 31st", "on the third of next month", "on february 29th",
            "next weekend", "a week on tuesday", "on friday the thirteenth", "on christmas eve",
        ]
    ),
    st.builds("{} {}".format, st.sampled_from(["on", "next", "this"]), st.sampled_from(["monday", "friday", "sunday"])),
    st.builds("on the {}".format, st.sampled_from(["1st", "2nd", "15th", "29th", "30th", "31st"])),
)  # fmt: skip
repeats = st.sampled_from(
    [
        "", "", "every day", "every weekday", "every monday", "every other friday", "every weekend", "every three days",
        "on the first of every month", "on the 31st of every month", "every two months on the 30th", "every evening",
        "on the last friday of every month", "every year on the fifth of may", "every year on february 29th",
        "every tuesday and thursday", "every night",
    ]
)  # fmt: skip


def understand(said: str, now: datetime, zone: ZoneInfo) -> Moment | Open:
    return work_out(read_when(words_of(said), scene_at(now, zone), expected=True).when, now, zone)


def check(said: str, now: datetime, zone: ZoneInfo) -> None:
    found = understand(said, now, zone)
    if isinstance(found, Open):
        return
    assert found.at > now
    assert found.at.second == found.at.microsecond == 0
    back = say_moment(found, now, zone)
    again = understand(back, now, zone)
    assert isinstance(again, Moment), (said, back, again)
    assert (again.at, again.wall, again.repeat, again.time) == (
        found.at,
        found.wall,
        found.repeat,
        found.time,
    ), back


@settings(max_examples=300, deadline=None)
@given(days, clocks, moments, zones)
@example("today", "at half past one", datetime(2026, 10, 25, 0, 45, tzinfo=UTC), ZoneInfo("Europe/London"))
@example("tomorrow", "at 02:30", datetime(2027, 3, 13, 23, tzinfo=UTC), ZoneInfo("America/New_York"))
def test_a_reminder_lies_ahead_and_what_is_said_back_means_the_same(
    day: str, clock: str, now: datetime, zone: ZoneInfo
) -> None:
    check(f"{day} {clock}", now, zone)


@settings(max_examples=200, deadline=None)
@given(repeats, clocks, moments, zones)
def test_what_repeats_lies_ahead_and_what_is_said_back_means_the_same(
    repeat: str, clock: str, now: datetime, zone: ZoneInfo
) -> None:
    check(f"{repeat} {clock}", now, zone)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 60 * 24 * 400), moments, zones)
def test_every_minute_that_can_be_said_back_is_understood(ahead: int, now: datetime, zone: ZoneInfo) -> None:
    at = (now + timedelta(minutes=ahead + 1)).replace(second=0, microsecond=0)
    there = at.astimezone(zone)
    moment = Moment(at, there.replace(tzinfo=None, fold=0))
    if at > now:
        assert understand(say_moment(moment, now, zone), now, zone) == moment


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split()), max_size=25), moments, zones)
def test_no_order_of_its_own_words_breaks_the_reader(words: list[str], now: datetime, zone: ZoneInfo) -> None:
    said = " ".join(words)
    for expected in (False, True):
        reading = read_when(words_of(said), scene_at(now, zone), expected=expected)
        assert When.from_json(reading.when.to_json()) == reading.when
        found = work_out(reading.when, now, zone)
        if isinstance(found, Moment):
            assert found.at > now


@given(st.text(max_size=200), moments, zones)
def test_no_text_breaks_the_reader(text: str, now: datetime, zone: ZoneInfo) -> None:
    words = words_of(text)
    assert len(words) <= MAX_WORDS
    work_out(read_when(words, scene_at(now, zone)).when, now, zone)


@pytest.mark.parametrize(
    "text", ["at nine " * 2048, "every " * 2730, "in an hour and " * 1092, "1" * 16_384, "to " * 5461]
)
def test_the_longest_text_is_read_in_bounded_time(text: str) -> None:
    started = time.process_time()
    read_when(
        words_of(text), scene_at(datetime(2026, 11, 21, 12, tzinfo=UTC), ZoneInfo("UTC")), expected=True
    )
    assert time.process_time() - started < 1.0
