"""What has to be heard in an answer, worked out from the emulator's ledger alone, and how an answer measures up to it.

A row of questions names what it `wants` and which transactions it is about, in the words of `right_movements`; `days`
adds the weekdays, of "0" for Monday to "6", and `but` a category that is left out. Under `or` stand other readings
that are as right, each by what differs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Literal

from tests.emulators.up_bank import TODAY, UpBank
from tests.emulators.up_bank_history import SAM
from tests.emulators.up_bank_ledger import Movement, in_category
from tests.receiver.bank_assistant.bank_call import (
    Row,
    cents_spent,
    day_of,
    purchases,
    right_movements,
    shown,
    spoken,
)

Outcome = Literal["right", "asked back", "wrong"]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)

MOST_FIGURES = {"nothing": 1, "one": 2, "day": 3, "month": 3, "average": 3, "spent": 4, "received": 4}
"""Sums that an answer may name: one among many that were read out answers nothing."""

UNSURE = re.compile(
    r"did not get|\bI (?:do not|cannot|could not|can only)\b|\bWhich\b|\bdo you mean\b|\?$", re.IGNORECASE
)
"""Says that it was not understood, not known or not found, or asks."""

NOTHING = re.compile(r"\bnothing\b|\bno (?!\w+ more)\w+|\bnot\b|\bcannot find\b|\bnever\b", re.IGNORECASE)


def outcome(row: Row, heard: str, bank: UpBank) -> Outcome:
    if any(is_right(reading, heard, bank) for reading in readings(row)):
        return "right"
    return "asked back" if UNSURE.search(heard) and "$" not in heard else "wrong"


def readings(row: Row) -> Iterator[Row]:
    yield row
    for other in row.get("or", ()):
        yield {**row, **other}


def is_right(row: Row, heard: str, bank: UpBank) -> bool:
    wants = row["wants"]
    if heard.count("$") > MOST_FIGURES.get(wants, 12):
        return False
    if not all(re.search(pattern, heard, re.IGNORECASE) for pattern in WANTED[wants](row, bank)):
        return False
    return not any(re.search(pattern, heard, re.IGNORECASE) for pattern in row.get("none", ()))


def about(row: Row, bank: UpBank) -> list[Movement]:
    days = row.get("days", "0123456")
    return [
        one
        for one in right_movements(bank, row)
        if str(day_of(one).weekday()) in days and ("but" not in row or not in_category(one, row["but"]))
    ]


def sum_of(cents: int) -> str:
    """As a pattern: "$5" is not the beginning of "$50", nor of "$5.20"."""
    return re.escape(spoken(cents)) + r"(?!\d|[,.]\d)" if cents else NOTHING.pattern


def day_said(on: date) -> str:
    ago = (TODAY.date() - on).days
    if ago < 2:
        return ("today", "yesterday")[ago]
    ordinal = rf"{on.day}(?:st|nd|rd|th)? of {MONTHS[on.month - 1]}"
    return f"{WEEKDAYS[on.weekday()]}|{ordinal}" if ago < 7 else ordinal


def balance(row: Row, bank: UpBank) -> list[str]:
    own = bank.ledger.accounts_of(SAM)
    accounts = [one for one in own if shown(one.name) in row["accounts"]]
    # The others are not asked for: an answer that reads out all is no answer.
    others = [one for one in own if one not in accounts]
    unasked = "|".join(sum_of(bank.ledger.balance(one)) for one in others)
    only = [rf"^(?!.*(?:{unasked}))"] if others else []
    return [sum_of(bank.ledger.balance(one)) for one in accounts] + only


def spent(row: Row, bank: UpBank) -> list[str]:
    return [sum_of(cents_spent(about(row, bank)))]


def received(row: Row, bank: UpBank) -> list[str]:
    return [sum_of(sum(one.amount for one in about({"flow": "in", **row}, bank)))]


def average(row: Row, bank: UpBank) -> list[str]:
    return [sum_of(round(cents_spent(about(row, bank)) / row["units"]))]


def counted(row: Row, bank: UpBank) -> list[str]:
    times = purchases(about(row, bank))
    word = NUMBERS[times] if times < len(NUMBERS) else str(times)
    return [rf"\b(?:{word}|{times}){'|once' if times == 1 else ''}\b" if times else NOTHING.pattern]


def one(row: Row, bank: UpBank) -> list[str]:
    movements = about(row, bank)
    if "order" in row:
        movements.sort(key=lambda one: abs(one.amount) * (-1 if row["order"] == "largest" else 1))
    chosen = movements[0]
    said = [sum_of(chosen.amount), re.escape(shown(chosen.description))]
    return [*said, day_said(day_of(chosen))] if row.get("day") else said


def more(row: Row, bank: UpBank) -> list[str]:
    then = {**row, "first": row["against"][0], "last": row["against"][1]}
    difference = cents_spent(about(row, bank)) - cents_spent(about(then, bank))
    return [sum_of(difference), "more" if difference > 0 else "less"]


def each(row: Row, bank: UpBank) -> list[str]:
    return [sum_of(cents_spent(about({**row, **part}, bank))) for part in row["of"]]


def sides(row: Row, bank: UpBank) -> list[str]:
    """Each of the groups of weekdays in `days`."""
    return [sum_of(cents_spent(about({**row, "days": days}, bank))) for days in row["days"]]


def greatest(row: Row, bank: UpBank, start: Callable[[date], date]) -> tuple[date, int]:
    """The first day of the stretch in which most was spent; or least, of those in which anything was."""
    by_start = Counter[date]()
    for movement in about(row, bank):
        by_start[start(day_of(movement))] += cents_spent([movement])
    spent_on = sorted((cents, on) for on, cents in by_start.items() if cents > 0)
    cents, on = spent_on[0 if row.get("order") == "smallest" else -1]
    return on, cents


def day(row: Row, bank: UpBank) -> list[str]:
    on, cents = greatest(row, bank, lambda on: on)
    return [day_said(on), sum_of(cents)]


def month(row: Row, bank: UpBank) -> list[str]:
    on, cents = greatest(row, bank, lambda on: on.replace(day=1))
    return [MONTHS[on.month - 1], sum_of(cents)]


def week(row: Row, bank: UpBank) -> list[str]:
    on, cents = greatest(row, bank, lambda on: on - timedelta(days=on.weekday()))
    return [rf"\b{on.day}(?:st|nd|rd|th)\b", sum_of(cents)]


def says(row: Row, bank: UpBank) -> list[str]:
    return list(row.get("all", ()))


WANTED: dict[str, Callable[[Row, UpBank], list[str]]] = {
    "balance": balance,
    "spent": spent,
    "received": received,
    "average": average,
    "count": counted,
    "one": one,
    "more": more,
    "each": each,
    "sides": sides,
    "day": day,
    "week": week,
    "month": month,
    "says": says,
    "nothing": lambda _row, _bank: [NOTHING.pattern],
    "cannot": lambda _row, _bank: ["I can only look"],
    "asks": lambda _row, _bank: [UNSURE.pattern, r"^(?!.*\$)"],
}
