"""What all answers on spending share: the transactions with the names of categories, and the figures."""

from __future__ import annotations

from functools import partial
from typing import Any

from protocol.errors import BankError
from receiver.assistants.bank import saying
from receiver.assistants.bank.answer import (
    period_figures,
)
from receiver.assistants.bank.desk import Desk, each
from receiver.assistants.bank.finding import Found, find_within
from receiver.assistants.bank.question import Question
from receiver.assistants.bank.subject import names_of
from receiver.bank.spending import Spending

KEPT = "I told you what you spent."


async def find_with_names(question: Question, desk: Desk) -> tuple[Found, dict[str, str]]:
    """The names of categories at the same time; without them, their identifiers are words enough."""
    if not (question.categories or question.but_categories or question.by == "category"):
        return await find_within(question, desk), {}
    found, names = await each([partial(_find, question, desk), partial(category_names, desk)])
    if isinstance(found, BankError):
        raise found
    assert isinstance(found, Found)
    return found, names if isinstance(names, dict) else {}


async def _find(question: Question, desk: Desk) -> Any:
    return await find_within(question, desk)


async def category_names(desk: Desk) -> Any:
    try:
        return names_of(tuple(await desk.categories()))
    except BankError:
        return {}


def asked_figures(found: Found, names: dict[str, str]) -> dict[str, Any]:
    question = found.question
    asked: dict[str, Any] = dict(period_figures(question.period))
    if question.categories:
        asked["categories"] = [names.get(one, one) for one in question.categories]
    if question.merchant is not None:
        asked["merchants"] = list(found.merchants)
    if question.tag is not None:
        asked["tag"] = question.tag
    if found.more:
        asked["incomplete"] = True
    return asked


def spending_figures(whole: Spending) -> dict[str, Any]:
    return {
        "spent": saying.plain_amount(whole.total),
        "pending": saying.plain_amount(whole.held),
        "came_back": saying.plain_amount(whole.refunds),
        "purchases": whole.purchases,
    }


def cut_off(text: str, found: Found) -> str:
    return f"{text} There may be older ones that I did not look at." if found.more else text
