"""What comes again and again, and the time since payday: a model has them from the bank's own figures, too."""

from __future__ import annotations

import pytest

from tests.emulators.model_brain import Call
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_fixtures import bank_client, up_bank  # noqa: F401  (fixtures)
from tests.emulators.up_bank_history import SAM, ZONE
from tests.receiver.bank_assistant.advised_call import Begin, after_tools, begin  # noqa: F401  (a fixture)

# ruff: noqa: F811


async def test_subscriptions_are_told_from_what_came_out_again_and_again(begin: Begin) -> None:
    call, _ = begin(
        after_tools(
            Call("regular_payments", {"categories": ["subscriptions"]}),
            text=lambda results: (
                " and ".join(
                    f"{one['name']} is {one['amount']} a {one['every']}" for one in results[0]["regular"]
                )
                + "."
            ),
        )
    )
    told = await call.say("what subscriptions do i have")
    assert not told.restarted
    assert "Netflix is $" in told.text
    assert "Woolworths" not in told.text
    assert told.kept == "I told you what is paid regularly."
    assert call.state["last"]["kind"] == "regular"


async def test_the_next_pay_is_expected_from_the_last_ones(up_bank: UpBank, begin: Begin) -> None:
    call, _ = begin(
        after_tools(
            Call("regular_payments", {"next_pay": True}),
            text=lambda results: f"Your pay should come on {results[0]['regular'][0]['next_expected']}.",
        )
    )
    told = await call.say("when is my next pay")
    paid = [one.at for one in up_bank.ledger.movements_of(SAM) if one.kind == "Salary"]
    expected = paid[0] + (paid[0] - paid[1])  # the newest first
    assert told.text == f"Your pay should come on {expected.astimezone(ZONE).date().isoformat()}."


@pytest.mark.parametrize("words", ["since payday", "since I was paid", "Since pay day"])
async def test_since_payday_begins_with_the_latest_salary(up_bank: UpBank, begin: Begin, words: str) -> None:
    call, _ = begin(
        after_tools(
            Call("spending", {"period": words, "merchant": "Uber Eats"}),
            text=lambda results: f"You spent {results[0]['spent']} at Uber Eats since payday.",
        )
    )
    told = await call.say("how much on uber eats since payday")
    mine = up_bank.ledger.movements_of(SAM)
    payday = next(one.at for one in mine if one.kind == "Salary").astimezone(ZONE).date()
    cents = -sum(
        one.amount
        for one in mine
        if one.description.startswith("Uber Eats") and one.at.astimezone(ZONE).date() >= payday
    )
    assert cents > 0
    assert not told.restarted
    assert told.text == f"You spent ${cents / 100:,.2f} at Uber Eats since payday.".replace(".00 ", " ")
