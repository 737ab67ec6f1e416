"""What the sessions of a user share beside the diary: a row for each key, written with the user locked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.errors import MessageTooLarge, Unsupported
from receiver.store import MAX_SHARED_BYTES, Due, Sharing
from receiver.store.encryption import TextCipher
from receiver.store.engine import insert_new
from receiver.store.outbox_rows import insert_outgoing
from receiver.store.schema import user_states, users

ColumnValues = dict[str, Any]


async def read_shared(
    connection: AsyncConnection, cipher: TextCipher, user: str, sharing: Sharing | None
) -> dict[str, Any]:
    """The part of a state that is shared: `{key: value}`, empty where there is none."""
    if sharing is None:
        return {}
    row = await _read(connection, user, sharing.key)
    return {} if row is None else {sharing.key: cipher.unseal_json(row.state)}


async def begin_shared(
    connection: AsyncConnection, cipher: TextCipher, user: str, sharing: Sharing, value: Any
) -> None:
    """Write down how a user's first session begins; those after it find what is there."""
    values = _columns(cipher, sharing, value)
    await connection.execute(
        insert_new(connection, user_states).values(user=user, name=sharing.key, **values)
    )


async def write_shared(
    connection: AsyncConnection, cipher: TextCipher, user: str, sharing: Sharing, value: Any
) -> None:
    """The user is locked. Raises `MessageTooLarge`."""
    values = _columns(cipher, sharing, value)
    written = await connection.execute(update(user_states).where(_is(user, sharing.key)).values(**values))
    if written.rowcount == 0:
        await connection.execute(insert(user_states).values(user=user, name=sharing.key, **values))


async def hand_over_shared(
    connection: AsyncConnection, cipher: TextCipher, private: str, user: str, sharing: Iterable[Sharing]
) -> None:
    """Give what a session's private user has to `user`. Both are locked. Raises `Unsupported`."""
    known = {one.key: one for one in sharing}
    brought = await connection.execute(select(user_states).where(user_states.c.user == private))
    for row in brought.all():
        kept = await _read(connection, user, row.name)
        if kept is None:
            await connection.execute(update(user_states).where(_is(private, row.name)).values(user=user))
        elif row.name not in known:
            # Of an assistant that other receivers of this store have: they can do it without a loss.
            raise Unsupported("There is no assistant here that could go on with this conversation.")
        else:
            one = known[row.name]
            merged = one.merge(cipher.unseal_json(kept.state), cipher.unseal_json(row.state))
            await write_shared(connection, cipher, user, one, merged)
    await connection.execute(delete(user_states).where(user_states.c.user == private))


async def next_due(connection: AsyncConnection, keys: Sequence[str]) -> str | None:
    column = user_states.c.next_due
    first = select(column).where(user_states.c.name.in_(keys), column.is_not(None)).order_by(column).limit(1)
    return (await connection.execute(first)).scalar_one_or_none()


async def read_due(
    connection: AsyncConnection, keys: Sequence[str], now: str, limit: int
) -> list[tuple[str, str]]:
    found = await connection.execute(
        select(user_states.c.user, user_states.c.name)
        .where(user_states.c.name.in_(keys), user_states.c.next_due <= now)
        .order_by(user_states.c.next_due)
        .limit(limit)
    )
    return [(row.user, row.name) for row in found]


async def apply_due(
    connection: AsyncConnection,
    cipher: TextCipher,
    user: str,
    assistant: str,
    sharing: Sharing,
    now: str,
    due: Due,
) -> int:
    """See `Store.apply_due`."""
    locking = select(users.c.id, users.c.revision).where(users.c.id == user)
    owner = (await connection.execute(locking.with_for_update(key_share=True))).one_or_none()
    row = None if owner is None else await _read(connection, user, sharing.key)
    if owner is None or row is None or row.next_due is None or row.next_due > now:
        return 0
    before = cipher.unseal_json(row.state)
    outgoing, after = due(before)
    await write_shared(connection, cipher, user, sharing, after)
    if after != before:
        # What sessions have read is out of date from now on.
        await connection.execute(update(users).where(users.c.id == user).values(revision=owner.revision + 1))
    await insert_outgoing(connection, cipher, outgoing, user, None, assistant, now)
    return len(outgoing)


async def _read(connection: AsyncConnection, user: str, name: str) -> Row[Any] | None:
    return (await connection.execute(select(user_states).where(_is(user, name)))).one_or_none()


def _is(user: str, name: str) -> Any:
    return (user_states.c.user == user) & (user_states.c.name == name)


def _columns(cipher: TextCipher, sharing: Sharing, value: Any) -> ColumnValues:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MAX_SHARED_BYTES:
        raise MessageTooLarge("There is no room for more of this; please delete something first.")
    return {"state": cipher.seal(text), "next_due": sharing.next_due(value)}
