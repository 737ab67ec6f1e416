"""The outbox: what is to be done outside, each a row from the transaction that led to it until it is done.

A receiver takes a row by moving its `next_at` on to the end of a lease. One that dies with it leaves a row that
can be taken again then; so nothing is lost, and what was done just before may be done once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import and_, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.store import OutboxRow, Outgoing
from receiver.store.encryption import TextCipher
from receiver.store.engine import insert_new
from receiver.store.schema import outbox, sessions, users

_EARLIER = outbox.alias("earlier")
_IS_FIRST = ~exists().where(
    _EARLIER.c.user == outbox.c.user,
    _EARLIER.c.assistant == outbox.c.assistant,
    _EARLIER.c.id < outbox.c.id,
)


async def insert_outgoing(
    connection: AsyncConnection,
    cipher: TextCipher,
    outgoing: Sequence[Outgoing],
    user: str,
    session: str | None,
    assistant: str,
    created: str,
) -> None:
    """The user is locked. One with the key of another that is still here is left out."""
    if not outgoing:
        return
    rows = []
    for one in outgoing:
        # A key may be made of what somebody said, and is compared in the database, where nothing encrypts it.
        key = None if one.key is None else hashlib.sha256(one.key.encode()).hexdigest()
        rows.append(
            {
                "user": user, "session": session, "assistant": assistant, "key": key,
                "body": cipher.seal_json(dict(one.body)), "attempts": 0, "next_at": created, "created": created,
            }
        )  # fmt: skip
    await connection.execute(insert_new(connection, outbox), rows)


async def next_outgoing(connection: AsyncConnection, assistants: Sequence[str]) -> str | None:
    first = select(func.min(outbox.c.next_at)).where(outbox.c.assistant.in_(assistants), _IS_FIRST)
    earliest: str | None = (await connection.execute(first)).scalar_one_or_none()
    return earliest


async def take_outgoing(
    connection: AsyncConnection,
    cipher: TextCipher,
    assistants: Sequence[str],
    now: str,
    until: str,
    holder: str,
    limit: int,
) -> list[OutboxRow]:
    """See `Store.take_outgoing`."""
    ready = (
        select(outbox.c.id)
        .where(outbox.c.assistant.in_(assistants), outbox.c.next_at <= now, _IS_FIRST)
        .order_by(outbox.c.next_at, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list((await connection.execute(ready)).scalars())
    if not ids:
        return []
    await connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(next_at=until, holder=holder))
    found = await connection.execute(
        select(outbox, users.c.first_name, users.c.timezone, users.c.email, sessions.c.locale)
        .join(users, outbox.c.user == users.c.id)
        .outerjoin(sessions, outbox.c.session == sessions.c.session)
        .where(outbox.c.id.in_(ids))
        .order_by(outbox.c.id)
    )
    return [
        OutboxRow(
            id=row.id, holder=holder, user=row.user, session=row.session, assistant=row.assistant,
            body=cipher.unseal_json(row.body), attempts=row.attempts, created=row.created,
            name=None if row.first_name is None else cipher.unseal(row.first_name), timezone=row.timezone,
            locale=row.locale, email=row.email,
        )
        for row in found
    ]  # fmt: skip


async def hurry_outgoing(connection: AsyncConnection, user: str, now: str) -> int:
    waiting = and_(outbox.c.user == user, outbox.c.holder.is_(None), outbox.c.next_at > now)
    return (await connection.execute(update(outbox).where(waiting).values(next_at=now))).rowcount


async def delay_outgoing(connection: AsyncConnection, row: OutboxRow, until: str) -> None:
    await connection.execute(
        update(outbox)
        .where(outbox.c.id == row.id, outbox.c.holder == row.holder)
        .values(next_at=until, holder=None, attempts=row.attempts + 1)
    )


async def drop_outgoing(connection: AsyncConnection, row: OutboxRow) -> bool:
    """False: it was gone already."""
    return (await connection.execute(delete(outbox).where(outbox.c.id == row.id))).rowcount == 1


async def hand_over_outgoing(connection: AsyncConnection, private: str, user: str) -> None:
    """What a session's private user has here is `user`'s from now on. Both are locked."""
    same = outbox.alias("same")
    twice = exists().where(
        same.c.user == user, same.c.assistant == outbox.c.assistant, same.c.key == outbox.c.key
    )
    await connection.execute(delete(outbox).where(outbox.c.user == private, twice))
    await connection.execute(update(outbox).where(outbox.c.user == private).values(user=user))
