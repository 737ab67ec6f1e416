"""The adviser through each provider's real client: the spoken questions by tools, and what may go wrong on the way."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from receiver.assistants.bank import BankAssistant
from receiver.assistants.bank.adviser.tools import TOOLS
from receiver.bank.client import BankClient
from receiver.llm import ANSWER_SECONDS, LanguageModel
from receiver.llm.patient import PatientModel
from tests.emulators.model_brain import Call, Conversation, Reply, always
from tests.emulators.model_fixtures import (  # noqa: F401  (fixtures)
    bare_aws,
    bare_keys,
    model,
    model_server,
    open_provider,
    provider,
)
from tests.emulators.model_server import ModelServer, Problem
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_faults import Fault
from tests.emulators.up_bank_fixtures import bank_client, up_bank  # noqa: F401  (fixtures)
from tests.emulators.up_bank_history import SAM
from tests.receiver.bank_assistant.bank_brain import think_of
from tests.receiver.bank_assistant.bank_call import (
    BankCall,
    Row,
    cents_spent,
    day_of,
    purchases,
    right_movements,
    shown,
    spoken,
)
from tests.relay.loop_clock import LoopClock

# ruff: noqa: F811

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "spoken_questions.jsonl").read_text(encoding="utf-8").splitlines()
]
MONEY = [row for row in ROWS if row["kind"] not in ("brand", "cannot", "talk")]
BRAND = [row for row in ROWS if row["kind"] == "brand"]

BALANCES = Reply("", (Call("balances", {}),))


def right_amounts(bank: UpBank, row: Row) -> list[int]:
    """Cents that have to be in the answer, by the ledger alone."""
    if row["kind"] == "balance":
        accounts = [one for one in bank.ledger.accounts_of(SAM) if shown(one.name) in row["accounts"]]
        each = [bank.ledger.balance(account) for account in accounts]
        return [*each, sum(each)]
    movements = right_movements(bank, row)
    total = cents_spent(movements)
    match row:
        case {"kind": "count"}:
            return [total]
        case {"kind": "spending", "against": [first, last]}:
            other = cents_spent(right_movements(bank, row, first, last))
            return [total, other, abs(total - other)]
        case {"kind": "spending", "per": _}:
            return []  # checked by what comes near
        case {"kind": "spending", "by": by}:
            parts = Counter[str | None]()
            for movement in movements:
                keys = {
                    "category": movement.category,
                    "merchant": movement.description,
                    "month": f"{day_of(movement):%Y-%m}",
                }
                parts[keys[by]] += cents_spent([movement])
            return [cents for _, cents in parts.most_common(3)]
        case {"kind": "spending"}:
            return [total]
        case {"kind": "income"}:
            return [sum(one.amount for one in movements[: row.get("limit")])]
        case {"kind": "paid"}:
            return [right_movements(bank, {**row, "flow": "out"})[0].amount]
        case {"kind": "transactions"}:
            if "order" in row:
                sign = -1 if row["order"] == "largest" else 1
                movements = sorted(movements, key=lambda one: sign * abs(one.amount))
            return [one.amount for one in movements[row.get("skip", 0) :][: min(5, row.get("limit") or 5)]]
    return []


def mistakes_of(bank: UpBank, row: Row, text: str) -> list[str]:
    amounts = [spoken(cents) for cents in right_amounts(bank, row)]
    missing = [amount for amount in amounts if amount not in re.findall(r"\$\d+(?:,\d{3})*(?:\.\d\d)?", text)]
    if row["kind"] == "count" and f"{purchases(right_movements(bank, row))} times" not in text:
        missing.append("the number of purchases")
    if "per" in row:
        said = float(re.findall(r"\$([\d,]+\.\d\d)", text)[0].replace(",", ""))
        units = {"week": 12, "month": 6}[row["per"]]
        right = cents_spent(right_movements(bank, row)) / units / 100
        missing += [] if abs(said - right) < 0.01 * right else [f"about {right}"]
    if row["kind"] == "categories" and "44" not in text:
        missing.append("44")
    if row["kind"] == "tags" and str(len(bank.ledger.tags_of(SAM))) not in text:
        missing.append("the number of tags")
    return missing


async def ask_all(assistant: BankAssistant, bank: UpBank, rows: list[dict[str, Any]]) -> list[Any]:
    wrong: list[Any] = []
    for row in rows:
        call = BankCall(assistant)
        call.state = {**call.state, "last": None}
        heard = await call.say(row["said"])
        mistakes = mistakes_of(bank, row, heard.text)
        if mistakes or heard.restarted or (heard.kept is None and row["kind"] != "categories"):
            wrong.append((row["said"], mistakes, heard.text))
    return wrong


def check_secrecy(bank: UpBank, server: ModelServer) -> None:
    """No token, account or transaction of the bank's was in any request that the provider received."""
    received = json.dumps(server.bodies, ensure_ascii=False)
    assert "Woolworths" in received
    for person in bank.people:
        assert person.token not in received
    for identifier in (*(account.id for account in bank.ledger.accounts), *bank.ledger.movements):
        assert identifier not in received


async def test_every_spoken_question_is_answered_right_through_the_tools(
    provider: str, model: LanguageModel, model_server: ModelServer, up_bank: UpBank, bank_client: BankClient
) -> None:
    rows = MONEY if provider == "bedrock" else MONEY[:15]
    assert len(rows) >= (50 if provider == "bedrock" else 15)
    model_server.brain = think_of(rows)
    with capture_logs() as logs:
        assert await ask_all(BankAssistant(bank_client, model=model), up_bank, rows) == []
    # Neither a wrong amount nor a refused tool.
    assert {entry["event"] for entry in logs} <= {"model_answered"}
    check_secrecy(up_bank, model_server)
    assert set(model_server.conversations[-1].tools) == {tool.name for tool in TOOLS}
    assert "Sam" in model_server.conversations[-1].system


