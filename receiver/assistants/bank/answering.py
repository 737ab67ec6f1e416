"""Answers a `Question`: a spoken sentence or two, and the same as data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from protocol.errors import BankError
from receiver.assistants.bank import saying
from receiver.assistants.bank.account_words import find_accounts
from receiver.assistants.bank.answer import Answer
from receiver.assistants.bank.desk import Desk, each
from receiver.assistants.bank.finding import find
from receiver.assistants.bank.question import Kind, Question, Span, today
from receiver.assistants.bank.recurring_answers import regular
from receiver.assistants.bank.spending_answers import count_times, spending
from receiver.assistants.bank.transaction_answers import income, paid, transactions
from receiver.bank.models import NOTHING, Account, Money

__all__ = ["Answer", "answer"]


async def answer(question: Question, desk: Desk) -> Answer:
    """Raises `BankError`; where a part of the answer failed alone, the answer says so."""
    if question.since_pay:
        paid_on = await _payday(desk)
        if paid_on is None:
            text = "I found no pay of yours in the last year, so I do not know since when. Tell me a day, please."
            return Answer(text, {"error": text}, "I told you what came in.", question)
        question = replace(question, period=paid_on, since_pay=False)
    return await _ANSWERS[question.kind](question, desk)


async def _payday(desk: Desk) -> Span | None:
    """From the latest salary until today."""
    found = await find(Question("income", flow="salary", limit=1), desk)
    if not found.transactions:
        return None
    now = today(desk.now, desk.zone)
    first = found.transactions[0].created_at.astimezone(desk.zone).date()
    return Span(first, now, f"since payday {saying.day_of(first, now)}")


async def balance(question: Question, desk: Desk) -> Answer:
    accounts = find_accounts(question.account, await desk.accounts())
    kept = "I told you your balance."
    if not accounts:
        text = (
            f"I cannot find {saying.no_account(question.account)}."
            if question.account
            else "You have no account yet."
        )
        return Answer(text, {"accounts": [], "error": text}, kept, question)
    total = sum((one.balance for one in accounts if one.kind != "HOME_LOAN"), NOTHING)
    figures = {
        "accounts": [
            {
                "name": saying.account(one.name),
                "kind": one.kind.lower(),
                "joint": one.joint,
                "balance": saying.plain_amount(one.balance),
            }
            for one in accounts
        ],
        "total": saying.plain_amount(total),
    }
    text = _balances(accounts, total)
    if question.period is not None:
        text = f"I can only see what there is now. {text}"
    return Answer(text, figures, kept, question)


def _balances(accounts: list[Account], total: Money) -> str:
    if len(accounts) == 1 and accounts[0].kind != "HOME_LOAN":
        return f"You have {saying.money(accounts[0].balance)} in {saying.account(accounts[0].name)}."
    own = sorted((one for one in accounts if one.kind != "HOME_LOAN"), key=lambda one: -one.balance.units)
    loans = [one for one in accounts if one.kind == "HOME_LOAN"]
    said = []
    if own:
        parts = [f"{saying.money(one.balance)} in {saying.account(one.name)}" for one in own]
        whole = f"{saying.money(total)} in all: " if len(own) > 1 else ""
        said.append(f"You have {whole}{saying.some(parts)}.")
    said += [f"You owe {saying.money(abs(one.balance))} on {saying.account(one.name)}." for one in loans]
    return " ".join(said)


async def categories(question: Question, desk: Desk) -> Answer:
    known = await desk.categories()
    groups = [one for one in known if one.parent is None]
    listed = [one for one in known if one.parent is not None]
    names = [saying.category(one.name) for one in groups]
    examples = [listed[len(listed) * quarter // 4] for quarter in (1, 2, 3)] if listed else []
    text = (
        f"There are {saying.number(len(listed))} categories, in the groups {saying.join(names)}. "
        f"For example {saying.join([saying.category(one.name) for one in examples])}."
        if groups and listed
        else "The bank names no categories."
    )
    data = [{"id": one.id, "name": one.name, "group": one.parent} for one in known]
    return Answer(text, {"categories": data}, None, question)


async def tags(question: Question, desk: Desk) -> Answer:
    known = list(await desk.tags())
    text = (
        f"You have {saying.count(len(known), 'tag')}: {saying.some(known)}."
        if known
        else "You have no tags yet."
    )
    return Answer(text, {"tags": known}, "I told you your tags.", question)


async def answer_all(questions: list[Question], desk: Desk) -> list[Answer | BankError]:
    """Each by itself and all at once: one that fails takes no other with it."""
    return await each([partial(answer, question, desk) for question in questions])


_ANSWERS: Mapping[Kind, Callable[[Question, Desk], Awaitable[Answer]]] = {
    "balance": balance,
    "transactions": transactions,
    "count": count_times,
    "spending": spending,
    "income": income,
    "paid": paid,
    "categories": categories,
    "tags": tags,
    "regular": regular,
}
