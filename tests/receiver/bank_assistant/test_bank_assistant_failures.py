"""What the bank refuses, or does not answer in time, is said in a sentence; what it is asked, it is asked at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from protocol.errors import BankBusy
from receiver.assistants.bank import BankAssistant
from receiver.assistants.bank.failing import say_error
from receiver.assistants.bank.state import empty_state
from receiver.bank.client import BankClient
from receiver.llm import ModelEvent, ModelFailed, ModelRequest
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_faults import Fault
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
