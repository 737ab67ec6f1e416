"""Bills are known by their days, and what only looks like one is none."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from receiver.bank.feasts import easter_sunday
from receiver.bank.models import Money, Transaction
from receiver.bank.recurring import find_recurring
from tests.receiver.bank.one_period import find_period

ZONE = ZoneInfo("Australia/Melbourne")
TODAY = date(2026, 11, 18)


def paid(name: str, *days: str, cents: int = 1_000, category: str | None = None) -> list[Transaction]:
    return [
        Transaction(
            id=f"{name} {day}",
            account_id="a",
            description=name,
            amount=Money(-cents),
            created_at=datetime.fromisoformat(f"{day}T03:00").replace(tzinfo=ZONE),
            category=category,
        )
        for day in days
    ]


@pytest.mark.parametrize(
    ("days", "every", "due"),
    [
        (("2026-09-09", "2026-10-09", "2026-11-09"), "month", "2026-12-09"),
        (("2026-08-31", "2026-09-30", "2026-10-31"), "month", "2026-11-30"),
        (("2026-10-16", "2026-10-30", "2026-11-13"), "fortnight", "2026-11-27"),
        (("2026-11-02", "2026-11-09", "2026-11-16"), "week", "2026-11-23"),
        # On a weekend it came two days later.
        (("2026-08-14", "2026-09-16", "2026-10-14", "2026-11-14"), "month", "2026-12-14"),
    ],
)
def test_what_comes_on_regular_days_is_expected_again(days: tuple[str, ...], every: str, due: str) -> None:
    [found] = find_recurring(paid("Netflix", *days), TODAY, ZONE)
    assert (found.every, found.due.isoformat()) == (every, due)


@pytest.mark.parametrize(
    "days",
    [
        ("2026-10-09", "2026-11-09"),  # twice is chance
        ("2026-09-09", "2026-10-02", "2026-11-09"),
        ("2026-06-09", "2026-07-09", "2026-08-09"),  # it has ended
        ("2026-11-16", "2026-11-17", "2026-11-18"),
    ],
)
def test_what_has_ended_or_keeps_no_days_is_not_expected(days: tuple[str, ...]) -> None:
    assert find_recurring(paid("Netflix", *days), TODAY, ZONE) == []


def test_two_bills_a_quarter_apart_are_enough_and_two_visits_to_a_shop_are_not() -> None:
    days = ("2026-06-20", "2026-09-20")
    [found] = find_recurring(paid("AGL", *days, category="utilities"), TODAY, ZONE)
    assert found.due == date(2026, 12, 20)
    assert found.cents_a_month == 333
    assert find_recurring(paid("JB Hi-Fi", *days, category="technology"), TODAY, ZONE) == []


def test_a_shop_of_every_saturday_with_other_sums_is_no_bill() -> None:
    saturdays = [TODAY - timedelta(days=4 + 7 * week) for week in range(4)]
    visits = [
        entry
        for cents, day in zip((4_000, 9_000, 2_500, 7_000), saturdays, strict=True)
        for entry in paid("Aldi", day.isoformat(), cents=cents)
    ]
    assert find_recurring(visits, TODAY, ZONE) == []


@pytest.mark.parametrize(
    "sunday",
    ["2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2019-04-21", "2038-04-25", "2285-03-22"],
)
def test_easter_is_on_the_day_of_the_church_calendar(sunday: str) -> None:
    assert easter_sunday(int(sunday[:4])).isoformat() == sunday


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("over easter", "2026-04-03", "2026-04-06"),
        ("in winter", "2026-06-01", "2026-08-31"),
        ("last summer", "2025-12-01", "2026-02-28"),
        ("on cup day", "2026-11-03", "2026-11-03"),
        ("on father's day", "2026-09-06", "2026-09-06"),
        ("on black friday", "2025-11-28", "2025-11-28"),
        ("new year's eve", "2025-12-31", "2025-12-31"),
        ("tuesday and wednesday last week", "2026-11-10", "2026-11-11"),
        ("saturday arvo", "2026-11-14", "2026-11-14"),
        ("in the first week of november", "2026-11-01", "2026-11-07"),
        ("in the second half of october", "2026-10-16", "2026-10-31"),
        ("in the week of the ninth", "2026-11-09", "2026-11-15"),
        ("this time last month", "2026-10-01", "2026-10-18"),
        ("next week", "2026-11-23", "2026-11-29"),
        ("tomorrow", "2026-11-19", "2026-11-19"),
    ],
)
def test_days_that_have_a_name(words: str, first: str, last: str) -> None:
    found = find_period(words, datetime(2026, 11, 18, 15, tzinfo=ZONE), ZONE)
    assert found is not None
    assert found.period.start is not None
    end = found.period.end - timedelta(seconds=1)
    assert [str(moment.astimezone(ZONE).date()) for moment in (found.period.start, end)] == [first, last]
    assert found.rest == ""
