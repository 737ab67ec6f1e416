"""Telephones that call, and the official Socket.IO client for the tests of the page that uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from relay.server import Relay
from tests.node.socketio_clients import NodeClients
from tests.relay.conftest import StartRelay
from tests.twilio_caller import AUTH_TOKEN, PUBLIC_URL, TwilioCaller

Dial = Callable[..., Awaitable[TwilioCaller]]


@pytest.fixture
async def dial() -> AsyncIterator[Dial]:
    """Calls a relay, and hangs up at the end."""
    async with AsyncExitStack() as stack:

        async def dial(relay: Relay, path: str = "/ws/media-stream", **options: Any) -> TwilioCaller:
            return await stack.enter_async_context(TwilioCaller(relay.port, path, **options))

        yield dial


@pytest.fixture
async def caller(relay: Relay, dial: Dial) -> TwilioCaller:
    """Who has been connected."""
    caller = await dial(relay)
    await caller.start()
    return caller


@pytest.fixture
async def signed(start_relay: StartRelay) -> Relay:
    """A relay that Twilio reaches at `PUBLIC_URL`."""
    return await start_relay(twilio_auth_token=AUTH_TOKEN, public_url=PUBLIC_URL)


@pytest.fixture(scope="session")
def node_process() -> Iterator[NodeClients]:
    clients = NodeClients()
    yield clients
    clients.close()


@pytest.fixture
def node(node_process: NodeClients) -> Iterator[NodeClients]:
    """Without anybody's clients when a test begins."""
    yield node_process
    node_process.forget()
