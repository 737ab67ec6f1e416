"""Many calls over one pool: in parallel as far as it goes, and no further."""

from __future__ import annotations

import asyncio
import time

from receiver.bank.client import BankClient
from receiver.bank.models import TransactionFilter
from receiver.bank.pool import MAX_CONNECTIONS
from receiver.bank.secret import BankToken
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_faults import Fault
from tests.emulators.up_bank_history import PEOPLE


async def test_three_independent_calls_take_the_time_of_the_slowest(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    delays = {"/accounts": 0.3, "/transactions": 0.5, "/categories": 0.4}
    for path, delay in delays.items():
        up_bank.fail(Fault(path, times=None, delay=delay))
    held = TransactionFilter(held=True)

    async def one_by_one() -> None:
        await bank_client.accounts(sam)
        await bank_client.all_transactions(sam, held)
        await bank_client.categories(sam)

    async def at_once() -> None:
        await asyncio.gather(
            bank_client.accounts(sam), bank_client.all_transactions(sam, held), bank_client.categories(sam)
        )

    took = []
    for calls, tries in ((one_by_one, 1), (at_once, 3)):  # the quickest: a busy machine adds to any of them
        seconds = []
        for _ in range(tries):
            began = time.monotonic()
            await calls()
            seconds.append(time.monotonic() - began)
        took.append(min(seconds))
    assert took[0] >= sum(delays.values())
    assert max(delays.values()) <= took[1] < 0.7 * sum(delays.values())
    assert took[1] / took[0] < 0.6  # 0.5 / 1.2 where nothing else takes time


async def test_a_hundred_calls_share_a_bounded_number_of_connections(
    up_bank: UpBank, bank_client: BankClient
) -> None:
    tokens = [BankToken(person.token) for person in PEOPLE]
    await asyncio.gather(*(bank_client.accounts(tokens[at % len(tokens)]) for at in range(100)))
    assert len(up_bank.received) == 100
    assert len(up_bank.peers) <= MAX_CONNECTIONS
    assert up_bank.most_at_once <= MAX_CONNECTIONS


async def test_calls_one_after_another_use_one_connection(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    for _ in range(5):
        await bank_client.ping(sam)
    assert len(up_bank.peers) == 1
