"""What the emulated bank keeps: people, their accounts, and each movement of money."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from tests.emulators.up_bank_categories import PARENTS

MAX_TAGS = 6


@dataclass(frozen=True)
class Person:
    name: str
    token: str
    city: str
    """IANA name of their time zone."""


@dataclass(frozen=True)
class BankAccount:
    id: str
    name: str
    kind: str
    owners: tuple[Person, ...]
    opened: datetime
    opening: int = 0
    """Cents, when the year began."""


@dataclass(frozen=True)
class Sum:
    units: int
    currency: str = "AUD"
    places: int = 2


@dataclass
class Movement:
    """A transaction. Cents, negative where money goes."""

    id: str
    account: BankAccount
    amount: int
    at: datetime
    description: str
    settled_at: datetime | None = None
    raw_text: str | None = None
    message: str | None = None
    kind: str | None = None
    category: str | None = None
    categorisable: bool = False
    tags: list[str] = field(default_factory=list)
    foreign: Sum | None = None
    hold: tuple[int, Sum | None] | None = None
    round_up: int = 0
    boost: int = 0
    """Part of the round-up."""
    cashback: tuple[str, int] | None = None
    card: str | None = None
    transfer: BankAccount | None = None
    by: str | None = None
    note: str | None = None
    attachment: str | None = None
    order: tuple[float, str] = field(init=False)
    """Newest first."""

    def __post_init__(self) -> None:
        self.order = (-self.at.timestamp(), self.id)

    @property
    def held(self) -> bool:
        return self.settled_at is None

    @property
    def moved(self) -> int:
        """What the balance changes by."""
        return self.amount + self.round_up + (self.cashback[1] if self.cashback else 0)


class Ledger:
    def __init__(self, accounts: list[BankAccount], movements: list[Movement]) -> None:
        self.accounts = accounts
        self.movements = {movement.id: movement for movement in movements}

    def copy(self) -> Ledger:
        """With movements of its own, to be changed; accounts do not change."""
        movements = [copy(movement) for movement in self.movements.values()]
        for movement in movements:
            movement.tags = list(movement.tags)
        return Ledger(self.accounts, movements)

    def accounts_of(self, person: Person) -> list[BankAccount]:
        return sorted(
            (account for account in self.accounts if person in account.owners),
            key=lambda account: (-account.opened.timestamp(), account.id),
        )

    def movements_of(self, person: Person) -> list[Movement]:
        accounts = {account.id for account in self.accounts if person in account.owners}
        mine = (movement for movement in self.movements.values() if movement.account.id in accounts)
        return sorted(mine, key=attrgetter("order"))

    def balance(self, account: BankAccount) -> int:
        """Available: what is held is taken off."""
        moved = (entry.moved for entry in self.movements.values() if entry.account is account)
        return account.opening + sum(moved)

    def tags_of(self, person: Person) -> list[str]:
        return sorted({tag for movement in self.movements_of(person) for tag in movement.tags})


def in_category(movement: Movement, category: str) -> bool:
    """A group has what its categories have."""
    return movement.category is not None and category in (movement.category, PARENTS[movement.category])
