"""What was spent, on what, where and when.

Spending is money that left the person: negative amounts, less what came back for them.

- Money that moves between one's own accounts is none, whatever its direction. The bank names the other account; where
  that one has been closed since, only the kind of the transaction still says so.
- A round-up is none either: it is a transfer to a saver, listed there by itself, and no part of the purchase's amount.
- A refund takes away from spending. So does cashback, which is paid at once and listed with the purchase.
- What is held counts, and is said apart: its amount may still change.
- A transaction counts when it was made, not when it settled.
- Interest on a loan counts; repaying it from one's own account moves money between one's own accounts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from receiver.bank.models import NOTHING, Money, Transaction
from receiver.bank.periods import Period

Flow = Literal["spent", "refund", "income", "internal"]

_INTERNAL_KINDS = frozenset(
    {"transfer", "scheduled transfer", "round up", "quick save", "scheduled quick save", "cover", "forward"}
)
_INCOME_KINDS = frozenset({"salary", "interest", "direct credit", "deposit", "bonus payment"})


@dataclass(frozen=True, slots=True)
class Spending:
    total: Money = NOTHING
    """What went less what came back; below zero where more came back."""
    held: Money = NOTHING
    """The part of `total` that is pending."""
    refunds: Money = NOTHING
    """What came back, cashback too; it is taken off `total` already."""
    purchases: int = 0
    """How many times money was spent; refunds are not counted."""

    def __add__(self, other: Spending) -> Spending:
        return Spending(
            self.total + other.total,
            self.held + other.held,
            self.refunds + other.refunds,
            self.purchases + other.purchases,
        )


@dataclass(frozen=True, slots=True)
class Share:
    """One part of what was spent."""

    key: str | None
    """Identifier of the category, name of the merchant; None for what has none."""
    spending: Spending


def flow_of(transaction: Transaction) -> Flow:
    kind = (transaction.kind or "").casefold()
    if transaction.transfer_account_id is not None or kind in _INTERNAL_KINDS:
        return "internal"
    if transaction.amount.units < 0:
        return "spent"
    if kind == "refund":
        return "refund"
    if kind in _INCOME_KINDS:
        return "income"
    # Shops pay back what was bought: to the card, or into the category of the purchase.
    return "refund" if transaction.by_card or transaction.category is not None else "income"


def spent(transactions: Iterable[Transaction], period: Period | None = None) -> Spending:
    """All that was spent, in `period` if there is one."""
    return sum((_spending_of(entry) for entry in _within(transactions, period)), Spending())


def received(transactions: Iterable[Transaction], period: Period | None = None) -> Money:
    """What came in from outside: salary, interest, what others paid. Refunds are none."""
    came = (entry.amount for entry in _within(transactions, period) if flow_of(entry) == "income")
    return sum(came, NOTHING)


def by_category(
    transactions: Iterable[Transaction], period: Period | None = None, *, groups: bool = False
) -> list[Share]:
    """By category, or by the group of them that it belongs to; the most first."""

    def key(transaction: Transaction) -> str | None:
        return transaction.parent_category if groups else transaction.category

    return _shares(_within(transactions, period), key)


def by_merchant(transactions: Iterable[Transaction], period: Period | None = None) -> list[Share]:
    """By merchant, the most first. Branches and spellings of one name go together, under the latest spelling."""
    entries = _within(transactions, period)
    latest: dict[str, Transaction] = {}
    for entry in entries:
        name = merchant_key(entry.description)
        if name not in latest or entry.created_at > latest[name].created_at:
            latest[name] = entry
    return _shares(entries, lambda entry: latest[merchant_key(entry.description)].description)


def merchant_key(description: str) -> str:
    """The same for "Woolworths", "WOOLWORTHS 3057" and "Woolworths  #12"."""
    words = re.sub(r"[^\w\s&+]", "", description.casefold()).split()
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    return " ".join(words)


def _within(transactions: Iterable[Transaction], period: Period | None) -> list[Transaction]:
    return [entry for entry in transactions if period is None or entry.created_at in period]


def _spending_of(transaction: Transaction) -> Spending:
    flow = flow_of(transaction)
    if flow not in ("spent", "refund"):
        return Spending()
    back = transaction.cashback or NOTHING
    if flow == "refund":
        back += transaction.amount
    total = -transaction.amount - (transaction.cashback or NOTHING)
    return Spending(
        total, total if transaction.held else NOTHING, back, purchases=1 if flow == "spent" else 0
    )


def _shares(entries: Iterable[Transaction], key: Callable[[Transaction], str | None]) -> list[Share]:
    totals: dict[str | None, Spending] = {}
    for entry in entries:
        if flow_of(entry) in ("spent", "refund"):
            totals[key(entry)] = totals.get(key(entry), Spending()) + _spending_of(entry)
    shares = [Share(name, spending) for name, spending in totals.items()]
    return sorted(shares, key=lambda share: (-share.spending.total.units, share.key or ""))
