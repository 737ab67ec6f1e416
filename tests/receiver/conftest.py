"""A real receiver on a free port with a real SQLite file, raw relays to it, and a Postgres server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from receiver.assistants import make_assistants
from receiver.assistants.assistant import Assistant
from receiver.clock import Clock
from receiver.connection import Limits
from receiver.outbox import Patience
from receiver.server import Server
from receiver.services import Services
from receiver.store import Store
from receiver.store.sql_store import SqlStore
from tests.receiver.errands import MORNING
from tests.receiver.postgres_server import PostgresServer
from tests.receiver.raw_relay import RawRelay


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgres"])
async def either_database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A new database; the test runs once with each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'receiver.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    async with server.database() as url:
        yield url


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'receiver.db'}"


@pytest.fixture
async def store(database: str) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(database)
    yield opened
    await opened.close()


@pytest.fixture
async def serve(store: SqlStore) -> AsyncIterator[Callable[..., Awaitable[tuple[str, int]]]]:
    """Start a receiver; gives its address. All are stopped at the end."""
    async with AsyncExitStack() as stack:

        async def start(
            *,
            token: str | None = None,
            limits: Limits | None = None,
            assistant: str = "diet",
            more: dict[str, Assistant] | None = None,
            on: Store | None = None,
            clock: Clock = lambda: MORNING,
            patience: Patience | None = None,
            **services: Any,
        ) -> tuple[str, int]:
            server = Server(
                Services(on or store, make_assistants() | (more or {}), assistant, clock, **services),
                token=token,
                limits=limits,
                drain_seconds=1.0,
                patience=patience,
            )
            address = await server.start("127.0.0.1", 0)
            stack.push_async_callback(server.stop)
            start.server = server  # type: ignore[attr-defined]
            return address

        yield start


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Awaitable[RawRelay]]]:
    """Connect a raw relay to an address."""
    async with AsyncExitStack() as stack:

        async def start(address: tuple[str, int], **options: Any) -> RawRelay:
            relay = await RawRelay.connect(address, **options)
            stack.push_async_callback(relay.close)
            return relay

        yield start


@pytest.fixture
async def relay(serve: Any, connect: Any) -> RawRelay:
    """A relay that has said hello to a receiver with the diet assistant."""
    relay: RawRelay = await connect(await serve())
    return relay
