"""SQLite, set up for turns: where the file is, and what each connection is told first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def parse_url(url: str) -> Path:
    """The file that `sqlite:///PATH` names. Raises `ValueError` for anything else."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("it is not of the form sqlite:///PATH") from None
    if parsed.get_backend_name() != "sqlite":
        raise ValueError("this version keeps its turns in SQLite only: sqlite:///PATH")
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise ValueError("a file is needed, sqlite:///PATH: what is only in memory is lost at a restart")
    return Path(parsed.database)


def create_engine(path: Path, busy_seconds: float, *, wal: bool) -> AsyncEngine:
    """An engine whose connections wait `busy_seconds` for other processes and sync each commit.

    A transaction of one with the execution option `writes` takes the write lock at its beginning.
    """
    # Errors of the driver would else print statements with their parameters, which hold what people said.
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}", pool_size=4, max_overflow=0, hide_parameters=True
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        # The driver's own implicit BEGIN is a deferred one; ours is written below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={int(busy_seconds * 1000)}",
            *(["journal_mode=WAL"] if wal else []),
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes fails at once when another has written between.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
