"""What of the outbox is still to be done, as the database has it."""

from __future__ import annotations

from typing import Any

from tests.receiver.errands import until
from tests.receiver.stored import rows


async def waiting(database: str) -> list[Any]:
    return await rows(database, "SELECT id FROM outbox")


async def all_done(database: str) -> None:
    async def empty() -> bool:
        return not await waiting(database)

    await until(empty)
