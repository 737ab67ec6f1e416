"""Sessions: a row each, which holds what only this session knows, and beside it the user's."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.errors import SessionMoved, SessionNotOpen, SessionRefused
from protocol.users import PRIVATE_USER
from receiver.store import SessionRequest, Sharing, Snapshot
from receiver.store.diary_rows import Writer, latest_days, normal_diary, read_diary, write_diary
from receiver.store.encryption import TextCipher
from receiver.store.engine import insert_new
from receiver.store.schema import sessions, users
from receiver.store.shared_rows import begin_shared, read_shared, write_shared
from receiver.store.turns import insert_history, insert_turn
from receiver.store.users import (
    find_or_make_user,
    hand_over,
    lock_user,
    make_user,
    new_details,
    update_user,
    without_nul,
)

MAX_SAMPLES = 2**53


@dataclass(frozen=True, slots=True)
class Standing:
    """The rows of a session and its user."""

    session: Row[Any]
    user: Row[Any]

    @property
    def revision(self) -> int:
        """Both numbers only grow, so the sum is another whenever one of them is."""
        return int(self.session.revision + self.user.revision)


async def lock(connection: AsyncConnection, session: str) -> Standing:
    """The rows as they are and will be until the transaction ends. Raises `SessionNotOpen`.

    Everybody locks the session first and its user then, so nobody waits in a circle. On SQLite, where a
    transaction that writes is the only one, this only reads.
    """
    query = select(sessions).where(sessions.c.session == session).with_for_update(key_share=True)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise SessionNotOpen
    return Standing(row, await lock_user(connection, row.user))


async def read_standing(connection: AsyncConnection, session: str) -> Standing:
    """Raises `SessionNotOpen`. In a transaction in which both rows are of one moment."""
    row = (await connection.execute(select(sessions).where(sessions.c.session == session))).one_or_none()
    if row is None:
        raise SessionNotOpen
    return Standing(row, (await connection.execute(select(users).where(users.c.id == row.user))).one())


async def read_snapshot(
    connection: AsyncConnection, cipher: TextCipher, standing: Standing, sharing: Sharing | None = None
) -> Snapshot:
    diary = await read_diary(connection, cipher, standing.user)
    shared = await read_shared(connection, cipher, standing.user.id, sharing)
    state = {**cipher.unseal_json(standing.session.state), **shared, "diary": diary}
    return snapshot_of(cipher, standing, state, sharing=sharing)


def snapshot_of(cipher: TextCipher, standing: Standing, state: Mapping[str, Any], **changed: Any) -> Snapshot:
    row, user = standing.session, standing.user
    fields = {
        "session": row.session, "assistant": row.assistant, "epoch": row.epoch, "next_turn": row.next_turn,
        "revision": standing.revision, "audio_until": row.audio_until, "locale": row.locale, "user": user.id,
        "email": user.email,
        "name": None if user.first_name is None else cipher.unseal(user.first_name),
        "timezone": user.timezone,
    }  # fmt: skip
    return Snapshot(**{**fields, **changed}, state=state)


async def write_state(
    connection: AsyncConnection,
    cipher: TextCipher,
    standing: Standing,
    turn: int | None,
    before: Snapshot,
    after: Mapping[str, Any],
    **columns: Any,
) -> Snapshot:
    """Write the state of `before` down as it is `after`, with other new columns of the session's row.

    Gives the session after it. The rows are locked, and as they were in `before`. Raises `MessageTooLarge`.
    """
    row, user, sharing = standing.session, standing.user, before.sharing
    own = _own(after, sharing)
    old = normal_diary(before.state["diary"])
    diary = normal_diary(after.get("diary") or old)
    revision = standing.revision + 1
    await connection.execute(
        update(sessions)
        .where(sessions.c.session == row.session)
        .values(state=cipher.seal_json(own), revision=row.revision + 1, **columns)
    )
    shared, changed = _shared(before.state, after, sharing)
    if sharing is not None and changed:
        await write_shared(connection, cipher, user.id, sharing, shared[sharing.key])
    if diary != old or changed:
        by = Writer(user.id, row.session, turn)
        given = {} if diary == old else await write_diary(connection, cipher, by, old, diary)
        await update_user(connection, user, given)
        revision += 1
    state = {**own, **shared, "diary": latest_days(diary)}
    return snapshot_of(cipher, standing, state, revision=revision, sharing=sharing, **columns)


def _own(state: Mapping[str, Any], sharing: Sharing | None) -> dict[str, Any]:
    """What of a state is the session's alone."""
    others = ("diary",) if sharing is None else ("diary", sharing.key)
    return {key: value for key, value in state.items() if key not in others}


