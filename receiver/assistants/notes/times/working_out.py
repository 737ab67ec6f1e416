"""From what was said of a time to an instant, or to the one thing that has to be asked.

How it is decided where people leave it open:

- A time alone is the next one: at eight in the evening, "at nine" is in an hour; at ten, it is tomorrow at nine in
  the morning. Where that falls in the hours of sleep more than three hours away, it is asked.
- A time with another day is of the day: seven to eleven in the morning, twelve at noon, one to five in the
  afternoon. Six is asked.
- A part of a day alone is its `clock.PART_HOURS`.
- "Midnight" ends the day that it is said with; "twelve a.m." begins it.
- Hours and minutes are counted as they pass; days, weeks and months by the calendar, the wall time kept.
- A time that does not exist or exists twice: `zones`. A month that is too short: its last day.
- All is to the minute, the nearest one where it is counted from now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from receiver.assistants.notes.times.clock import PART_HOURS, TONIGHT, Clock
from receiver.assistants.notes.times.recurrence import Repeat
from receiver.assistants.notes.times.when import OTHER_REPEAT, OTHER_WEEKDAY, TWO_TIMES, Scene, When
from receiver.assistants.notes.times.zones import exists, instants, is_twofold, wall_at

MAX_YEARS = 10
"""A reminder lies at most so far ahead."""

_SLEEP_ENDS = 6
_SOON = timedelta(hours=3)
_MORNING_FROM = 7
_ASKED = 6

Question = Literal["when", "time", "day", "half", "passed", "far", "repeat", "weekday", "two times"]

_TROUBLES: dict[str, Question] = {OTHER_REPEAT: "repeat", OTHER_WEEKDAY: "weekday", TWO_TIMES: "two times"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, worked out."""

    at: datetime
    """The instant, in UTC; of what repeats the first one."""
    wall: datetime
    """What clocks show then, naive."""
    repeat: Repeat | None = None
    time: time = time()
    """The wall time of what repeats: another than `wall`'s where the first of them does not exist."""
    skipped: datetime | None = None
    """The wall time that was meant, where clocks go forward over it."""


@dataclass(frozen=True, slots=True)
class Open:
    """What has to be asked before it is a time."""

    question: Question
    when: When
    """What is known."""


def scene_at(now: datetime, zone: ZoneInfo, locale: str | None = None) -> Scene:
    return Scene(wall_at(now, zone), month_first=(locale or "").replace("_", "-").lower().endswith("-us"))


def work_out(when: When, now: datetime, zone: ZoneInfo) -> Moment | Open:
    """`now` is aware. The instant of a `Moment` lies after it."""
    found = _work_out(when, now, zone)
    if isinstance(found, Moment) and found.at > now + timedelta(days=366 * MAX_YEARS):
        return Open("far", replace(when, dates=(), clock=when.clock))
    return found


def _work_out(when: When, now: datetime, zone: ZoneInfo) -> Moment | Open:
    if when.trouble is not None:
        return Open(_TROUBLES[when.trouble], replace(when, trouble=None))
    if when.minutes is not None:
        at = _nearest_minute(now.astimezone(UTC) + timedelta(minutes=when.minutes))
        if at <= now:
            at += timedelta(minutes=1)
        return Moment(at, wall_at(at, zone))
    if when.within is not None and not when.dates:
        return Open("day", when)
    repeat = when.repeat
    if repeat is not None and not repeat.complete:
        if not when.dates:
            return Open("day", when)
        repeat = repeat.on(when.dates[0])
        when = replace(when, repeat=repeat)
    clock = when.clock
    if clock is None:
        if when.part is not None:
            clock = Clock(PART_HOURS[when.part], 0, fixed=True)
        elif when.same_time:
            there = wall_at(now, zone)
            clock = Clock(there.hour, there.minute, fixed=True)
        else:
            return Open("time" if when.dates or repeat is not None else "when", when)
    elif when.part is not None:
        clock = clock.in_part(when.part)
    if repeat is not None:
        return _repeating(replace(when, clock=clock), repeat, clock, now, zone)
    return _once(when, clock, now, zone)


def _nearest_minute(moment: datetime) -> datetime:
    return (moment + timedelta(seconds=30)).replace(second=0, microsecond=0)


