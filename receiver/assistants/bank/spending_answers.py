"""Answers on what was spent: a sum, in parts, how many times."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from protocol.errors import BankError
from receiver.assistants.bank import saying
from receiver.assistants.bank.answer import (
    MAX_FIGURES,
    Answer,
    describe,
    unknown,
    when,
)
from receiver.assistants.bank.averages import average, average_times
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.finding import Found, find, find_within
from receiver.assistants.bank.question import Question, Span, today
from receiver.assistants.bank.spending_compared import by_time, compared
from receiver.assistants.bank.spending_facts import (
    KEPT,
    asked_figures,
    cut_off,
    find_with_names,
    spending_figures,
)
from receiver.assistants.bank.spending_peaks import by_days
from receiver.assistants.bank.subject import category_name, subject
from receiver.bank.calendar_days import add_months, days_of
from receiver.bank.spending import Share, by_category, by_merchant, spent

AVERAGE_WEEKS = 12

AVERAGE_MONTHS = 6
"""Whole ones before this one, for an average of no time that was named."""


async def spending(question: Question, desk: Desk) -> Answer:
    asked = question
    question = with_period(question, desk)
    if question.against is not None:
        return await compared(question, question.against, desk)
    at_a_peak = question.order in ("largest", "smallest")
    if question.by in ("month", "week") and not at_a_peak and question.period is not None:
        return await by_time(question, desk)
    found, names = await find_with_names(question, desk)
    if asked.period is None and asked.tag is None and found.question.tag is not None and question.per is None:
        # What was said to be spent "in Japan" has a tag of that name, and a trip is seldom this month's.
        found = await find_within(replace(found.question, period=None), desk)
    if found.unknown:
        return unknown(found, KEPT)
    if question.per is not None:
        return average(found, names, question.per, desk)
    if question.by in ("category", "merchant"):
        return _in_parts(found, names, desk)
    if question.by != "none":
        return by_days(found, names, desk)
    return await _sum(found, names, desk)


async def count_times(question: Question, desk: Desk) -> Answer:
    question = with_period(question, desk)
    found, names = await find_with_names(question, desk)
    if found.unknown:
        return unknown(found, KEPT)
    entries = list(found.transactions)
    whole = spent(entries)
    times = whole.purchases if question.flow in ("any", "out") else len(entries)
    about = subject(found, names)
    figures = {
        "count": times,
        "spent": saying.plain_amount(whole.total),
        **asked_figures(found, names),
    }
    if question.per is not None and found.question.period is not None:
        return average_times(found, names, question.per, desk)
    told = {1: "Once", 2: "Twice"}.get(times, f"{saying.sentence(saying.number(times))} times")
    if not times:
        text = f"Not once{about}{when(found.question.period)}."
    else:
        text = f"{told}{about}{when(found.question.period)}, {saying.money(whole.total)} in all."
    return Answer(cut_off(text, found), figures, KEPT, found.question, found.transactions)


def with_period(question: Question, desk: Desk) -> Question:
    """Spending without a time is that of this month; with a tag, of all time; an average is of some whole weeks."""
    if question.period is not None or (question.tag is not None and question.per is None):
        return question
    if question.held:
        return question
    now = today(desk.now, desk.zone)
    if question.against is not None:
        return replace(question, period=_like(question.against, now))
    peak_of_months = question.by == "month" and question.order in ("largest", "smallest")
    if question.per in ("day", "week") or question.by in ("week", "weekday", "weekpart"):
        monday = days_of("week", now).first
        first, last = monday - timedelta(weeks=AVERAGE_WEEKS), monday - timedelta(days=1)
        span = Span(first, last, f"over the last {saying.number(AVERAGE_WEEKS)} weeks")
    elif question.per == "month":
        first_of_month = now.replace(day=1)
        first, last = add_months(first_of_month, -AVERAGE_MONTHS), first_of_month - timedelta(days=1)
        span = Span(first, last, f"over the last {saying.number(AVERAGE_MONTHS)} whole months")
    elif peak_of_months:
        span = Span(add_months(now.replace(day=1), -11), now, "in the last twelve months")
    elif question.by == "month":
        span = Span(add_months(now.replace(day=1), -2), now, "in the last three months")
    else:
        month = days_of("month", now)
        span = Span(month.first, month.last, "this month")
    return replace(question, period=span)


def _like(span: Span, now: date) -> Span:
    """The week, month, quarter or year that has begun, for days that are as many."""
    for unit in ("week", "month", "quarter", "year"):
        whole = days_of(unit, span.first) if span.first is not None else None
        if whole is not None and whole.first == span.first and span.last <= whole.last:
            days = days_of(unit, now)
            return Span(days.first, days.last, f"this {unit}")
    month = days_of("month", now)
    return Span(month.first, month.last, "this month")


async def _nothing(found: Found, names: dict[str, str], desk: Desk) -> str:
    """Of something that is named: when it was last, or that it never was, which is what a misheard name looks like."""
    question, about = found.question, subject(found, names)
    text = f"You spent nothing{about}{when(question.period)}."
    if question.merchant is None and not question.categories:
        return text
    try:
        ever = await find(replace(question.plain(), kind="transactions", period=None, flow="out"), desk)
    except BankError:
        return text
    if ever.transactions:
        about = subject(replace(found, merchants=ever.merchants), names)
        text = f"You spent nothing{about}{when(question.period)}."
        return f"{text} The last was {describe(ever.transactions[0], desk)}."
    if question.merchant is None:
        return text
    return (
        f"I see nothing{about}{when(question.period)}, nor in the whole last year. Did I get the name right?"
    )


async def _sum(found: Found, names: dict[str, str], desk: Desk) -> Answer:
    whole = spent(found.transactions)
    about, span = subject(found, names), found.question.period
    figures = {**asked_figures(found, names), **spending_figures(whole)}
    if found.question.held:
        what = saying.count(whole.purchases, "pending payment")
        text = (
            f"{saying.money(whole.total)}{about} is still pending, in {what}."
            if whole.purchases
            else f"Nothing{about} is pending right now."
        )
        return Answer(cut_off(text, found), figures, KEPT, found.question, found.transactions)
    if not whole.purchases and not whole.total:
        return Answer(await _nothing(found, names, desk), figures, KEPT, found.question)
    if whole.total.units < 0:
        text = f"More came back than you spent{about}{when(span)}: {saying.money(-whole.total)} more."
        return Answer(cut_off(text, found), figures, KEPT, found.question, found.transactions)
    how_often = f", in {saying.count(whole.purchases, 'purchase')}" if whole.purchases > 1 else ""
    text = f"You spent {saying.money(whole.total)}{about}{when(span)}{how_often}."
    if whole.purchases == 1 and len(found.transactions) == 1:
        text = f"You spent {saying.money(whole.total)}{about}{when(span)}, {_once(found, desk)}."
    extra = []
    if whole.refunds:
        extra.append(f"{saying.money(whole.refunds)} that came back is taken off")
    if whole.held and whole.held != whole.total:
        extra.append(f"{saying.money(whole.held)} of it is still pending")
    if extra:
        text += f" {saying.sentence(' and '.join(extra))}."
    return Answer(cut_off(text, found), figures, KEPT, found.question, found.transactions)


def _once(found: Found, desk: Desk) -> str:
    only = found.transactions[0]
    if found.question.merchant is None:
        return describe(only, desk).split(" ", 1)[1]
    return f"once, {saying.day(only.created_at, desk.now, desk.zone)}"


def _in_parts(found: Found, names: dict[str, str], desk: Desk) -> Answer:
    question = found.question
    whole = spent(found.transactions)
    of = by_merchant if question.by == "merchant" else by_category
    shares = of(found.transactions)
    shares = [share for share in shares if share.spending.total.units > 0]
    if question.order == "smallest":
        shares = shares[::-1]
    named = [(_share_name(share, question.by, names), share.spending) for share in shares]
    figures: dict[str, Any] = {
        **asked_figures(found, names),
        **spending_figures(whole),
        "by": question.by,
        "parts": [
            {"name": name, "spent": saying.plain_amount(part.total), "purchases": part.purchases}
            for name, part in named[:MAX_FIGURES]
        ],
    }
    about, span = subject(found, names), question.period
    if not named:
        return Answer(f"You spent nothing{about}{when(span)}.", figures, KEPT, question)
    asked = min(question.limit or 3, saying.MAX_SAID)
    told = [f"{name}, {saying.money(part.total)}" for name, part in named]
    if asked == 1:
        text = f"{saying.sentence(told[0])}{when(span)}, of {saying.money(whole.total)} in all."
    else:
        text = f"You spent {saying.money(whole.total)}{about}{when(span)}. "
        if len(told) == 1:
            text += f"All of it was {_placed(named[0][0], question.by)}."
        elif len(told) == 2 and question.limit is None and question.order == "newest":
            sums = [f"{saying.money(part.total)} {_placed(name, question.by)}" for name, part in named]
            text = f"You spent {sums[0]}, and {sums[1]}{when(span)}."
        else:
            listed = (
                saying.some(told[: question.limit], None, asked)
                if question.limit
                else saying.some(told, None, asked)
            )
            text += f"The {'least' if question.order == 'smallest' else 'most'} was {listed}."
    return Answer(cut_off(text, found), figures, KEPT, question, found.transactions)


def _placed(name: str, by: str) -> str:
    return f"{'at' if by == 'merchant' else 'on'} {name}"


def _share_name(share: Share, by: str, names: dict[str, str]) -> str:
    if share.key is None:
        return "things in no category"
    return saying.account(share.key) if by == "merchant" else category_name(share.key, names)
