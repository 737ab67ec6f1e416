"""Days as they are named: "tomorrow", "next Friday", "the third of next month", "a week on Tuesday"."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from receiver.assistants.notes.times.clock import TONIGHT
from receiver.assistants.notes.times.durations import Duration, read_duration
from receiver.assistants.notes.times.when import OTHER_WEEKDAY, Scene, When
from receiver.assistants.notes.times.words import Words, read_number, read_ordinal, read_year, word_set

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_SHORT_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sept", "oct", "nov", "dec")
_WEEKDAY_NUMBERS = {name: number for number, name in enumerate(WEEKDAYS)} | {
    "mon": 0, "tues": 1, "wednes": 2, "thurs": 3, "fri": 4,
}  # fmt: skip
_MONTH_NUMBERS = {name: number for number, name in enumerate(MONTHS, start=1)} | {
    short: number for number, short in enumerate(_SHORT_MONTHS, start=1)
}

_FEASTS = {
    ("christmas", "eve"): (12, 24), ("christmas", "day"): (12, 25), ("christmas",): (12, 25),
    ("boxing", "day"): (12, 26), ("new", "year's", "eve"): (12, 31), ("new", "year's", "day"): (1, 1),
    ("valentine's", "day"): (2, 14), ("halloween",): (10, 31),
}  # fmt: skip

_MONTHS_AHEAD = 24
"""How far a day of the month is looked for that is to be on a certain weekday, or a 29th of February (years)."""


@dataclass(frozen=True, slots=True)
class ReadDay:
    when: When
    end: int
    certain: bool = True
    """A day by itself; "the third" is one only where a day is expected."""


_ABOUT = word_set("about around like roughly approximately say maybe just")
"""What may stand in "in about two hours"."""


def read_day(words: Words, at: int, scene: Scene) -> ReadDay | None:
    return (
        _feast(words, at, scene)
        or _in_digits(words, at, scene)
        or _counted(words, at, scene)
        or _near(words, at, scene)
        or _weekday(words, at, scene)
        or _edge_of_month(words, at, scene)
        or _nth_weekday(words, at, scene)
        or _of_month(words, at, scene)
        or _span(words, at, scene)
    )


def weekday_of(word: str) -> int | None:
    return _WEEKDAY_NUMBERS.get(word)


def _day(day: date | None, end: int) -> ReadDay | None:
    return None if day is None else ReadDay(When(dates=(day,)), end)


def _yearly(month: int, day: int, scene: Scene, year: int | None) -> tuple[date, ...]:
    """The next two of a day of the year; of the 29th of February those that exist."""
    years: Iterable[int] = (
        range(scene.today.year, scene.today.year + _MONTHS_AHEAD) if year is None else (year,)
    )
    days = [date(one, month, day) for one in years if one <= 9999 and day <= monthrange(one, month)[1]]
    return tuple(one for one in days if year is not None or one >= scene.today)[:2]


def _feast(words: Words, at: int, scene: Scene) -> ReadDay | None:
    for length in (3, 2, 1):
        feast = _FEASTS.get(tuple(words[at : at + length]))
        if feast is not None:
            return ReadDay(When(dates=_yearly(*feast, scene, None)), at + length)
    return None


def _in_digits(words: Words, at: int, scene: Scene) -> ReadDay | None:
    word = words.at(at)
    try:
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", word):
            return _day(date.fromisoformat(word), at + 1)
        parts = [int(part) for part in word.split("/")] if "/" in word else []
    except ValueError:
        return None
    if len(parts) < 2:
        return None
    first, second = parts[:2]
    month, day = (first, second) if (scene.month_first and first <= 12) or second > 12 else (second, first)
    year = parts[2] + (2000 if parts[2] < 100 else 0) if len(parts) == 3 else None
    if not 1 <= month <= 12 or not 1 <= day <= 31 or year == 0:
        return None
    return ReadDay(When(dates=_yearly(month, day, scene, year)), at + 1)


def _counted(words: Words, at: int, scene: Scene) -> ReadDay | None:
    """ "In two days", "three weeks from now", "a week on Tuesday", "two weeks from tomorrow"."""
    timer = words.at(at) == "for" and words.at(at - 1) == "timer"
    start = at + 1 if words.at(at) in ("in", "within") or timer else at
    while start > at and words.at(start) in _ABOUT:
        start += 1
    read = read_duration(words, start)
    if read is None:
        return None
    duration, end = read
    if words.at(end) in ("time", "later") and start > at:
        end += 1
    if tuple(words[end : end + 2]) == ("from", "now"):
        start, end = at + 1, end + 2
    elif (
        words.at(end) in ("from", "on", "after") and duration.days and duration.days % 7 == 0 and start == at
    ):
        base = _near(words, end + 1, scene) or _plain_weekday(words, end + 1, scene)
        if base is None:
            return None
        return _day(duration.after(base.when.dates[0]), base.end)
    elif words.at(end) in ("from", "after", "before") and not duration.minutes and start == at:
        base = (
            _near(words, end + 1, scene) or _feast(words, end + 1, scene) or _of_month(words, end + 1, scene)
        )
        if base is None or not base.when.dates:
            return None
        if words.at(end) == "before":
            duration = Duration(days=-duration.days, months=-duration.months)
        days = (duration.after(day) for day in base.when.dates)
        return ReadDay(When(dates=tuple(day for day in days if day is not None)), base.end)
    return None if start == at else _from_now(duration, end, scene)


def _from_now(duration: Duration, end: int, scene: Scene) -> ReadDay | None:
    if duration.minutes:
        return ReadDay(When(minutes=duration.minutes), end)
    day = duration.after(scene.today)
    return None if day is None else ReadDay(When(dates=(day,), same_time=True), end)


def read_span_from_now(words: Words, scene: Scene) -> ReadDay | None:
    """ "Fifteen minutes", where a time is expected and nothing else was said."""
    start = 0
    while words.at(start) in _ABOUT:
        start += 1
    read = read_duration(words, start)
    return None if read is None or read[1] != len(words) else _from_now(*read, scene)


def _near(words: Words, at: int, scene: Scene) -> ReadDay | None:
    today = scene.today
    skipped = at + (words.at(at) == "the")
    if tuple(words[skipped : skipped + 3]) == ("day", "after", "tomorrow"):
        return _day(Duration(days=2).after(today), skipped + 3)
    if tuple(words[at : at + 2]) == ("this", "time"):
        day = _near(words, at + 2, scene) or _weekday(words, at + 2, scene)
        return None if day is None else ReadDay(replace(day.when, same_time=True), day.end)
    match words.at(at):
        case "today":
            return ReadDay(When(dates=(today,)), at + 1)
        case "tonight":
            return ReadDay(When(dates=(today,), part=TONIGHT), at + 1)
        case "tomorrow":
            return _day(Duration(days=1).after(today), at + 1)
        case "this" if words.at(at + 1) in ("morning", "afternoon", "evening"):
            return ReadDay(When(dates=(today,), part=words.at(at + 1)), at + 2)
        case _:
            return None


def _plain_weekday(words: Words, at: int, scene: Scene) -> ReadDay | None:
    number = weekday_of(words.at(at))
    if number is None:
        return None
    coming = Duration(days=(number - scene.today.weekday()) % 7).after(scene.today)
    return _day(coming, at + 1)


def _weekday(words: Words, at: int, scene: Scene) -> ReadDay | None:
    """ "Friday", "next Friday" (the one of next week, which begins on Monday), "Friday week"."""
    if words.at(at) == "the" and tuple(words[at + 2 : at + 4]) == ("after", "next"):
        at += 1
    next_week = tuple(words[at : at + 2]) == ("next", "week")
    following = words.at(at) in ("next", "following")
    start = (
        at + 2 + (words.at(at + 2) == "on")
        if next_week
        else at + (following or words.at(at) in ("this", "coming"))
    )
    number = weekday_of(words.at(start))
    if number is None:
        return None
    end = start + 1
    weeks = 1 if next_week or following else 0
    tail = tuple(words[end : end + 2])
    if tail == ("next", "week"):
        weeks, end = 1, end + 2
    elif tail == ("after", "next"):
        weeks, end = 2, end + 2
    elif tail[:1] == ("week",) and not weeks:
        coming = Duration(days=(number - scene.today.weekday()) % 7 + 7).after(scene.today)
        return _day(coming, end + 1)
    if weeks:
        monday = scene.today - timedelta(scene.today.weekday())
        return _day(Duration(days=7 * weeks + number).after(monday), end)
    dated = _of_month(words, end + (words.at(end) == "on"), scene, weekday=number)
    if dated is not None:
        return dated
    ahead = (number - scene.today.weekday()) % 7
    days = [Duration(days=ahead).after(scene.today), Duration(days=ahead + 7).after(scene.today)]
    return ReadDay(When(dates=tuple(day for day in days if day is not None)), end)


def _month_named(words: Words, at: int, scene: Scene) -> tuple[int, int, int | None] | None:
    """Month, the index after it, and the year where it is known."""
    if words.at(at) in ("this", "next", "the") and words.at(at + 1) == "month":
        month = Duration(months=1 if words.at(at) == "next" else 0).after(scene.today.replace(day=1))
        return None if month is None else (month.month, at + 2, month.year)
    number = _MONTH_NUMBERS.get(words.at(at))
    if number is None:
        return None
    year = read_year(words, at + 1 + (words.at(at + 1) == "in"))
    if year is not None:
        return number, year[1], year[0]
    if tuple(words[at + 1 : at + 3]) == ("next", "year"):
        return number, at + 3, scene.today.year + 1
    return number, at + 1, None


def _of_month(words: Words, at: int, scene: Scene, weekday: int | None = None) -> ReadDay | None:
    """ "The third of next month", "November 22nd", "22 November 2027", "the third", after a weekday or not."""
    month = _month_named(words, at, scene) if words.at(at) in _MONTH_NUMBERS else None
    if month is not None:
        start = at + 1
        day = _day_number(words, start + (words.at(start) == "the"))
        if day is None:
            return None
        year = read_year(words, day[1])
        end = day[1] if year is None else year[1]
        return _dated(month[0], day[0], None if year is None else year[0], end, scene, weekday)
    article = words.at(at) == "the"
    ordinal = read_ordinal(words, at + article)
    day = ordinal or _day_number(words, at + article)
    if day is None:
        return None
    month = _month_named(words, day[1] + (words.at(day[1]) == "of"), scene)
    if month is not None and (ordinal is not None or words.at(day[1]) in _MONTH_NUMBERS):
        return _dated(month[0], day[0], month[2], month[1], scene, weekday)
    if ordinal is None:
        return None
    return _day_of_some_month(day[0], day[1], scene, weekday)


def _day_number(words: Words, at: int) -> tuple[int, int] | None:
    number = read_ordinal(words, at) or read_number(words, at)
    return number if number is not None and 1 <= number[0] <= 31 else None


def _dated(
    month: int, day: int, year: int | None, end: int, scene: Scene, weekday: int | None
) -> ReadDay | None:
    days = _yearly(month, day, scene, year)
    if not days:
        return None
    return _on_weekday(days[:1] if weekday is not None else days, end, weekday)


def _day_of_some_month(number: int, end: int, scene: Scene, weekday: int | None) -> ReadDay | None:
    first = scene.today.replace(day=1)
    months = (Duration(months=ahead).after(first) for ahead in range(_MONTHS_AHEAD))
    days = [
        month.replace(day=number)
        for month in months
        if month is not None and number <= monthrange(month.year, month.month)[1]
    ]
    ahead = [day for day in days if day >= scene.today]
    if weekday is not None:
        # "Friday the thirteenth" may be months away.
        fitting = [day for day in ahead if day.weekday() == weekday]
        return ReadDay(When(dates=tuple((fitting or ahead)[:2])), end)
    return ReadDay(When(dates=tuple(ahead[:2])), end, certain=False)


def _on_weekday(days: tuple[date, ...], end: int, weekday: int | None) -> ReadDay:
    if weekday is not None and days[0].weekday() != weekday:
        return ReadDay(When(dates=days, trouble=OTHER_WEEKDAY), end)
    return ReadDay(When(dates=days), end)


def _edge_of_month(words: Words, at: int, scene: Scene) -> ReadDay | None:
    """ "The last day of the month", "the end of next month", "the first day of June"."""
    start = at + (words.at(at) == "the")
    if tuple(words[start : start + 2]) in (("last", "day"), ("first", "day")):
        last, after = words.at(start) == "last", start + 2
    elif words.at(start) == "end":
        last, after = True, start + 1
    else:
        return None
    if words.at(after) not in ("of", "in"):
        return None
    month = _month_named(words, after + 1, scene)
    if month is None:
        return None
    number, end, year = month
    if words.at(after + 1) == "the":
        year = None
    years = (year,) if year is not None else (scene.today.year, scene.today.year + 1)
    days = [date(one, number, monthrange(one, number)[1] if last else 1) for one in years if one <= 9999]
    if words.at(after + 1) == "the":
        following = Duration(months=1).after(scene.today.replace(day=1))
        days = days[:1]
        if following is not None:
            length = monthrange(following.year, following.month)[1]
            days.append(following.replace(day=length if last else 1))
    return ReadDay(When(dates=tuple(day for day in days if day >= scene.today)[:2]), end)


_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}


def read_nth_weekday(words: Words, at: int) -> tuple[int, int, int] | None:
    """ "The first Monday", "last Friday": which, the weekday (0 to 6), the index after them."""
    start = at + (words.at(at) == "the")
    nth, weekday = _NTH.get(words.at(start)), weekday_of(words.at(start + 1))
    return None if nth is None or weekday is None else (nth, weekday, start + 2)


def _nth_weekday(words: Words, at: int, scene: Scene) -> ReadDay | None:
    """ "The first Monday of next month"."""
    nth = read_nth_weekday(words, at)
    if nth is None or words.at(nth[2]) not in ("of", "in"):
        return None
    month = _month_named(words, nth[2] + 1, scene)
    if month is None:
        return None
    first = scene.today.replace(day=1)
    days = []
    for ahead in range(13):
        there = Duration(months=ahead).after(first)
        if there is None or there.month != month[0] or month[2] not in (None, there.year):
            continue
        start = there + timedelta((nth[1] - there.weekday()) % 7)
        length = monthrange(there.year, there.month)[1]
        weeks = nth[0] - 1 if nth[0] > 0 else (length - start.day) // 7
        days.append(start + timedelta(weeks=weeks))
    return ReadDay(When(dates=tuple(day for day in days if day >= scene.today)), month[1])


def _span(words: Words, at: int, scene: Scene) -> ReadDay | None:
    """A week or month without its day; of a weekend, its Saturday."""
    monday = scene.today - timedelta(scene.today.weekday())
    start = at + (words.at(at) in ("the", "this", "next"))
    following = words.at(at) == "next"
    if words.at(start) == "weekend" and start > at:
        saturday = Duration(days=5 + 7 * following).after(monday)
        if saturday is not None and saturday < scene.today:
            saturday = scene.today
        return _day(saturday, start + 1)
    if not following:
        return None
    if words.at(start) == "week":
        first, last = Duration(days=7).after(monday), Duration(days=13).after(monday)
    elif words.at(start) == "month":
        first = Duration(months=1).after(scene.today.replace(day=1))
        last = None if first is None else first.replace(day=monthrange(first.year, first.month)[1])
    else:
        return None
    return None if first is None or last is None else ReadDay(When(within=(first, last)), start + 1)
