"""Payments that come again and again: found by their days, since the bank's interface does not name what is to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal
from zoneinfo import ZoneInfo

from receiver.bank.calendar_days import add_months
from receiver.bank.models import Money, Transaction

Every = Literal["week", "fortnight", "month", "quarter"]

_GAPS: tuple[tuple[Every, int, int], ...] = (
    ("week", 6, 8), ("fortnight", 13, 15), ("month", 27, 33), ("quarter", 87, 95)
)  # fmt: skip
"""Days from one payment to the next: a debit that falls on a weekend comes a day or two later."""

_DAYS: dict[Every, int] = {"week": 7, "fortnight": 14, "month": 31, "quarter": 92}
_TIMES_A_MONTH: dict[Every, float] = {"week": 52 / 12, "fortnight": 26 / 12, "month": 1, "quarter": 1 / 3}

BILLS = frozenset(
    ("utilities", "internet", "mobile-phone", "home-insurance-and-rates", "car-insurance-and-maintenance", "life-admin")
)  # fmt: skip
"""Categories in which two payments a quarter apart are enough; elsewhere they are chance."""

MIN_TIMES = 3
LOOKED_AT = 4
"""The latest payments of each that have to be regular."""
MAX_SPREAD = 1.6
"""The dearest of them against the cheapest: a shop that is gone to each Saturday is no bill."""
LATE = timedelta(days=6)
"""One that has been due for longer has ended."""


@dataclass(frozen=True, slots=True)
class Recurring:
    name: str
    amount: Money
    """Of the latest, as the bank has it: negative where it is paid."""
    every: Every
    last: date
    due: date
    """When the next may be expected; may be a few days ago."""
    category: str | None

    @property
    def cents_a_month(self) -> int:
        return round(abs(self.amount.units) * _TIMES_A_MONTH[self.every])


def find_recurring(transactions: Iterable[Transaction], today: date, zone: ZoneInfo) -> list[Recurring]:
    """Of payments all in one direction, the next due first."""
    by_name: dict[str, list[Transaction]] = defaultdict(list)
    for entry in transactions:
        by_name[entry.description].append(entry)
    found = [_recurring(entries, today, zone) for entries in by_name.values()]
    return sorted((one for one in found if one is not None), key=lambda one: (one.due, one.name))


def _recurring(entries: list[Transaction], today: date, zone: ZoneInfo) -> Recurring | None:
    latest = sorted(entries, key=lambda entry: entry.created_at)[-LOOKED_AT:]
    days = [entry.created_at.astimezone(zone).date() for entry in latest]
    gaps = [(after - before).days for before, after in pairwise(days)]
    if not gaps:
        return None
    every = next((name for name, least, most in _GAPS if least <= median(gaps) <= most), None)
    newest = latest[-1]
    enough = 2 if every == "quarter" and newest.category in BILLS else MIN_TIMES
    if every is None or len(latest) < enough:
        return None
    least, most = next((low, high) for name, low, high in _GAPS if name == every)
    amounts = [abs(entry.amount.units) for entry in latest]
    due = _next(days[-1], every)
    if (
        any(not least <= gap <= most for gap in gaps)
        or max(amounts) > MAX_SPREAD * max(1, min(amounts))
        or today - due > LATE
    ):
        return None
    return Recurring(newest.description, newest.amount, every, days[-1], due, newest.category)


def _next(last: date, every: Every) -> date:
    if every in ("month", "quarter"):
        return add_months(last, 1 if every == "month" else 3)
    return last + timedelta(days=_DAYS[every])
