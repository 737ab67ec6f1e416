"""Changes are named, asked about, and done once the turn is stored; twice is the same as once."""

from __future__ import annotations

import json

import pytest

from protocol.errors import BankBusy, BankError, BankNotFound, BankTimeout, BankUnavailable, Unsupported
from receiver.assistants.bank import BankAssistant
from receiver.bank.client import BankClient
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_faults import Fault
from tests.emulators.up_bank_history import SAM
from tests.emulators.up_bank_ledger import Movement
from tests.receiver.bank_assistant.bank_call import BankCall


def latest(bank: UpBank, merchant: str, at: int = 0) -> Movement:
    return [one for one in bank.ledger.movements_of(SAM) if one.description == merchant][at]


@pytest.mark.parametrize(
    ("before", "said", "merchant", "category"),
    [
        ("how much was my last uber", "put that in holidays", "Uber", "holidays-and-travel"),
        ("how much was my last uber", "that should be in public transport", "Uber", "public-transport"),
        (
            "what was my last transaction at woolworths",
            "move it to restaurants please",
            "Woolworths",
            "restaurants-and-cafes",
        ),
        ("what did i buy yesterday", "move the coles one to gifts", "Coles", "gifts-and-charity"),
        (
            "what were my last three transactions",
            "put the second one in groceries",
            "Industry Beans",
            "groceries",
        ),
        (None, "put my last netflix payment into pets, no I mean apps", "Netflix", "games-and-software"),
        (
            None,
            "can you categorise my last bunnings purchase as homewares",
            "Bunnings",
            "homeware-and-appliances",
        ),
        (None, "take my last purchase at chin chin out of restaurants", "Chin Chin", None),
    ],
)
async def test_a_transaction_goes_into_a_category_after_a_yes_and_not_before(
    up_bank: UpBank,
    bank_client: BankClient,
    before: str | None,
    said: str,
    merchant: str,
    category: str | None,
) -> None:
    movement = latest(up_bank, merchant)
    was = movement.category
    call = BankCall(BankAssistant(bank_client))
    if before is not None:
        await call.say(before)
    asked = await call.say(said)
    assert asked.text.endswith("Shall I?"), asked.text
    assert merchant in asked.text
    assert asked.kept == "I asked you about a change of a transaction."
    assert movement.category == was
    done = await call.say("yes please")
    assert done.text.startswith("All right, I'll ")
    assert merchant not in done.text
    assert movement.category == category


@pytest.mark.parametrize("answer", ["no", "no thanks", "never mind", "don't", "stop", "no leave it"])
async def test_after_a_no_nothing_is_changed_and_a_yes_later_means_nothing(
    up_bank: UpBank, bank_client: BankClient, answer: str
) -> None:
    call = BankCall(BankAssistant(bank_client))
    await call.say("how much was my last uber")
    await call.say("put that in holidays")
    assert (await call.say(answer)).text == "All right, I leave it as it is."
    await call.say("yes")
    assert latest(up_bank, "Uber").category == "taxis-and-share-cars"
    assert {one.method for one in up_bank.received} == {"GET"}


async def test_other_talk_lets_a_change_lapse(up_bank: UpBank, bank_client: BankClient) -> None:
    call = BankCall(BankAssistant(bank_client))
    await call.say("how much was my last uber")
    await call.say("put that in holidays")
    await call.say("what is my savings balance")
    assert call.state["pending"] is None
    await call.say("yes")
    assert latest(up_bank, "Uber").category == "taxis-and-share-cars"


async def test_what_is_neither_yes_nor_no_is_asked_again(up_bank: UpBank, bank_client: BankClient) -> None:
    call = BankCall(BankAssistant(bank_client))
    await call.say("how much was my last uber")
    await call.say("put that in holidays")
    again = await call.say("the weather is nice")
    assert "yes or no" in again.text
    await call.say("yes do it")
    assert latest(up_bank, "Uber").category == "holidays-and-travel"


async def test_of_several_it_asks_which_and_takes_an_ordinal_a_day_or_a_shop(
    up_bank: UpBank, bank_client: BankClient
) -> None:
    for answer, at in (("the second one", 1), ("the one on sunday", 1), ("the first", 0)):
        call = BankCall(BankAssistant(bank_client), deliver=False)
        await call.say("what did i spend at uber eats this month")
        which = await call.say("put that in groceries")
        assert which.text.startswith("Which one: "), which.text
        assert which.text.count("$") == 2 or which.text.count("$") == 3
        asked = await call.say(answer)
        assert asked.text.endswith("Shall I?"), asked.text
        assert call.state["pending"]["transaction"] == latest(up_bank, "Uber Eats", at).id
    call = BankCall(BankAssistant(bank_client), deliver=False)
    await call.say("what were my last three transactions")
    which = await call.say("put that in gifts")
    asked = await call.say("the petrol from ampol")
    assert "Ampol" in asked.text
    assert asked.text.endswith("Shall I?")


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("tag that as work", "Work"),
        ("tag it with pizza night", "Pizza Night"),
        ("add the tag holiday to that", "Holiday"),
        ("put a tag called date night on that one", "Date night"),
        ("add the japan tag to it", "Japan"),
    ],
)
async def test_a_tag_is_put_on_as_the_bank_spells_it(
    up_bank: UpBank, bank_client: BankClient, said: str, tag: str
) -> None:
    call = BankCall(BankAssistant(bank_client))
    await call.say("how much was my last uber")
    assert (await call.say(said)).text.endswith(f"I would tag it {tag}. Shall I?")
    await call.say("yes")
    assert latest(up_bank, "Uber").tags == [tag]
    off = await call.say(f"take the {tag} tag off that")
    assert off.text.endswith("Shall I?"), off.text
    await call.say("go ahead")
    assert latest(up_bank, "Uber").tags == []


