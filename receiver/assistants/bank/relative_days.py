"""Days that are counted from others: "the month before", "the same time last year"."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from receiver.assistants.bank.question import Question, Span, today
from receiver.bank.calendar_days import ONE_DAY, Unit, add_months, add_units, days_of, latest_weekday

_BEFORE = re.compile(
    r"\bthe (?:same )?(?P<unit>day|week|month|quarter|year|weekend|fortnight) before(?! yesterday)(?: that"
    r"| (?P<last>last))?\b|\bthe (?:previous|prior|preceding) (?P<previous>day|week|month|quarter|year)\b"
    r"|\bthe (?:one|1) before(?: that)?\b|\bthe time before\b"
)

_YEAR_AGO = re.compile(
    r"\b(?:the )?same (?:time|period|month|week) last year\b|\ba year (?:earlier|before)\b"
)


def relative_days(said: str, last: Question | None, now: datetime, zone: ZoneInfo) -> tuple[Span, str] | None:
    """ "the month before", of the days that were talked about or else of this month; and the other words."""
    span = last.period if last is not None else None
    found = _YEAR_AGO.search(said)
    if found is not None and span is not None and span.first is not None:
        return _moved(span, "year", -1, "a year earlier"), _cut(said, found)
    found = _BEFORE.search(said)
    if found is None:
        return None
    unit = found["unit"] or found["previous"]
    if found["last"] and unit == "weekend":
        return _weekend_before_last(today(now, zone)), _cut(said, found)
    if found["last"]:
        return _whole(_unit(unit), 2, now, zone), _cut(said, found)
    if span is None or span.first is None:
        return None if unit is None else (_whole(_unit(unit), 2, now, zone), _cut(said, found))
    return earlier(span, unit), _cut(said, found)


def _weekend_before_last(on: date) -> Span:
    saturday = latest_weekday(5, on + ONE_DAY) - timedelta(weeks=2 if on.weekday() >= 5 else 1)
    return Span(saturday, saturday + ONE_DAY, "the weekend before last")


def _unit(name: str | None) -> Unit:
    units: dict[str | None, Unit] = {"day": "day", "month": "month", "quarter": "quarter", "year": "year"}
    return units.get(name, "week")


def _whole(unit: Unit, back: int, now: datetime, zone: ZoneInfo) -> Span:
    days = days_of(unit, add_units(today(now, zone), unit, -back))
    return Span(days.first, days.last, f"the {unit} before last")


def earlier(span: Span, unit: str | None) -> Span:
    """As many days before it as it has; a whole month before a whole month."""
    assert span.first is not None
    for whole in ("month", "quarter", "year", "week"):
        days = days_of(whole, span.first)
        if (days.first, days.last) == (span.first, span.last) and unit in (None, whole):
            before = days_of(whole, days.first - ONE_DAY)
            return Span(before.first, before.last, _label_of(whole, before.first))
    if unit in ("month", "year", "quarter"):
        return _moved(span, _unit(unit), -1, f"the {unit} before")
    length = (span.last - span.first).days + 1
    return Span(span.first - timedelta(days=length), span.first - ONE_DAY, f"the {unit or 'time'} before")


def _label_of(unit: str, first: date) -> str:
    if unit == "month":
        return f"in {first:%B}" if first.month != 12 else f"in {first:%B %Y}"
    return f"in {first.year}" if unit == "year" else f"the {unit} before"


def _moved(span: Span, unit: Unit, by: int, label: str) -> Span:
    assert span.first is not None
    last = span.last
    first = add_units(span.first, unit, by)
    moved = add_units(last, unit, by)
    if last == days_of("month", last).last:
        moved = days_of("month", add_months(last.replace(day=1), by * (12 if unit == "year" else 1))).last
    return Span(first, max(first, moved), label)


def _cut(said: str, found: re.Match[str]) -> str:
    return " ".join(f"{said[: found.start()]} {said[found.end() :]}".split())
