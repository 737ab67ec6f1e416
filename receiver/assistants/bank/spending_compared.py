"""Spending of several times: month by month, and one with another. One that fails takes no other with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Literal

from protocol.errors import BankError
from receiver.assistants.bank import saying
from receiver.assistants.bank.answer import (
    Answer,
    period_figures,
    unknown,
    when,
)
from receiver.assistants.bank.desk import Desk, each
from receiver.assistants.bank.failing import say_error
from receiver.assistants.bank.finding import Found, find_within
from receiver.assistants.bank.question import Question, Span, today
from receiver.assistants.bank.spending_facts import (
    KEPT,
    asked_figures,
    category_names,
    spending_figures,
)
from receiver.assistants.bank.subject import subject
from receiver.bank.calendar_days import add_months
from receiver.bank.models import Money
from receiver.bank.periods import split
from receiver.bank.spending import Spending, spent

MAX_PARTS = 24

MAX_TOLD = 6
"""Months or weeks that are read out, the latest; their number is known, so they are more than `saying.MAX_SAID`."""


async def by_time(question: Question, desk: Desk) -> Answer:
    """Each month or week is asked for by itself: of one that fails, the others are told."""
    assert question.period is not None
    now = today(desk.now, desk.zone)
    last = min(question.period.last, now)
    if question.period.first is None or question.period.first > last:
        first = add_months(now.replace(day=1), -11)
        question = replace(question, period=Span(first, last, "in the last 12 months"))
    assert question.period is not None
    unit: Literal["month", "week"] = "month" if question.by == "month" else "week"
    whole_span = replace(question.period, last=last)
    periods = split(whole_span.period(desk.zone), unit, desk.zone)[-MAX_PARTS:]
    parts = [Span.of(period, desk.zone) for period in periods]
    founds = await each([partial(find_within, replace(question, period=part), desk) for part in parts])
    names = await category_names(desk) if question.categories else {}
    told, data, failed = [], [], []
    total = Money(0)
    for part, found in zip(parts, founds, strict=True):
        if isinstance(found, BankError):
            failed.append((part.label, found))
            continue
        if found.unknown:
            return unknown(found, KEPT)
        whole = spent(found.transactions)
        total += whole.total
        told.append(f"{saying.money(whole.total)} {_short_label(part, now)}")
        data.append({**period_figures(part), **spending_figures(whole)})
    known = [found for found in founds if not isinstance(found, BankError)]
    if not known:
        raise failed[0][1]
    about = subject(replace(known[-1], question=question), names)
    latest = told[-MAX_TOLD:]
    lead = f"The latest {saying.number(len(latest))} {unit}s:" if len(told) > len(latest) else "That is"
    listed = saying.some(latest, None, MAX_TOLD)
    text = f"You spent {saying.money(total)}{about}{when(question.period)}. {lead} {listed}."
    if failed:
        missing = saying.join([label.removeprefix("in ") for label, _ in failed])
        text += f" That is without {missing}. {say_error(failed[0][1])}"
    figures = {
        **period_figures(question.period),
        "by": question.by,
        "spent": saying.plain_amount(total),
        "parts": data,
        "missing": [label for label, _ in failed],
    }
    return Answer(text, figures, KEPT, question)


def _short_label(part: Span, now: date) -> str:
    return part.label.removesuffix(f" {now.year}")


async def compared(question: Question, against: Span, desk: Desk) -> Answer:
    """Of the two, one may fail alone."""
    plain = replace(question, against=None)
    one, other = await each(
        [
            partial(find_within, plain, desk),
            partial(find_within, replace(plain, period=against), desk),
        ]
    )
    names = await category_names(desk) if question.categories else {}
    sides: list[tuple[Span, Found | BankError]] = []
    for span, found in ((question.period, one), (against, other)):
        assert span is not None
        sides.append((span, found))
    known = [found for _, found in sides if not isinstance(found, BankError)]
    if not known:
        assert isinstance(one, BankError)
        raise one
    if any(found.unknown for found in known):
        return unknown(known[0], KEPT)
    about = subject(known[0], names)
    data = [
        {**period_figures(span), **spending_figures(spent(found.transactions))}
        for span, found in sides
        if not isinstance(found, BankError)
    ]
    figures: dict[str, Any] = {**asked_figures(known[0], names), "compared": data}
    first, second = (
        None if isinstance(found, BankError) else spent(found.transactions) for _, found in sides
    )
    (here, _), (there, _) = sides
    if first is not None and second is not None:
        text = _comparison((here, first), (there, second), about, today(desk.now, desk.zone))
        figures["difference"] = saying.plain_amount(first.total - second.total)
        return Answer(text, figures, KEPT, question, known[0].transactions)
    span, told = (here, first) if first is not None else (there, second)
    error = other if isinstance(other, BankError) else one
    assert told is not None
    assert isinstance(error, BankError)
    missing = there if first is not None else here
    text = (
        f"You spent {saying.money(told.total)}{about} {span.label}. What it was {missing.label}, "
        f"I could not find out. {say_error(error)}"
    )
    return Answer(text, {**figures, "missing": missing.as_json()}, KEPT, question, known[0].transactions)


def _comparison(here: tuple[Span, Spending], there: tuple[Span, Spending], about: str, now: date) -> str:
    (span, first), (other, second) = here, there
    difference = first.total - second.total
    spans = [_so_far(one, now) for one in (span, other)]
    if not difference:
        return f"The same: {saying.money(first.total)}{about} {spans[0]} and {spans[1]}."
    how = "more" if difference.units > 0 else "less"
    return (
        f"{saying.money(abs(difference))} {how}: you spent {saying.money(first.total)}{about} "
        f"{spans[0]}, and {saying.money(second.total)} {spans[1]}."
    )


def _so_far(span: Span, now: date) -> str:
    """Of days that are not over, what is compared is only the beginning."""
    return f"{span.label} so far" if span.label.startswith("this ") and span.last > now else span.label