async def test_a_change_can_be_put_back_without_its_identifier_in_the_state(
    up_bank: UpBank, bank_client: BankClient
) -> None:
    call = BankCall(BankAssistant(bank_client))
    await call.say("how much was my last uber")
    await call.say("put that in holidays")
    await call.say("yes")
    movement = latest(up_bank, "Uber")
    assert movement.id not in json.dumps(call.state)
    assert movement.category == "holidays-and-travel"
    asked = await call.say("put it back")
    assert asked.text.endswith("I would put it into taxis and share cars. Shall I?")
    await call.say("yes")
    assert movement.category == "taxis-and-share-cars"
    assert "nothing to take back" in (await BankCall(BankAssistant(bank_client)).say("undo that")).text


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("put that in home stuff", "is a group of categories"),
        ("put that in taxis", "already"),
        ("untag that", "has no tag"),
        ("take the japan tag off that", "does not have the tag"),
        ("put that in the flurbl category", "no category"),
        ("put that in food", "Which category"),
        ("put all of those in groceries", "one transaction at a time"),
    ],
)
async def test_what_cannot_be_done_is_said_before_anything_is_asked(
    up_bank: UpBank, bank_client: BankClient, said: str, part: str
) -> None:
    call = BankCall(BankAssistant(bank_client))
    await call.say("how much was my last uber")
    heard = await call.say(said)
    assert part in heard.text, heard.text
    assert call.state["pending"] is None


async def test_nothing_to_change_is_no_reason_to_guess(up_bank: UpBank, bank_client: BankClient) -> None:
    heard = await BankCall(BankAssistant(bank_client)).say("put that in groceries")
    assert "do not know which transaction" in heard.text


async def test_delivering_twice_is_the_same_as_once(up_bank: UpBank, bank_client: BankClient) -> None:
    assistant = BankAssistant(bank_client)
    for wish, check in (
        ("put that in holidays", lambda one: one.category == "holidays-and-travel"),
        ("tag that as work", lambda one: one.tags == ["Work"]),
        ("untag work from that", lambda one: one.tags == []),
        ("take that out of holidays", lambda one: one.category is None),
    ):
        call = BankCall(assistant, deliver=False)
        await call.say("how much was my last uber")
        await call.say(wish)
        heard = await call.say("yes")
        (outgoing,) = assistant.outgoing(heard.effects)
        assert json.loads(json.dumps(outgoing.body)) == outgoing.body
        for _ in range(2):
            await assistant.deliver(outgoing.body, call.context)
            assert check(latest(up_bank, "Uber")), wish


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(method="PATCH", status=429, retry_after="30"), BankBusy),
        (Fault(method="PATCH", status=503), BankUnavailable),
        (Fault(method="PATCH", hang=True), BankTimeout),
        (Fault(method="PATCH", status=404), BankNotFound),
    ],
)
async def test_only_what_may_work_later_is_retryable(
    up_bank: UpBank, fault: Fault, error: type[BankError]
) -> None:
    async with (
        BankClient(up_bank.base_url, seconds=0.5 if fault.hang else 60.0) as client,
        BankClient(up_bank.base_url) as patient,
    ):
        assistant = BankAssistant(patient)
        call = BankCall(assistant, deliver=False)
        await call.say("how much was my last uber")
        await call.say("put that in holidays")
        (outgoing,) = assistant.outgoing((await call.say("yes")).effects)
        up_bank.fail(fault)
        assistant = BankAssistant(client)
        with pytest.raises(error) as failed:
            await assistant.deliver(outgoing.body, call.context)
        assert failed.value.retryable == (error is not BankNotFound)
        with pytest.raises(BankUnavailable) as away:
            await assistant.deliver(outgoing.body, BankCall(assistant, token=None).context)
        assert away.value.retryable


async def test_a_change_that_was_given_up_is_told_first_next_time_and_once(
    up_bank: UpBank, bank_client: BankClient
) -> None:
    assistant = BankAssistant(bank_client)
    call = BankCall(assistant, deliver=False)
    await call.say("how much was my last uber")
    await call.say("put that in holidays")
    (outgoing,) = assistant.outgoing((await call.say("yes")).effects)
    call.state = assistant.apply(call.state, assistant.undelivered(outgoing.body, BankNotFound()))
    assert outgoing.body["transaction"] not in json.dumps(call.state)
    heard = await call.say("what is my savings balance")
    assert heard.text.startswith("I could not put that transaction into holidays and travel, as I had said.")
    assert "You have $40,416.51" in heard.text
    assert "I could not" in (heard.kept or "")
    assert "could not" not in (await call.say("what is my savings balance")).text


async def test_without_a_bank_nothing_is_delivered() -> None:
    assistant = BankAssistant()
    with pytest.raises(Unsupported):
        await assistant.deliver({"do": "tag", "transaction": "x", "value": "y"}, BankCall(assistant).context)