def _once(when: When, clock: Clock, now: datetime, zone: ZoneInfo) -> Moment | Open:
    here = wall_at(now, zone)
    if not when.dates:
        found = _next(clock, when, now, zone)
        asleep = found is not None and found.wall.hour < _SLEEP_ENDS and found.at - now > _SOON
        if found is not None and asleep and not clock.fixed:
            return Open("half", when)
        return found or Open("passed", when)
    for day in when.dates:
        if day == here.date() and len(when.dates) == 1:
            found = _today(clock, when, now, zone)
        elif not clock.fixed and clock.hour == _ASKED:
            return Open("half", when)
        else:
            found = _at(day, _of_the_day(clock), when, now, zone)
        if found is not None:
            return found
    return Open("passed", when)


def _today(clock: Clock, when: When, now: datetime, zone: ZoneInfo) -> Moment | None:
    today = wall_at(now, zone).date()
    if when.part == TONIGHT and clock.fixed and clock.hour < _SLEEP_ENDS and not clock.midnight:
        # Tonight at two is past midnight, unless it is night already.
        if wall_at(now, zone).hour >= _SLEEP_ENDS:
            return _at(today + timedelta(1), clock, when, now, zone)
        return _at(today, clock, when, now, zone)
    for hour, minute in clock.halves():
        found = _at(today, replace(clock, hour=hour, minute=minute, fixed=True), when, now, zone)
        if found is not None:
            return found
    return None


def _next(clock: Clock, when: When, now: datetime, zone: ZoneInfo) -> Moment | None:
    """The next time that clocks show it."""
    today = wall_at(now, zone).date()
    found = [
        _at(
            _later(today, days),
            replace(clock, hour=hour, minute=minute, fixed=True, midnight=False),
            when,
            now,
            zone,
        )
        for days in (0, 1, 2)
        for hour, minute in clock.halves()
    ]
    return min((moment for moment in found if moment is not None), key=lambda moment: moment.at, default=None)


def _later(day: date, days: int) -> date:
    return day + timedelta(days)


def _of_the_day(clock: Clock) -> Clock:
    if clock.fixed:
        return clock
    hour = clock.hour % 12 + (0 if _MORNING_FROM <= clock.hour < 12 or clock.hour == _ASKED else 12)
    return replace(clock, hour=hour, fixed=True)


def _at(day: date, clock: Clock, when: When, now: datetime, zone: ZoneInfo) -> Moment | None:
    """The moment on that day, if it lies ahead."""
    ends_the_day = clock.midnight or (
        when.part == TONIGHT
        and day != wall_at(now, zone).date()
        and clock.hour < _SLEEP_ENDS
        and when.dates == (day,)
    )
    wall = datetime.combine(day, time(clock.hour, clock.minute))
    if ends_the_day:
        wall += timedelta(days=1)
    both = instants(wall, zone)
    if len(both) == 2 and when.fold is not None:
        both = [both[when.fold]]
    for at in both:
        if at > now:
            return Moment(at, wall_at(at, zone), skipped=None if exists(wall, zone) else wall)
    return None


def _repeating(when: When, repeat: Repeat, clock: Clock, now: datetime, zone: ZoneInfo) -> Moment | Open:
    if not clock.fixed:
        if clock.hour == _ASKED:
            return Open("half", when)
        clock = _of_the_day(clock)
    at = time(clock.hour, clock.minute)
    if clock.midnight and repeat.unit == "week":
        # Midnight ends its day.
        weekdays = sorted((day + 1) % 7 for day in repeat.weekdays)
        repeat = replace(repeat, weekdays=tuple(weekdays))
    start = when.dates[0] if when.dates else wall_at(now, zone).date()
    # The next of its days is the first; every second one is counted from there.
    first = replace(repeat, interval=1).after(now, start, at, zone)
    if first is None:
        return Open("far", when)
    wall = wall_at(first, zone)
    meant = datetime.combine(wall.date(), at)
    return Moment(first, wall, repeat, at, skipped=None if exists(meant, zone) else meant)


def twofold(moment: Moment, zone: ZoneInfo) -> int | None:
    """Of a wall time that exists twice, whether it is the first (0) or second (1); else None."""
    if not is_twofold(moment.wall, zone):
        return None
    return instants(moment.wall, zone).index(moment.at)
