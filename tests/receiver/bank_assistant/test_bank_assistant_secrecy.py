"""Whose token the bank is asked with; and what somebody has is kept nowhere."""

from __future__ import annotations

import json
import logging

import pytest
import structlog
from pydantic import SecretStr

from protocol.errors import SecretsUnavailable
from receiver.assistants.bank import BankAssistant
from receiver.assistants.bank.access import NEEDS_ACCESS, NO_BANK
from receiver.bank.client import BankClient
from receiver.secrets.secret_store import OnePersonsSecret
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_faults import Fault
from tests.emulators.up_bank_history import ROBIN, SAM
from tests.receiver.bank_assistant.bank_call import CONVERSATION, BankCall, spoken

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
