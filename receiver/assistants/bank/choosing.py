"""Which transaction is meant: of those that were talked about, or by its merchant, its day, its amount."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from receiver.assistants.bank import saying
from receiver.assistants.bank.answering import answer
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.question import Question
from receiver.assistants.bank.reading import read_questions
from receiver.bank.merchants import match_merchants
from receiver.bank.models import Transaction
from receiver.bank.period_points import WEEKDAYS

MAX_CHOICES = 3

_IT = re.compile(
    r"(?:that|this|it|the|them|those|these)(?: (?:last|latest|same|one|transaction|payment|purchase"
    r"|charge|1))*"
)
_ORDINALS = {
    "first": 0, "1st": 0, "1": 0, "one": 0, "second": 1, "2nd": 1, "2": 1, "third": 2, "3rd": 2, "3": 2,
    "last": -1, "latter": -1, "former": 0, "top": 0, "latest": 0, "newest": 0, "recent": 0,
}  # fmt: skip
_PLURAL = re.compile(r"\b(?:all|both|them|those|these|every)\b")


async def candidates(which: str, last: Question | None, desk: Desk) -> list[Transaction]:
    """Those that the words may mean, newest first. Raises `BankError`."""
    told: Sequence[Transaction] = ()
    if last is not None and last.kind not in ("balance", "tags", "categories"):
        told = (await answer(last, desk)).transactions
    if _IT.fullmatch(which):
        return list(told)
    ordinal = ordinal_of(which)
    if ordinal is not None and told and -len(told) <= ordinal < len(told) and not _names(which):
        return [told[ordinal]]
    found = read_questions(f"show {which}", None, desk.now, desk.zone)
    question = found[0] if found else None
    if question is None:
        return []
    among = matching(which, question, told)
    if among:
        return among
    wanted = replace(question, kind="transactions", by="none", per=None, against=None)
    if wanted.flow == "internal" or (
        wanted.merchant is None and not wanted.categories and wanted == Question("transactions")
    ):
        return []
    single = re.match(r"(?:the|my) (?:last|latest|most recent)\b", which) is not None
    answered = await answer(replace(wanted, limit=1 if single else wanted.limit), desk)
    return list(answered.transactions)


def matching(which: str, question: Question, told: Sequence[Transaction]) -> list[Transaction]:
    """Of those that were told, the ones with the merchant or the amount that was named."""
    found = list(told)
    if question.merchant is not None:
        names = set(match_merchants(question.merchant, {entry.description for entry in told}))
        found = [entry for entry in found if entry.description in names]
    if question.least is not None or question.most is not None:
        found = [
            entry
            for entry in found
            if (question.least or 0) <= abs(entry.amount.units) <= (question.most or 10**12)
        ]
    narrowed = question.merchant is not None or question.least is not None or question.most is not None
    return found if narrowed and question.period is None else []


def ordinal_of(which: str) -> int | None:
    return next((_ORDINALS[word] for word in which.split() if word in _ORDINALS), None)


def _names(which: str) -> bool:
    """Whether there is more in it than which one of several."""
    noise = {"the", "one", "my", "transaction", "payment", "purchase", "most", "that", *_ORDINALS}
    return any(word not in noise for word in which.split())


def is_plural(which: str) -> bool:
    return _PLURAL.search(which) is not None


def choice_of(entry: Transaction, desk: Desk) -> dict[str, Any]:
    """For a state, while the question stands."""
    on = entry.created_at.astimezone(desk.zone).date()
    return {"transaction": entry.id, "on": on.isoformat(), "weekday": WEEKDAYS[on.weekday()].lower(),
            "day": saying.day(entry.created_at, desk.now, desk.zone)}  # fmt: skip


def chosen(said: str, choices: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The one of `choices` that an answer to "which one" means: "the second", "yesterday's", "the one on Friday"."""
    days = [
        choice for choice in choices if choice["weekday"] in said or choice["day"].removeprefix("on ") in said
    ]
    if len(days) == 1:
        return days[0]
    ordinal = ordinal_of(said.replace("the one", "the").replace("that one", "that"))
    if ordinal is not None and -len(choices) <= ordinal < len(choices):
        return choices[ordinal]
    return None
