"""What the tests of access share: clients that show a token, and several relays on one real receiver."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from receiver.assistants import make_assistants
from receiver.server import Server
from receiver.services import Services
from receiver.store.sql_store import SqlStore
from relay.server import Relay
from tests.ports import next_port
from tests.relay.conftest import StartRelay
from tests.tokens import CHECKED, shown
from tests.wire_client import WireClient

BREAKFAST = "I had two boiled eggs for breakfast"

ALL_DIET = "socketio=diet,phone=diet,answers=diet"
"""Whatever the client, the diary is what it might see of another's."""

Relays = Callable[[], Awaitable[Relay]]

WHERE = pytest.mark.parametrize("where", ["the same relay", "another relay"])
"""Where a stranger comes to: what one relay has in memory the other has to ask the receiver for."""


def as_user(user: str, **claims: Any) -> dict[str, Any]:
    """Options of a client that shows a token in its request."""
    return {"additional_headers": {"Authorization": f"Bearer {shown(user, **claims)}"}}


async def refusal(relay: Relay, path: str, **options: Any) -> tuple[int, str]:
    """The status and code with which a socket is refused before the upgrade."""
    with pytest.raises(InvalidStatus) as caught:
        async with WireClient(relay.port, path, **options):
            pass
    response = caught.value.response
    return response.status_code, json.loads(response.body or b"{}").get("code", "")


@asynccontextmanager
async def real_receiver(folder: Path, assistant: str = "diet") -> AsyncIterator[str]:
    """The address of the real receiver, which alone decides whose a session is; it keeps a file in `folder`."""
    store = await SqlStore.open(f"sqlite:///{folder / 'receiver.db'}")
    try:
        server = Server(Services(store, make_assistants(), assistant), token=None, drain_seconds=1.0)
        host, port = await server.start("127.0.0.1", next_port())
        try:
            yield f"tcp://{host}:{port}"
        finally:
            await server.stop()
    finally:
        await store.close()


@asynccontextmanager
async def relays_on_one_store(start_relay: StartRelay, folder: Path) -> AsyncIterator[Relays]:
    """Starts relays that check tokens."""
    async with real_receiver(folder) as address:
        yield lambda: start_relay(receiver=(address,), assistants=ALL_DIET, **CHECKED)
