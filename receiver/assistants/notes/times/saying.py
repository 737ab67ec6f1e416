"""Times said back: in full, so that a mistake is heard, and such that they mean the same when said again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from receiver.assistants.notes.times.clock import Clock
from receiver.assistants.notes.times.dates import MONTHS, WEEKDAYS
from receiver.assistants.notes.times.recurrence import LAST, Repeat
from receiver.assistants.notes.times.words import say_number, say_ordinal
from receiver.assistants.notes.times.working_out import Moment, twofold
from receiver.assistants.notes.times.zones import wall_at

_YEAR_FROM_DAYS = 180
"""A date of another year that is so far ahead is said with its year."""


def say_moment(moment: Moment, now: datetime, zone: ZoneInfo) -> str:
    """ "tomorrow, Sunday the 22nd of November, at nine in the morning"; what repeats with its first time."""
    today = wall_at(now, zone).date()
    if moment.repeat is not None:
        said = say_repeating(moment.repeat, moment.time)
        return f"{said}, first {say_day(moment.wall.date(), today)}"
    day = moment.wall.date()
    is_midnight = moment.wall.time() == time()
    if is_midnight:
        day -= timedelta(days=1)
    comma = "," if day - today == timedelta(days=1) else ""
    said = f"{say_day(day, today)}{comma} at {say_clock(moment.wall.time())}"
    if is_midnight and day != today:
        said += f", the night to {say_weekday(moment.wall.weekday())}"
    fold = twofold(moment, zone)
    if fold is not None:
        said += f", {'after' if fold else 'before'} the clocks go back"
    return said


def say_again(moment: Moment, now: datetime, zone: ZoneInfo) -> str:
    """As `say_moment`, for what was said in full before: what repeats without its next date."""
    if moment.repeat is not None:
        return say_repeating(moment.repeat, moment.time)
    return say_moment(replace(moment, skipped=None), now, zone)


def say_day(day: date, today: date) -> str:
    """ "today", "tomorrow, Sunday the 22nd of November", "on Friday the 27th of November"."""
    if day == today:
        return "today"
    year = f" {day.year}" if day.year != today.year and (day - today).days > _YEAR_FROM_DAYS else ""
    said = f"{say_date(day)}{year}"
    return f"tomorrow, {said}" if day - today == timedelta(days=1) else f"on {said}"


def say_date(day: date) -> str:
    return f"{say_weekday(day.weekday())} the {say_ordinal(day.day)} of {say_month(day.month)}"


def say_clock(at: time) -> str:
    """ "nine in the morning", "half past eight in the evening", "noon", "twenty past midnight"."""
    if (at.hour, at.minute) == (12, 0):
        return "noon"
    if at.hour == 0 and at.minute <= 30:
        return "midnight" if at.minute == 0 else f"{_minutes(at.minute)} past midnight"
    return f"{say_hour(Clock(at.hour % 12 or 12, at.minute, fixed=False))} {_part(at.hour)}"


def say_hour(clock: Clock) -> str:
    """A time of either half of the day: "nine o'clock" is "nine"; "twenty to ten", "nine oh seven"."""
    hour, minute = clock.hour % 12 or 12, clock.minute
    if minute == 0:
        return say_number(hour)
    if minute % 5 and minute != 0:
        return f"{say_number(hour)} {'oh ' if minute < 10 else ''}{say_number(minute)}"
    if minute <= 30:
        return f"{_minutes(minute)} past {say_number(hour)}"
    return f"{_minutes(60 - minute)} to {say_number(hour % 12 + 1)}"


def _minutes(minutes: int) -> str:
    named = {15: "quarter", 30: "half"}.get(minutes)
    return named or say_number(minutes) + (
        "" if minutes % 5 == 0 else " minutes" if minutes > 1 else " minute"
    )


def _part(hour: int) -> str:
    if hour < 12:
        return "in the morning"
    if hour < 18:
        return "in the afternoon"
    return "in the evening" if hour < 22 else "at night"


def say_repeating(repeat: Repeat, at: time) -> str:
    """ "every Monday at half past eight in the morning", "on the 3rd of every month at noon"."""
    clock = say_clock(at)
    if at == time():
        if repeat.unit == "week":
            days = tuple(sorted((day - 1) % 7 for day in repeat.weekdays))
            night = f", the night to {say_weekday(repeat.weekdays[0])}" if len(repeat.weekdays) == 1 else ""
            return f"{say_repeat(replace(repeat, weekdays=days))} at midnight{night}"
        if repeat.unit != "day":
            clock = "midnight as the day begins"
    return f"{say_repeat(repeat)} at {clock}"


def say_repeat(repeat: Repeat) -> str:
    every = (
        f"every {repeat.unit}"
        if repeat.interval == 1
        else f"every {say_number(repeat.interval)} {repeat.unit}s"
    )
    match repeat.unit:
        case "day":
            return every
        case "week":
            days = {(0, 1, 2, 3, 4): "weekday", (5, 6): "weekend"}.get(repeat.weekdays)
            days = (
                days if days and repeat.interval == 1 else join([say_weekday(day) for day in repeat.weekdays])
            )
            return f"every {days}" if repeat.interval == 1 else f"{every} on {days}"
        case "month":
            day = _day_of_month(repeat)
            return f"on {day} of every month" if repeat.interval == 1 else f"{every} on {day}"
        case _:
            return f"{every} on the {say_ordinal(repeat.day or 1)} of {say_month(repeat.month or 1)}"


def _day_of_month(repeat: Repeat) -> str:
    if repeat.nth is not None:
        nth = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}[repeat.nth]
        return f"the {nth} {say_weekday(repeat.weekdays[0])}"
    return "the last day" if repeat.day == LAST else f"the {say_ordinal(repeat.day or 1)}"


def say_weekday(number: int) -> str:
    return WEEKDAYS[number].capitalize()


def say_month(number: int) -> str:
    return MONTHS[number - 1].capitalize()


def join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def say_remark(moment: Moment, zone: ZoneInfo) -> str:
    """What was decided about a time that does not exist or exists twice, or a month that is too short; or ""."""
    if moment.skipped is not None:
        return (
            f" The clocks go forward that night and {say_clock(moment.skipped.time())} is left out, "
            f"so I took {say_clock(moment.wall.time())}."
        )
    fold = twofold(moment, zone)
    if fold is not None and moment.repeat is None:
        return f" The clocks go back that night, so that time comes twice; I took the {'second' if fold else 'first'}."
    day = moment.repeat.day if moment.repeat is not None and moment.repeat.unit == "month" else None
    if day in (29, 30):
        return " In a shorter month it is its last day."
    return ""
