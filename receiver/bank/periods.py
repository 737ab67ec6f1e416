"""Periods in words: "last week", "since Friday", "in March", "the last ten days", in the time zone of who is talking.

A period is half open, `start <= moment < end`, and held in UTC: moments of one zone must not be compared by their wall
clocks, which run twice through the hour in which daylight saving ends.

What is open to taste: "last week" and "last month" are the whole one before this; "the last week", with the article,
and "the past week" are the seven days up to and with today. "The last three days" are today and the two before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from receiver.bank.calendar_days import ONE_DAY, Days, Unit, add_months, add_units, days_of, midnight
from receiver.bank.number_words import normalise, ordinal
from receiver.bank.period_points import MONTHS, read_point


@dataclass(frozen=True, slots=True)
class Period:
    start: datetime | None
    """UTC; None for as far back as there is anything."""
    end: datetime
    """UTC, excluded; may lie ahead."""
    label: str
    """To be said: "last week", "since Friday", "in March"."""

    def __contains__(self, moment: datetime) -> bool:
        return (self.start is None or self.start <= moment) and moment < self.end


def find_periods(words: str, now: datetime, zone: ZoneInfo, *, at_most: int = 4) -> tuple[list[Period], str]:
    """The periods that are named in `words`, in their order, and what is left of the words, normalised.

    "compare this month with last month" has two.
    """
    text = normalise(words)
    found: list[Period] = []
    left: list[str] = []
    at = kept = 0
    reader = _Reader(text, now, zone)
    while at < len(text) and len(found) < at_most:
        read = reader.read(at)
        if read is None:
            space = text.find(" ", at)
            at = len(text) if space < 0 else space + 1
            continue
        period, end = read
        found.append(period)
        left.append(text[kept:at])
        at = kept = min(end + 1, len(text))
    left.append(text[kept:])
    return found, " ".join(" ".join(left).split())


def period_of(unit: Unit, now: datetime, zone: ZoneInfo, *, back: int = 0) -> Period:
    """This day, week, month or year; or the one that many before it."""
    days = days_of(unit, add_units(_today(now, zone), unit, -back))
    if unit == "day" and back < 2:
        label = ("today", "yesterday")[back]
    else:
        label = (f"this {unit}", f"last {unit}")[back] if back < 2 else f"{back} {unit}s ago"
    return Period(midnight(days.first, zone), midnight(days.last + ONE_DAY, zone), label)


def split(period: Period, unit: Literal["day", "week", "month", "year"], zone: ZoneInfo) -> list[Period]:
    """The days, weeks, months or years of a period, oldest first, those at its ends cut off where it begins and ends.

    At most 400; of a longer period the latest ones. Raises `ValueError` for one without a beginning.
    """
    if period.start is None:
        raise ValueError("a period without a beginning has no parts")
    parts: list[Period] = []
    end = period.end
    while end > period.start and len(parts) < 400:
        days = days_of(unit, (end - timedelta(microseconds=1)).astimezone(zone).date())
        start = max(midnight(days.first, zone), period.start)
        parts.append(Period(start, end, _part_label(unit, days)))
        end = start
    return parts[::-1]


def _part_label(unit: str, days: Days) -> str:
    day = f"{days.first.day} {MONTHS[days.first.month - 1]}"
    match unit:
        case "day":
            return f"on {day}"
        case "week":
            return f"in the week of {day}"
        case "month":
            return f"in {MONTHS[days.first.month - 1]} {days.first.year}"
        case _:
            return f"in {days.first.year}"


def _today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


_LEAD = re.compile(
    r"(?:in|on|during|over|for|at|of|from|within|throughout|across|the whole of|all of|all) (?P<article>the )?"
)
_SINCE = re.compile(r"(?:(?:ever )?since|starting|beginning) (?:from |in |on |at )?|from (?:in |on |at )?")
_UNTIL = re.compile(r"(?:until|till|til|up to|up until|through to) (?:and including )?(?:in |on )?")
_BEFORE = re.compile(r"(?:before|prior to|earlier than) ")
_AFTER = re.compile(r"after ")
_BETWEEN = re.compile(r"(?:(?P<between>between)|from) (?:in |on )?")
_TO = re.compile(r" (?:to|until|till|til|through|up to|and) (?:in |on )?")
_ONWARDS = re.compile(r" (?:onwards|onward|on|up to now|until now|till now|to now)(?!\w)")
_SO_FAR = re.compile(r" (?:so far|to date|up to now|until now|till now)(?!\w)")
_ALL = re.compile(r"(?:all time|ever|of all time|in total ever|since forever)(?!\w)")
_TO_DATE = re.compile(r"(?:the )?(?P<unit>month|year|week) to date(?!\w)")

_WEEK_OF = re.compile(
    r"(?:in |for )?the week (?:of|starting|beginning|commencing|from) (?=(?:the )?(?:\d|\w+ \d|\w+day))"
)
_THIS_TIME = re.compile(r"(?:by |up to |until |at )?this time last (?P<unit>week|month|year)(?!\w)")

_CURRENT = re.compile(
    r"(?:(?:for|in|during|over|(?<!day )(?<!days )of) the (?:whole )?|the (?:whole|entire|full) )"
    r"(?P<unit>week|month|year)(?!\w)(?! (?:of|before|20\d\d))"
)

_ROLLING = re.compile(
    r"(?:(?P<article>the |my |these )?(?P<which>last|past|previous|latest) )"
    r"(?:(?P<count>\d{1,4}|couple of|couple|few) )?"
    r"(?P<unit>hour|day|week|fortnight|month|quarter|year)(?P<plural>s?)(?!\w)"
)
_DAYS_OF_MONTH = re.compile(
    rf"(?:between|from)? ?(?:the )?(?P<first>[0-3]?\d)(?:st|nd|rd|th)? (?:to|and|until|till|through) (?:the )?"
    rf"(?P<last>[0-3]?\d)(?:st|nd|rd|th)? (?:of )?(?P<month>{'|'.join(MONTHS).lower()})(?P<year> 20\d\d)?(?!\w)"
)


class _Reader:
    def __init__(self, text: str, now: datetime, zone: ZoneInfo) -> None:
        self._text = text
        self._now = now.astimezone(UTC)
        self._zone = zone
        self._today = _today(now, zone)

    def read(self, at: int) -> tuple[Period, int] | None:
        """The period whose words begin at `at`, and where they end."""
        lead = _LEAD.match(self._text, at)
        starts = [at]
        if lead is not None:
            starts += [lead.end()] if lead["article"] is None else [lead.start("article"), lead.end()]
        for start in starts:
            read = (
                self._days_of_one_month(start)
                or self._between(start)
                or self._open(start)
                or self._rolling(start)
                or self._named(start, introduced=start != at)
            )
            if read is not None:
                period, end = read
                so_far = _SO_FAR.match(self._text, end)
                return period, end if so_far is None else so_far.end()
        return None

    def _days_of_one_month(self, at: int) -> tuple[Period, int] | None:
        """ "the 1st to the 15th of March": the month belongs to both."""
        match = _DAYS_OF_MONTH.match(self._text, at)
        if match is None:
            return None
        last = read_point(
            f"the {match['last']}th of {match['month']}{match['year'] or ''}", 0, self._today, introduced=True
        )
        if last is None or not 1 <= int(match["first"]) <= last.days.first.day:
            return None
        first = last.days.first.replace(day=int(match["first"]))
        return self._period(
            first, last.days.last, f"from the {ordinal(first.day)} to {last.name}"
        ), match.end()

    def _between(self, at: int) -> tuple[Period, int] | None:
        lead = _BETWEEN.match(self._text, at)
        if lead is None:
            return None
        first = read_point(self._text, lead.end(), self._today, introduced=True)
        if first is None:
            return None
        to = _TO.match(self._text, first.end)
        if to is None:
            return None
        last = read_point(self._text, to.end(), self._today, introduced=True)
        if last is None:
            return None
        if first.days.first > last.days.last:
            first = first.a_cycle_earlier()
            if first.days.first > last.days.last:
                return None
        names = (first.name, last.name)
        label = "between {} and {}".format(*names) if lead["between"] else "from {} to {}".format(*names)
        return self._period(first.days.first, last.days.last, label), last.end

    def _open(self, at: int) -> tuple[Period, int] | None:
        """With one end only: since, after, until, before."""
        match = _ALL.match(self._text, at)
        if match is not None:
            return self._period(None, self._today, "in all the time there is"), match.end()
        match = _WEEK_OF.match(self._text, at)
        day = read_point(self._text, match.end(), self._today, introduced=True) if match is not None else None
        if day is not None:
            return self._whole(days_of("week", day.days.first), f"in the week of {day.name}"), day.end
        match = _THIS_TIME.match(self._text, at)
        if match is not None:
            unit_before: Unit = match["unit"]  # type: ignore[assignment]
            until = add_units(self._today, unit_before, -1)
            return self._period(
                days_of(unit_before, until).first, until, f"by this time last {unit_before}"
            ), match.end()
        match = _TO_DATE.match(self._text, at) or _CURRENT.match(self._text, at)
        if match is not None:
            unit: Unit = match["unit"]  # type: ignore[assignment]
            return self._whole(days_of(unit, self._today), f"this {unit} so far"), match.end()
        for pattern, word in ((_SINCE, "since"), (_AFTER, "after"), (_UNTIL, "until"), (_BEFORE, "before")):
            match = pattern.match(self._text, at)
            if match is None:
                continue
            point = read_point(self._text, match.end(), self._today, introduced=True)
            if point is None:
                continue
            end = point.end
            first, last = point.anchor or point.days.first, point.anchor or point.days.last
            match word:
                case "since":
                    onwards = _ONWARDS.match(self._text, end)
                    end = end if onwards is None else onwards.end()
                    if self._text.startswith("from", match.start()) and onwards is None:
                        return self._period(first, point.days.last, f"from {point.name}"), end
                    period = self._period(first, max(first, self._today), f"since {point.name}")
                case "after":
                    period = self._period(
                        last + ONE_DAY, max(last + ONE_DAY, self._today), f"after {point.name}"
                    )
                case "until":
                    period = self._period(None, last, f"until {point.name}")
                case _:
                    period = self._period(None, first - ONE_DAY, f"before {point.name}")
            return period, end
        return None

    def _rolling(self, at: int) -> tuple[Period, int] | None:
        match = _ROLLING.match(self._text, at)
        if match is None:
            return None
        said, unit = match["count"], match["unit"]
        if said is None and (match["plural"] or (match["article"] is None and match["which"] != "past")):
            return None  # "last month" is a month of the calendar
        count = {None: 1, "couple of": 2, "couple": 2, "few": 3}.get(said) or int(said or 1)
        if not 1 <= count <= 1_000:
            return None
        words = unit if said is None else f"{said} {unit}{match['plural']}"
        label = f"in the last {words}"
        if unit == "hour":
            return Period(self._now - timedelta(hours=count), self._now, label), match.end()
        return self._period(self._first_of_last(count, unit), self._today, label), match.end()

    def _first_of_last(self, count: int, unit: str) -> date:
        today = self._today
        match unit:
            case "day":
                return today - timedelta(days=count - 1)
            case "week":
                return today - timedelta(days=7 * count - 1)
            case "fortnight":
                return today - timedelta(days=14 * count - 1)
            case "month":
                return add_months(today, -count) + ONE_DAY
            case "quarter":
                return add_months(today, -3 * count) + ONE_DAY
            case _:
                return add_months(today, -12 * count) + ONE_DAY

    def _named(self, at: int, *, introduced: bool) -> tuple[Period, int] | None:
        point = read_point(self._text, at, self._today, introduced=introduced)
        if point is None:
            return None
        return self._whole(point.days, f"{point.preposition}{point.name}"), point.end

    def _whole(self, days: Days, label: str) -> Period:
        return self._period(days.first, days.last, label)

    def _period(self, first: date | None, last: date, label: str) -> Period:
        """From the beginning of one day to the end of another."""
        start = None if first is None else midnight(first, self._zone)
        return Period(start, midnight(last + ONE_DAY, self._zone), label)
