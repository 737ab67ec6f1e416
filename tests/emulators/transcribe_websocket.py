"""Transcribe's WebSocket interface: a presigned URL, then one event-stream message a binary frame."""

from __future__ import annotations

import asyncio
import http
import json
import ssl
import urllib.parse

from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.emulators.eventstream import MalformedStream, decode_one
from tests.emulators.sigv4 import verify_presigned
from tests.emulators.transcribe_service import SERVICE, Refusal, TranscribeService
from tests.emulators.transcribe_session import Session, exception

PATH = "/stream-transcription-websocket"


class _Outbound:
    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self.ended = asyncio.Event()

    def send(self, message: bytes) -> None:
        broadcast([self._connection], message)

    def end(self) -> None:
        self.ended.set()

    def cut(self) -> None:
        self._connection.transport.abort()


class WebSocketTranscribe:
    """The listening side. Signature mistakes are refused at the handshake; anything after it is an exception frame."""

    def __init__(self, service: TranscribeService) -> None:
        self._service = service
        self._server: Server | None = None

    async def start(self, context: ssl.SSLContext | None, port: int = 0) -> int:
        """Listen on loopback, with TLS if a context is given. Returns the port."""
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            port,
            ssl=context,
            compression=None,
            process_request=self._admit,
            max_size=64 * 1024,
            ping_interval=None,
            close_timeout=1,
        )
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if urllib.parse.urlsplit(request.path).path != PATH:
            return _refusal(Refusal(404, "UnknownOperationException", "no such path"))
        if self._service.script.deaf:
            await connection.wait_closed()
        headers = {name.lower(): value for name, value in request.headers.raw_items()}
        try:
            self._service.authorise(
                lambda: verify_presigned(request.path, headers, self._service.keys, SERVICE)
            )
        except Refusal as refusal:
            return _refusal(refusal)
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = urllib.parse.urlsplit(connection.request.path).query
        parameters = {
            name: value for name, value in urllib.parse.parse_qsl(query) if not name.startswith("X-Amz-")
        }
        try:
            script = self._service.check(parameters)
        except Refusal as refusal:
            await connection.send(exception(refusal.code, refusal.message))
            return
        outbound = _Outbound(connection)
        session = self._service.open(script, parameters, outbound)
        tasks = [
            asyncio.create_task(_read(connection, session)),
            asyncio.create_task(outbound.ended.wait()),
            asyncio.create_task(connection.wait_closed()),  # a stalled reader would not notice
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            session.gone()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _read(connection: ServerConnection, session: Session) -> None:
    try:
        async for frame in connection:
            try:
                message = decode_one(frame if isinstance(frame, bytes) else frame.encode())
            except MalformedStream as error:
                session.fail("BadRequestException", f"Could not decode the audio stream: {error}.")
                return
            session.receive(message.payload)
            if session.stalled:
                await asyncio.Event().wait()
    except ConnectionClosed:
        pass


def _refusal(refusal: Refusal) -> Response:
    body = json.dumps({"message": refusal.message}).encode()
    status = http.HTTPStatus(refusal.status)
    headers = Headers(
        [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("x-amzn-ErrorType", f"{refusal.code}:http://internal.amazon.com/"),
            ("Connection", "close"),
        ]
    )
    return Response(status.value, status.phrase, headers, body)
