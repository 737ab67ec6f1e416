"""Transactions that fit what was asked for: merchant, category, amount, time, pending or settled, tag."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from receiver.bank.amounts import AmountBounds
from receiver.bank.merchants import match_merchants
from receiver.bank.models import Transaction
from receiver.bank.periods import Period


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that is not None has to hold."""

    merchant: str | None = None
    """As it was said; found in the description, however it is spelt."""
    categories: Collection[str] | None = None
    """Categories or groups; one of them is enough."""
    amount: AmountBounds | None = None
    """Of the amount without its sign."""
    period: Period | None = None
    held: bool | None = None
    tag: str | None = None
    """Capital letters do not matter: nobody says them."""


def find_transactions(transactions: Iterable[Transaction], wanted: Wanted) -> list[Transaction]:
    """Those that fit, the newest first."""
    fitting = [entry for entry in transactions if _fits(entry, wanted)]
    if wanted.merchant is not None:
        names = set(match_merchants(wanted.merchant, {entry.description for entry in fitting}))
        fitting = [entry for entry in fitting if entry.description in names]
    return sorted(fitting, key=lambda entry: (entry.created_at, entry.id), reverse=True)


def _fits(transaction: Transaction, wanted: Wanted) -> bool:
    categories = wanted.categories
    return (
        (wanted.held is None or transaction.held == wanted.held)
        and (wanted.period is None or transaction.created_at in wanted.period)
        and (wanted.amount is None or abs(transaction.amount.units) in wanted.amount)
        and (
            categories is None
            or transaction.category in categories
            or transaction.parent_category in categories
        )
        and (
            wanted.tag is None
            or wanted.tag.casefold() in (tag.casefold() for tag in transaction.tags)
        )
    )  # fmt: skip
