"""Users: who somebody is, and what is known of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.errors import SessionRefused
from protocol.users import PRIVATE_USER, canonical_user
from receiver.store import SessionRequest, Sharing
from receiver.store.diary_rows import GOAL_COLUMNS
from receiver.store.encryption import TextCipher
from receiver.store.engine import insert_new
from receiver.store.outbox_rows import hand_over_outgoing
from receiver.store.schema import items, meals, users
from receiver.store.shared_rows import hand_over_shared

ColumnValues = dict[str, Any]


def without_nul(text: str | None) -> str | None:
    """Postgres has no texts with NUL in them, and no name needs one."""
    return None if text is None else text.replace("\x00", "")


async def find_user(connection: AsyncConnection, user: str) -> str | None:
    """The id of the user with this id or e-mail address."""
    column = users.c.email if "@" in user else users.c.id
    found = await connection.execute(select(users.c.id).where(column == canonical_user(user)))
    return found.scalar_one_or_none()


async def find_or_make_user(connection: AsyncConnection, request: SessionRequest) -> str | None:
    """The id of the user that a session is opened for; None where that is nobody in particular.

    Raises `SessionRefused` for somebody else's private user.
    """
    user = canonical_user(request.user or "")
    own = PRIVATE_USER + request.session
    if not user or user == own:
        return None
    if user.startswith(PRIVATE_USER):
        raise SessionRefused
    found = await find_user(connection, user)
    if found is None:
        given = {"id": uuid.uuid4().hex, "email": user} if "@" in user else {"id": user}
        await make_user(connection, created=request.created, **given)
        found = await find_user(connection, user)
    return found


async def make_user(connection: AsyncConnection, **given: Any) -> None:
    """Does nothing where another receiver has made them already."""
    await connection.execute(insert_new(connection, users).values(next_item=1, revision=0, **given))


async def lock_user(connection: AsyncConnection, user: str) -> Row[Any]:
    found = await connection.execute(select(users).where(users.c.id == user).with_for_update(key_share=True))
    return found.one()


def new_details(cipher: TextCipher, request: SessionRequest, row: Row[Any]) -> ColumnValues:
    """What an `open` says about its user that is not known yet."""
    given: ColumnValues = {}
    name, timezone = without_nul(request.name), without_nul(request.timezone)
    if name is not None and name != (row.first_name and cipher.unseal(row.first_name)):
        given["first_name"] = cipher.seal(name)
    if timezone is not None and timezone != row.timezone:
        given["timezone"] = timezone
    return given


async def update_user(connection: AsyncConnection, row: Row[Any], given: ColumnValues) -> None:
    await connection.execute(
        update(users).where(users.c.id == row.id).values(revision=row.revision + 1, **given)
    )


async def hand_over(
    connection: AsyncConnection,
    cipher: TextCipher,
    private: Row[Any],
    user: Row[Any],
    sharing: Iterable[Sharing],
) -> dict[str, str]:
    """Give what is written down of a session's private user to `user`, and let go of the private one.

    Gives the items' new ids by their old ones. Both are locked, and the session is `user`'s already.
    """
    moved = await connection.execute(
        select(items.c.item).where(items.c.user == private.id).order_by(items.c.date, items.c.position)
    )
    ids = {old: f"item-{number}" for number, old in enumerate(moved.scalars(), start=user.next_item)}
    if ids:
        at = select(meals.c.date, meals.c.meal).where(meals.c.user == private.id)
        rows = [{"user": user.id, **row._mapping} for row in await connection.execute(at)]
        await connection.execute(insert_new(connection, meals), rows)
        last = await connection.execute(
            select(func.coalesce(func.max(items.c.position), -1)).where(items.c.user == user.id)
        )
        # Theirs come first on each day, and what is ordered keeps its order.
        behind = last.scalar_one() + 1
        await connection.execute(
            update(items)
            .where(items.c.user == private.id, items.c.item == bindparam("old"))
            .values(user=user.id, item=bindparam("new"), position=items.c.position + behind),
            [{"old": old, "new": new} for old, new in ids.items()],
        )
    goal = {name: getattr(private, name) for name in GOAL_COLUMNS.values()}
    own = [getattr(user, name) for name in GOAL_COLUMNS.values()]
    given: ColumnValues = {"next_item": user.next_item + len(ids)}
    if any(value is not None for value in goal.values()) and not any(value is not None for value in own):
        given |= goal
    for column in ("first_name", "timezone"):
        if getattr(user, column) is None:
            given[column] = getattr(private, column)
    await update_user(connection, user, given)
    await hand_over_shared(connection, cipher, private.id, user.id, sharing)
    await hand_over_outgoing(connection, private.id, user.id)
    await connection.execute(delete(meals).where(meals.c.user == private.id))
    await connection.execute(delete(users).where(users.c.id == private.id))
    return ids
