"""One HTTP/2 connection of awscrt for one request, with the bounds that the amazon-transcribe package leaves out.

The package's own session shares one connection among all streams, waits for ever for an answer on a connection that
was lost, keeps any amount of unread answer, takes a lost connection for the end of the answer, and never closes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, urlsplit

from amazon_transcribe.response import Response
from awscrt import http, io

from relay.stt.transcribe.events import MAX_EVENT_BYTES

MAX_UNREAD_BYTES = 2 * MAX_EVENT_BYTES


class ConnectionLost(OSError):
    """awscrt's reason, as text."""


class CrtResponse:
    """The answer, handed over from awscrt's thread to the event loop's."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._head: asyncio.Future[Response] = self._loop.create_future()
        self._chunks: deque[bytes] = deque()
        self._unread = 0
        self._changed = asyncio.Event()
        self._completed = False
        self._error: ConnectionLost | None = None

    async def resolve_response(self) -> Response:
        """Status and headers. Raises `ConnectionLost`."""
        return await self._head

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body. Raises `ConnectionLost` when that is why it ends."""
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._unread -= len(chunk)
                yield chunk
            if self._error is not None:
                raise self._error
            if self._completed:
                return
            self._changed.clear()
            await self._changed.wait()

    async def consume_body(self) -> bytes:
        return b"".join([chunk async for chunk in self.chunks()])

    async def completed(self) -> None:
        """Return when the exchange is over on both sides, whichever way."""
        while not self._completed:
            self._changed.clear()
            await self._changed.wait()

    # Called on awscrt's thread:

    def on_response(self, status_code: int, headers: list[tuple[str, str]], **_: Any) -> None:
        self._call(self._set_head, status_code, headers)

    def on_body(self, chunk: bytes, **_: Any) -> None:
        self._call(self._add, bytes(chunk))

    def on_complete(self, future: Future[int]) -> None:
        error = future.exception()
        self._call(self._complete, None if error is None else ConnectionLost(str(error)))

    def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        with suppress(RuntimeError):  # the loop has closed: nobody is left to tell
            self._loop.call_soon_threadsafe(function, *arguments)

    # Called on the event loop:

    def _set_head(self, status_code: int, headers: list[tuple[str, str]]) -> None:
        if not self._head.done():
            self._head.set_result(Response(status_code, dict(headers)))

    def _add(self, chunk: bytes) -> None:
        if self._unread + len(chunk) > MAX_UNREAD_BYTES:
            self._error = ConnectionLost(f"more than {MAX_UNREAD_BYTES} bytes of the answer are unread")
        else:
            self._chunks.append(chunk)
            self._unread += len(chunk)
        self._changed.set()

    def _complete(self, error: ConnectionLost | None) -> None:
        self._completed = True
        self._error = self._error or error
        if not self._head.done():
            self._head.set_exception(error or ConnectionLost("the connection ended without an answer"))
            self._head.exception()  # seen, should nobody wait for it any more
        self._changed.set()


class CrtConnection:
    """Stands in for the package's session manager: `make_request` is all that its client calls."""

    def __init__(self, tls: io.ClientTlsContext) -> None:
        self._tls = tls
        self._connection: http.HttpClientConnection | None = None
        self.response: CrtResponse | None = None
        self.body: Any = None

    async def make_request(
        self, url: str, method: str, headers: list[tuple[str, str]], body: Any
    ) -> CrtResponse:
        parts = urlsplit(url)
        self.body = body
        self._connection = await self._connect(parts)
        if self._connection.version is not http.HttpVersion.Http2:
            raise ConnectionLost("the service does not speak HTTP/2")
        self.response = CrtResponse()
        request = http.HttpRequest(method, parts.path, http.HttpHeaders(headers), body)
        stream = self._connection.request(request, self.response.on_response, self.response.on_body)
        stream.completion_future.add_done_callback(self.response.on_complete)
        stream.activate()
        return self.response

    async def close(self) -> None:
        """Close the connection, and with it the request. Returns when awscrt is done with it."""
        if self.body is not None:
            self.body.close()
        connection, self._connection = self._connection, None
        if connection is not None:
            loop = asyncio.get_running_loop()
            done = asyncio.Event()

            def shut_down(_: Future[None]) -> None:
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(done.set)

            connection.close().add_done_callback(shut_down)
            await done.wait()

    async def _connect(self, parts: SplitResult) -> http.HttpClientConnection:
        options = self._tls.new_connection_options()
        options.set_server_name(parts.hostname)
        options.set_alpn_list(["h2"])
        loop = asyncio.get_running_loop()
        connected: asyncio.Future[http.HttpClientConnection] = loop.create_future()

        def settle(future: Future[http.HttpClientConnection]) -> None:
            error = future.exception()
            if connected.done():  # given up meanwhile
                if error is None:
                    future.result().close()
            elif error is not None:
                connected.set_exception(ConnectionLost(str(error)))
            else:
                connected.set_result(future.result())

        def hand_over(future: Future[http.HttpClientConnection]) -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, future)

        # Not asyncio.wrap_future: giving up would cancel awscrt's future, which it then fails to settle, loudly.
        http.HttpClientConnection.new(
            host_name=parts.hostname or "",
            port=parts.port or 443,
            socket_options=io.SocketOptions(),
            tls_connection_options=options,
        ).add_done_callback(hand_over)
        return await connected
