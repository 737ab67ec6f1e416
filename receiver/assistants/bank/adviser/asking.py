"""A tool's arguments as a `Question`: words are read as the rules read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from receiver.assistants.bank.adviser.arguments import (
    Arguments,
    Balances,
    Income,
    Labels,
    Regular,
    Selection,
    Spending,
    Transactions,
)
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.question import Question, Span
from receiver.assistants.bank.slots import without_payday
from receiver.bank.amounts import AmountBounds, find_bounds
from receiver.bank.category_words import find_category
from receiver.bank.number_words import normalise
from receiver.bank.periods import find_periods
from receiver.bank.weekdays import Weekdays, find_weekdays


class ToolRefused(Exception):
    """A call that cannot be done; the message is for the model."""


async def question_of(arguments: Arguments, desk: Desk) -> Question:
    """Raises `ToolRefused`, and `BankError` where the bank's own categories have to be looked at."""
    match arguments:
        case Balances():
            return Question("balance", account=arguments.account)
        case Labels():
            return Question(arguments.of)
        case Regular():
            return Question(
                "regular",
                merchant=arguments.merchant,
                categories=await categories_of(arguments.categories, desk),
                period=read_period(arguments.until, desk.now, desk.zone),
                flow="salary" if arguments.next_pay else "any",
            )
        case Income():
            period, since_pay = read_time(arguments.period, desk)
            return Question(
                "income",
                account=arguments.account,
                merchant=arguments.payer,
                period=period,
                since_pay=since_pay,
                flow="salary" if arguments.salary_only else "in",
                limit=arguments.limit,
            )
        case Transactions() | Spending():
            return await _selected(arguments, desk)
        case _:
            raise TypeError(arguments.tool)


async def _selected(arguments: Transactions | Spending, desk: Desk) -> Question:
    bounds = _bounds(arguments)
    period, since_pay = read_time(arguments.period, desk)
    chosen = Question(
        "transactions",
        account=arguments.account,
        merchant=arguments.merchant,
        categories=await categories_of(arguments.categories, desk),
        period=period,
        weekdays=read_weekdays(arguments.weekdays),
        since_pay=since_pay,
        least=bounds.least,
        most=bounds.most,
        held=arguments.pending,
        tag=arguments.tag,
    )
    if isinstance(arguments, Transactions):
        return replace(
            chosen, flow=arguments.flow, order=arguments.order, limit=arguments.limit, skip=arguments.skip
        )
    against = read_period(arguments.compared_with, desk.now, desk.zone)
    if against is not None and chosen.period is None:
        raise ToolRefused("What is compared needs two times: give period as well as compared_with.")
    return replace(
        chosen,
        kind="count" if arguments.how_many_times else "spending",
        by=arguments.by,
        per=arguments.average_per,
        against=against,
    )


def read_time(words: str | None, desk: Desk) -> tuple[Span | None, bool]:
    """The days, or that they begin with the latest pay: only the bank knows when that was."""
    if words is not None and without_payday(normalise(words))[1]:
        return None, True
    return read_period(words, desk.now, desk.zone), False


def read_period(words: str | None, now: datetime, zone: ZoneInfo) -> Span | None:
    if words is None:
        return None
    for said in (words, f"from {words}"):  # "2026-03-01 to 2026-03-31"
        periods, _ = find_periods(said, now, zone)
        if len(periods) == 1:
            return Span.of(periods[0], zone)
    raise ToolRefused(
        f"The time '{words}' is not understood. Say it like last month, since Friday, in March 2026, "
        "or from 2026-03-01 to 2026-03-31."
    )


def read_weekdays(words: str | None) -> Weekdays:
    if words is None:
        return ()
    found = find_weekdays(words)
    if found is None:
        raise ToolRefused(f"The days '{words}' are not understood. Say weekends, weekdays, or Saturdays.")
    return found.days


async def categories_of(words: Sequence[str], desk: Desk) -> tuple[str, ...]:
    """Identifiers, without those that came twice."""
    found: list[str] = []
    for said in words:
        category = find_category(said) or find_category(said, await desk.categories())
        if category is None:
            raise ToolRefused(f"There is no category '{said}'. If it is a shop, give it as merchant.")
        found += category.ids
    return tuple(dict.fromkeys(found))


def _bounds(arguments: Selection) -> AmountBounds:
    if arguments.amount is None:
        return AmountBounds()
    found = find_bounds(arguments.amount)
    if found is None:
        raise ToolRefused(
            f"The amount '{arguments.amount}' is not understood. Say it like over fifty dollars, between 10 and 20 "
            "dollars, or exactly $12.50."
        )
    return found.bounds
