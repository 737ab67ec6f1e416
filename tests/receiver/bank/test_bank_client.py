"""The client against the emulated bank: what it reads, what it changes, and where it stops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from protocol.errors import BankNotFound, BankRefused, BankUnauthorized, BankUnavailable, SettingsError
from receiver.bank.client import BankClient
from receiver.bank.models import Money, TransactionFilter
from receiver.bank.secret import BankToken
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_categories import NAMES
from tests.emulators.up_bank_faults import Fault
from tests.emulators.up_bank_history import ALEX, ROBIN, SAM


async def test_accounts_have_their_balances_to_the_cent(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    accounts = {account.id: account for account in await bank_client.accounts(sam)}
    expected = up_bank.ledger.accounts_of(SAM)
    assert set(accounts) == {account.id for account in expected}
    for account in expected:
        read = accounts[account.id]
        cents = up_bank.ledger.balance(account)
        assert (read.name, read.kind, read.joint) == (account.name, account.kind, len(account.owners) == 2)
        assert read.balance == Money(cents)
        assert read.balance.value == Decimal(cents) / 100
        assert read.created_at == account.opened


async def test_a_home_loan_is_an_account_below_zero(bank_client: BankClient) -> None:
    loans = [
        account
        for account in await bank_client.accounts(BankToken(ROBIN.token))
        if account.kind == "HOME_LOAN"
    ]
    assert len(loans) == 1
    assert loans[0].balance.units < 0


async def test_all_pages_together_are_every_transaction_once_newest_first(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    pages = [page async for page in bank_client.transactions(sam, page_size=100)]
    read = [transaction.id for page in pages for transaction in page.transactions]
    assert read == [movement.id for movement in up_bank.ledger.movements_of(SAM)]
    assert len(pages) > 10
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]


async def test_what_comes_in_between_two_pages_shifts_nothing(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    before = [movement.id for movement in up_bank.ledger.movements_of(SAM)]
    read: list[str] = []
    async for page in bank_client.transactions(sam):
        read += [transaction.id for transaction in page.transactions]
        up_bank.purchase(up_bank.account(SAM, "Spending"), "Coles", 1000)
    assert read == before


async def test_a_bound_that_cuts_the_list_off_is_told(bank_client: BankClient, sam: BankToken) -> None:
    pages = [page async for page in bank_client.transactions(sam, max_pages=2, page_size=10)]
    assert [len(page.transactions) for page in pages] == [10, 10]
    assert pages[-1].more
    assert (await bank_client.all_transactions(sam, max_pages=1)).more
    assert not (await bank_client.all_transactions(sam)).more


@pytest.mark.parametrize(
    "filters",
    [
        TransactionFilter(held=True),
        TransactionFilter(held=False, since=datetime(2026, 11, 1, tzinfo=UTC)),
        TransactionFilter(category="groceries", until=datetime(2026, 3, 1, 12, 30, tzinfo=UTC)),
        TransactionFilter(category="good-life", since=datetime(2026, 10, 1, tzinfo=UTC)),
        TransactionFilter(tag="Pizza Night"),
        TransactionFilter(tag="nobody has it"),
    ],
    ids=lambda filters: " ".join(filters.query()),
)
async def test_filters_are_the_banks_own(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken, filters: TransactionFilter
) -> None:
    everything = await bank_client.all_transactions(sam)
    expected = [
        entry.id
        for entry in everything.transactions
        if (filters.held is None or entry.held == filters.held)
        and (filters.since is None or entry.created_at >= filters.since)
        and (filters.until is None or entry.created_at < filters.until)
        and (filters.category is None or filters.category in (entry.category, entry.parent_category))
        and (filters.tag is None or filters.tag in entry.tags)
    ]
    found = await bank_client.all_transactions(sam, filters)
    assert [entry.id for entry in found.transactions] == expected
    assert bool(expected) == (filters.tag != "nobody has it")


async def test_one_accounts_transactions(up_bank: UpBank, bank_client: BankClient, sam: BankToken) -> None:
    joint = up_bank.account(SAM, "2Up")
    found = await bank_client.all_transactions(sam, TransactionFilter(account_id=joint.id))
    assert {entry.account_id for entry in found.transactions} == {joint.id}
    assert {entry.performed_by for entry in found.transactions} == {"Sam", "Robin"}


async def test_a_transaction_has_all_that_the_bank_says(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    movement = next(entry for entry in up_bank.ledger.movements_of(SAM) if entry.foreign and entry.round_up)
    read = await bank_client.transaction(sam, movement.id)
    assert movement.foreign is not None
    assert read.foreign_amount == Money(
        movement.foreign.units, movement.foreign.currency, movement.foreign.places
    )
    assert read.round_up == Money(movement.round_up)
    assert read.amount == Money(movement.amount)
    assert (read.description, read.category, read.by_card) == (movement.description, movement.category, True)
    yen = next(entry for entry in up_bank.ledger.movements_of(SAM) if entry.tags == ["Holiday", "Japan"])
    abroad = await bank_client.transaction(sam, yen.id)
    assert abroad.foreign_amount is not None
    assert (abroad.foreign_amount.currency, abroad.foreign_amount.places) == ("JPY", 0)
    assert abroad.foreign_amount.value == abroad.foreign_amount.units


async def test_categories_are_groups_and_what_is_in_them(bank_client: BankClient, sam: BankToken) -> None:
    categories = await bank_client.categories(sam)
    assert {category.id: category.name for category in categories} == NAMES
    assert {category.id for category in categories if category.parent is None} == {
        "good-life", "home", "personal", "transport",
    }  # fmt: skip


async def test_tags_in_use(bank_client: BankClient, sam: BankToken) -> None:
    assert await bank_client.tags(sam) == ["Holiday", "Japan", "Pizza Night"]


async def test_categorising_twice_is_the_same_as_once_and_can_be_undone(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    movement = next(m for m in up_bank.ledger.movements_of(SAM) if m.categorisable and m.category is None)
    for _ in range(2):
        await bank_client.categorise(sam, movement.id, "technology")
    read = await bank_client.transaction(sam, movement.id)
    assert (read.category, read.parent_category) == ("technology", "personal")
    await bank_client.categorise(sam, movement.id, None)
    assert (await bank_client.transaction(sam, movement.id)).category is None


async def test_what_cannot_be_categorised_is_refused_and_stays_as_it_was(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    movements = up_bank.ledger.movements_of(SAM)
    salary = next(movement for movement in movements if movement.kind == "Salary")
    bought = next(movement for movement in movements if movement.categorisable and movement.category)
    before = bought.category
    with pytest.raises(BankRefused):
        await bank_client.categorise(sam, salary.id, "groceries")
    with pytest.raises(BankRefused):
        await bank_client.categorise(sam, bought.id, "good-life")  # a group
    with pytest.raises(BankNotFound):
        await bank_client.categorise(sam, bought.id, "nonsense")
    assert (salary.category, bought.category) == (None, before)


async def test_tagging_twice_is_the_same_as_once_up_to_six_tags(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    movement = up_bank.ledger.movements_of(SAM)[0]
    for _ in range(2):
        await bank_client.tag(sam, movement.id, ["Work", "To claim back"])
    assert (await bank_client.transaction(sam, movement.id)).tags == ("Work", "To claim back")
    await bank_client.tag(sam, movement.id, ["a", "b", "c", "d"])
    with pytest.raises(BankRefused):
        await bank_client.tag(sam, movement.id, ["e"])
    for _ in range(2):
        await bank_client.untag(sam, movement.id, ["Work", "never was"])
    assert movement.tags == ["To claim back", "a", "b", "c", "d"]


@pytest.mark.parametrize("tags", [[], [" "], list("abcdefg")])
async def test_tags_that_cannot_be_are_not_sent(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken, tags: list[str]
) -> None:
    with pytest.raises(BankRefused):
        await bank_client.tag(sam, up_bank.ledger.movements_of(SAM)[0].id, tags)
    assert not up_bank.received


async def test_nobody_sees_or_changes_somebody_elses_transactions(
    up_bank: UpBank, bank_client: BankClient
) -> None:
    private = next(m for m in up_bank.ledger.movements_of(SAM) if m.account.owners == (SAM,))
    robin = BankToken(ROBIN.token)
    with pytest.raises(BankNotFound):
        await bank_client.transaction(robin, private.id)
    with pytest.raises(BankNotFound):
        await bank_client.categorise(robin, private.id, "groceries")
    with pytest.raises(BankNotFound):
        await bank_client.all_transactions(robin, TransactionFilter(account_id=private.account.id))


async def test_one_client_serves_many_people_at_once(up_bank: UpBank, bank_client: BankClient) -> None:
    assert (await bank_client.all_transactions(BankToken(ALEX.token))).transactions == ()
    for person in (SAM, ROBIN, SAM):
        accounts = await bank_client.accounts(BankToken(person.token))
        assert {account.id for account in accounts} == {
            account.id for account in up_bank.ledger.accounts_of(person)
        }


@pytest.mark.parametrize(
    "identifier", ["../accounts", "a/b", "", "x?filter[tag]=y", "%2e%2e", "é", "a" * 200]
)
async def test_an_identifier_that_is_none_never_reaches_the_bank(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken, identifier: str
) -> None:
    with pytest.raises(BankNotFound):
        await bank_client.transaction(sam, identifier)
    with pytest.raises(BankNotFound):
        await bank_client.categorise(sam, identifier, None)
    assert not up_bank.received


async def test_a_token_that_was_taken_back_is_refused(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    await bank_client.ping(sam)
    up_bank.revoked.add(SAM)
    with pytest.raises(BankUnauthorized):
        await bank_client.ping(sam)
    with pytest.raises(BankUnauthorized):
        await bank_client.ping(BankToken("up:demo:nobody"))


async def test_a_link_to_another_host_leads_no_token_there(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    async with UpBank() as thief:
        link = f"{thief.base_url}/accounts?page[size]=100"
        body = f'{{"data": [], "links": {{"prev": null, "next": "{link}"}}}}'.encode()
        up_bank.fail(Fault("/accounts", body=body))
        await bank_client.accounts(sam)
        assert thief.received == []
    assert len(up_bank.received) == 2


async def test_a_list_that_leads_back_to_itself_ends(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    link = f"{up_bank.base_url}/transactions?page[size]=7"
    body = f'{{"data": [], "links": {{"prev": null, "next": "{link}"}}}}'.encode()
    up_bank.fail(Fault("/transactions", times=None, body=body))
    with pytest.raises(BankUnavailable):
        await bank_client.all_transactions(sam)
    assert len(up_bank.received) == 2


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": [{"type": "accounts", "id": "1"}], "links": {"prev": null, "next": null}}',
        b'{"data": {}, "links": {}}',
        b"[]",
        b'{"data": [], "links": {"prev": null, "next": 7}}',
        b'{"data": [7]}',
    ],
)
async def test_an_answer_that_is_not_as_documented_is_not_believed(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken, body: bytes
) -> None:
    up_bank.fail(Fault("/accounts", times=None, body=body))
    with pytest.raises(BankUnavailable):
        await bank_client.accounts(sam)


async def test_two_forms_of_one_amount_that_differ_are_not_believed(
    up_bank: UpBank, bank_client: BankClient, sam: BankToken
) -> None:
    accounts = b"""{"data": [{"type": "accounts", "id": "a", "attributes": {"displayName": "Spending",
        "accountType": "SAVER", "ownershipType": "JOINT", "createdAt": "2026-01-01T00:00:00+11:00",
        "balance": {"currencyCode": "AUD", "value": "%s", "valueInBaseUnits": 1056}}}],
        "links": {"prev": null, "next": null}}"""
    up_bank.fail(Fault("/accounts", body=accounts % b"10.56"))
    assert (await bank_client.accounts(sam))[0].balance == Money(1056)
    for wrong in (b"10.65", b"1056", b"ten", b"NaN"):
        up_bank.fail(Fault("/accounts", body=accounts % wrong))
        with pytest.raises(BankUnavailable):
            await bank_client.accounts(sam)


def test_a_filter_wants_moments_with_a_zone() -> None:
    with pytest.raises(ValueError):
        TransactionFilter(since=datetime(2026, 1, 1))
    plus_ten = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=10)
    assert TransactionFilter(since=plus_ten).query() == {"filter[since]": "2026-01-01T10:00:00+00:00"}


@pytest.mark.parametrize(
    "address", ["http://api.up.com.au/api/v1", "ftp://x/y", "api.up.com.au", "https://x/?a=b", ""]
)
def test_an_address_that_would_send_tokens_in_the_clear_is_refused(address: str) -> None:
    with pytest.raises(SettingsError):
        BankClient(address)
