"""What the bank or the network does wrong: what is tried again, for how long, and what the person is told."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from protocol.errors import (
    BankBusy,
    BankError,
    BankForbidden,
    BankNotFound,
    BankRefused,
    BankTimeout,
    BankUnauthorized,
    BankUnavailable,
)
from receiver.bank.client import BankClient
from receiver.bank.pool import MAX_ATTEMPTS
from receiver.bank.secret import BankToken
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_faults import Fault
from tests.emulators.up_bank_history import SAM
from tests.receiver.errands import until
from tests.relay.loop_clock import LoopClock


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=429, retry_after="0"),
        Fault(status=500),
        Fault(status=503, retry_after="0"),
        Fault(status=504),
        Fault(lost="before"),
        Fault(lost="within"),
        Fault(garbage=True),
    ],
    ids=lambda fault: f"{fault.status or fault.lost or 'garbage'}",
)
async def test_what_passes_is_tried_again_and_nobody_notices(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken, fault: Fault
) -> None:
    for _ in range(MAX_ATTEMPTS - 1):
        up_bank.fail(Fault(**vars(fault)))
    assert len(await bank_client.accounts(sam)) == 4
    assert len(up_bank.received) == MAX_ATTEMPTS


@pytest.mark.parametrize(
    ("fault", "error", "calls"),
    [
        (Fault(status=400), BankRefused, 1),
        (Fault(status=401), BankUnauthorized, 1),
        (Fault(status=403), BankForbidden, 1),
        (Fault(status=404), BankNotFound, 1),
        (Fault(status=429), BankBusy, MAX_ATTEMPTS),
        (Fault(status=500), BankUnavailable, MAX_ATTEMPTS),
        (Fault(status=502), BankUnavailable, MAX_ATTEMPTS),
        (Fault(status=503), BankUnavailable, MAX_ATTEMPTS),
        (Fault(status=504), BankTimeout, MAX_ATTEMPTS),
        (Fault(lost="before"), BankUnavailable, MAX_ATTEMPTS),
        (Fault(lost="within"), BankUnavailable, MAX_ATTEMPTS),
        (Fault(garbage=True), BankUnavailable, MAX_ATTEMPTS),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(getattr(value, "status", "")),
)
async def test_what_does_not_pass_is_told_after_a_bounded_number_of_calls(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken, fault: Fault, error: type[BankError], calls: int
) -> None:
    up_bank.fail(Fault(**(vars(fault) | {"times": None})))
    with pytest.raises(error) as caught:
        await bank_client.accounts(sam)
    assert type(caught.value) is error
    assert len(up_bank.received) == calls


@pytest.mark.parametrize(
    "fault", [Fault(status=503), Fault(status=429, retry_after="0"), Fault(lost="within")]
)
async def test_a_change_is_never_sent_twice_by_itself(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken, fault: Fault
) -> None:
    movement = next(entry for entry in up_bank.ledger.movements_of(SAM) if entry.categorisable)
    up_bank.fail(Fault(**(vars(fault) | {"times": None})))
    for change in (
        bank_client.categorise(sam, movement.id, "groceries"),
        bank_client.tag(sam, movement.id, ["Work"]),
        bank_client.untag(sam, movement.id, ["Work"]),
    ):
        up_bank.received.clear()
        with pytest.raises((BankUnavailable, BankBusy)):
            await change
        assert len(up_bank.received) == 1


async def test_retry_after_is_waited_for(up_bank: UpBank, bank_client: BankClient, sam: BankToken) -> None:
    up_bank.fail(Fault(status=429, retry_after="0.3"))
    began = time.monotonic()
    await bank_client.ping(sam)
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("in_a_minute", ["60", "a date", "inf"])
async def test_who_is_asked_to_wait_long_says_so_at_once(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken, in_a_minute: str
) -> None:
    if in_a_minute == "a date":
        in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=61), usegmt=True)
    up_bank.fail(Fault(status=429, retry_after=in_a_minute))
    with pytest.raises(BankBusy) as caught:
        await bank_client.ping(sam)
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 59
    assert len(up_bank.received) == 1


async def test_a_bank_that_never_answers_is_given_up_within_the_time(up_bank: UpBank, sam: BankToken) -> None:
    up_bank.fail(Fault(hang=True, times=None))
    clock = LoopClock()
    async with BankClient(up_bank.base_url, seconds=60.0, list_seconds=300.0) as client:
        for number, call in enumerate(
            (
                client.accounts(sam),
                client.categorise(sam, up_bank.ledger.movements_of(SAM)[0].id, None),
            ),
            1,
        ):
            calling = asyncio.create_task(call)
            await until(lambda number=number: len(up_bank.received) == number)
            await clock.put_forward(60.0)
            async with asyncio.timeout(30):
                with pytest.raises(BankTimeout):
                    await calling
    assert up_bank.most_at_once == 1


async def test_a_list_of_slow_pages_ends_within_its_own_time(up_bank: UpBank, sam: BankToken) -> None:
    up_bank.fail(Fault("/transactions", times=None, delay=0.1))
    async with BankClient(up_bank.base_url, list_seconds=0.35) as client:
        with pytest.raises(BankTimeout):
            await client.all_transactions(sam)
    assert 1 <= len(up_bank.received) <= 4


async def test_a_bank_that_is_not_there_is_unavailable(sam: BankToken) -> None:
    async with UpBank() as bank:
        address = bank.base_url
    async with BankClient(address, first_backoff=0.001) as client:
        with pytest.raises(BankUnavailable):
            await client.accounts(sam)


async def test_a_redirect_is_not_followed_with_a_token(up_bank: UpBank, sam: BankToken) -> None:
    async with BankClient(up_bank.base_url, first_backoff=0.001) as client:
        up_bank.fail(Fault(status=302, times=None))
        with pytest.raises(BankUnavailable):
            await client.ping(sam)
    up_bank.violations.clear()  # the API never redirects
    assert {entry.path for entry in up_bank.received} == {"/util/ping"}


async def test_an_endless_answer_is_not_read_to_its_end(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    up_bank.fail(Fault(body=b'{"data": ["' + b"x" * 5_000_000 + b'"]}'))
    await bank_client.ping(sam)
    up_bank.fail(Fault(body=b'{"data": ["' + b"x" * 5_000_000 + b'"]}', times=None))
    with pytest.raises(BankUnavailable):
        await bank_client.ping(sam)


async def test_a_call_that_is_cancelled_leaves_no_connection_behind(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    up_bank.fail(Fault(hang=True))
    call = asyncio.create_task(bank_client.accounts(sam))
    while not up_bank.received:
        await asyncio.sleep(0.005)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert len(await bank_client.accounts(sam)) == 4


async def test_a_list_that_nobody_reads_on_ends_cleanly(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    pages = bank_client.transactions(sam, page_size=5)
    assert len((await anext(pages)).transactions) == 5
    await pages.aclose()
    assert len(up_bank.received) == 1
