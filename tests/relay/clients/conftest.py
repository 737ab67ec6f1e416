"""The official Socket.IO client, for the tests of the page that uses it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.node.socketio_clients import NodeClients


@pytest.fixture(scope="package")
def node() -> Iterator[NodeClients]:
    clients = NodeClients()
    yield clients
    clients.close()