async def test_questions_about_the_bank_go_to_the_text_about_it_and_not_to_the_bank(
    model: LanguageModel, model_server: ModelServer, up_bank: UpBank, bank_client: BankClient
) -> None:
    model_server.brain = think_of(BRAND)
    assistant = BankAssistant(bank_client, model=model)
    for row in BRAND:
        heard = await BankCall(assistant).say(row["said"])
        assert not heard.restarted
        assert heard.kept is None
        assert heard.text in {passage.text for passage in assistant.brand.passages}
    assert up_bank.received == []


async def test_tool_calls_of_one_round_are_made_at_the_same_time(
    model: LanguageModel, model_server: ModelServer, up_bank: UpBank, bank_client: BankClient
) -> None:
    delay = 0.5
    three = (
        Call("balances", {}),
        Call("transactions", {"period": "yesterday"}),
        Call("labels", {"of": "tags"}),
    )

    def brain(conversation: Conversation) -> Reply:
        return Reply("That is all.") if conversation.results else Reply("", three)

    model_server.brain = brain
    call = BankCall(BankAssistant(bank_client, model=model))
    await call.say("warm up")
    up_bank.most_at_once = 0
    up_bank.fail(Fault(delay=delay, times=None))
    heard = await call.say("what is my balance, what did I buy yesterday, and what tags have I got")
    assert heard.text == "That is all."
    assert up_bank.most_at_once == 3  # each of which takes as long as the others


async def test_a_model_that_is_throttled_first_answers_all_the_same(
    model: LanguageModel, model_server: ModelServer, bank_client: BankClient
) -> None:
    def throttle_next(conversation: Conversation) -> Reply:
        model_server.problems.append(Problem(429, "ThrottlingException"))
        return Reply(f"You have {conversation.results[0]['total']}.") if conversation.results else BALANCES

    model_server.brain = throttle_next
    model_server.problems.append(Problem(429, "ThrottlingException"))
    heard = await BankCall(BankAssistant(bank_client, model=model)).say("what's my balance")
    assert not heard.restarted
    assert re.fullmatch(r"You have \$[\d,]+(\.\d\d)?\.", heard.text)


async def test_a_model_that_is_throttled_for_good_leaves_the_turn_to_the_rules(
    model: LanguageModel, model_server: ModelServer, bank_client: BankClient
) -> None:
    model_server.problems.extend([Problem(429, "ThrottlingException")] * 20)
    call = BankCall(BankAssistant(bank_client, model=model))
    with capture_logs() as logs:
        heard = await call.say("what's my balance")
    assert heard.restarted
    assert heard.text.startswith("You have $")
    assert heard.kept == "I told you your balance."
    assert [entry["cause"] for entry in logs if entry["event"] == "model_gave_up"] == ["throttled"]


@pytest.mark.parametrize("within", ["error", "cut", "garbage", "silent"])
async def test_a_model_that_fails_after_its_tools_leaves_the_turn_to_the_rules(
    within: str, model: LanguageModel, model_server: ModelServer, bank_client: BankClient
) -> None:
    def fail_after_the_tool(conversation: Conversation) -> Reply:
        if not conversation.results:
            # The answer, and the second try for it, without a stream.
            model_server.problems.extend([Problem(within=within)] * 2)
            return BALANCES
        return Reply("A very good question. You have some money in your accounts, as far as I can see.")

    model_server.brain = fail_after_the_tool
    call = BankCall(BankAssistant(bank_client, model=model))
    heard = await call.say("what's my balance")
    assert heard.restarted
    assert heard.text.startswith("You have $")
    assert "good question" not in heard.text
    assert len([effect for effect in heard.effects if effect["do"] == "last"]) == 1
    # The next turn is the model's again.
    model_server.brain = always(Reply("Hello again."))
    assert (await call.say("hello")).text == "Hello again."


async def test_a_stalled_model_leaves_the_turn_to_the_rules_in_time(
    provider: str, model_server: ModelServer, bank_client: BankClient
) -> None:
    patient = PatientModel(await open_provider(provider, model_server))
    model_server.brain = always(Reply("Your balance, let me see."))
    model_server.problems.append(Problem(within="stall"))
    call = BankCall(BankAssistant(bank_client, model=patient))
    clock = LoopClock()
    saying = asyncio.create_task(call.say("what's my balance"))
    await model_server.until(lambda: model_server.stuck == 1)
    await clock.put_forward(ANSWER_SECONDS)
    async with asyncio.timeout(30):
        heard = await saying
    assert heard.restarted
    assert heard.text.startswith("You have $")
    await model_server.until(lambda: model_server.disconnects == 1)
    await patient.aclose()


async def test_cancelling_a_turn_in_the_middle_of_its_tools_leaves_no_call_behind(
    model: LanguageModel, model_server: ModelServer, up_bank: UpBank, bank_client: BankClient
) -> None:
    model_server.brain = always(
        Reply("", (Call("balances", {}), Call("labels", {"of": "tags"}), Call("spending", {})))
    )
    up_bank.fail(Fault(hang=True, times=None))
    task = asyncio.create_task(BankCall(BankAssistant(bank_client, model=model)).say("tell me everything"))
    async with asyncio.timeout(30):
        while up_bank.most_at_once < 3:
            await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
