"""Asks the bank. One client serves everybody: the token comes with each call."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

from protocol.errors import BankNotFound, BankRefused, BankUnavailable
from receiver.bank import resources
from receiver.bank.models import Account, Category, Transaction, TransactionFilter, TransactionPage
from receiver.bank.pool import BASE_URL, CALL_SECONDS, FIRST_BACKOFF, BankPool, Parameters
from receiver.bank.resources import Page
from receiver.bank.secret import BankToken

T = TypeVar("T")

PAGE_SIZE = 100
"""The most that the API gives at once."""

MAX_PAGES = 30
"""Of transactions: about two years of a busy account. The last page says whether there was more."""

MAX_LIST_PAGES = 10
"""Of accounts or tags; what comes after the first 1,000 is left out."""

LIST_SECONDS = 20.0
"""Longest that all pages of one list take; then `BankTimeout`."""

MAX_TAGS = 6
"""On one transaction (the API's limit)."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")

ALL = TransactionFilter()


class BankClient:
    """`async with` closes its connections at the end. Every method raises `BankError`."""

    def __init__(
        self,
        base_url: str = BASE_URL,
        *,
        seconds: float = CALL_SECONDS,
        first_backoff: float = FIRST_BACKOFF,
        list_seconds: float = LIST_SECONDS,
    ) -> None:
        """Raises `SettingsError` where `base_url` is neither https nor on this machine."""
        self._pool = BankPool(base_url, seconds=seconds, first_backoff=first_backoff)
        self._list_seconds = list_seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def ping(self, token: BankToken) -> None:
        """Returns if the bank accepts the token."""
        await self._pool.get(token, "util/ping")

    async def accounts(self, token: BankToken) -> list[Account]:
        return await self._list(token, "accounts", resources.account)

    async def categories(self, token: BankToken) -> list[Category]:
        """All of them, groups too; they are the same for everybody."""
        document = await self._pool.get(token, "categories")
        return list(resources.read_page(document, resources.category).entries)

    async def tags(self, token: BankToken) -> list[str]:
        """Those in use, in alphabetical order."""
        return await self._list(token, "tags", resources.tag)

    async def transaction(self, token: BankToken, transaction_id: str) -> Transaction:
        document = await self._pool.get(token, f"transactions/{_checked(transaction_id)}")
        return resources.read_one(document, resources.transaction)

    async def transactions(
        self,
        token: BankToken,
        filters: TransactionFilter = ALL,
        *,
        max_pages: int = MAX_PAGES,
        page_size: int = PAGE_SIZE,
    ) -> AsyncGenerator[TransactionPage, None]:
        """Pages, newest first, at most `max_pages`. A page is asked for when the one before it has been taken."""
        path = "transactions"
        if filters.account_id is not None:
            path = f"accounts/{_checked(filters.account_id)}/transactions"
        query = list(filters.query().items())
        pages = self._pages(token, path, resources.transaction, query, max_pages, page_size)
        async with aclosing(pages):
            async for page in pages:
                yield TransactionPage(page.entries, more=page.next is not None)

    async def all_transactions(
        self, token: BankToken, filters: TransactionFilter = ALL, *, max_pages: int = MAX_PAGES
    ) -> TransactionPage:
        """The pages of `transactions` as one; `more` says that the bound cut them off."""
        found: list[Transaction] = []
        more = False
        async with aclosing(self.transactions(token, filters, max_pages=max_pages)) as pages:
            async for page in pages:
                found += page.transactions
                more = page.more
        return TransactionPage(tuple(found), more)

    async def categorise(self, token: BankToken, transaction_id: str, category_id: str | None) -> None:
        """Put a transaction into a category, or into none. Doing it twice is the same as once."""
        chosen = None if category_id is None else {"type": "categories", "id": category_id}
        path = f"transactions/{_checked(transaction_id)}/relationships/category"
        await self._pool.change(token, "PATCH", path, {"data": chosen})

    async def tag(self, token: BankToken, transaction_id: str, tags: Iterable[str]) -> None:
        """Add tags. Doing it twice is the same as once. `BankRefused` where it would have more than six."""
        await self._change_tags(token, "POST", transaction_id, tags)

    async def untag(self, token: BankToken, transaction_id: str, tags: Iterable[str]) -> None:
        """Take tags off. Doing it twice is the same as once."""
        await self._change_tags(token, "DELETE", transaction_id, tags)

    async def _change_tags(
        self, token: BankToken, method: str, transaction_id: str, tags: Iterable[str]
    ) -> None:
        labels = list(dict.fromkeys(tags))
        if not 1 <= len(labels) <= MAX_TAGS or not all(label.strip() for label in labels):
            raise BankRefused(f"A transaction can have up to {MAX_TAGS} tags.")
        path = f"transactions/{_checked(transaction_id)}/relationships/tags"
        body = {"data": [{"type": "tags", "id": label} for label in labels]}
        await self._pool.change(token, method, path, body)

    async def _list(self, token: BankToken, path: str, read: Callable[[Mapping[str, Any]], T]) -> list[T]:
        entries: list[T] = []
        async with aclosing(self._pages(token, path, read, [], MAX_LIST_PAGES, PAGE_SIZE)) as pages:
            async for page in pages:
                entries += page.entries
        return entries

    async def _pages(
        self,
        token: BankToken,
        path: str,
        read: Callable[[Mapping[str, Any]], T],
        query: list[tuple[str, str]],
        max_pages: int,
        page_size: int,
    ) -> AsyncGenerator[Page[T], None]:
        deadline = asyncio.get_running_loop().time() + self._list_seconds
        parameters: Parameters = [*query, ("page[size]", str(page_size))]
        followed: set[str] = set()
        for _ in range(max_pages):
            page = resources.read_page(await self._pool.get(token, path, parameters, deadline=deadline), read)
            if page.next is not None and page.next in followed:
                raise BankUnavailable("Your bank gave an answer that I cannot read.")
            yield page
            if page.next is None:
                return
            followed.add(page.next)
            # Only the link's query is followed, at the address asked so far: no link leads a token elsewhere.
            parameters = parse_qsl(urlsplit(page.next).query, keep_blank_values=True)


def _checked(identifier: str) -> str:
    """Fit to be a part of a path, and nothing else: it may come from a language model."""
    if _ID.fullmatch(identifier) is None:
        raise BankNotFound()
    return identifier
