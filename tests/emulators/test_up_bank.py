"""The emulated bank must refuse what the bank would, or the tests that lean on it prove nothing."""

from __future__ import annotations

import os
import signal
import sys
from asyncio import create_subprocess_exec, subprocess, timeout
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.emulators import up_bank_history as history
from tests.emulators.up_bank import TODAY, UpBank
from tests.emulators.up_bank_history import ROBIN, SAM
from tests.emulators.up_bank_schema import OPERATIONS, TRANSACTION, mistakes, page_of

ROOT = Path(__file__).parents[2]


class Caller:
    def __init__(self, bank: UpBank, session: aiohttp.ClientSession) -> None:
        self.bank = bank
        self.session = session

    async def __call__(
        self, method: str, path: str, json: Any = None, *, token: str | None = SAM.token, **query: str
    ) -> tuple[int, Any]:
        url = path if path.startswith("http") else f"{self.bank.base_url}/{path}"
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        parameters = {name.replace("_", "[", 1) + "]": value for name, value in query.items()}
        async with self.session.request(
            method, url, json=json, headers=headers, params=parameters or None
        ) as response:
            return response.status, await response.json() if response.status != 204 else None


@pytest.fixture
async def bank() -> AsyncIterator[UpBank]:
    async with UpBank() as bank:
        yield bank


@pytest.fixture
async def call(bank: UpBank) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(bank, session)


def test_the_same_seed_and_moment_make_the_same_year() -> None:
    def told(seed: int) -> list[tuple[Any, ...]]:
        movements = history.ledger(TODAY, seed).movements.values()
        return [(m.id, m.amount, m.at, m.description, m.account.id) for m in movements]

    assert told(1) == told(1)
    assert told(1) != told(2)


@pytest.mark.parametrize("days", [0, 40, 150, 300])
def test_a_year_has_what_a_year_has(days: int) -> None:
    now = TODAY - timedelta(days=days)
    movements = history.ledger(now).movements_of(SAM)
    assert len(movements) > 1_000
    assert now - timedelta(days=367) < min(m.at for m in movements) < now - timedelta(days=363)
    assert max(m.at for m in movements) <= now
    kinds = {m.kind for m in movements}
    assert {"Purchase", "Salary", "Transfer", "Round Up", "Refund", "Interest", "BPAY Payment"} <= kinds
    assert {m.foreign.currency for m in movements if m.foreign} == {"JPY", "USD"}
    assert any(m.held for m in movements)
    assert all(m.held or m.settled_at <= now for m in movements if m.settled_at)
    assert any(m.cashback for m in movements)
    assert any(m.attachment for m in movements)


def test_balances_stay_as_a_person_would_have_them() -> None:
    ledger = history.ledger(TODAY)
    for account in ledger.accounts:
        balance = ledger.balance(account)
        assert -45_000_000 < balance < 0 if account.kind == "HOME_LOAN" else 0 <= balance < 6_000_000


async def test_every_list_is_as_documented_on_every_page(bank: UpBank, call: Caller) -> None:
    for path in ("accounts", "transactions", "tags", "attachments", "categories", "webhooks"):
        link: str | None = f"{bank.base_url}/{path}"
        while link is not None:
            status, document = await call("GET", link)
            assert status == 200
            link = document.get("links", {}).get("next")
    for resource in ("accounts", "transactions", "attachments", "categories"):
        _, document = await call("GET", resource)
        for entry in document["data"][:5]:
            assert (await call("GET", entry["links"]["self"]))[1] == {"data": entry}
    assert bank.violations == []


async def test_pages_lead_forth_and_back(bank: UpBank, call: Caller) -> None:
    _, first = await call("GET", "transactions", page_size="7", filter_category="home")
    _, second = await call("GET", first["links"]["next"])
    _, third = await call("GET", second["links"]["next"])
    assert first["links"]["prev"] is None
    assert (await call("GET", third["links"]["prev"]))[1]["data"] == second["data"]
    assert (await call("GET", second["links"]["prev"]))[1]["data"] == first["data"]
    ids = [entry["id"] for page in (first, second, third) for entry in page["data"]]
    assert len(set(ids)) == 21
    assert bank.violations == []


@pytest.mark.parametrize("token", [None, "", "up:demo:nobody", SAM.token + "x"])
async def test_without_a_valid_token_there_is_nothing(bank: UpBank, call: Caller, token: str | None) -> None:
    for path in ("util/ping", "accounts", "transactions", "categories", "webhooks"):
        status, document = await call("GET", path, token=token)
        assert status == 401
        assert document["errors"][0]["title"] == "Not Authorized"
    assert bank.violations == []


