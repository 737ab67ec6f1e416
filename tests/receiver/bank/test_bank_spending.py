"""What counts as spending: every rule by a case of its own, then a whole year against the bank's own balances."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from receiver.bank.amounts import AmountBounds
from receiver.bank.client import BankClient
from receiver.bank.models import Money, Transaction
from receiver.bank.periods import Period, split
from receiver.bank.search import Wanted, find_transactions
from receiver.bank.secret import BankToken
from receiver.bank.spending import by_category, by_merchant, flow_of, received, spent
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_history import PEOPLE, SAM
from tests.emulators.up_bank_ledger import Person
from tests.receiver.bank.one_period import find_period

MELBOURNE = ZoneInfo("Australia/Melbourne")
NOON = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)


def transaction(cents: int, merchant: str = "Coles", **more: Any) -> Transaction:
    defaults: dict[str, Any] = {
        "kind": "Purchase",
        "by_card": True,
        "category": "groceries",
        "parent_category": "home",
    }
    return Transaction(
        f"t{cents}{merchant}", "a1", merchant, Money(cents), **({"created_at": NOON} | defaults | more)
    )


def test_what_is_held_counts_and_is_told_apart() -> None:
    total = spent([transaction(-1000), transaction(-250, held=True)])
    assert (total.total, total.held, total.purchases) == (Money(1250), Money(250), 2)


def test_a_refund_takes_away_from_its_category_and_is_no_income() -> None:
    entries = [
        transaction(-9990, "Uniqlo", category="clothing-and-accessories"),
        transaction(4990, "Uniqlo", category="clothing-and-accessories", kind="Refund"),
        transaction(-1000),
    ]
    assert spent(entries).total == Money(6000)
    assert spent(entries).refunds == Money(4990)
    assert spent(entries).purchases == 2
    assert received(entries) == Money(0)
    assert [(share.key, share.spending.total) for share in by_category(entries)] == [
        ("clothing-and-accessories", Money(5000)),
        ("groceries", Money(1000)),
    ]


def test_more_back_than_out_is_below_zero() -> None:
    assert spent([transaction(4990, kind="Refund")]).total == Money(-4990)


@pytest.mark.parametrize("more", [{"transfer_account_id": "a2"}, {"kind": "Round Up"}, {"kind": "Transfer"}])
@pytest.mark.parametrize("cents", [-5000, 5000])
def test_money_between_ones_own_accounts_is_neither_spent_nor_income(
    more: dict[str, Any], cents: int
) -> None:
    entry = transaction(cents, **({"kind": "Payment", "category": None, "by_card": False} | more))
    assert flow_of(entry) == "internal"
    assert spent([entry]).total == received([entry]) == Money(0)
    assert by_merchant([entry]) == []


def test_a_round_up_is_not_counted_with_its_purchase_nor_by_itself() -> None:
    entries = [
        transaction(-450, round_up=Money(-50)),
        transaction(50, "Round Up", kind="Round Up", transfer_account_id="a1", category=None, by_card=False),
    ]
    assert spent(entries).total == Money(450)


def test_cashback_is_taken_off() -> None:
    total = spent([transaction(-4250, cashback=Money(425))])
    assert (total.total, total.refunds) == (Money(3825), Money(425))


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "Salary", "category": None, "by_card": False},
        {"kind": "Interest", "category": None, "by_card": False},
        {"kind": "Osko Payment Received", "category": None, "by_card": False},
        {"kind": None, "category": None, "by_card": False},
    ],
)
def test_what_others_pay_is_income_and_no_negative_spending(more: dict[str, Any]) -> None:
    assert spent([transaction(341_276, **more)]).total == Money(0)
    assert received([transaction(341_276, **more)]) == Money(341_276)


def test_spending_counts_when_it_was_made_not_when_it_settled() -> None:
    made = datetime(2026, 10, 31, 23, 30, tzinfo=MELBOURNE)
    entry = transaction(-1000, created_at=made, settled_at=made + timedelta(days=2))
    for words, cents in (("in October", 1000), ("in November", 0)):
        found = find_period(words, NOON, MELBOURNE)
        assert found is not None
        assert spent([entry], found.period).total == Money(cents)


def test_branches_of_one_merchant_are_one() -> None:
    entries = [
        transaction(-1000, "WOOLWORTHS 3057", created_at=NOON - timedelta(days=3)),
        transaction(-500, "Woolworths"),
        transaction(-1200, "Aldi"),
    ]
    shares = by_merchant(entries)
    assert [(share.key, share.spending.total, share.spending.purchases) for share in shares] == [
        ("Woolworths", Money(1500), 2),
        ("Aldi", Money(1200), 1),
    ]


def test_groups_have_what_their_categories_have() -> None:
    entries = [
        transaction(-100),
        transaction(-50, category="utilities"),
        transaction(-10, category=None, parent_category=None),
    ]
    assert [(share.key, share.spending.total.units) for share in by_category(entries, groups=True)] == [
        ("home", 150),
        (None, 10),
    ]


def test_no_transactions_are_no_spending() -> None:
    assert spent([]).total == Money(0)
    assert by_category([]) == by_merchant([]) == []


async def year(client: BankClient, person: Person) -> tuple[Transaction, ...]:
    page = await client.all_transactions(BankToken(person.token))
    assert not page.more
    return page.transactions


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
async def test_a_years_income_less_spending_is_what_the_balances_grew_by(
    up_bank: UpBank, bank_client: BankClient, person: Person
) -> None:
    """Nothing is counted twice and nothing is left out: to the cent."""
    transactions = await year(bank_client, person)
    accounts = up_bank.ledger.accounts_of(person)
    grew = sum(up_bank.ledger.balance(account) - account.opening for account in accounts)
    # What a partner moves between an own account and the joint one has its other half where this person cannot see it.
    mine = {account.id for account in accounts}
    from_partner = sum(
        entry.amount.units
        for entry in transactions
        if entry.transfer_account_id is not None and entry.transfer_account_id not in mine
    )
    assert received(transactions).units - spent(transactions).total.units == grew - from_partner


async def test_the_parts_of_a_year_are_the_whole(bank_client: BankClient) -> None:
    transactions = await year(bank_client, SAM)
    everything = spent(transactions)
    assert everything.total.units > 0
    assert everything.refunds.units > 0
    assert everything.held.units > 0
    for shares in (
        by_category(transactions),
        by_category(transactions, groups=True),
        by_merchant(transactions),
    ):
        assert sum(share.spending.total.units for share in shares) == everything.total.units
        assert sum(share.spending.purchases for share in shares) == everything.purchases
    first = min(entry.created_at for entry in transactions)
    period = Period(first, NOON + timedelta(days=2), "")
    for unit in ("week", "month"):
        parts = [spent(transactions, part) for part in split(period, unit, MELBOURNE)]  # type: ignore[arg-type]
        assert sum(part.total.units for part in parts) == everything.total.units


async def test_groceries_of_last_month_are_what_the_bank_has(
    up_bank: UpBank, bank_client: BankClient
) -> None:
    transactions = await year(bank_client, SAM)
    found = find_period("last month", up_bank.now, MELBOURNE)
    assert found is not None
    groceries = find_transactions(transactions, Wanted(categories={"groceries"}, period=found.period))
    expected = [
        movement
        for movement in up_bank.ledger.movements_of(SAM)
        if movement.category == "groceries" and (movement.at.year, movement.at.month) == (2026, 10)
    ]
    assert [entry.id for entry in groceries] == [movement.id for movement in expected]
    assert spent(groceries).total.units == -sum(movement.amount for movement in expected)
    assert len(expected) > 5


async def test_a_search_fits_everything_that_was_asked_for(bank_client: BankClient) -> None:
    transactions = await year(bank_client, SAM)
    since = find_period("since march", NOON, MELBOURNE)
    assert since is not None
    wanted = Wanted(merchant="woolies", amount=AmountBounds(least=10_000), period=since.period, held=False)
    found = find_transactions(transactions, wanted)
    assert found
    assert found == sorted(found, key=lambda entry: entry.created_at, reverse=True)
    assert {entry.description for entry in found} == {"Woolworths"}
    assert all(entry.amount.units <= -10_000 and not entry.held for entry in found)
    assert find_transactions(transactions, Wanted(tag="pizza night"))
    assert all(entry.held for entry in find_transactions(transactions, Wanted(held=True)))
    assert find_transactions(transactions, Wanted(merchant="Harvey Norman")) == []
    assert len(find_transactions(transactions, Wanted())) == len(transactions)
