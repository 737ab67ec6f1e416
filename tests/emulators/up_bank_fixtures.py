"""Fixtures for tests that meet the bank."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest

from receiver.bank.client import BankClient
from receiver.bank.secret import BankToken
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_history import SAM


@pytest.fixture
async def up_bank(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[UpBank]:
    """The emulated bank on a free port. At the end all requests and answers must have been as documented."""
    for name in list(os.environ):
        if name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name)
    async with UpBank() as bank:
        yield bank
        assert bank.violations == []


@pytest.fixture
async def bank_client(up_bank: UpBank) -> AsyncIterator[BankClient]:
    """A client of it that waits only a few milliseconds before a retry."""
    async with BankClient(up_bank.base_url, seconds=8.0, first_backoff=0.005) as client:
        yield client


@pytest.fixture
def sam() -> BankToken:
    return BankToken(SAM.token)
