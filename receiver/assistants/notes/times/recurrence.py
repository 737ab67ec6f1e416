"""What repeats: on which days, and when next. The wall time stays when the clocks change."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from receiver.assistants.notes.times.zones import instants

Unit = Literal["day", "week", "month", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)

LAST = 31
"""As a day of the month: its last one. A month that is too short has its last day instead."""

MAX_INTERVAL = 99


@dataclass(frozen=True, slots=True)
class Repeat:
    unit: Unit
    interval: int = 1
    """Every so many of them, counted from the first time."""
    weekdays: tuple[int, ...] = ()
    """Of a week: 0 Monday to 6 Sunday, ascending. Empty: not known yet."""
    day: int | None = None
    """Of a month or year: 1 to 31."""
    nth: int | None = None
    """Of a month: the first to fourth (1 to 4) or last (-1) of its one weekday, instead of `day`."""
    month: int | None = None
    """Of a year."""

    @property
    def complete(self) -> bool:
        """It says on which days."""
        match self.unit:
            case "week":
                return bool(self.weekdays)
            case "month":
                return self.day is not None or self.nth is not None
            case "year":
                return self.day is not None and self.month is not None
            case _:
                return True

    def on(self, first: date) -> Repeat:
        """With the day that it lacks taken from its first date."""
        if self.complete:
            return self
        match self.unit:
            case "week":
                return replace(self, weekdays=(first.weekday(),))
            case "month":
                return replace(self, day=first.day)
            case _:
                return replace(self, day=first.day, month=first.month)

    def dates(self, anchor: date, start: date) -> Iterator[date]:
        """Its days from `start` on; every so many are counted from `anchor`. Ends with year 9999."""
        try:
            match self.unit:
                case "day":
                    day = start + timedelta((anchor - start).days % self.interval)
                    while True:
                        yield day
                        day += timedelta(self.interval)
                case "week":
                    monday = start - timedelta(start.weekday())
                    behind = (anchor - timedelta(anchor.weekday()) - monday).days // 7
                    monday += timedelta(weeks=behind % self.interval)
                    while True:
                        days = (monday + timedelta(weekday) for weekday in self.weekdays)
                        yield from (day for day in days if day >= start)
                        monday += timedelta(weeks=self.interval)
                case _:
                    yield from self._monthly(anchor, start)
        except (OverflowError, ValueError):
            return

    def _monthly(self, anchor: date, start: date) -> Iterator[date]:
        months = self.interval * (12 if self.unit == "year" else 1)
        month = self.month or start.month
        number = start.year * 12 + month - 1
        wanted = anchor.year * 12 + (self.month or anchor.month) - 1
        number += (wanted - number) % months
        while True:
            day = self._in_month(number // 12, number % 12 + 1)
            if day >= start:
                yield day
            number += months

    def _in_month(self, year: int, month: int) -> date:
        length = monthrange(year, month)[1]
        if self.nth is None:
            return date(year, month, min(self.day or 1, length))
        first = 1 + (self.weekdays[0] - date(year, month, 1).weekday()) % 7
        if self.nth > 0:
            return date(year, month, first + 7 * (self.nth - 1))
        return date(year, month, first + 7 * ((length - first) // 7))

    def after(self, moment: datetime, anchor: date, at: time, zone: ZoneInfo) -> datetime | None:
        """The first instant (UTC) after `moment` at which it is `at` on one of its days from `anchor` on."""
        there = moment.astimezone(zone).date()
        start = max(anchor, there - timedelta(1)) if there > date.min else anchor
        for day in self.dates(anchor, start):
            for instant in instants(datetime.combine(day, at), zone)[:1]:
                if instant > moment.astimezone(UTC):
                    return instant
        return None

    def to_json(self) -> dict[str, Any]:
        return {
            "unit": self.unit, "interval": self.interval, "weekdays": list(self.weekdays), "day": self.day,
            "nth": self.nth, "month": self.month,
        }  # fmt: skip

    @classmethod
    def from_json(cls, repeat: Mapping[str, Any]) -> Repeat:
        return cls(**{**repeat, "weekdays": tuple(repeat["weekdays"])})
