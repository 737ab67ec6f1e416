"""What the bank tells: money in whole base units, moments that know their zone, identifiers that no `repr` shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

AUSTRALIAN_DOLLARS = "AUD"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency. Never a float: cents are counted."""

    units: int
    """In the smallest denomination: cents for dollars, yen for yen."""
    currency: str = AUSTRALIAN_DOLLARS
    """ISO 4217."""
    places: int = 2
    """Decimal places of the currency."""

    @property
    def value(self) -> Decimal:
        return Decimal(self.units).scaleb(-self.places)

    def __neg__(self) -> Money:
        return Money(-self.units, self.currency, self.places)

    def __abs__(self) -> Money:
        return Money(abs(self.units), self.currency, self.places)

    def __add__(self, other: Money) -> Money:
        """Raises `ValueError` for two currencies."""
        if (self.currency, self.places) != (other.currency, other.places):
            raise ValueError("amounts of two currencies have no sum")
        return Money(self.units + other.units, self.currency, self.places)

    def __sub__(self, other: Money) -> Money:
        return self + -other

    def __bool__(self) -> bool:
        return self.units != 0


NOTHING = Money(0)


@dataclass(frozen=True, slots=True)
class Account:
    id: str = field(repr=False)
    name: str
    kind: str
    """`TRANSACTIONAL`, `SAVER` or `HOME_LOAN`; the bank may come to have others."""
    joint: bool
    balance: Money
    """Available: what is on hold is taken off already."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    """Readable, such as `groceries`."""
    name: str
    parent: str | None
    """None for a group of categories, which no transaction can be put into."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """Money that came (positive) or went (negative). The number of the card is left at the bank."""

    id: str = field(repr=False)
    account_id: str = field(repr=False)
    description: str
    """Usually the merchant."""
    amount: Money
    created_at: datetime
    held: bool = False
    """Pending: the amount may still change."""
    settled_at: datetime | None = None
    raw_text: str | None = None
    message: str | None = None
    kind: str | None = None
    """How it was made, in the bank's words: `Purchase`, `Salary`."""
    categorisable: bool = False
    category: str | None = None
    parent_category: str | None = None
    tags: tuple[str, ...] = ()
    foreign_amount: Money | None = None
    round_up: Money | None = None
    """Negative, not part of `amount`: it goes to a saver, as a transfer of its own."""
    cashback: Money | None = None
    """Positive, not part of `amount`: paid back at once."""
    by_card: bool = False
    transfer_account_id: str | None = field(default=None, repr=False)
    """The other account, where the money stays with the same owner."""
    performed_by: str | None = None
    """Who of the owners of a joint account."""


@dataclass(frozen=True, slots=True)
class TransactionPage:
    transactions: tuple[Transaction, ...]
    """Newest first."""
    more: bool
    """There are older ones. On the last page that comes: the bound cut the list off."""


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """What to ask for; all of it has to hold. Raises `ValueError` for a moment without a zone."""

    since: datetime | None = None
    until: datetime | None = None
    held: bool | None = None
    category: str | None = None
    """A category or a group of them."""
    tag: str | None = None
    account_id: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if any(moment is not None and moment.utcoffset() is None for moment in (self.since, self.until)):
            raise ValueError("a moment needs its zone")

    def query(self) -> dict[str, str]:
        """As the API's parameters; the account is part of the path instead."""
        status = None if self.held is None else "HELD" if self.held else "SETTLED"
        asked = {
            "filter[status]": status,
            "filter[since]": None if self.since is None else self.since.isoformat(),
            "filter[until]": None if self.until is None else self.until.isoformat(),
            "filter[category]": self.category,
            "filter[tag]": self.tag,
        }
        return {name: value for name, value in asked.items() if value is not None}
