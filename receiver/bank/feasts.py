"""Days of the year that have a name in Australia, and its seasons: "over Easter", "on Cup Day", "last winter".

Each is the latest one that has begun. Easter is from Good Friday to Easter Monday; its Sunday is found by the method
of J.-M. Oudin (1940), as given by the U.S. Naval Observatory.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from receiver.bank.calendar_days import ONE_DAY, Days, add_months

SEASONS = {"summer": 12, "autumn": 3, "winter": 6, "spring": 9}
"""The month in which each begins, south of the equator (http://www.bom.gov.au/climate/glossary/seasons.shtml)."""


def easter_sunday(year: int) -> date:
    """In the Gregorian calendar."""
    century, golden = year // 100, year % 19
    moon = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon -= moon // 28 * (1 - 29 // (moon + 1) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    after = moon - weekday
    month = 3 + (after + 40) // 44
    return date(year, month, after + 28 - 31 * (month // 4))


def _nth(weekday: int, nth: int, month: int) -> Callable[[int], Days]:
    """The second Sunday of May, the first Tuesday of November."""

    def days(year: int) -> Days:
        first = date(year, month, 1)
        day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
        return Days(day, day)

    return days


def _fixed(day: int, month: int, length: int = 1) -> Callable[[int], Days]:
    return lambda year: Days(date(year, month, day), date(year, month, day) + timedelta(days=length - 1))


def _easter(first: int, last: int) -> Callable[[int], Days]:
    """Days counted from its Sunday."""
    return lambda year: Days(
        easter_sunday(year) + timedelta(days=first), easter_sunday(year) + timedelta(days=last)
    )


def _black_friday(year: int) -> Days:
    friday = _nth(3, 4, 11)(year).first + ONE_DAY
    return Days(friday, friday)


FEASTS: dict[str, tuple[str, Callable[[int], Days]]] = {
    "good friday": ("Good Friday", _easter(-2, -2)),
    "easter sunday": ("Easter Sunday", _easter(0, 0)),
    "easter monday": ("Easter Monday", _easter(1, 1)),
    "easter(?: (?:weekend|long weekend|break|holidays?))?": ("Easter", _easter(-2, 1)),
    "christmas eve|xmas eve": ("Christmas Eve", _fixed(24, 12)),
    "(?:christmas|xmas)(?: day)?": ("Christmas Day", _fixed(25, 12)),
    "boxing day": ("Boxing Day", _fixed(26, 12)),
    "new year'?s eve": ("New Year's Eve", _fixed(31, 12)),
    "new years? day|new year's(?: day)?|new years?": ("New Year's Day", _fixed(1, 1)),
    "australia day": ("Australia Day", _fixed(26, 1)),
    "valentine'?s(?: day)?": ("Valentine's Day", _fixed(14, 2)),
    "anzac day": ("Anzac Day", _fixed(25, 4)),
    "mother'?s day": ("Mother's Day", _nth(6, 2, 5)),
    "father'?s day": ("Father's Day", _nth(6, 1, 9)),
    "halloween": ("Halloween", _fixed(31, 10)),
    "(?:the )?melbourne cup(?: day)?|cup day": ("Cup Day", _nth(1, 1, 11)),
    "black friday": ("Black Friday", _black_friday),
}
"""By the words for each, a regular expression."""


def latest(days_of_year: Callable[[int], Days], today: date) -> Days:
    """Of the latest year in which they have begun."""
    days = days_of_year(today.year)
    return days if days.first <= today else days_of_year(today.year - 1)


def season(name: str, today: date, *, back: int = 0) -> Days:
    """The latest that has begun, or one that many years before it."""
    first = date(today.year, SEASONS[name], 1)
    first = add_months(first, -12 * ((first > today) + back))
    return Days(first, add_months(first, 3) - ONE_DAY)
