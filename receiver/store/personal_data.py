"""All that is kept about one person: to be handed out, and to be forgotten."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import and_, bindparam, delete, select, tuple_, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from receiver.store.diary_rows import GOAL_COLUMNS
from receiver.store.encryption import TextCipher
from receiver.store.export import COLUMNS, Export
from receiver.store.schema import (
    actions,
    items,
    meals,
    messages,
    meta,
    outbox,
    sessions,
    summaries,
    turns,
    user_states,
    users,
)

MAX_EXPORT_ITEMS = 20_000
"""In an export for a page, which has room for fewer; the latest are read."""


async def read_diary_export(
    connection: AsyncConnection, cipher: TextCipher, user: Row[Any], limit: int | None = MAX_EXPORT_ITEMS
) -> Export:
    found = await connection.execute(
        select(*(items.c[name] for name in COLUMNS))
        .where(items.c.user == user.id)
        .order_by(items.c.date.desc(), items.c.position.desc(), items.c.item.desc())
        .limit(limit)
    )
    rows = [{**row._mapping, "food": cipher.unseal(row.food)} for row in found]
    rows.reverse()
    goal = {figure: getattr(user, column) for figure, column in GOAL_COLUMNS.items()}
    about = {
        "id": user.id,
        "email": user.email,
        "first_name": None if user.first_name is None else cipher.unseal(user.first_name),
        "timezone": user.timezone,
        "goal": {figure: value for figure, value in goal.items() if value is not None} or None,
        "created": user.created,
    }
    return Export(about, rows)


async def read_full_export(connection: AsyncConnection, cipher: TextCipher, user: str) -> Export:
    row = (await connection.execute(select(users).where(users.c.id == user))).one()
    diary = await read_diary_export(connection, cipher, row, limit=None)
    found = await connection.execute(
        select(sessions.c.session, sessions.c.assistant, sessions.c.locale, sessions.c.created)
        .where(sessions.c.user == user)
        .order_by(sessions.c.created, sessions.c.session)
    )
    own: dict[str, dict[str, Any]] = {
        session.session: {**session._mapping, "messages": []} for session in found
    }
    said = await connection.execute(
        select(messages)
        .join(sessions, messages.c.session == sessions.c.session)
        .where(sessions.c.user == user)
        .order_by(messages.c.session, messages.c.turn, messages.c.position)
    )
    for message in said:
        fields = {name: value for name, value in message._mapping.items() if value is not None}
        del fields["position"]
        own[fields.pop("session")]["messages"].append({**fields, "text": cipher.unseal(message.text)})
    found = await connection.execute(
        select(summaries)
        .join(sessions, summaries.c.session == sessions.c.session)
        .where(sessions.c.user == user)
    )
    for summed in found:
        own[summed.session]["summary"] = cipher.unseal_json(summed.summary)
    found = await connection.execute(
        select(user_states).where(user_states.c.user == user).order_by(user_states.c.name)
    )
    shared = {kept.name: cipher.unseal_json(kept.state) for kept in found}
    found = await connection.execute(select(outbox).where(outbox.c.user == user).order_by(outbox.c.id))
    outgoing = [
        {
            "session": waiting.session, "assistant": waiting.assistant, "created": waiting.created,
            "body": cipher.unseal_json(waiting.body),
        }
        for waiting in found
    ]  # fmt: skip
    return Export(diary.user, diary.items, list(own.values()), shared, outgoing)


async def delete_user(connection: AsyncConnection, user: str) -> None:
    """Delete every row of the user's.

    Sessions are locked first, as everywhere, then the user, under whom no session can be made from then on.
    """
    own = select(sessions.c.session).where(sessions.c.user == user)
    await connection.execute(own.with_for_update())
    await connection.execute(select(users.c.id).where(users.c.id == user).with_for_update())
    for table in (items, meals, outbox, user_states):
        await connection.execute(delete(table).where(table.c.user == user))
    for table in (summaries, actions, messages, turns):
        await connection.execute(delete(table).where(table.c.session.in_(own)))
    await connection.execute(delete(sessions).where(sessions.c.user == user))
    await connection.execute(delete(users).where(users.c.id == user))


_BATCH = 1000
"""Texts that are held in memory at a time."""

_SEALED = (
    (messages, "text"),
    (sessions, "state"),
    (items, "food"),
    (users, "first_name"),
    (user_states, "state"),
    (outbox, "body"),
    (summaries, "summary"),
)


async def encrypt_rows(connection: AsyncConnection, cipher: TextCipher) -> int:
    """Seal every text anew, and say in `meta` that no other key than the first is needed any more."""
    count = 0
    for table, name in _SEALED:
        keys, column = list(table.primary_key), table.c[name]
        which = and_(*(key == bindparam(f"at_{key.name}") for key in keys))
        query = select(*keys, column.label("sealed")).where(column.is_not(None)).order_by(*keys)
        rows = (await connection.execute(query.limit(_BATCH))).all()
        while rows:
            await connection.execute(
                update(table).where(which).values({name: bindparam("sealed_anew")}),
                [
                    {
                        "sealed_anew": cipher.seal(cipher.unseal(row.sealed)),
                        **{f"at_{key.name}": row._mapping[key] for key in keys},
                    }
                    for row in rows
                ],
            )
            count += len(rows)
            behind = tuple_(*keys) > tuple_(*rows[-1][: len(keys)])
            rows = (await connection.execute(query.where(behind).limit(_BATCH))).all()
    await connection.execute(
        update(meta).where(meta.c.key == "encryption_checks").values(value=json.dumps([cipher.check([])]))
    )
    return count


async def sweep(engine: AsyncEngine) -> None:
    """Write a SQLite file anew, without what was deleted from it, and empty its journal.

    Raises `TimeoutError` when somebody is reading in the journal all the time.
    """
    async with engine.execution_options(no_transaction=True).connect() as connection:
        await connection.exec_driver_sql("VACUUM")
        result = await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        if result.scalar_one():
            raise TimeoutError("the journal is in use")
