"""Lengths of time: "twenty minutes", "an hour and a half", "two weeks"."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from receiver.assistants.notes.times.words import Words, read_number

_MINUTES = {"minute": 1.0, "hour": 60.0}
_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_MONTHS = {"month": 1, "year": 12}
_FEW = {"minute": 5.0, "hour": 3.0}

MAX_MINUTES = 366 * 24 * 60


@dataclass(frozen=True, slots=True)
class Duration:
    minutes: int = 0
    """Of elapsed time."""
    days: int = 0
    """Of the calendar: the wall time stays."""
    months: int = 0

    def after(self, day: date) -> date | None:
        """The day so much later; in a month that is too short its last. None beyond year 9999."""
        number = day.year * 12 + day.month - 1 + self.months
        year, month = number // 12, number % 12 + 1
        try:
            start = date(year, month, min(day.day, monthrange(year, month)[1]))
            return start + timedelta(self.days)
        except (ValueError, OverflowError):
            return None


def read_duration(words: Words, at: int) -> tuple[Duration, int] | None:
    """The length that begins there, and the index after it."""
    first = _read_one(words, at)
    if first is None:
        return None
    duration, end = first
    while duration.minutes and words.at(end) != "":
        # "Two hours and ten minutes".
        more = _read_one(words, end + (words.at(end) == "and"))
        if more is None or not more[0].minutes or more[0].minutes >= duration.minutes:
            break
        duration, end = Duration(minutes=duration.minutes + more[0].minutes), more[1]
    return (duration, end) if duration.minutes <= MAX_MINUTES else None


def _read_one(words: Words, at: int) -> tuple[Duration, int] | None:
    fraction = _fraction_of_an_hour(words, at)
    if fraction is not None:
        return fraction
    amount = _amount(words, at)
    if amount is None:
        return None
    value, end, few = amount
    unit = words.at(end).removesuffix("'s").removesuffix("'").removesuffix("s")
    if few and unit in _FEW:
        value = _FEW[unit]
    end += 1
    if words.at(end) == "and" and (half := _half(words, end + 1)) is not None:
        value, end = value + half[0], half[1]  # "An hour and a half".
    if unit == "second":
        return Duration(minutes=max(1, round(value / 60))), end
    if unit in _MINUTES:
        minutes = round(value * _MINUTES[unit])
        return (Duration(minutes=minutes), end) if minutes > 0 else None
    for units, field in ((_DAYS, "days"), (_MONTHS, "months")):
        if unit in units and value == int(value) > 0:
            return Duration(**{field: int(value) * units[unit]}), end
    if unit == "year" and value * 2 == int(value * 2):
        return Duration(months=int(value * 12)), end
    return None


def _amount(words: Words, at: int) -> tuple[float, int, bool] | None:
    """How many, the index after it, and whether it is "a few"."""
    word = words.at(at)
    decimal: Callable[[str], re.Match[str] | None] = re.compile("[0-9]{1,3}[.][0-9]{1,2}").fullmatch
    if decimal(word):
        return float(word), at + 1, False
    if word in ("a", "an"):
        if words.at(at + 1) in ("couple", "few"):
            return _amount(words, at + 1)
        return 1.0, at + 1, False
    if word in ("couple", "few"):
        return (2.0 if word == "couple" else 3.0), at + 1 + (words.at(at + 1) == "of"), word == "few"
    number = read_number(words, at)
    if number is None:
        return None
    value, end = float(number[0]), number[1]
    if words.at(end) == "and" and (half := _half(words, end + 1)) is not None:
        value, end = value + half[0], half[1]  # "Two and a half hours".
    elif words.at(end) == "point" and (tenth := read_number(words, end + 1)) is not None and tenth[0] < 10:
        value, end = value + tenth[0] / 10, tenth[1]
    return value, end, False


def _half(words: Words, at: int) -> tuple[float, int] | None:
    start = at + (words.at(at) == "a")
    fraction = {"half": 0.5, "quarter": 0.25}.get(words.at(start))
    return None if fraction is None else (fraction, start + 1)


def _fraction_of_an_hour(words: Words, at: int) -> tuple[Duration, int] | None:
    """ "Half an hour", "a quarter of an hour", "three quarters of an hour", "half a day"."""
    start = at + (words.at(at) == "a")
    if words.at(start) == "half":
        end = start + 1 + (words.at(start + 1) in ("a", "an"))
        if words.at(end) == "hour":
            return Duration(minutes=30), end + 1
        return None
    quarters = 1
    if words.at(at) == "three" and words.at(at + 1) == "quarters":
        quarters, start = 3, at + 1
    if words.at(start) in ("quarter", "quarters") and tuple(words[start + 1 : start + 4]) == (
        "of",
        "an",
        "hour",
    ):
        return Duration(minutes=15 * quarters), start + 4
    return None
