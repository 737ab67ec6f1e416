"""Tokens, identifiers and addresses come out nowhere: not in errors, their causes, logs, texts or copies."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
import structlog
from aiohttp import web

from protocol.errors import BankError, BankUnauthorized
from receiver.bank.client import BankClient
from receiver.bank.models import TransactionFilter
from receiver.bank.secret import BankToken
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_faults import Fault
from tests.emulators.up_bank_history import SAM
from tests.emulators.up_bank_ledger import Movement

TESTS = Path(__file__).parents[2]

Call = Callable[[BankClient, BankToken, Movement], Awaitable[object]]

CALLS: dict[str, Call] = {
    "accounts": lambda client, token, _: client.accounts(token),
    "one account's": lambda client, token, movement: client.all_transactions(
        token, TransactionFilter(account_id=movement.account.id, tag="Pizza Night")
    ),
    "transaction": lambda client, token, movement: client.transaction(token, movement.id),
    "categorise": lambda client, token, movement: client.categorise(token, movement.id, "groceries"),
    "tag": lambda client, token, movement: client.tag(token, movement.id, ["Pizza Night"]),
}

FAULTS = [
    *(Fault(status=status) for status in (400, 401, 403, 404, 422, 429, 500)),
    Fault(lost="before"),
    Fault(lost="within"),
    Fault(garbage=True),
    Fault(hang=True),
    Fault(
        body=b'{"data": [{"id": "5b54e6ef-secret", "attributes": {}}], "links": {"prev": null, "next": null}}'
    ),
]


def everything_about(error: BaseException) -> str:
    """All texts that a crash report could show, with the local variables of our frames and the library's."""
    frames = [
        (frame, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if not Path(frame.f_code.co_filename).is_relative_to(TESTS)
    ]
    stack = traceback.StackSummary.extract(iter(frames), capture_locals=True)
    return "\n".join([repr(error), str(error), repr(vars(error)), *stack.format()])


@pytest.mark.parametrize("name", CALLS)
async def test_no_error_and_no_log_shows_a_token_an_identifier_or_a_query(
    up_bank: UpBank, sam: BankToken, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    movement = up_bank.ledger.movements_of(SAM)[0]
    caplog.set_level(logging.DEBUG)
    errors: list[BankError] = []
    with structlog.testing.capture_logs() as records:
        async with BankClient(up_bank.base_url, seconds=0.2, first_backoff=0.001) as client:
            for fault in FAULTS:
                up_bank.faults = [Fault(**(vars(fault) | {"times": None}))]
                try:
                    await CALLS[name](client, sam, movement)
                except BankError as error:
                    errors.append(error)
    assert len(errors) >= len(FAULTS) - 2  # a change does not read what it is answered
    assert all(error.__cause__ is None and error.__context__ is None for error in errors)
    told = "\n".join(repr(error) + str(error) + repr(vars(error)) for error in errors)
    logged = json.dumps(records, default=repr) + caplog.text
    assert records
    for secret in (
        SAM.token,
        movement.id,
        movement.account.id,
        "5b54e6ef-secret",
        "Pizza",
        "page%5B",
        "127.0.0.1",
    ):
        assert secret not in told
        assert secret not in logged
    for error in errors:
        assert "receiver/bank" in everything_about(error)
        assert SAM.token not in everything_about(error)


async def test_every_error_can_be_spoken(up_bank: UpBank, bank_client: BankClient, sam: BankToken) -> None:
    for status in (401, 403, 404, 422, 429, 500):
        up_bank.faults = [Fault(status=status, times=None)]
        with pytest.raises(BankError) as caught:
            await bank_client.ping(sam)
        message = caught.value.message
        assert message.endswith(".")
        assert message[0].isupper()
        assert not any(letter.isdigit() or letter in "_/{}<>" for letter in message)


async def test_what_the_bank_told_hides_its_identifiers(bank_client: BankClient, sam: BankToken) -> None:
    accounts = await bank_client.accounts(sam)
    transactions = (await bank_client.all_transactions(sam, max_pages=2)).transactions
    shown = repr(accounts) + repr(transactions) + repr(TransactionFilter(account_id=accounts[0].id))
    for account in accounts:
        assert account.id not in shown
    for transaction in transactions:
        assert transaction.id not in shown
    assert "4417" not in shown  # the card


def test_a_token_is_shown_by_nothing_but_reveal() -> None:
    token = BankToken(f"  {SAM.token}\n")
    assert token.reveal() == SAM.token
    for shown in (
        repr(token),
        str(token),
        f"{token}",
        f"{token!r:>40}",
        repr({"token": token}),
    ):
        assert SAM.token not in shown
    for copied in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps, vars):
        with pytest.raises(TypeError):
            copied(token)  # type: ignore[operator]


@pytest.mark.parametrize("value", ["", "  ", "up:yeah:a\r\nX-Other: 1", "up yeah", "up:yeah:é", "x" * 600])
def test_what_cannot_be_a_token_is_refused_without_being_quoted(value: str) -> None:
    with pytest.raises(BankUnauthorized) as caught:
        BankToken(value)
    assert not value.strip() or value.strip() not in str(caught.value)


async def test_a_cookie_of_one_person_goes_along_with_nobodys_call(sam: BankToken) -> None:
    cookies: list[SimpleCookie | str] = []

    async def answer(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("Cookie", ""))
        response = web.json_response({"meta": {}})
        response.set_cookie("session", "of-sam")
        return response

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        async with BankClient(f"http://{host}:{port}") as client:
            await client.ping(sam)
            await client.ping(BankToken("up:demo:other"))
    finally:
        await runner.cleanup()
    assert cookies == ["", ""]


async def test_a_token_for_this_machine_goes_through_no_proxy(
    up_bank: UpBank, sam: BankToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.json_response({"meta": {}})

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host, port = runner.addresses[0][:2]
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://{host}:{port}")
        async with BankClient(up_bank.base_url) as client:
            await client.ping(sam)
    finally:
        await runner.cleanup()
    assert seen == []
