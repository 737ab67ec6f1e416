"""Answers that name single transactions: the latest, the biggest, what is pending, when somebody was paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from receiver.assistants.bank import saying
from receiver.assistants.bank.answer import (
    Answer,
    describe,
    period_figures,
    transaction_figures,
    unknown,
    when,
)
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.finding import Found, find, ordered
from receiver.assistants.bank.question import Question
from receiver.assistants.bank.subject import at_or_to, bounds, category_name, merchant
from receiver.bank.models import NOTHING, Transaction
from receiver.bank.weekdays import name_of

KEPT = "I told you about your transactions."
KEPT_INCOME = "I told you what came in."
KEPT_PAID = "I told you what was paid."

PAID_DAYS = 35
"""Rent and bills come at least monthly: one that was paid longer ago is paid no more."""

_NOUNS = {"out": "payment", "in": "payment", "salary": "payment", "refund": "refund", "internal": "transfer"}


async def transactions(question: Question, desk: Desk) -> Answer:
    found = await find(question, desk)
    if found.unknown:
        return unknown(found, KEPT)
    if question.flow == "refund" and question.merchant is not None and not found.transactions:
        # Not every shop's money back is marked as such, and people give it back too.
        found = await find(replace(question, flow="in"), desk)
    if not found.transactions and question.least == question.most and (question.least or 0) % 100 == 0:
        found = await _near(found, question.least, desk)
    question = found.question
    entries = ordered(found)
    told = entries[question.skip :][: question.limit]
    figures: dict[str, Any] = {
        **period_figures(question.period),
        "count": len(entries),
        "transactions": transaction_figures(told, desk),
        "total": saying.plain_amount(sum((entry.amount for entry in entries), NOTHING)),
    }
    return Answer(_listed(found, entries, told, desk), figures, KEPT, question, tuple(told))


async def _near(found: Found, cents: int | None, desk: Desk) -> Found:
    """People leave the cents out, or round them: "the hundred and two dollar charge" was $102.43."""
    if cents is None:
        return found
    near = await find(replace(found.question, least=max(1, cents - 50), most=cents + 99), desk)
    return near if near.transactions else found


def _listed(found: Found, entries: Sequence[Transaction], told: Sequence[Transaction], desk: Desk) -> str:
    question = found.question
    what = _what(found)
    if not told:
        if question.skip:
            return "That was all of them."
        return f"I found no {what.format('s')}{when(question.period)}."
    several = len(told) > 1
    one_day = question.period is not None and question.period.first == question.period.last
    described = [
        describe(entry, desk, name=not several or len(found.merchants) != 1, day=not several or not one_day)
        for entry in told
    ]
    held = " It is still pending." if told[0].held and question.held is None else ""
    if len(told) == 1 and (question.limit == 1 or len(entries) == 1):
        lead = {"largest": "The biggest was ", "smallest": "The smallest was ", "oldest": "The first was "}
        opening = lead.get(question.order, "That was " if question.limit == 1 else "There is one: ")
        also = _same_again(entries, question) if question.order in lead else ""
        return f"{opening}{described[0]}.{held}{also}"
    listed = saying.some(described)
    if question.limit is not None:
        left = ""
        if question.skip:
            return saying.sentence(f"before that: {listed}.{left}")
        named = {"largest": "biggest", "smallest": "smallest", "oldest": "first"}.get(
            question.order, "latest"
        )
        number = saying.number(len(told))
        return f"The {number} {named}: {listed}."
    if question.skip:
        return saying.sentence(f"then there are {listed}.")
    total = sum((entry.amount for entry in entries), NOTHING)
    worth = f", {saying.money(abs(total))} in all" if _one_way(entries) else ""
    number = saying.sentence(saying.number(len(entries)))
    return (
        f"{number} {what.format('' if len(entries) == 1 else 's')}{when(question.period)}{worth}: {listed}."
    )


def _same_again(entries: Sequence[Transaction], question: Question) -> str:
    same = sum(abs(entry.amount.units) == abs(entries[0].amount.units) for entry in entries) - 1
    return f" {saying.sentence(saying.number(same))} more had the same amount." if same > 0 else ""


def _one_way(entries: Sequence[Transaction]) -> bool:
    return len({entry.amount.units < 0 for entry in entries}) == 1


def _what(found: Found) -> str:
    """ "pending payment{} at Coles over $50": the ending of the noun is left open."""
    question = found.question
    parts = [] if question.held is None else ["pending" if question.held else "settled"]
    rounded = question.flow == "internal" and question.merchant == "round up"
    parts.append("round-up{}" if rounded else f"{_NOUNS.get(question.flow, 'transaction')}{{}}")
    if question.categories:
        names = [category_name(one, {}).replace("{", "").replace("}", "") for one in question.categories]
        parts.append(f"for {found.part or saying.join(names)}")
    if question.merchant is not None and question.flow != "internal":
        parts.append(
            f"{'from' if question.flow in ('in', 'salary') else at_or_to(found)} {_safe(merchant(found))}"
        )
    if question.tag is not None:
        parts.append(f"with the tag {_safe(question.tag)}")
    if found.accounts:
        parts.append(f"in {_safe(saying.join([saying.account(one.name) for one in found.accounts]))}")
    if question.weekdays:
        parts.append(f"on {name_of(question.weekdays)}")
    amount = bounds(question.least, question.most)
    return " ".join([*parts, amount]).strip()


def _safe(text: str) -> str:
    return text.replace("{", "").replace("}", "")


async def income(question: Question, desk: Desk) -> Answer:
    flow = question.flow if question.flow in ("in", "salary") else "in"
    question = replace(question, flow=flow)
    found = await find(question, desk)
    if found.unknown:
        return unknown(found, KEPT_INCOME)
    entries = ordered(found)
    salary = flow == "salary"
    told = entries[question.skip :][: question.limit]
    total = sum((entry.amount for entry in told), NOTHING)
    figures = {
        **period_figures(found.question.period),
        "count": len(entries),
        "total": saying.plain_amount(total),
        "transactions": transaction_figures(told, desk),
    }
    span = found.question.period
    if not told:
        text = f"I found no {'pay' if salary else 'money that came in'}{_from(found)}{when(span)}."
    elif all(entry.description.casefold() == "interest" for entry in told) and question.limit != 1:
        text = f"You earned {saying.money(total)} in interest{when(span)}."
    elif question.limit == 1:
        only = told[0]
        got = "You were last paid" if salary else "The last money that came in was"
        if question.skip:
            got = "Before that you were paid" if salary else "Before that it was"
        text = (
            f"{got} {saying.money(only.amount)} by {saying.account(only.description)} "
            if salary
            else f"{got} {saying.money(only.amount)} from {saying.account(only.description)} "
        ) + f"{saying.day(only.created_at, desk.now, desk.zone)}."
    else:
        got = f"You were paid {saying.money(total)}" if salary else f"{saying.money(total)} came in"
        text = f"{got}{_from(found)}{when(span)}"
        if len(told) == 1:
            text += f", {saying.day(told[0].created_at, desk.now, desk.zone)}"
        text += f", in {saying.count(len(told), 'payment')}." if len(told) > 1 else "."
        if len(told) > 1 and not salary and question.merchant is None:
            text += f" The biggest: {_biggest(told, desk)}."
    return Answer(text, figures, KEPT_INCOME, found.question, tuple(told))


def _from(found: Found) -> str:
    return "" if found.question.merchant is None else f" from {merchant(found)}"


def _biggest(entries: Sequence[Transaction], desk: Desk) -> str:
    return describe(max(entries, key=lambda entry: entry.amount.units), desk)


async def paid(question: Question, desk: Desk) -> Answer:
    """Whether it was paid, in the days that were named or lately."""
    asked = question.period
    found = await find(replace(question, flow="out", limit=1, order="newest"), desk)
    if found.unknown:
        return unknown(found, KEPT_PAID)
    what = "it"
    if question.categories:
        what = found.part or saying.join([category_name(one, {}) for one in question.categories])
    elif question.merchant is not None:
        what = merchant(found)
    last = found.transactions[0] if found.transactions else None
    recent = last is not None and (
        asked is not None or desk.now - last.created_at <= timedelta(days=PAID_DAYS)
    )
    figures: dict[str, Any] = {
        **period_figures(found.question.period),
        "paid": recent,
        "last": transaction_figures(found.transactions[:1], desk),
    }
    if last is None:
        text = f"No, I see no payment for {what}{when(found.question.period)}."
    elif recent:
        held = " It is still pending." if last.held else ""
        text = f"Yes, the last one was {describe(last, desk)}.{held}"
    else:
        text = f"Not lately: the last one was {describe(last, desk)}."
    return Answer(text, figures, KEPT_PAID, found.question, found.transactions[:1])
