"""What an answer is made of, and the words that all answers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from receiver.assistants.bank import saying
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.finding import Found
from receiver.assistants.bank.question import Question, Span
from receiver.bank.models import Transaction
from receiver.bank.spending import flow_of

Figures = Mapping[str, Any]
"""JSON. Amounts are texts of dollars ("1234.50"), days are ISO 8601; there are no identifiers in it."""

MAX_FIGURES = 30
"""Entries of a list in `Figures`; `count` says how many there are."""


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    """To be spoken."""
    figures: Figures
    """The same for a language model."""
    kept: str | None
    """What may be stored in its place; None where it says nothing of somebody's money."""
    question: Question
    """As it was answered, for what refers to it."""
    transactions: tuple[Transaction, ...] = field(default=(), repr=False)
    """Those that it is about, in the order in which they were told."""


def unknown(found: Found, kept: str) -> Answer:
    text = f"I cannot find {found.unknown}."
    return Answer(text, {"error": text}, kept, found.question)


def when(span: Span | None) -> str:
    """ " last month", or nothing."""
    return f" {span.label}" if span is not None else ""


def period_figures(span: Span | None) -> Figures:
    return {} if span is None else {"period": span.as_json()}


def transaction_figures(entries: Sequence[Transaction], desk: Desk) -> list[Figures]:
    return [
        {
            "description": entry.description,
            "amount": saying.plain_amount(entry.amount),
            "currency": entry.amount.currency,
            "date": entry.created_at.astimezone(desk.zone).date().isoformat(),
            "pending": entry.held,
            "category": entry.category,
            "tags": list(entry.tags),
        }
        for entry in entries[:MAX_FIGURES]
    ]


def describe(entry: Transaction, desk: Desk, *, name: bool = True, day: bool = True) -> str:
    """ "$16.77 at Guzman y Gomez today", "$3,528.90 from Northwind Logistics on Thursday"; or without the name, or the
    day, where it has been said already."""
    when_made = f" {saying.day(entry.created_at, desk.now, desk.zone)}" if day else ""
    return f"{_what(entry) if name else saying.money(abs(entry.amount))}{when_made}"


def _what(entry: Transaction) -> str:
    name = saying.account(entry.description)
    if flow_of(entry) == "internal":
        how = name[:1].lower() + name[1:]
        return f"{saying.money(abs(entry.amount))}, {how},"
    if entry.amount.units >= 0:
        back = "back " if flow_of(entry) == "refund" else ""
        return f"{saying.money(entry.amount)} {back}from {name}"
    return f"{saying.money(-entry.amount)} {'at' if entry.by_card else 'to'} {name}"
