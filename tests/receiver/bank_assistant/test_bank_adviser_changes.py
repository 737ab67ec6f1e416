"""A change is proposed by the model, asked by the rules, and made after a yes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulators.model_brain import Call, Conversation, Reply
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_fixtures import bank_client, up_bank  # noqa: F401  (fixtures)
from tests.emulators.up_bank_history import SAM
from tests.receiver.bank_assistant.advised_call import LATEST, Begin, after_tools, begin  # noqa: F401  (a fixture)

# ruff: noqa: F811


async def test_a_change_is_proposed_by_the_model_asked_by_the_rules_and_done_after_a_yes(
    up_bank: UpBank, begin: Begin
) -> None:
    def brain(conversation: Conversation) -> Reply:
        if not conversation.results:
            return Reply("Let me see.", (LATEST,))
        handle = conversation.results[0]["transactions"][0]["handle"]
        change = {"action": "categorise", "transaction": handle, "category": "groceries"}
        return Reply("", (Call("propose_change", change),))

    call, model = begin(brain)
    told = await call.say("put the last one under groceries")
    assert told.text.startswith("Let me see. That is $")
    assert told.text.endswith("I would put it into groceries. Shall I?")
    assert len(model.requests) == 2
    assert call.state["pending"]["about"] == "confirm"
    assert not [one for one in up_bank.received if one.method != "GET"]
    latest = next(one for one in up_bank.ledger.movements_of(SAM) if one.transfer is None)
    assert latest.category != "groceries"

    told = await call.say("yes please")
    assert len(model.requests) == 2  # a yes is for the rules
    assert told.text == "All right, I'll put it into groceries."
    assert up_bank.ledger.movements[latest.id].category == "groceries"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"action": "tag", "transaction": "t9", "tag": "Holiday"}, "no transaction 't9'"),
        ({"action": "tag", "transaction": "t1"}, "tag is missing"),
        ({"action": "categorise", "transaction": "t1", "category": "zorbing"}, "no category"),
        ({"action": "untag", "transaction": "t1", "tag": "Zorbing"}, "no tag"),
        ({"action": "delete", "transaction": "t1"}, "action"),
    ],
)
async def test_a_change_that_cannot_be_is_told_to_the_model(
    begin: Begin, change: dict[str, Any], why: str
) -> None:
    def brain(conversation: Conversation) -> Reply:
        if not conversation.results:
            return Reply("", (LATEST,))
        if len(conversation.results) == 1:
            return Reply("", (Call("propose_change", change),))
        return Reply("I cannot do that.")

    call, model = begin(brain)
    told = await call.say("do something with the last one")
    assert told.text == "I cannot do that."
    assert why in model.requests[-1].messages[-1].results[0].content["error"]  # type: ignore[union-attr]
    assert call.state["pending"] is None


async def test_of_two_changes_at_once_one_is_asked_about(begin: Begin) -> None:
    def brain(conversation: Conversation) -> Reply:
        if not conversation.results:
            return Reply("", (Call("transactions", {"limit": 2}),))
        tags = [{"action": "tag", "transaction": handle, "tag": "Work"} for handle in ("t1", "t2")]
        return Reply("", tuple(Call("propose_change", tag) for tag in tags))

    call, _ = begin(brain)
    told = await call.say("tag the last two as work")
    assert told.text.count("Shall I?") == 1


async def test_a_model_that_says_it_changed_something_is_not_heard(begin: Begin) -> None:
    call, _ = begin(after_tools(LATEST, text="Done, I've put it into groceries."))
    told = await call.say("put the last one under groceries")
    assert told.restarted
    assert "Done" not in told.text
