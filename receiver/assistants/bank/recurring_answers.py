"""Answers on what comes again and again: subscriptions, bills, the next pay, what is still to come this week."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from receiver.assistants.bank import saying
from receiver.assistants.bank.answer import Answer, Figures, unknown
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.finding import Found, find_within
from receiver.assistants.bank.question import Flow, Question, Span, today
from receiver.assistants.bank.subject import category_name, merchant
from receiver.bank.category_words import find_category
from receiver.bank.models import Money
from receiver.bank.recurring import Recurring, find_recurring

LOOK_BACK_DAYS = 200
"""Two bills a quarter apart, and some days."""

KEPT = "I told you what is paid regularly."
_OFTEN = {
    "week": "weekly",
    "fortnight": "every two weeks",
    "month": "monthly",
    "quarter": "every three months",
}


async def regular(question: Question, desk: Desk) -> Answer:
    """With `period`, what may be expected within it; else all. `flow` "salary" is the next pay, or with `per` what the
    pay is."""
    flow: Flow = "salary" if question.flow == "salary" else "out"
    now = today(desk.now, desk.zone)
    looked_at = Span(now - timedelta(days=LOOK_BACK_DAYS - 1), now, "lately")
    found = await find_within(replace(question, kind="transactions", period=looked_at, flow=flow), desk)
    if found.unknown:
        return unknown(found, KEPT)
    entries = find_recurring(found.transactions, now, desk.zone)
    if question.period is not None:
        entries = [one for one in entries if one.due <= question.period.last]
    told = entries[question.skip :][: saying.MAX_SAID]
    figures: Figures = {
        "count": len(entries),
        "a_month": saying.plain_amount(_a_month(entries)),
        "regular": [_figures(one) for one in entries],
        **({} if question.period is None else {"expected": question.period.as_json()}),
    }
    if flow == "salary" and question.per is not None:
        text = _pay(entries)
    elif flow == "salary":
        text = _next_pay(entries, desk)
    elif not told:
        text = "That was all of them." if question.skip and entries else _nothing(question, found)
    elif question.period is not None:
        text = _expected(question, entries, told, desk)
    else:
        text = _all(question, found, entries, told, desk)
    return Answer(text, figures, KEPT, question)


def _a_month(entries: list[Recurring]) -> Money:
    return Money(sum(one.cents_a_month for one in entries))


def _figures(one: Recurring) -> dict[str, Any]:
    return {
        "name": one.name,
        "amount": saying.plain_amount(abs(one.amount)),
        "every": one.every,
        "last": one.last.isoformat(),
        "next_expected": one.due.isoformat(),
    }


def _due(one: Recurring, desk: Desk) -> str:
    now = today(desk.now, desk.zone)
    ahead = (one.due - now).days
    if ahead < 0:
        return "any day now"
    return ("today", "tomorrow")[ahead] if ahead < 2 else f"on {saying.date_of(one.due, now)}"


def _ids(noun: str) -> tuple[str, ...]:
    """The categories that one word stands for."""
    named = find_category(f"{noun}s")
    return named.ids if named is not None else ()


def _what(question: Question, found: Found) -> str:
    if question.merchant is not None:
        return f" at {merchant(found)}"
    if question.categories and question.categories not in (_ids("subscription"), _ids("bill")):
        return f" for {saying.join([category_name(one, {}) for one in question.categories])}"
    return ""


def _nothing(question: Question, found: Found) -> str:
    what = _what(question, found)
    if question.period is None:
        return f"I see nothing{what} that comes out regularly."
    return f"Going by the past, nothing regular{what} is to come {question.period.label}. I cannot see what is planned."


def _expected(question: Question, entries: list[Recurring], told: list[Recurring], desk: Desk) -> str:
    assert question.period is not None
    parts = [
        f"{saying.account(one.name)}, about {saying.money(abs(one.amount))}, {_due(one, desk)}"
        for one in told
    ]
    total = saying.money(Money(sum(abs(one.amount.units) for one in entries)))
    whole = f", about {total} in all" if len(entries) > 1 else ""
    listed = saying.some(parts, len(entries) - question.skip)
    return (
        f"I cannot see what is planned. Going by the past, expect {question.period.label}{whole}: {listed}."
    )


def _all(
    question: Question, found: Found, entries: list[Recurring], told: list[Recurring], desk: Desk
) -> str:
    if len(entries) == 1:
        one = told[0]
        return (
            f"{saying.account(one.name)} is {saying.money(abs(one.amount))} {_OFTEN[one.every]}. "
            f"The next should come out {_due(one, desk)}, going by the past."
        )
    parts = [
        f"{saying.account(one.name)}, {saying.money(abs(one.amount))} {_OFTEN[one.every]}" for one in told
    ]
    listed = saying.some(parts, len(entries) - question.skip)
    if question.skip:
        return f"Then there are {listed}."
    noun = next((noun for noun in ("subscription", "bill") if _ids(noun) == question.categories), None)
    number = saying.sentence(saying.count(len(entries), noun or "payment"))
    what = "" if noun else _what(question, found)
    return f"{number}{what} come out regularly, about {saying.money(_a_month(entries))} a month: {listed}."


def _pay(entries: list[Recurring]) -> str:
    if not entries:
        return "I see no pay that comes regularly."
    parts = [
        f"{saying.account(one.name)} pays you about {saying.money(abs(one.amount))} {_OFTEN[one.every]}"
        for one in entries[: saying.MAX_SAID]
    ]
    a_month = (
        ""
        if [one.every for one in entries] == ["month"]
        else f", about {saying.money(_a_month(entries))} a month"
    )
    return f"{saying.join(parts)}{a_month}."


def _next_pay(entries: list[Recurring], desk: Desk) -> str:
    if not entries:
        return "I cannot see what is planned, and your pay has not come regularly enough to tell."
    one = entries[0]
    return (
        f"I cannot see what is planned. Going by the past, {saying.account(one.name)} should pay you about "
        f"{saying.money(abs(one.amount))} {_due(one, desk)}."
    )
