"""What the tests of the store write into it, and how they look at it from outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg

from receiver.store import SessionRequest, Snapshot, TurnWrite
from receiver.store.sql_store import SqlStore

NOW = "2026-11-21T08:00:00.000+00:00"
TODAY = "2026-11-21"


async def opened(store: SqlStore, session: str = "s-1", **about: Any) -> Snapshot:
    request = {"assistant": "diet", "state": {}, "greeting": "Hello!", "created": NOW} | about
    return (await store.open_session(SessionRequest(session=session, **request))).snapshot


def turn(snapshot: Snapshot, number: int = 1, text: str = "two eggs", **about: Any) -> TurnWrite:
    fields = {
        "items": [{"text": text, "timestamp": NOW}], "answer": f"You said: {text}",
        "state": {**snapshot.state, "turns": number}, "created": NOW,
    } | about  # fmt: skip
    return TurnWrite(snapshot=snapshot, epoch=snapshot.epoch, turn=number, text=text, **fields)


def item(number: int, food: str = "egg", meal: str = "breakfast", **about: Any) -> dict[str, Any]:
    return {
        "id": f"item-{number}", "meal": meal, "food": food, "quantity": 2.0, "unit": "", "grams": 100.0,
        "kcal": 143.0, "protein_g": 12.6, "carbs_g": 0.7, "fat_g": 9.5, "known": True, "fdc_id": 173424,
    } | about  # fmt: skip


def diary(days: dict[str, list[dict[str, Any]]], goal: Any = None, next_item: int = 100) -> dict[str, Any]:
    return {"days": days, "goal": goal, "next_item": next_item}


async def ate(store: SqlStore, snapshot: Snapshot, after: dict[str, Any], **about: Any) -> Snapshot:
    """The session after its next turn, which leads to this diary."""
    number = snapshot.next_turn
    written = await store.commit_turn(
        turn(snapshot, number, f"turn {number}", state={**snapshot.state, "diary": after}, **about)
    )
    assert written is not None
    assert written.snapshot is not None
    return written.snapshot


async def rows(url: str, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    """What the database says, past the store. Parameters are `$1`, `$2`."""
    if url.startswith("postgresql"):
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(query, *parameters)]
        finally:
            await connection.close()
    database = sqlite3.connect(path_of(url))
    try:
        found: Sequence[tuple[Any, ...]] = database.execute(query, parameters).fetchall()
        database.commit()
        return list(found)
    finally:
        database.close()


async def everything_in(url: str) -> str:
    """All that the database's files hold, or all rows of all tables."""
    if url.startswith("sqlite"):
        files = list(path_of(url).parent.glob("receiver.db*"))
        assert files
        return b"".join(file.read_bytes() for file in files).decode("latin-1")
    tables = await rows(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return str([await rows(url, f"SELECT * FROM {table}") for (table,) in tables])


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
