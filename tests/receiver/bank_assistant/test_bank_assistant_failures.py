"""What the bank does not do is said in a sentence; what somebody has is kept nowhere."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from protocol.errors import BankBusy, SecretsUnavailable
from receiver.assistants.bank import BankAssistant
from receiver.assistants.bank.access import NEEDS_ACCESS, NO_BANK
from receiver.assistants.bank.failing import say_error
from receiver.assistants.bank.question import Question, Span
from receiver.assistants.bank.state import empty_state
from receiver.bank.client import BankClient
from receiver.bank.periods import find_periods
from receiver.llm import ModelEvent, ModelFailed, ModelRequest
from receiver.secrets.secret_store import OnePersonsSecret
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_faults import Fault
from tests.emulators.up_bank_history import ROBIN, SAM, ZONE
from tests.receiver.bank_assistant.bank_call import BankCall, cents_spent, right_movements, spoken
from tests.receiver.errands import until
from tests.relay.loop_clock import LoopClock

# What the bank refuses, or does not answer


@pytest.mark.parametrize(
    ("fault", "part"),
    [
        (Fault(times=None, status=401), "does not accept your access token"),
        (Fault(times=None, status=403), "does not allow that"),
        (Fault(times=None, status=404), "does not know what was asked for"),
        (Fault(times=None, status=422), "did not accept that"),
        (Fault(times=None, status=429), "ask again in a minute"),
        (Fault(times=None, status=429, retry_after="25"), "ask again in 25 seconds"),
        (Fault(times=None, status=429, retry_after="600"), "ask again in 10 minutes"),
        (Fault(times=None, status=500), "cannot be reached right now"),
        (Fault(times=None, lost="before"), "cannot be reached right now"),
        (Fault(times=None, lost="within"), "cannot be reached right now"),
        (Fault(times=None, garbage=True), "an answer that I cannot read"),
        (Fault(times=None, hang=True), "takes too long to answer"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_each_failure_has_a_sentence(up_bank: UpBank, fault: Fault, part: str) -> None:
    seconds = 0.6 if fault.hang else 8.0
    async with BankClient(up_bank.base_url, seconds=seconds, first_backoff=0.005) as client:
        call = BankCall(BankAssistant(client))
        up_bank.fail(fault)
        for said in ("what is my savings balance", "how much did i spend on groceries last month"):
            heard = await call.say(said)
            assert part in heard.text, heard.text
            assert heard.kept is None
            assert call.state == empty_state()


def test_a_wait_is_said_in_words() -> None:
    said = [
        say_error(BankBusy(retry_after=seconds)).split("again ")[1]
        for seconds in (1, 31, 55, 61, 3_000, 9_000)
    ]
    assert said == [
        "in 5 seconds.", "in 35 seconds.", "in a minute.", "in 2 minutes.", "in 50 minutes.", "in 3 hours.",
    ]  # fmt: skip
    assert "in a minute" in say_error(BankBusy())


async def test_a_bank_that_is_slow_at_everything_is_given_up_in_time(up_bank: UpBank) -> None:
    async with BankClient(up_bank.base_url, seconds=300.0, list_seconds=300.0) as client:
        up_bank.fail(Fault(times=None, hang=True))
        assistant = BankAssistant(client, bank_seconds=20.0)
        clock = LoopClock()
        saying = asyncio.create_task(BankCall(assistant).say("how much did i spend this year"))
        await until(lambda: up_bank.received)
        await clock.put_forward(20.0)
        async with asyncio.timeout(30):
            heard = await saying
        assert "takes too long" in heard.text


class SlowAndUseless:
    """A model that takes its time, and then fails."""

    name = "slow"

    def __init__(self) -> None:
        self.asked = False

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        self.asked = True
        await asyncio.sleep(4.0)
        raise ModelFailed("unavailable")
        yield

    async def aclose(self) -> None:
        return


async def test_what_a_model_used_up_of_the_turn_the_rules_do_not_have(up_bank: UpBank) -> None:
    async with BankClient(up_bank.base_url, seconds=300.0, list_seconds=300.0) as client:
        up_bank.fail(Fault(times=None, hang=True))
        model = SlowAndUseless()
        assistant = BankAssistant(client, model=model, bank_seconds=300.0, turn_seconds=100.0)
        clock = LoopClock()
        saying = asyncio.create_task(BankCall(assistant).say("how much did i spend this year"))
        await until(lambda: model.asked)
        await clock.put_forward(4.0)
        await until(lambda: up_bank.received)
        # Some seconds before the turn is over, as the test takes time itself.
        await clock.put_forward(100.0 - 4.0 - 30.0)
        assert not saying.done()
        await clock.put_forward(30.0)
        async with asyncio.timeout(30):
            heard = await saying
        assert heard.restarted
        assert "takes too long" in heard.text


async def test_after_a_model_that_used_up_the_whole_turn_a_quick_bank_is_still_heard(
    bank_client: BankClient,
) -> None:
    model = SlowAndUseless()
    assistant = BankAssistant(bank_client, model=model, turn_seconds=3.0)
    clock = LoopClock()
    saying = asyncio.create_task(BankCall(assistant).say("what's my balance"))
    await until(lambda: model.asked)
    await clock.put_forward(4.0)
    heard = await saying
    assert heard.text.startswith("You have $")


async def test_of_two_times_the_one_that_came_is_told_and_that_the_other_did_not(
    up_bank: UpBank, bank_client: BankClient
) -> None:
    call = BankCall(BankAssistant(bank_client))
    september = cents_spent(
        right_movements(up_bank, {"categories": ["groceries"]}, "2026-09-01", "2026-09-30")
    )
    await call.say("compare groceries in august and september")
    up_bank.received.clear()
    up_bank.fail(Fault("/transactions", times=1, status=403))
    heard = await call.say("compare groceries in august and september")
    assert "I could not find out" in heard.text
    assert "does not allow that" in heard.text
    assert heard.text.count("$") == 1
    assert spoken(september) in heard.text or "in August. What it was in September" in heard.text


async def test_of_several_questions_the_failed_one_takes_no_other_with_it(
    up_bank: UpBank, bank_client: BankClient
) -> None:
    up_bank.fail(Fault("/transactions", times=None, status=403))
    heard = await BankCall(BankAssistant(bank_client)).say(
        "what is my savings balance and how much did i spend at coles last month"
    )
    assert "$40,416.51" in heard.text
    assert "The rest I could not find out. Your bank does not allow that" in heard.text


async def test_names_of_categories_are_not_worth_an_error(up_bank: UpBank, bank_client: BankClient) -> None:
    up_bank.fail(Fault("/categories", times=None, status=403))
    heard = await BankCall(BankAssistant(bank_client)).say("how much did i spend on groceries last month")
    right = cents_spent(right_movements(up_bank, {"categories": ["groceries"]}, "2026-10-01", "2026-10-31"))
    assert f"{spoken(right)} on groceries last month" in heard.text


# At once


async def test_three_questions_in_one_breath_are_asked_of_the_bank_at_once(up_bank: UpBank) -> None:
    """So they take the time of the slowest call: `tests/receiver/bank/test_bank_parallel.py` measures that."""
    for path in ("/accounts", "/transactions", "/tags"):
        up_bank.fail(Fault(path, times=None, delay=0.3))
    said = ("what is my balance", "any pending transactions", "what tags do i have")
    async with BankClient(up_bank.base_url, seconds=30.0) as client:
        for question in said:
            assert "$" in (await BankCall(BankAssistant(client)).say(question)).text or "tags" in question
        assert up_bank.most_at_once == 1
        heard = await BankCall(BankAssistant(client)).say(" and ".join(said))
    assert "$" in heard.text
    assert "tags" in heard.text
    assert up_bank.most_at_once == 3


async def test_a_long_time_is_asked_for_in_parts_at_once(up_bank: UpBank, bank_client: BankClient) -> None:
    up_bank.fail(Fault("/transactions", times=None, delay=0.05))
    heard = await BankCall(BankAssistant(bank_client)).say("how much have i spent this year")
    right = cents_spent(right_movements(up_bank, {}, "2026-01-01", "2026-12-31"))
    assert spoken(right) in heard.text
    assert up_bank.most_at_once >= 5


async def test_one_that_leaves_leaves_nothing_running(up_bank: UpBank, bank_client: BankClient) -> None:
    call = BankCall(BankAssistant(bank_client))
    tasks = asyncio.all_tasks()
    up_bank.fail(Fault(times=None, delay=60.0))
    thinking = asyncio.create_task(call.think("what is my balance and how much have i spent this year"))
    await until(lambda: up_bank.received)
    thinking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await thinking
    left = {repr(task) for task in asyncio.all_tasks() - tasks}
    assert not [task for task in left if "receiver" in task], left


# Whose token


async def test_without_a_bank_or_a_token_it_says_what_is_missing(
    up_bank: UpBank, bank_client: BankClient
) -> None:
    assert (await BankCall(BankAssistant()).say("what is my balance")).text == NO_BANK
    assert (
        await BankCall(BankAssistant(bank_client), token=None).say("what is my balance")
    ).text == NEEDS_ACCESS
    assert (
        await BankCall(BankAssistant(bank_client), token=" ").say("what is my balance")
    ).text == NEEDS_ACCESS
    strange = await BankCall(BankAssistant(bank_client), token="two words").say("what is my balance")
    assert "not an access token" in strange.text
    assert up_bank.received == []


async def test_the_token_that_a_client_brings_goes_before_the_stored_one(
    up_bank: UpBank, bank_client: BankClient
) -> None:
    store = OnePersonsSecret("bank", SecretStr(ROBIN.token))
    assistant = BankAssistant(bank_client, store)
    assert "Rainy Day" in (await BankCall(assistant, token=None).say("what are my balances")).text
    assert "Emergency Fund" in (await BankCall(assistant).say("what are my balances")).text


async def test_a_secret_store_that_fails_is_no_missing_token(bank_client: BankClient) -> None:
    class Broken(OnePersonsSecret):
        async def find(self, service: str, user: str) -> SecretStr | None:
            raise SecretsUnavailable

    assistant = BankAssistant(bank_client, Broken("bank", SecretStr("x")))
    assert "right now" in (await BankCall(assistant, token=None).say("what is my balance")).text


# What is kept

CONVERSATION = (
    "what's my balance", "how much did i spend at woolworths last month", "which was the biggest",
    "put that in restaurants", "yes", "put it back", "yes", "any pending transactions", "when was i last paid",
    "what did i buy yesterday", "put the coles one in pets", "yes", "is my rent paid", "what did i spend most on",
    "what did i spend at uber eats this month", "tag that as work", "the second one", "no", "what tags are there",
)  # fmt: skip


async def test_no_amount_account_or_shop_of_the_bank_is_stored(
    up_bank: UpBank, bank_client: BankClient, caplog: pytest.LogCaptureFixture
) -> None:
    accounts = up_bank.ledger.accounts_of(SAM)
    shops = {one.description for one in up_bank.ledger.movements_of(SAM)} - {"Interest"}
    secret = {SAM.token, *(one.id for one in accounts), *(one.name for one in accounts), *shops}
    amounts = {spoken(one.amount) for one in up_bank.ledger.movements_of(SAM)}
    amounts |= {spoken(up_bank.ledger.balance(one)) for one in accounts}
    ids = set(up_bank.ledger.movements)
    up_bank.fail(Fault("/tags", status=500))
    call = BankCall(BankAssistant(bank_client))
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as logs:
        for said in CONVERSATION:
            heard = await call.say(said)
            told_money = "$" in heard.text
            assert told_money <= (heard.kept is not None), heard.text
            changing = call.state["pending"] is not None or "I'll " in heard.text
            stored = json.dumps([call.state, call.history[-1].message, [] if changing else heard.effects])
            assert "$" not in stored
            for word in secret:
                assert word not in stored, said
            if not changing:
                assert not [one for one in ids if one in stored], said
            assert not [one for one in amounts if one in stored], said
    shown = json.dumps(logs, default=repr) + caplog.text
    for word in secret | ids:
        assert word not in shown


async def test_answers_are_kept_where_the_deployer_asked_for_it(bank_client: BankClient) -> None:
    call = BankCall(BankAssistant(bank_client, keep_answers=True))
    heard = await call.say("what is my savings balance")
    assert heard.kept is None
    assert "$40,416.51" in call.history[-1].message


async def test_an_error_shows_no_token(up_bank: UpBank, bank_client: BankClient) -> None:
    call = BankCall(BankAssistant(bank_client))
    assert SAM.token not in repr(call.context)
    up_bank.fail(Fault(times=None, status=401))
    assert SAM.token not in (await call.say("what is my balance")).text


# Whatever is said


async def test_the_same_said_twice_is_thought_the_same(bank_client: BankClient) -> None:
    call = BankCall(BankAssistant(bank_client))
    for said in CONVERSATION:
        before = json.dumps(call.state)
        first, second = await call.think(said), await call.think(said)
        assert (first.text, first.effects, first.kept) == (second.text, second.effects, second.kept)
        assert json.dumps(call.state) == before
        await call.say(said)


WORDS = st.lists(
    st.sampled_from(
        [
            "how",
            "much",
            "did",
            "i",
            "spend",
            "on",
            "at",
            "in",
            "groceries",
            "woolworths",
            "last",
            "month",
            "week",
            "the",
            "biggest",
            "and",
            "what",
            "about",
            "no",
            "wait",
            "put",
            "that",
            "tag",
            "it",
            "yes",
            "is",
            "my",
            "rent",
            "paid",
            "when",
            "was",
            "balance",
            "savings",
            "transfer",
            "fifty",
            "dollars",
            "$5",
            "seven",
            "eleven",
            "over",
            "average",
            "per",
            "up",
            "fees",
            "before",
            "that",
            "more",
            "than",
            "between",
            "31st",
            "of",
            "february",
            "2026",
            "99999999999",
            "coffee",
            "pending",
            "by",
            "category",
            "compare",
        ]
    ),
    max_size=14,
).map(lambda words: " ".join(words) or "um")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=WORDS, then=WORDS | st.text(min_size=1, max_size=60))
async def test_any_words_get_an_answer(no_bank: BankAssistant, first: str, then: str) -> None:
    call = BankCall(no_bank)
    for said in (first, then):
        heard = await call.say(said)
        assert heard.text.strip()
        assert json.loads(json.dumps(call.state)) == call.state
        if call.state["last"] is not None:
            Question.from_json(call.state["last"])


@pytest.fixture
def no_bank() -> BankAssistant:
    return BankAssistant()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(WORDS, min_size=1, max_size=3))
async def test_any_words_get_an_answer_of_the_bank(bank_client: BankClient, said: list[str]) -> None:
    call = BankCall(BankAssistant(bank_client), deliver=False)
    for words in said:
        heard: Any = await call.say(words)
        assert heard.text.strip()
        if call.state["last"] is not None:
            asked = Question.from_json(call.state["last"]).as_json()
            assert {**asked, "on": "2026-11-18"} == call.state["last"]


# A question as JSON


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "transfer"},
        {"kind": "spending", "categories": "groceries"},
        {"kind": "spending", "categories": [7]},
        {"kind": "spending", "period": {"first": "2026-02-30", "last": "2026-03-01"}},
        {"kind": "spending", "period": {"first": "2026-03-02", "last": "2026-03-01"}},
        {"kind": "spending", "period": "last week"},
        {"kind": "transactions", "limit": 0},
        {"kind": "transactions", "limit": True},
        {"kind": "transactions", "least": -1},
        {"kind": "transactions", "merchant": ["Coles"]},
        {"kind": "transactions", "order": "random"},
        {"kind": "transactions", "held": "yes"},
        [],
        None,
    ],
    ids=str,
)
def test_what_is_no_question_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Question.from_json(data)


def test_hours_become_the_days_that_they_are_in() -> None:
    now = datetime(2026, 11, 18, 1, 0, tzinfo=ZONE)
    found, _ = find_periods("in the last three hours", now, ZONE)
    span = Span.of(found[0], ZONE)
    assert (str(span.first), str(span.last), span.label) == ("2026-11-17", "2026-11-18", "since yesterday")
    assert Span.from_json(span.as_json()) == span
