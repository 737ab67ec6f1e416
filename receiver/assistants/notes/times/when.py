"""What was said of a time, whole or in part; parts said later are put together with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from receiver.assistants.notes.times.clock import Clock
from receiver.assistants.notes.times.recurrence import Repeat

OTHER_REPEAT = "repeat"
"""Trouble: it should repeat as no `Repeat` can, within a day for example."""

OTHER_WEEKDAY = "weekday"
"""Trouble: the weekday and the date that were said do not go together."""

TWO_TIMES = "two times"
"""Trouble: two times of day were said, and which counts is not clear."""


@dataclass(frozen=True, slots=True)
class Scene:
    """When and where it is said: what "tomorrow" hangs on."""

    now: datetime
    """Local, without its zone."""
    month_first: bool = False
    """Of dates in digits: 3/4 is the fourth of March."""

    @property
    def today(self) -> date:
        return self.now.date()


@dataclass(frozen=True, slots=True)
class When:
    dates: tuple[date, ...] = ()
    """The day that was named: the first of these on which the time still lies ahead. Ascending."""
    within: tuple[date, date] | None = None
    """First and last day of the week or month that was named without a day."""
    clock: Clock | None = None
    part: str | None = None
    """A part of the day, of `clock.PARTS`."""
    repeat: Repeat | None = None
    same_time: bool = False
    """At this time of that day, where no other is said: "in two weeks"."""
    minutes: int | None = None
    """So many minutes from now, whatever the clocks show."""
    fold: int | None = None
    """Of a time that exists twice: 0 before the clocks go back, 1 after."""
    trouble: str | None = None

    def __bool__(self) -> bool:
        return self != When()

    @classmethod
    def of(cls, wall: datetime, repeat: Repeat | None = None) -> When:
        """What would have been said for a wall time, or for what repeats and has it next."""
        return cls(dates=(wall.date(),), clock=Clock(wall.hour, wall.minute, fixed=True), repeat=repeat)

    @property
    def slots(self) -> frozenset[str]:
        """What was said, of: day, clock, part, repeat, fold."""
        said = {
            "day": bool(self.dates) or self.within is not None,
            "clock": self.clock is not None,
            "part": self.part is not None,
            "repeat": self.repeat is not None,
            "fold": self.fold is not None,
        }
        filled = {slot for slot, there in said.items() if there}
        return frozenset(filled | ({"day", "clock", "part"} if self.minutes is not None else set()))

    def with_(self, later: When) -> When:
        """Put together with what was said later, which counts where both say something."""
        if later.minutes is not None:
            return later
        changes: dict[str, Any] = {"minutes": None, "trouble": later.trouble}
        if later.dates:
            changes |= {"dates": later.dates, "within": None, "same_time": later.same_time}
            if self.within is not None:
                fitting = tuple(day for day in later.dates if self.within[0] <= day <= self.within[1])
                changes["dates"] = fitting or later.dates
        elif later.within is not None:
            changes |= {"dates": (), "within": later.within}
        if later.clock is not None:
            changes |= {"clock": later.clock, "fold": later.fold}
            if later.clock.fixed and later.part is None:
                changes["part"] = None
        if later.part is not None:
            changes["part"] = later.part
            if self.clock is not None and later.clock is None and self.clock.fixed:
                changes["clock"] = self.clock.moved_to(later.part)
        for name in ("repeat", "fold"):
            if getattr(later, name) is not None:
                changes[name] = getattr(later, name)
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        clock = self.clock
        return {
            "dates": [day.isoformat() for day in self.dates],
            "within": None if self.within is None else [day.isoformat() for day in self.within],
            "clock": None if clock is None else
                     [clock.hour, clock.minute, clock.fixed, clock.midnight],
            "part": self.part, "same_time": self.same_time,
            "repeat": None if self.repeat is None else self.repeat.to_json(),
            "minutes": self.minutes, "fold": self.fold, "trouble": self.trouble,
        }  # fmt: skip

    @classmethod
    def from_json(cls, when: Mapping[str, Any]) -> When:
        within, clock, repeat = when["within"], when["clock"], when["repeat"]
        return cls(
            dates=tuple(map(date.fromisoformat, when["dates"])),
            within=None if within is None else (date.fromisoformat(within[0]), date.fromisoformat(within[1])),
            clock=None if clock is None else Clock(*clock),
            part=when["part"],
            repeat=None if repeat is None else Repeat.from_json(repeat),
            same_time=when["same_time"],
            minutes=when["minutes"],
            fold=when["fold"],
            trouble=when["trouble"],
        )
