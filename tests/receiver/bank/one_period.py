"""What the tests of periods ask: the first one that is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from receiver.bank.periods import Period, find_periods


@dataclass(frozen=True, slots=True)
class Found:
    period: Period
    rest: str
    """The other words, normalised."""


def find_period(words: str, now: datetime, zone: ZoneInfo) -> Found | None:
    found, rest = find_periods(words, now, zone, at_most=1)
    return Found(found[0], rest) if found else None
