"""What the bank is asked for the sake of one answer: each thing once, and what does not depend on another at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from protocol.errors import BankError
from receiver.bank.client import ALL, BankClient
from receiver.bank.models import Account, Category, Transaction, TransactionFilter
from receiver.bank.periods import Period
from receiver.bank.secret import BankToken

T = TypeVar("T")

SLICE_DAYS = 40
"""A longer period is asked for in parts at once: pages of one list come only one after another."""

MAX_SLICES = 6


@dataclass(frozen=True, slots=True)
class Listing:
    transactions: tuple[Transaction, ...]
    """Newest first."""
    more: bool = False
    """The bound cut them off: there are older ones."""


class Desk:
    """For one turn. Everything raises `BankError`; nothing of it outlives a cancelled call."""

    def __init__(self, client: BankClient, token: BankToken, now: datetime, zone: ZoneInfo) -> None:
        self._client = client
        self._token = token
        self.now = now.astimezone(UTC)
        self.zone = zone
        self._known: dict[Hashable, Any] = {}
        self._locks: dict[Hashable, asyncio.Lock] = {}

    async def accounts(self) -> Sequence[Account]:
        return await self._once("accounts", lambda: self._client.accounts(self._token))

    async def categories(self) -> Sequence[Category]:
        return await self._once("categories", lambda: self._client.categories(self._token))

    async def tags(self) -> Sequence[str]:
        return await self._once("tags", lambda: self._client.tags(self._token))

    async def transactions(self, filters: TransactionFilter = ALL) -> Listing:
        """All that fit, within the bounds of `BankClient`; of a long time, its parts at once."""
        return await self._once(filters, lambda: self._transactions(filters))

    async def within(self, period: Period | None, filters: TransactionFilter = ALL) -> Listing:
        """Those of `filters` in `period`; what lies ahead is not asked for."""
        if period is None:
            return await self.transactions(filters)
        # The bank takes both ends in; `Period` leaves its end out.
        until = min(period.end - timedelta(seconds=1), self.now + timedelta(days=1))
        if period.start is not None and until < period.start:
            return Listing(())
        listing = await self.transactions(replace(filters, since=period.start, until=until))
        kept = tuple(entry for entry in listing.transactions if entry.created_at in period)
        return Listing(kept, listing.more)

    async def transaction(self, transaction_id: str) -> Transaction:
        return await self._once(
            ("transaction", transaction_id), lambda: self._client.transaction(self._token, transaction_id)
        )

    async def _transactions(self, filters: TransactionFilter) -> Listing:
        parts = [replace(filters, since=since, until=until) for since, until in _slices(filters, self.now)]
        pages = await at_once([partial(self._client.all_transactions, self._token, part) for part in parts])
        # Two parts may both have what lies on their border.
        found = {entry.id: entry for page in pages for entry in page.transactions}
        newest_first = sorted(found.values(), key=lambda entry: (entry.created_at, entry.id), reverse=True)
        return Listing(tuple(newest_first), any(page.more for page in pages))

    async def _once(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Whoever comes second waits for the first; a failure, or a cancelled first, is asked again."""
        async with self._locks.setdefault(key, asyncio.Lock()):
            if key not in self._known:
                self._known[key] = await ask()
            known: T = self._known[key]
            return known


async def at_once(calls: Sequence[Callable[[], Coroutine[Any, Any, T]]]) -> list[T]:
    """All of them at the same time. The first `BankError` ends the others, and is raised as it is."""
    failure: BankError | None = None
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call()) for call in calls]
    except* BankError as failed:
        failure = _first(failed)
    if failure is not None:
        raise failure
    return [task.result() for task in tasks]


async def each(calls: Sequence[Callable[[], Coroutine[Any, Any, T]]]) -> list[T | BankError]:
    """All of them at the same time, for a caller that can do with some: what failed is its error."""

    async def attempt(call: Callable[[], Coroutine[Any, Any, T]]) -> T | BankError:
        try:
            return await call()
        except BankError as error:
            return error

    return await at_once([partial(attempt, call) for call in calls])


def _first(failed: BaseExceptionGroup[BankError]) -> BankError:
    error: BaseException = failed
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, BankError)
    return error


def _slices(filters: TransactionFilter, now: datetime) -> list[tuple[datetime | None, datetime | None]]:
    since, until = filters.since, filters.until
    if since is None:
        return [(since, until)]
    end = min(until or now, now)
    days = (end - since).total_seconds() / 86_400
    count = min(MAX_SLICES, int(days // SLICE_DAYS) + 1)
    if count < 2:
        return [(since, until)]
    step = timedelta(seconds=int((end - since).total_seconds() // count))
    borders = [since + step * at for at in range(count)]
    return [*pairwise(borders), (borders[-1], until)]
