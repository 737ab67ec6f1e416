"""The two databases: where they are, what each connection is told first, and what differs between them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Table, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from protocol.errors import SettingsError
from receiver.store.sqlite_driver import connect

BUSY_SECONDS = 2.0
"""How long one try waits for another process that is writing."""

CONNECT_SECONDS = 3.0
STATEMENT_SECONDS = 5.0
MIGRATION_SECONDS = 600.0
"""How long a start may take to bring the tables up to date, or wait for another receiver that does."""

CONNECTIONS = 10
"""Most connections of a receiver to a Postgres. A transaction waits `QUEUE_SECONDS` for one."""

QUEUE_SECONDS = 10.0
"""How long a transaction waits for this process's others; then `store_unavailable`."""


_QUERY = {"host": "host", "port": "port", "sslmode": "ssl"}
"""What may stand behind the "?" of a Postgres's address, as libpq has it, and what the driver calls it."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where the database is."""

    url: URL
    """With the driver that is used."""
    path: Path | None
    """Of a SQLite file; None for Postgres."""

    def __str__(self) -> str:
        """For people: never with a password."""
        return str(self.path) if self.path else self.url.set(drivername="postgresql").render_as_string()


def parse_url(url: str) -> Location:
    """What `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/NAME` names. Raises `ValueError` otherwise."""
    forms = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise ValueError(f"it is not of the form {forms}") from None
    if parsed.drivername in ("postgresql", "postgres", "postgresql+asyncpg"):
        if not parsed.database:
            raise ValueError("it names no database: postgresql://USER:PASSWORD@HOST/NAME")
        if unknown := set(parsed.query) - _QUERY.keys():
            raise ValueError(f"'{min(unknown)}' is not known here behind the '?', only {', '.join(_QUERY)}")
        query = {_QUERY[name]: value for name, value in parsed.query.items()}
        return Location(parsed.set(drivername="postgresql+asyncpg", query=query), None)
    if parsed.drivername != "sqlite":
        raise ValueError(f"turns are kept in SQLite or Postgres: {forms}")
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise ValueError("a file is needed, sqlite:///PATH: what is only in memory is lost at a restart")
    return Location(parsed.set(drivername="sqlite+aiosqlite", query={}), Path(parsed.database))


def make_file(path: Path) -> None:
    """Make a SQLite file and its folder where they are not there. Raises `SettingsError`."""
    try:
        # What people say about themselves is nobody else's business on this machine.
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise SettingsError(f"RECEIVER_DATABASE_URL: {path} cannot be opened: {error.strerror}.") from None


def create_engine(
    location: Location, *, busy_seconds: float = BUSY_SECONDS, starting: bool = False
) -> AsyncEngine:
    """An engine whose transactions are durable once they are committed.

    `starting`: for bringing the tables up to date, which may take its time and must not alter what turns out
    to be another's database. Connections with the execution option `writes` are for transactions that write;
    on SQLite, those with `no_transaction` are for what cannot be in one.
    """
    if location.path is None:
        return _create_postgres_engine(location.url, starting)
    return _create_sqlite_engine(location.url, location.path, busy_seconds, starting)


def insert_new(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT that leaves a row as it is whose key is there already."""
    if connection.dialect.name == "postgresql":
        # Takes a while to import, and most receivers have no Postgres.
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def _create_postgres_engine(url: URL, starting: bool) -> AsyncEngine:
    seconds = MIGRATION_SECONDS if starting else STATEMENT_SECONDS
    # Errors of the driver would else print statements with their parameters, which hold what people said.
    return create_async_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=QUEUE_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        connect_args={
            "timeout": CONNECT_SECONDS,
            # Beyond the server's own: for a server that has vanished.
            "command_timeout": seconds + 1,
            "server_settings": {
                "application_name": "voice-relay receiver",
                "statement_timeout": str(int(seconds * 1000)),
                "lock_timeout": str(int(seconds * 1000)),
                # Of a receiver that was cut off in the middle of a transaction, which holds locks until then.
                "idle_in_transaction_session_timeout": str(int(seconds * 1000)),
                "synchronous_commit": "on",
            },
        },
    )


def _create_sqlite_engine(url: URL, path: Path, busy_seconds: float, starting: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        async_creator=lambda: connect(path),
        pool_size=4,
        max_overflow=0,
        pool_timeout=QUEUE_SECONDS,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        # The driver's own implicit BEGIN is a deferred one; ours is written below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={int(busy_seconds * 1000)}",
            # WAL is a mark in the file: it is set only once the file is known to be ours.
            *([] if starting else ["journal_mode=WAL"]),
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes fails at once when another has written between.
        options = connection.get_execution_options()
        if not options.get("no_transaction"):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")

    return engine
