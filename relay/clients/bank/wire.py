"""Socket.IO and Engine.IO below it, as python-socketio speaks them, with the bounds that a relay needs.

WebSocket is the only transport. python-socketio bounds neither what waits for a client that does not read nor the
pieces of a binary event, and some frames that no client sends would end its reader without a word to anybody; here
each of that ends in an error for the client, or with its connection.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import engineio
from aiohttp import web
from engineio import packet as engine_packet
from engineio.async_drivers import aiohttp as engine_driver
from socketio import AsyncServer
from socketio import packet as socket_packet

PING_SECONDS = 10
PONG_SECONDS = 15
"""A client that answers no ping of Engine.IO for this long is gone: noticed within 25 s."""

MAX_MESSAGE_BYTES = 1024 * 1024
"""Longest message that is read. A longer one ends the connection (RFC 6455, 1009)."""

MAX_QUEUED_PACKETS = 500
MAX_QUEUED_BYTES = 8 * 1024 * 1024
"""What waits for a client that does not read; the writer may hold as much again. Past either the connection is cut;
the session stays and can be taken up again."""

CLOSE_SECONDS = 5.0
"""How long a connection that ends may take to send what waits; then it is cut."""

CONNECT_SECONDS = 20.0
"""A connection that has no Socket.IO client on it by then is cut."""

CONNECTION = "relay.connection"
"""Where a request's environ holds its `Connection`."""

MALFORMED = ""
"""Name of the event that an event is taken for which cannot be read."""

# What goes on over a WebSocket in Engine.IO 4: a pong, or a Socket.IO packet. A client also says that it closes;
# everything else belongs to polling, or only servers send it.
_FRAME = re.compile(r"3\Z|4[0-6]")
_PACKET_OVERHEAD_BYTES = 64

# Both packages log what is said, and a traceback for each malformed packet. Neither is anybody's business.
_SILENT = logging.Logger("socketio", logging.CRITICAL + 1)


class OutgoingQueue(asyncio.Queue[Any]):
    """Engine.IO packets that wait to be written, and None for the end. `put` never waits."""

    def _init(self, maxsize: int) -> None:
        self._queue: deque[tuple[Any, int]] = deque()
        self._bytes = 0
        self._overflowed = False
        self.on_overflow: Callable[[], None] = lambda: None
        """Called once; all that waits is dropped by then, and whatever is put from then on."""

    def _put(self, item: Any) -> None:
        data = item.data if item is not None else None
        size = _PACKET_OVERHEAD_BYTES + (len(data) if isinstance(data, str | bytes) else 0)
        if item is not None:
            if self._overflowed:
                return
            if len(self._queue) >= MAX_QUEUED_PACKETS or self._bytes + size > MAX_QUEUED_BYTES:
                self._overflowed = True
                self._queue.clear()
                self._bytes = 0
                self.on_overflow()
                return
        self._queue.append((item, size))
        self._bytes += size

    def _get(self) -> Any:
        item, size = self._queue.popleft()
        self._bytes -= size
        return item


class Packet(socket_packet.Packet):  # type: ignore[misc]
    """A Socket.IO packet. An event that cannot be read is the event `MALFORMED`, so that its sender is told.

    An event has one binary part or none. Acknowledgements are refused: nothing that is sent asks for one.
    """

    packet_type: int
    data: Any
    id: int | None

    def decode(self, encoded_packet: Any) -> int:
        """The number of binary parts that follow. Raises `ValueError` for what is no event and cannot be read."""
        try:
            attachments: int = super().decode(encoded_packet)
            if self.packet_type in (socket_packet.CONNECT, socket_packet.DISCONNECT):
                return 0
            if attachments == _ATTACHMENTS.get(self.packet_type) and _is_event(self.data):
                return attachments
        except (ValueError, TypeError, RecursionError):
            pass
        if self.packet_type not in _ATTACHMENTS:
            raise ValueError("not a packet that a client may send")
        self.packet_type, self.data, self.id = socket_packet.EVENT, [MALFORMED], None
        return 0

    def add_attachment(self, attachment: Any) -> bool:
        try:
            return bool(super().add_attachment(attachment))
        except (ValueError, TypeError, LookupError, RecursionError):  # it stands nowhere in the event
            self.data, self.id = [MALFORMED], None
            return True


_ATTACHMENTS = {socket_packet.EVENT: 0, socket_packet.BINARY_EVENT: 1}


def _is_event(data: object) -> bool:
    return isinstance(data, list) and bool(data) and isinstance(data[0], str)


