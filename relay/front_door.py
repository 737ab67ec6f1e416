"""One port for WebSockets and plain HTTP: looks at the first line of a connection and hands it to whom it is for.

The `websockets` package takes GET requests alone, and Socket.IO has a server of its own, on aiohttp. A connection
that is for aiohttp is given to it with the bytes that have come so far; the others never notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

from relay.identity import ANYBODY, Identity

MAX_LINE_BYTES = 8192
"""Longest request line (RFC 9112, section 3, asks for 8,000 at least); with a longer one the connection is left to
`websockets`, which refuses it."""

FIRST_LINE_SECONDS = 10.0
"""A connection that has not sent its request line by then is closed."""

HttpProtocol = Callable[[], asyncio.Protocol]


class FrontDoor(ServerConnection):
    """A connection that is a WebSocket's until its first line says otherwise."""

    http: HttpProtocol
    """Makes the protocol of a plain HTTP connection; set by the server that uses this class."""
    is_plain: Callable[[str, str], bool]
    """Whether a request with this method and path is for it."""
    identity: Identity = ANYBODY
    """Who the client is, once the request has been let in."""

    _early: asyncio.BaseTransport | None = None
    _head = b""
    _plain = False  # whether it has been handed to the HTTP server
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._early = transport
        self._timer = asyncio.get_running_loop().call_later(FIRST_LINE_SECONDS, self.give_up)

    def data_received(self, data: bytes) -> None:
        if self._early is None:
            super().data_received(data)
            return
        self._head += data
        line, end, _ = self._head.partition(b"\r\n")
        if end or len(self._head) > MAX_LINE_BYTES:
            self._hand_over(line.decode("latin-1").split(" "))

    def _hand_over(self, line: list[str]) -> None:
        transport, self._early = self._early, None
        head, self._head = self._head, b""
        assert isinstance(transport, asyncio.Transport)
        self._forget_timer()
        if len(line) == 3 and type(self).is_plain(line[0], line[1].partition("?")[0]):
            self._plain = True
            protocol = type(self).http()
            transport.set_protocol(protocol)
            protocol.connection_made(transport)
            protocol.data_received(head)
        else:
            super().connection_made(transport)
            super().data_received(head)

    def eof_received(self) -> None:
        if self._early is None:
            super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._early is None:
            super().connection_lost(exc)
        self._forget_timer()

    def give_up(self) -> None:
        """Cut a connection that has not said all of what it wants."""
        if self._early is not None:
            self._early.close()
        elif not self._plain and self.state is State.CONNECTING:
            self.transport.abort()

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
