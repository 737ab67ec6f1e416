"""Spoken banking questions, written down with what is right before the parser was, answered over real HTTP."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from receiver.assistants.bank import BankAssistant
from receiver.assistants.bank.answering import Answer, answer
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.question import Question
from receiver.bank.client import BankClient
from receiver.bank.secret import BankToken
from tests.emulators.up_bank import TODAY, UpBank
from tests.emulators.up_bank_history import SAM, ZONE
from tests.emulators.up_bank_ledger import Movement
from tests.receiver.bank_assistant.bank_call import (
    BankCall,
    Row,
    cents_spent,
    day_of,
    days_between,
    dollars,
    purchases,
    right_movements,
    shown,
    spoken,
)

HERE = Path(__file__).parent
NOT_OF_MONEY = ("brand", "cannot", "talk")
OF_WORDS = ("says", "each", "change")
"""Rows whose answer is known by what it has to say: `all`, `any` and `none` are regular expressions, `of` are sums."""


def rows_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text().splitlines()]


SPOKEN = rows_of("spoken_questions.jsonl")
STRANGER = [
    *rows_of("stranger_questions.jsonl"),
    *rows_of("stranger_questions_2.jsonl"),
    *rows_of("stranger_questions_3.jsonl"),
]
UNSEEN = [*rows_of("unseen_a.jsonl"), *rows_of("unseen_b.jsonl")]
ALL = [*SPOKEN, *STRANGER, *UNSEEN]
MONEY = [row for row in ALL if row["kind"] not in (*NOT_OF_MONEY, *OF_WORDS)]
TOLD = [row for row in ALL if row["kind"] in OF_WORDS]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bank() -> AsyncIterator[UpBank]:
    async with UpBank() as bank:
        yield bank
        assert bank.violations == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(bank: UpBank) -> AsyncIterator[BankClient]:
    async with BankClient(bank.base_url, seconds=8.0, first_backoff=0.005) as client:
        yield client


def test_there_are_sixty_and_forty_of_them_need_no_other() -> None:
    assert len(SPOKEN) >= 60
    alone = [row for row in SPOKEN if row["kind"] not in NOT_OF_MONEY and "after" not in row]
    assert len(alone) >= 40


@pytest.mark.parametrize(
    "row", MONEY, ids=[" / ".join([*row.get("after", []), row["said"]])[:90] for row in MONEY]
)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_spoken_question_is_answered_as_the_ledger_has_it(
    row: Row, bank: UpBank, client: BankClient
) -> None:
    call = BankCall(BankAssistant(client))
    for before in row.get("after", []):
        await call.say(before)
    heard = await call.say(row["said"])
    question = Question.from_json(call.state["last"])
    # The same as data: what the language model is given.
    told = await answer(question, Desk(client, BankToken(SAM.token), TODAY, ZONE))
    assert told.text == heard.text
    assert question.kind == row["kind"], heard.text
    if row["kind"] not in ("balance", "categories", "tags"):
        check_structure(question, row)
    CHECKS[row["kind"]](told, row, bank)


@pytest.mark.parametrize(
    "row", TOLD, ids=[" / ".join([*row.get("after", []), row["said"]])[:90] for row in TOLD]
)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_right_is_said(row: Row, bank: UpBank, client: BankClient) -> None:
    call = BankCall(BankAssistant(client))
    for before in row.get("after", []):
        await call.say(before)
    heard = await call.say(row["said"])
    assert all(re.search(pattern, heard.text) for pattern in row.get("all", ())), heard.text
    assert "any" not in row or any(re.search(pattern, heard.text) for pattern in row["any"]), heard.text
    assert not any(re.search(pattern, heard.text) for pattern in row.get("none", ())), heard.text
    for one in row.get("of", ()):
        assert spoken(cents_spent(right_movements(bank, {**row, **one}))) in heard.text
    if row["kind"] == "change":
        assert heard.text.endswith("Shall I?"), heard.text


def check_structure(question: Question, row: Row) -> None:
    assert list(question.categories) == row.get("categories", [])
    assert (question.merchant is not None) == ("merchant" in row), question.merchant
    assert (question.tag or "").lower() == row.get("tag", "")
    assert (question.held, question.least, question.most) == (
        row.get("held"),
        row.get("least"),
        row.get("most"),
    )
    assert (question.by, question.per, question.skip) == (
        row.get("by", "none"),
        row.get("per"),
        row.get("skip", 0),
    )
    if row["kind"] == "transactions":
        assert (question.flow, question.order) == (row.get("flow", "any"), row.get("order", "newest"))
        assert question.limit == row.get("limit")
    if "first" in row:
        assert question.period is not None
        assert (str(question.period.first), str(question.period.last)) == (row["first"], row["last"])


def check_balance(told: Answer, row: Row, bank: UpBank) -> None:
    right = {
        shown(account.name): bank.ledger.balance(account)
        for account in bank.ledger.accounts_of(SAM)
        if shown(account.name) in row["accounts"]
    }
    assert {one["name"]: one["balance"] for one in told.figures["accounts"]} == {
        name: dollars(cents) for name, cents in right.items()
    }
    for name, cents in right.items():
        assert f"{spoken(cents)} in {name}" in told.text
    assert len(right) == 1 or spoken(sum(right.values())) in told.text
    assert told.kept == "I told you your balance."


def check_spending(told: Answer, row: Row, bank: UpBank) -> None:
    movements = right_movements(bank, row)
    total = cents_spent(movements)
    if "against" in row:
        other = cents_spent(right_movements(bank, row, *row["against"]))
        assert [one["spent"] for one in told.figures["compared"]] == [dollars(total), dollars(other)]
        assert told.figures["difference"] == dollars(total - other)
        assert told.text.startswith(f"{spoken(total - other)} {'more' if total > other else 'less'}")
        return
    assert told.figures["spent"] == dollars(total)
    if "per" in row:
        until = min(row["last"], str(TODAY.date()))
        units = {"week": days_between(row["first"], until) / 7, "month": row.get("months", 6), "day": 0}
        average = total / (units[row["per"]] or days_between(row["first"], until))
        assert abs(float(told.figures["average"]) * 100 - average) <= 0.51
        assert spoken(round(float(told.figures["average"]) * 100)) in told.text
        return
    if row.get("by") in ("month", "week"):
        times = Counter[str]()
        for movement in movements:
            day = day_of(movement)
            first = day - timedelta(days=day.weekday()) if row["by"] == "week" else day.replace(day=1)
            times[first.isoformat()] += cents_spent([movement])
        assert [part["spent"] for part in told.figures["parts"]] == [
            dollars(times[one]) for one in sorted(times)
        ]
        assert all(spoken(times[one]) in told.text for one in sorted(times)[-6:])
    elif "by" in row:
        parts = Counter[str | None]()
        for movement in movements:
            parts[movement.category if row["by"] == "category" else movement.description] += cents_spent(
                [movement]
            )
        most = [cents for _, cents in parts.most_common(3)]
        assert [part["spent"] for part in told.figures["parts"]][:3] == [dollars(cents) for cents in most]
        assert spoken(most[0]) in told.text
    elif total:
        assert spoken(total) in told.text
        assert told.figures["purchases"] == purchases(movements)
    else:
        assert "nothing" in told.text.lower()


def check_count(told: Answer, row: Row, bank: UpBank) -> None:
    movements = right_movements(bank, row)
    assert told.figures["count"] == purchases(movements)
    assert spoken(cents_spent(movements)) in told.text


def in_order(movements: list[Movement], row: Row) -> list[Movement]:
    if row.get("order") == "oldest":
        return movements[::-1]
    if "order" in row:
        return sorted(movements, key=lambda one: abs(one.amount) * (-1 if row["order"] == "largest" else 1))
    return movements


def check_transactions(told: Answer, row: Row, bank: UpBank) -> None:
    movements = in_order(right_movements(bank, row), row)[row.get("skip", 0) :]
    right = [(one.description, dollars(one.amount)) for one in movements[: row.get("limit") or 30]]
    assert right, "the row is about nothing"
    listed = told.figures["transactions"]
    assert [(one["description"], one["amount"]) for one in listed] == right
    if "limit" not in row:
        assert told.figures["count"] == len(movements)
    for movement in movements[: min(len(right), 5)]:
        assert f"{spoken(movement.amount)}" in told.text
        assert shown(movement.description) in told.text
    if len(right) > 5 and "limit" not in row:
        assert "more" in told.text


def check_income(told: Answer, row: Row, bank: UpBank) -> None:
    movements = right_movements(bank, row)[: row.get("limit")]
    assert told.figures["total"] == dollars(sum(one.amount for one in movements))
    assert spoken(sum(one.amount for one in movements)) in told.text


def check_paid(told: Answer, row: Row, bank: UpBank) -> None:
    paid = right_movements(bank, {**row, "flow": "out"})
    if not paid:
        assert told.figures["paid"] is False
        assert told.text.startswith("No")
        return
    last = paid[0]
    assert told.figures["paid"] is True
    assert told.text.startswith("Yes")
    assert f"{spoken(last.amount)} {'at' if last.card else 'to'} {last.description}" in told.text


def check_categories(told: Answer, row: Row, bank: UpBank) -> None:
    assert len(told.figures["categories"]) == 44
    assert "40 categories" in told.text
    assert told.kept is None


def check_tags(told: Answer, row: Row, bank: UpBank) -> None:
    assert told.figures["tags"] == bank.ledger.tags_of(SAM)
    assert all(tag in told.text for tag in bank.ledger.tags_of(SAM))


CHECKS = {
    "balance": check_balance,
    "spending": check_spending,
    "count": check_count,
    "transactions": check_transactions,
    "income": check_income,
    "paid": check_paid,
    "categories": check_categories,
    "tags": check_tags,
}

OTHERS = [row for row in ALL if row["kind"] in NOT_OF_MONEY]


@pytest.mark.parametrize("row", OTHERS, ids=[row["said"][:60] for row in OTHERS])
@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_not_about_ones_money_is_answered_without_asking_the_bank(
    row: Row, bank: UpBank, client: BankClient
) -> None:
    asked = len(bank.received)
    assistant = BankAssistant(client)
    call = BankCall(assistant)
    heard = await call.say(row["said"])
    assert len(bank.received) == asked, heard.text
    assert heard.kept is None
    assert call.state["last"] is None
    cannot = "I can only look" in heard.text
    assert cannot == (row["kind"] == "cannot"), heard.text
    passages = {passage.text for passage in assistant.brand.passages} | {assistant.brand.unknown}
    assert (heard.text in passages) == (row["kind"] == "brand"), heard.text
    assert "did not get that" not in heard.text
