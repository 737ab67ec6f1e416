"""Turns and the messages in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import case, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.store import StoredTurn
from receiver.store.encryption import TextCipher
from receiver.store.schema import messages, turns

MAX_INTEGER = 2**31 - 1
"""Largest that a column of Postgres takes."""

_READ = select(
    turns.c.turn, turns.c.heard, messages.c.speaker, messages.c.text, messages.c.client_id
).join_from(turns, messages)
_ORDER = (turns.c.turn, messages.c.position)


async def read_turn(
    connection: AsyncConnection, cipher: TextCipher, session: str, turn: int
) -> StoredTurn | None:
    if turn > MAX_INTEGER:
        return None
    found = await connection.execute(
        _READ.where(turns.c.session == session, turns.c.turn == turn).order_by(*_ORDER)
    )
    return next(iter(_stored(cipher, found)), None)


async def read_history(
    connection: AsyncConnection, cipher: TextCipher, session: str, limit: int
) -> list[StoredTurn]:
    """The latest `limit` turns, oldest first."""
    latest = select(turns.c.turn).where(turns.c.session == session).order_by(turns.c.turn.desc()).limit(limit)
    found = await connection.execute(
        _READ.where(turns.c.session == session, turns.c.turn.in_(latest)).order_by(*_ORDER)
    )
    return _stored(cipher, found)


async def insert_turn(
    connection: AsyncConnection,
    cipher: TextCipher,
    session: str,
    turn: int,
    said: Sequence[dict[str, Any]],
    answer: str,
    created: str,
) -> None:
    """`said` are items as in `TurnWrite`."""
    await connection.execute(
        insert(turns).values(session=session, turn=turn, answer_chars=len(answer), heard=0, created=created)
    )
    await connection.execute(insert(messages), _messages(cipher, session, turn, said, answer, created))


async def insert_history(
    connection: AsyncConnection,
    cipher: TextCipher,
    session: str,
    history: Sequence[tuple[str, str]],
    created: str,
) -> None:
    """Turns 1 and up of a session that is being made. Somebody has shown them before: they count as heard."""
    rows: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    for turn, (text, answer) in enumerate(history, start=1):
        chars = len(answer)
        rows.append(
            {"session": session, "turn": turn, "answer_chars": chars, "heard": chars, "created": created}
        )
        items = [{"text": text}] if text else []
        said += _messages(cipher, session, turn, items, answer, created)
    await connection.execute(insert(turns), rows)
    await connection.execute(insert(messages), said)


def _messages(
    cipher: TextCipher,
    session: str,
    turn: int,
    said: Sequence[dict[str, Any]],
    answer: str,
    created: str,
) -> list[dict[str, Any]]:
    """The rows of a turn's messages: what was said, and then the answer."""
    spoken = [
        {
            "speaker": "user", "voice": item.get("speaker"), "text": cipher.seal(item["text"]),
            "confidence": item.get("confidence"), "timestamp": item.get("timestamp", created),
            "client_id": item.get("id"),
        }
        for item in said
    ]  # fmt: skip
    answered = {
        "speaker": "assistant", "voice": None, "text": cipher.seal(answer), "confidence": None,
        "timestamp": created, "client_id": None,
    }  # fmt: skip
    return [
        {"session": session, "turn": turn, "position": position, **message}
        for position, message in enumerate([*spoken, answered])
    ]


async def mark_heard(connection: AsyncConnection, session: str, turn: int, chars: int) -> bool:
    if turn > MAX_INTEGER:
        return False
    chars = min(chars, MAX_INTEGER)
    mark = case((turns.c.answer_chars < chars, turns.c.answer_chars), else_=chars)
    result = await connection.execute(
        update(turns)
        .where(turns.c.session == session, turns.c.turn == turn)
        .values(heard=case((turns.c.heard > mark, turns.c.heard), else_=mark))
    )
    return result.rowcount == 1


def _stored(cipher: TextCipher, rows: Iterable[Any]) -> list[StoredTurn]:
    return [
        _stored_turn(cipher, turn, list(found))
        for turn, found in groupby(rows, key=lambda row: int(row.turn))
    ]


def _stored_turn(cipher: TextCipher, turn: int, rows: list[Any]) -> StoredTurn:
    said = [row for row in rows if row.speaker == "user"]
    return StoredTurn(
        turn=turn,
        text=" ".join(cipher.unseal(row.text).strip() for row in said),
        answer="".join(cipher.unseal(row.text) for row in rows if row.speaker == "assistant"),
        ids=tuple(row.client_id for row in said if row.client_id is not None),
        heard=rows[0].heard,
    )