def _shared(
    before: Mapping[str, Any], after: Mapping[str, Any], sharing: Sharing | None
) -> tuple[dict[str, Any], bool]:
    """The shared part of a state, and whether it is another than before; left out, it stays as it was."""
    if sharing is None:
        return {}, False
    found = after if sharing.key in after else before
    if sharing.key not in found:
        return {}, False
    value = found[sharing.key]
    return {sharing.key: value}, sharing.key not in before or value != before[sharing.key]


async def open_session(
    connection: AsyncConnection, cipher: TextCipher, request: SessionRequest
) -> tuple[Standing, bool]:
    """Make the session or take it up; gives it, and whether it was made. Raises as `Store.open_session` does."""
    named = await find_or_make_user(connection, request)
    private = PRIVATE_USER + request.session
    # Locked: one that is there stays, unless its user is being forgotten, which is waited for.
    query = select(sessions.c.session).where(sessions.c.session == request.session)
    there = (await connection.execute(query.with_for_update(key_share=True))).first() is not None
    if not there:
        if named is None:
            await make_user(connection, id=private, created=request.created)
        there = not await _insert(connection, cipher, request, named or private)
    standing = await lock(connection, request.session)
    sharing = request.sharing.get(request.assistant)
    if not there and sharing is not None and sharing.key in request.state:
        await begin_shared(connection, cipher, standing.user.id, sharing, request.state[sharing.key])
    if there:
        await _take_up(connection, cipher, standing, request, named)
        standing = await lock(connection, request.session)
    if given := new_details(cipher, request, standing.user):
        await update_user(connection, standing.user, given)
        standing = await lock(connection, request.session)
    return standing, not there


async def _insert(
    connection: AsyncConnection, cipher: TextCipher, request: SessionRequest, user: str
) -> bool:
    """False: another receiver was quicker."""
    own = _own(request.state, request.sharing.get(request.assistant))
    made = await connection.execute(
        insert_new(connection, sessions).values(
            session=request.session, user=user, key=request.key, locale=without_nul(request.locale),
            assistant=request.assistant, epoch=1, holder=request.holder,
            next_turn=len(request.history) + 1, revision=0, state=cipher.seal_json(own), audio_until=0,
            created=request.created,
        )
    )  # fmt: skip
    if made.rowcount != 1:
        return False
    if request.greeting is not None:
        await insert_turn(connection, cipher, request.session, 0, [], request.greeting, request.created)
    if request.history:
        await insert_history(connection, cipher, request.session, request.history, request.created)
    return True


async def _take_up(
    connection: AsyncConnection,
    cipher: TextCipher,
    standing: Standing,
    request: SessionRequest,
    named: str | None,
) -> None:
    row, user = standing.session, standing.user
    same_key = hmac.compare_digest((request.key or "").encode(), (row.key or "").encode())
    private = user.id == PRIVATE_USER + request.session
    if not same_key or (named != user.id and not private):
        raise SessionRefused  # also where the session is somebody's and this is nobody in particular
    if request.again and request.holder != row.holder:
        raise SessionMoved
    values: dict[str, Any] = {"epoch": row.epoch + 1, "holder": request.holder}
    if request.locale is not None:
        values["locale"] = without_nul(request.locale)
    if named is not None and private:
        # Beyond any revision that the session has had with its private user.
        values |= {"user": named, "revision": standing.revision + 1}
    await connection.execute(update(sessions).where(sessions.c.session == request.session).values(**values))
    if named is not None and private:
        sharing = request.sharing.values()
        ids = await hand_over(connection, cipher, user, await lock_user(connection, named), sharing)
        state = _renamed(cipher.unseal_json(row.state), ids)
        await connection.execute(
            update(sessions)
            .where(sessions.c.session == request.session)
            .values(state=cipher.seal_json(state))
        )


def _renamed(value: Any, ids: Mapping[str, str]) -> Any:
    """A state with other ids of items wherever it speaks of them."""
    if isinstance(value, str):
        return ids.get(value, value)
    if isinstance(value, list):
        return [_renamed(part, ids) for part in value]
    if isinstance(value, dict):
        return {key: _renamed(part, ids) for key, part in value.items()}
    return value
