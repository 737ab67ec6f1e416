"""Spending on average, for each day, week or month."""

from __future__ import annotations

from collections.abc import Mapping
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
from receiver.bank.period_points import WEEKDAYS
from receiver.bank.spending import spent
from receiver.bank.weekdays import WEEKEND, Weekdays

_UNIT_OF: Mapping[Weekdays, str] = {WEEKEND: "weekend"} | {(day,): name for day, name in enumerate(WEEKDAYS)}
"""What some days of each week are called, one by one."""


def average(found: Found, names: dict[str, str], per: Per, desk: Desk) -> Answer:
    whole = spent(found.transactions)
    span = found.question.period
    weekdays = found.question.weekdays
    units = None if span is None else _how_many_of(weekdays, span, per, desk)
    if not units:
        return Answer("I need a time to take the average of.", {"error": "no time"}, None, found.question)
    cents = (Decimal(whole.total.units) / units).quantize(Decimal(1), ROUND_HALF_UP)
    average = replace(whole.total, units=int(cents))
    about = subject(found, names)
    unit = _UNIT_OF.get(weekdays, per) if per == "week" else per
    if unit != per:
        about = subject(replace(found, question=replace(found.question, weekdays=())), names)
    text = (
        f"On average you spent {saying.money(average)} a {unit}{about}{when(span)}, "
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


def average_times(found: Found, names: dict[str, str], per: Per, desk: Desk) -> Answer:
    """How many times in each day, week or month something was bought."""
    whole, span = spent(found.transactions), found.question.period
    units = None if span is None else _how_many_of(found.question.weekdays, span, per, desk)
    times = None if not units else (Decimal(whole.purchases) / units).quantize(Decimal("0.1"), ROUND_HALF_UP)
    about = subject(found, names)
    figures = {**asked_figures(found, names), "count": whole.purchases, "average": str(times), "per": per}
    if not times:
        how_often = saying.count(whole.purchases, "time") if whole.purchases else "not once"
        text = f"{saying.sentence(how_often)}{about}{when(span)}."
    else:
        number = saying.number(int(times)) if times == int(times) else str(times)
        once = "once" if times == 1 else f"{number} times"
        text = (
            f"On average {once} a {per}{about}{when(span)}, {saying.count(whole.purchases, 'time')} in all."
        )
    return Answer(cut_off(text, found), figures, KEPT, found.question, found.transactions)


def _how_many_of(weekdays: Weekdays, span: Span, per: Per, desk: Desk) -> Decimal | None:
    """Of Saturdays, how many Saturdays there were; of weekends, how many of their days, by two."""
    days = span.days_until(desk.now, desk.zone)
    if not weekdays or per == "month" or span.first is None or not days:
        return _how_many(span, per, desk)
    gone_by = sum((span.first + timedelta(days=day)).weekday() in weekdays for day in range(days))
    return Decimal(gone_by) / (1 if per == "day" else len(weekdays))


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