class Connection:
    """What a client is told: in order, never waited for, bounded by its `OutgoingQueue`."""

    def __init__(self, queue: OutgoingQueue, transport: asyncio.Transport) -> None:
        self._queue = queue
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._cutting: asyncio.TimerHandle | None = None
        self.over = False
        """Whether it is no more."""
        self.cut_after(CONNECT_SECONDS)
        queue.on_overflow = transport.abort

    def emit(self, event: str, data: dict[str, Any] | bytes) -> None:
        """Send an event with one argument."""
        self._send(Packet(socket_packet.EVENT, data=[event, data]))

    def disconnect(self) -> None:
        """Tell the client that it is to stay away, and close. Its library does not connect again by itself."""
        self._send(Packet(socket_packet.DISCONNECT))
        self.close()

    def close(self) -> None:
        """Close after what waits is sent; 5 s at most. The client's library connects again by itself."""
        self._queue.put_nowait(None)
        self.cut_after(CLOSE_SECONDS)

    def cut(self) -> None:
        """End it as a failing network does."""
        self._transport.abort()

    def cut_after(self, seconds: float | None) -> None:
        """Cut it then; None: not by itself any more."""
        if self._cutting is not None:
            self._cutting.cancel()
        self._cutting = (
            self._loop.call_later(seconds, self.cut) if seconds is not None and not self.over else None
        )

    def end(self) -> None:
        """It is no more."""
        self.over = True
        self.cut_after(None)

    def _send(self, packet: Packet) -> None:
        parts = packet.encode()
        for part in parts if isinstance(parts, list) else [parts]:
            self._queue.put_nowait(engine_packet.Packet(engine_packet.MESSAGE, part))


class _WebSocket(engine_driver.WebSocket):  # type: ignore[misc]
    """Engine.IO's WebSocket on aiohttp, uncompressed; audio does not compress, and it would cost 64 KB a client."""

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        self._sock = web.WebSocketResponse(
            timeout=CLOSE_SECONDS, compress=False, max_msg_size=self.server.max_http_buffer_size
        )
        await self._sock.prepare(environ["aiohttp.request"])
        self.environ = environ
        await self.handler(self)
        return self._sock

    async def wait(self) -> str | bytes:
        """The next frame. Raises `OSError`, which ends the connection, when there is none or it is none of ours."""
        frame: str | bytes = await super().wait()
        if isinstance(frame, str) and not _FRAME.match(frame):
            raise OSError("not a frame of Engine.IO")
        return frame


class _Engine(engineio.AsyncServer):  # type: ignore[misc]
    _async: dict[str, Any]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._async = {**self._async, "websocket": _WebSocket}
        self._tasks: set[asyncio.Task[Any]] = set()

    def create_queue(self, *args: Any, **kwargs: Any) -> OutgoingQueue:
        return OutgoingQueue()

    def start_background_task(
        self, target: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any
    ) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(target(*args, **kwargs))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def shutdown(self) -> None:
        """Stop what runs beside the connections; pings sleep on after theirs has ended."""
        await super().shutdown()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class SocketServer(AsyncServer):  # type: ignore[misc]
    """python-socketio's server, on aiohttp. `environ[CONNECTION]` of a client is its `Connection`.

    The request's origin is not looked at here: that is done before it comes here.
    """

    def __init__(self) -> None:
        super().__init__(
            async_mode="aiohttp",
            async_handlers=False,  # a client's events are taken in order; while one is waited for, none is read
            transports=["websocket"],
            allow_upgrades=False,
            cors_allowed_origins=[],
            ping_interval=PING_SECONDS,
            ping_timeout=PONG_SECONDS,
            max_http_buffer_size=MAX_MESSAGE_BYTES,
            serializer=Packet,
            logger=_SILENT,
            engineio_logger=_SILENT,
        )
        self._connections: dict[str, Connection] = {}

    @property
    def connections(self) -> list[Connection]:
        return list(self._connections.values())

    def _engineio_server_class(self) -> type[_Engine]:
        return _Engine

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> bool | None:
        transport = environ["aiohttp.request"].transport
        if transport is None:
            return False  # it has gone meanwhile
        environ[CONNECTION] = self._connections[eio_sid] = Connection(
            self.eio.sockets[eio_sid].queue, transport
        )
        await super()._handle_eio_connect(eio_sid, environ)
        return None

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        connection = self._connections.pop(eio_sid)
        connection.end()
        if reason == self.reason.PING_TIMEOUT:
            connection.cut()  # or it would still be read
        await super()._handle_eio_disconnect(eio_sid, reason)
