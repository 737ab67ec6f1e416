"""In a receiver with its database: what somebody has is stored nowhere, and what was agreed on is done once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from receiver.assistants.bank import BankAssistant
from receiver.bank.client import BankClient
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_history import SAM
from tests.receiver.raw_relay import RawRelay

KEPT = {
    "what is my savings balance": ("$40,416.51", "I told you your balance."),
    "how much was my last uber": ("$39.03 at Uber", "I told you about your transactions."),
    "put that in holidays": ("Shall I?", "I asked you about a change of a transaction."),
    "yes please": (
        "I'll put it into holidays and travel.",
        "All right, I'll put it into holidays and travel.",
    ),
}


def found_in_files(folder: Path, words: Iterable[str]) -> list[tuple[str, str]]:
    written = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert written
    return [(name, word) for name, text in written.items() for word in words if word.encode() in text]


async def test_a_call_with_the_bank_leaves_nothing_of_its_money_in_the_database(
    up_bank: UpBank,
    bank_client: BankClient,
    serve: Callable[..., Any],
    connect: Callable[..., Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    uber = next(one for one in up_bank.ledger.movements_of(SAM) if one.description == "Uber")
    address = await serve(more={"bank": BankAssistant(bank_client)})
    relay: RawRelay = await connect(address)
    credentials = {"bank": SAM.token}
    opened = await relay.open(
        assistant="bank", user="sam", timezone="Australia/Melbourne", credentials=credentials
    )
    assert opened["type"] == "opened", opened
    for turn, (said, (part, _)) in enumerate(KEPT.items(), 1):
        drafted = await relay.draft(turn, said)
        assert part in drafted["text"], drafted
        committed = await relay.commit(turn, said, attempt=1, plan=drafted.get("plan"))
        assert committed["type"] == "committed", committed
    async with asyncio.timeout(30):
        while uber.category != "holidays-and-travel":
            await asyncio.sleep(0.02)
    changes = [one for one in up_bank.received if one.method == "PATCH"]
    assert len(changes) == 1

    later: RawRelay = await connect(address)
    again = await later.open(assistant="bank", user="sam", credentials=credentials)
    stored = [turn["message"] for turn in again["history"] if turn["text"]]
    assert stored == [kept for _, kept in KEPT.values()]
    await asyncio.sleep(0)
    secret = (SAM.token, "40,416", "39.03", "Emergency", *(one.id for one in up_bank.ledger.accounts))
    assert found_in_files(tmp_path, secret) == []
    assert SAM.token not in caplog.text
