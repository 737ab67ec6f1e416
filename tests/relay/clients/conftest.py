"""The official Socket.IO client, for the tests of the page that uses it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.node.socketio_clients import NodeClients


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
