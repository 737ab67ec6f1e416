"""Periods in words, in the person's own zone: ends of months, weeks from Monday, and the days clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.bank.calendar_days import add_months, days_of, latest_date, latest_weekday, midnight
from receiver.bank.periods import Period, find_periods, period_of, split
from tests.receiver.bank.one_period import find_period

MELBOURNE = ZoneInfo("Australia/Melbourne")
WORDS = (
    "last", "this", "the", "past", "week", "month", "year", "days", "march", "may", "friday", "5th", "of", "between",
    "and", "to", "since", "until", "ago", "3", "2025", "in", "on", "before", "after", "from", "weekend", "first",
    "31st",
    "february", "hours", "christmas", "0", "99999", "start", "end",
)  # fmt: skip
WEDNESDAY = datetime(2026, 11, 18, 15, 0, tzinfo=MELBOURNE)


def days(words: str, now: datetime = WEDNESDAY, zone: ZoneInfo = MELBOURNE) -> tuple[str, str]:
    """First and last day of the period that is found, as `MM-DD`, with the year where it is another one."""
    found = find_period(words, now, zone)
    assert found is not None, words
    period = found.period
    assert period.start is None or period.start < period.end

    def day(moment: datetime) -> str:
        local = moment.astimezone(zone)
        return local.strftime("%m-%d" if local.year == now.astimezone(zone).year else "%Y-%m-%d")

    return "" if period.start is None else day(period.start), day(period.end - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("today", "11-18", "11-18"),
        ("this morning", "11-18", "11-18"),
        ("yesterday", "11-17", "11-17"),
        ("last night", "11-17", "11-17"),
        ("the day before yesterday", "11-16", "11-16"),
        ("this week", "11-16", "11-22"),
        ("last week", "11-09", "11-15"),
        ("the last week", "11-12", "11-18"),
        ("the past week", "11-12", "11-18"),
        ("in the last seven days", "11-12", "11-18"),
        ("the last ten days", "11-09", "11-18"),
        ("over the past 2 weeks", "11-05", "11-18"),
        ("the last couple of days", "11-17", "11-18"),
        ("past few days", "11-16", "11-18"),
        ("last fortnight", "11-02", "11-15"),
        ("this month", "11-01", "11-30"),
        ("so far this month", "11-01", "11-30"),
        ("this month so far", "11-01", "11-30"),
        ("month to date", "11-01", "11-30"),
        ("for the month", "11-01", "11-30"),
        ("last month", "10-01", "10-31"),
        ("during the previous month", "10-19", "11-18"),
        ("previous month", "10-01", "10-31"),
        ("the last three months", "08-19", "11-18"),
        ("this quarter", "10-01", "12-31"),
        ("last quarter", "07-01", "09-30"),
        ("this year", "01-01", "12-31"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("this financial year", "07-01", "2027-06-30"),
        ("last tax year", "2025-07-01", "06-30"),
        ("in 2025", "2025-01-01", "2025-12-31"),
        ("in twenty twenty five", "2025-01-01", "2025-12-31"),
        ("in March", "03-01", "03-31"),
        ("March", "03-01", "03-31"),
        ("in November", "11-01", "11-30"),
        ("in December", "2025-12-01", "2025-12-31"),
        ("last November", "2025-11-01", "2025-11-30"),
        ("in March last year", "2025-03-01", "2025-03-31"),
        ("March 2024", "2024-03-01", "2024-03-31"),
        ("in may", "05-01", "05-31"),
        ("on Friday", "11-13", "11-13"),
        ("on Wednesday", "11-11", "11-11"),
        ("on Tuesday", "11-17", "11-17"),
        ("this Monday", "11-16", "11-16"),
        ("last Monday", "11-16", "11-16"),
        ("on Friday last week", "11-13", "11-13"),
        ("last week on Monday", "11-09", "11-09"),
        ("at the weekend", "11-14", "11-15"),
        ("last weekend", "11-14", "11-15"),
        ("on the 5th", "11-05", "11-05"),
        ("on the thirty first", "10-31", "10-31"),
        ("on the 5th of March", "03-05", "03-05"),
        ("on March 5th", "03-05", "03-05"),
        ("on 5 March 2025", "2025-03-05", "2025-03-05"),
        ("on the twenty fifth of December", "2025-12-25", "2025-12-25"),
        ("on 29 February", "2024-02-29", "2024-02-29"),
        ("on 2026-02-28", "02-28", "02-28"),
        ("three days ago", "11-15", "11-15"),
        ("two weeks ago", "11-02", "11-08"),
        ("a month ago", "10-01", "10-31"),
        ("since Friday", "11-13", "11-18"),
        ("since last week", "11-09", "11-18"),
        ("since two weeks ago", "11-04", "11-18"),
        ("since the first of November", "11-01", "11-18"),
        ("since the start of the year", "01-01", "11-18"),
        ("from March onwards", "03-01", "11-18"),
        ("since Christmas", "2025-12-25", "11-18"),
        ("since new year", "01-01", "11-18"),
        ("after the 10th", "11-11", "11-18"),
        ("between Monday and Wednesday", "11-09", "11-11"),
        ("from Monday to Tuesday", "11-16", "11-17"),
        ("between Friday and Monday", "11-13", "11-16"),
        ("between March and May", "03-01", "05-31"),
        ("from November to January", "2025-11-01", "01-31"),
        ("from the first to the fifteenth of March", "03-01", "03-15"),
        ("between the 3rd of March and the 2nd of April", "03-03", "04-02"),
        ("before March", "", "02-28"),
        ("until last Friday", "", "11-13"),
        ("of all time", "", "11-18"),
    ],
)
def test_a_period_is_the_days_that_were_meant(words: str, first: str, last: str) -> None:
    assert days(words) == (first, last)
    assert days(f"How much did I spend on groceries {words}?") == (first, last)


@pytest.mark.parametrize(
    "words",
    ["", "my last five transactions", "how much may I spend", "a second coffee", "the first quarter", "2000 dollars",
     "in the red", "what is my balance", "from Woolworths", "since when", "the 31st of April", "0 days ago"],
)  # fmt: skip
def test_other_words_are_no_period(words: str) -> None:
    found = find_period(words, WEDNESDAY, MELBOURNE)
    assert found is None or found.period.label == "in April"


@pytest.mark.parametrize(
    ("words", "label", "rest"),
    [
        ("How much did I spend on groceries last month?", "last month", "how much did i spend on groceries"),
        ("coffee since Friday please", "since Friday", "coffee please"),
        ("what did I spend in March at Coles", "in March", "what did i spend at coles"),
        ("uber on monday", "on Monday", "uber"),
        ("in the last ten days", "in the last 10 days", ""),
        ("between monday and wednesday", "between Monday and Wednesday", ""),
    ],
)  # fmt: skip
def test_a_period_can_be_said_and_leaves_the_other_words(words: str, label: str, rest: str) -> None:
    found = find_period(words, WEDNESDAY, MELBOURNE)
    assert found is not None
    assert (found.period.label, found.rest) == (label, rest)


def test_two_periods_are_found_in_their_order() -> None:
    found, rest = find_periods("did I spend more this month than in October", WEDNESDAY, MELBOURNE)
    assert [period.label for period in found] == ["this month", "in October"]
    assert rest == "did i spend more than"


@pytest.mark.parametrize(
    ("now", "words", "first", "last"),
    [
        ("2026-03-31", "last month", "02-01", "02-28"),
        ("2024-03-31", "last month", "02-01", "02-29"),
        ("2026-03-31", "the last month", "03-01", "03-31"),
        ("2026-05-31", "the last three months", "03-01", "05-31"),
        ("2026-01-01", "last month", "2025-12-01", "2025-12-31"),
        ("2026-01-01", "yesterday", "2025-12-31", "2025-12-31"),
        ("2026-01-01", "last week", "2025-12-22", "2025-12-28"),
        ("2026-01-01", "this week", "2025-12-29", "01-04"),
        ("2026-01-01", "last quarter", "2025-10-01", "2025-12-31"),
        ("2026-01-01", "in January", "01-01", "01-31"),
        ("2026-01-01", "on the 31st", "2025-12-31", "2025-12-31"),
        ("2026-03-01", "on the 31st", "01-31", "01-31"),
        ("2026-11-16", "last week", "11-09", "11-15"),  # a Monday
        ("2026-11-16", "this week", "11-16", "11-22"),
        ("2026-11-16", "on Monday", "11-09", "11-09"),
        ("2026-11-22", "this week", "11-16", "11-22"),  # a Sunday
        ("2026-11-22", "at the weekend", "11-21", "11-22"),
        ("2026-11-22", "last weekend", "11-14", "11-15"),
        ("2026-06-30", "this financial year", "2025-07-01", "06-30"),
        ("2026-07-01", "this financial year", "07-01", "2027-06-30"),
        ("2024-02-29", "last year", "2023-01-01", "2023-12-31"),
    ],
)
def test_ends_of_months_weeks_and_years(now: str, words: str, first: str, last: str) -> None:
    assert days(words, datetime.fromisoformat(f"{now}T12:00").replace(tzinfo=MELBOURNE)) == (first, last)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Australia/Melbourne", "2026-10-04", 23),  # forward at 02:00
        ("Australia/Melbourne", "2026-04-05", 25),  # back at 03:00
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Perth", "2026-10-04", 24),
        ("Europe/Dublin", "2026-03-29", 23),
        ("Europe/Dublin", "2026-10-25", 25),
        ("America/Havana", "2026-03-08", 23),  # there is no midnight
        ("America/Havana", "2026-11-01", 25),  # there are two
    ],
)
def test_a_day_on_which_the_clocks_change_is_longer_or_shorter(zone: str, day: str, hours: float) -> None:
    there = ZoneInfo(zone)
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=there)
    today, yesterday = find_period("today", noon, there), find_period("yesterday", noon, there)
    assert today is not None
    assert yesterday is not None
    assert today.period.start is not None
    assert today.period.end - today.period.start == timedelta(hours=hours)
    assert yesterday.period.end == today.period.start


def test_both_of_the_hours_that_the_clock_shows_twice_belong_to_the_day() -> None:
    night = datetime(2026, 4, 5, 12, 0, tzinfo=MELBOURNE)
    found = find_period("today", night, MELBOURNE)
    assert found is not None
    first, second = (datetime(2026, 4, 5, 2, 30, fold=fold, tzinfo=MELBOURNE) for fold in (0, 1))
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    assert first in found.period
    assert second in found.period


def test_the_last_24_hours_are_24_hours_also_when_the_clocks_change() -> None:
    now = datetime(2026, 10, 4, 9, 0, tzinfo=MELBOURNE)
    found = find_period("in the last 24 hours", now, MELBOURNE)
    assert found is not None
    assert found.period.start is not None
    assert found.period.end.astimezone(UTC) - found.period.start.astimezone(UTC) == timedelta(hours=24)


def test_a_purchase_late_in_the_evening_belongs_to_the_day_of_the_person() -> None:
    bought = datetime(2026, 11, 17, 23, 30, tzinfo=MELBOURNE)  # 12:30 UTC, and still the 17th in Perth
    found = find_period("yesterday", WEDNESDAY, MELBOURNE)
    assert found is not None
    assert bought in found.period
    assert bought.astimezone(UTC) in found.period
    elsewhere = find_period("today", WEDNESDAY, ZoneInfo("Pacific/Kiritimati"))
    assert elsewhere is not None
    assert bought in elsewhere.period  # where it was the 18th already


def test_where_the_person_is_decides_what_day_it_is() -> None:
    now = datetime(2026, 11, 30, 22, 0, tzinfo=UTC)
    assert days("this month", now, ZoneInfo("Europe/London")) == ("11-01", "11-30")
    assert days("this month", now, MELBOURNE) == ("12-01", "12-31")


def test_the_parts_of_a_period_are_all_of_it() -> None:
    found = find_period("the last three months", WEDNESDAY, MELBOURNE)
    assert found is not None
    for unit in ("day", "week", "month", "year"):
        parts = split(found.period, unit, MELBOURNE)  # type: ignore[arg-type]
        assert parts[0].start == found.period.start
        assert parts[-1].end == found.period.end
        assert all(one.end == other.start for one, other in pairwise(parts))
    months = split(found.period, "month", MELBOURNE)
    assert [month.label for month in months] == [
        "in August 2026", "in September 2026", "in October 2026", "in November 2026",
    ]  # fmt: skip
    with pytest.raises(ValueError):
        split(Period(None, WEDNESDAY, ""), "day", MELBOURNE)


@pytest.mark.parametrize(("back", "label"), [(0, "this month"), (1, "last month"), (3, "3 months ago")])
def test_months_back(back: int, label: str) -> None:
    period = period_of("month", WEDNESDAY, MELBOURNE, back=back)
    assert period.label == label
    assert period.start == midnight(add_months(date(2026, 11, 1), -back), MELBOURNE)
    assert period_of("day", WEDNESDAY, MELBOURNE, back=1).label == "yesterday"


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.integers(-600, 600), st.integers(0, 6))
@settings(max_examples=200, deadline=None)
def test_the_calendar_holds_together(day: date, months: int, weekday: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day <= day.day
    latest = latest_weekday(weekday, day)
    assert latest.weekday() == weekday
    assert 1 <= (day - latest).days <= 7
    for unit in ("week", "month", "quarter", "year", "financial year"):
        whole = days_of(unit, day)  # type: ignore[arg-type]
        assert whole.first <= day <= whole.last
        assert days_of(unit, whole.first) == days_of(unit, whole.last) == whole  # type: ignore[arg-type]
    assert days_of("week", day).first.weekday() == 0
    found = latest_date(day.day, day.month, day)
    assert found == day
    assert latest_date(31, 4, day) is None


@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=9,
    ),
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)),
)
@settings(max_examples=400, deadline=None)
def test_no_words_break_the_reader(words: list[str], now: datetime) -> None:
    found, rest = find_periods(" ".join(words), now.replace(tzinfo=MELBOURNE), MELBOURNE)
    assert all(period.start is None or period.start < period.end for period in found)
    assert len(rest.split()) <= len(words)