@pytest.mark.parametrize(
    "query",
    [
        {"page_size": "0"},
        {"page_size": "101"},
        {"page_size": "many"},
        {"page_after": "nonsense"},
        {"filter_status": "PENDING"},
        {"filter_since": "yesterday"},
        {"filter_since": "2026-01-01T00:00:00"},
        {"filter_until": "2026-01-01T00:00:00 10:00"},
    ],
    ids=str,
)
async def test_a_wrong_parameter_is_refused_by_its_name(
    bank: UpBank, call: Caller, query: dict[str, str]
) -> None:
    status, document = await call("GET", "transactions", **query)
    assert status == 400
    (name,) = query
    assert document["errors"][0]["source"] == {"parameter": name.replace("_", "[") + "]"}


async def test_what_is_not_there_is_404(bank: UpBank, call: Caller) -> None:
    movement = next(m for m in bank.ledger.movements_of(ROBIN) if m.account.owners == (ROBIN,))
    for path in ("accounts/x", "transactions/x", f"transactions/{movement.id}", "categories/x", "attachments/x",
                 "webhooks/x", "webhooks/x/logs", f"accounts/{movement.account.id}/transactions"):  # fmt: skip
        assert (await call("GET", path))[0] == 404
    assert (await call("GET", "transactions", filter_category="nonsense"))[0] == 404
    assert (await call("GET", "categories", filter_parent="nonsense"))[0] == 404
    assert bank.violations == []


async def test_a_request_that_is_not_as_documented_is_noticed(bank: UpBank, call: Caller) -> None:
    await call("GET", "accounts", page_sise="3")
    movement = bank.ledger.movements_of(SAM)[0]
    path = f"transactions/{movement.id}/relationships"
    assert (await call("POST", f"{path}/tags", {"data": {"id": "Work"}}))[0] == 422
    assert (await call("PATCH", f"{path}/category", {}))[0] == 422
    assert (await call("GET", "payments"))[0] == 404
    assert len(bank.violations) >= 4


async def test_an_answer_that_is_not_as_documented_is_noticed(bank: UpBank, call: Caller) -> None:
    _, document = await call("GET", "transactions", page_size="1")
    assert mistakes(page_of(TRANSACTION), document) == []
    (entry,) = document["data"]
    for spoil in (
        lambda: entry["attributes"].pop("status"),
        lambda: entry["attributes"].update(
            amount={"currencyCode": "AUD", "value": 1.5, "valueInBaseUnits": 150}
        ),
        lambda: entry["attributes"].update(createdAt="yesterday"),
        lambda: entry.update(more=True),
    ):
        spoil()
        assert mistakes(page_of(TRANSACTION), document)


async def test_there_are_at_most_ten_webhooks_and_a_secret_is_told_once(bank: UpBank, call: Caller) -> None:
    body = {"data": {"attributes": {"url": "https://example.org/hook"}}}
    for _ in range(10):
        status, made = await call("POST", "webhooks", body)
        assert status == 201
    assert (await call("POST", "webhooks", body))[0] == 422
    identifier = made["data"]["id"]
    _, read = await call("GET", f"webhooks/{identifier}")
    assert "secretKey" in made["data"]["attributes"]
    assert "secretKey" not in read["data"]["attributes"]
    assert (await call("GET", f"webhooks/{identifier}", token=ROBIN.token))[0] == 404
    assert (await call("DELETE", f"webhooks/{identifier}"))[0] == 204
    assert (await call("GET", f"webhooks/{identifier}"))[0] == 404
    assert len((await call("GET", "webhooks"))[1]["data"]) == 9
    assert bank.violations == []
    for wrong in ("example.org", "ftp://example.org", "https://example.org/" + "x" * 300):
        assert (await call("POST", "webhooks", {"data": {"attributes": {"url": wrong}}}))[0] == 422


def test_every_documented_operation_is_there() -> None:
    assert len(OPERATIONS) == 20


async def test_it_runs_by_hand() -> None:
    process = await create_subprocess_exec(
        sys.executable, "-m", "tests.emulators.up_bank", "--port", "0", "--today", "2026-11-21",
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with timeout(60):
            address = (await process.stdout.readline()).decode().split()[-1]
            async with (
                aiohttp.ClientSession(headers={"Authorization": f"Bearer {SAM.token}"}) as session,
                session.get(f"{address}/transactions") as response,
            ):
                document = await response.json()
        assert document["data"][0]["attributes"]["createdAt"].startswith("2026-11-21")
    finally:
        process.send_signal(signal.SIGINT)
        async with timeout(60):
            await process.communicate()
    assert process.returncode == 0
