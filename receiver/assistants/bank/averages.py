"""Spending on average, for each day, week or month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from receiver.assistants.bank import saying
from receiver.assistants.bank.answer import (
    Answer,
    when,
)
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.finding import Found
from receiver.assistants.bank.question import Per, Span
from receiver.assistants.bank.spending_facts import (
    KEPT,
    asked_figures,
    cut_off,
    spending_figures,
)
from receiver.assistants.bank.subject import subject
from receiver.bank.calendar_days import add_months
from receiver.bank.spending import spent


def average(found: Found, names: dict[str, str], per: Per, desk: Desk) -> Answer:
    whole = spent(found.transactions)
    span = found.question.period
    units = _how_many(span, per, desk) if span is not None else None
    if not units:
        return Answer("I need a time to take the average of.", {"error": "no time"}, None, found.question)
    cents = (Decimal(whole.total.units) / units).quantize(Decimal(1), ROUND_HALF_UP)
    average = replace(whole.total, units=int(cents))
    about = subject(found, names)
    text = (
        f"On average you spent {saying.money(average)} a {per}{about}{when(span)}, "
        f"{saying.money(whole.total)} in all."
    )
    if not whole.total:
        text = f"You spent nothing{about}{when(span)}."
    figures = {
        **asked_figures(found, names),
        **spending_figures(whole),
        "average": saying.plain_amount(average),
        "per": per,
    }
    return Answer(cut_off(text, found), figures, KEPT, found.question, found.transactions)


def _how_many(span: Span, per: Per, desk: Desk) -> Decimal | None:
    """How many days, weeks or months of it have gone by; whole months where it has whole ones."""
    days = span.days_until(desk.now, desk.zone)
    if days is None or span.first is None or days <= 0:
        return None
    if per == "day":
        return Decimal(days)
    if per == "week":
        return Decimal(days) / 7
    end = span.first + timedelta(days=days)
    months = _whole_months(span.first, end)
    return Decimal(months) if months else Decimal(days) * 12 / Decimal("365.25")


def _whole_months(first: date, end: date) -> int | None:
    months = (end.year - first.year) * 12 + end.month - first.month
    return months if months > 0 and add_months(first, months) == end else None
