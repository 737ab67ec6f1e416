"""Summaries: one of each session that was summed up."""

from __future__ import annotations

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.store import StoredSummary
from receiver.store.encryption import TextCipher
from receiver.store.schema import summaries


async def read_summary(connection: AsyncConnection, cipher: TextCipher, session: str) -> StoredSummary | None:
    found = await connection.execute(select(summaries).where(summaries.c.session == session))
    row = found.one_or_none()
    return None if row is None else StoredSummary(row.turns, cipher.unseal(row.summary))


async def keep_summary(
    connection: AsyncConnection, cipher: TextCipher, session: str, summary: StoredSummary, created: str
) -> StoredSummary:
    """See `Store.keep_summary`. The session is locked."""
    kept = await read_summary(connection, cipher, session)
    if kept is not None and kept.turns >= summary.turns:
        return kept
    await connection.execute(delete(summaries).where(summaries.c.session == session))
    await connection.execute(
        insert(summaries).values(
            session=session, turns=summary.turns, summary=cipher.seal(summary.summary), created=created
        )
    )
    return summary
