"""The calendar: weeks begin on Monday, days at midnight where the person is, also when the clocks change."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Unit = Literal["day", "week", "month", "quarter", "year", "financial year"]

FINANCIAL_YEAR_MONTH = 7
"""In Australia it begins on 1 July (https://www.ato.gov.au)."""

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days, the first and the last included."""

    first: date
    last: date


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day begins in `zone`, in UTC, which alone can be compared and subtracted across a clock change.

    Where the clocks skip midnight, the day begins when they do; where they repeat it, at the first of the two.
    """
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of another month, or its last day: 31 March less a month is 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def add_units(day: date, unit: Unit, count: int) -> date:
    match unit:
        case "day":
            return day + timedelta(days=count)
        case "week":
            return day + timedelta(weeks=count)
        case "month":
            return add_months(day, count)
        case "quarter":
            return add_months(day, 3 * count)
        case "year" | "financial year":
            return add_months(day, 12 * count)


def days_of(unit: Unit, day: date) -> Days:
    """The whole week, month and so on that `day` is in."""
    match unit:
        case "day":
            return Days(day, day)
        case "week":
            monday = day - timedelta(days=day.weekday())
            return Days(monday, monday + timedelta(days=6))
        case "month":
            first = day.replace(day=1)
        case "quarter":
            first = date(day.year, day.month - (day.month - 1) % 3, 1)
        case "year":
            first = date(day.year, 1, 1)
        case "financial year":
            first = date(day.year - (day.month < FINANCIAL_YEAR_MONTH), FINANCIAL_YEAR_MONTH, 1)
    return Days(first, add_units(first, unit, 1) - ONE_DAY)


def latest_weekday(weekday: int, before: date) -> date:
    """The last day before `before` that is that weekday (Monday is 0)."""
    return before - timedelta(days=(before.weekday() - weekday - 1) % 7 + 1)


def latest_month(month: int, today: date) -> date:
    """The first day of the latest month of that number that has begun."""
    return date(today.year - (month > today.month), month, 1)


def latest_date(day: int, month: int | None, today: date) -> date | None:
    """The latest date up to today with that day of the month, and month; None for a date that there never is."""
    year, at = today.year, today.month
    for _ in range(12 * 9):  # between two leap days there may be eight years
        if (
            (month is None or at == month)
            and 1 <= day <= calendar.monthrange(year, at)[1]
            and date(year, at, day) <= today
        ):
            return date(year, at, day)
        year, at = (year, at - 1) if at > 1 else (year - 1, 12)
    return None
