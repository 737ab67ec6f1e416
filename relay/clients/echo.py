"""The echo (path `/ws`): every message comes back as it is, to see whether a connection works at all."""

from __future__ import annotations

from collections.abc import Awaitable

from protocol.client_messages import ErrorMessage
from protocol.errors import VoiceError
from relay.clients.socket_client import SocketClient


class EchoClient(SocketClient):
    """A client that reads more slowly than it writes gets `client_too_slow`, as everywhere."""

    def take_binary(self, data: bytes) -> Awaitable[None] | None:
        self.send_binary(data)
        return None

    def take_text(self, text: str) -> Awaitable[None] | None:
        self.send_text(text)
        return None

    def report(self, error: VoiceError) -> None:
        """Only before the relay closes the connection: nothing that comes can be wrong."""
        self.send_json(ErrorMessage.of(error).to_wire())
