"""What a GET request gets: a page, `/healthz`, or the upgrade to a WebSocket."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Callable, Collection, Iterator, Mapping
from http import HTTPStatus
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import structlog
from aiohttp import web
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from protocol.errors import InternalError, MalformedMessage, Unauthorized, VoiceError
from relay.admission import Admission
from relay.front_door import FrontDoor
from relay.http_replies import SECURITY_HEADERS, status_of
from relay.routes import client_for
from relay.services import Services

log = structlog.get_logger(__name__)

_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html", ".css": "text/css"}

HEALTH_PATH = "/healthz"

MAX_SUBPROTOCOLS = 8
"""Subprotocols of one request that are looked at."""


class Web:
    """The files of the `browser` package, read once, the health of the relay, and its door."""

    def __init__(
        self, admission: Admission, services: Services, health: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._admission = admission
        self._services = services
        self._health = health
        self._files = dict(_files(resources.files("browser"), "/"))
        if "/index.html" in self._files:
            self._files["/"] = self._files["/index.html"]

    @property
    def paths(self) -> Collection[str]:
        """Where there is something to be had for everybody."""
        return {HEALTH_PATH, *self._files}

    def add_routes(self, app: web.Application) -> None:
        """Have `app` answer HEAD requests, which `websockets` does not take, and refuse the other methods."""
        for path in self.paths:
            app.router.add_get(path, self._answer_head)

    async def process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a plain request, or refuse a WebSocket; None lets the handshake go on."""
        assert isinstance(connection, FrontDoor)
        path = request.path.partition("?")[0]
        try:
            self._admission.check_host(_one(request.headers, "Host") or "")
            if "websocket" in (_one(request.headers, "Upgrade") or "").lower():
                return await self._let_in(connection, request, path)
            return self._read(path, request.headers.get("If-None-Match"))
        except VoiceError as error:
            return refuse(error)
        except Exception:
            log.exception("request failed")  # without its path, which may be a ticket
            return refuse(InternalError())

    def _read(self, path: str, known: str | None) -> Response:
        """What is at `path`; `known` is the tag of what the browser has of it already."""
        if path == HEALTH_PATH:
            return _respond(HTTPStatus.OK, json.dumps(self._health()).encode(), "application/json")
        body = self._files.get(path)
        if body is None:
            return _respond(HTTPStatus.NOT_FOUND, b"There is nothing at this path.\n")
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if known == etag:
            return _respond(HTTPStatus.NOT_MODIFIED, b"", etag=etag)
        return _respond(HTTPStatus.OK, body, _content_type(path), etag=etag)

    async def _answer_head(self, request: web.Request) -> web.Response:
        """As a GET would be, and aiohttp leaves out the body (RFC 9110, section 9.3.2)."""
        response = self._read(request.path, request.headers.get("If-None-Match"))
        return web.Response(
            status=response.status_code, headers=dict(response.headers.raw_items()), body=response.body
        )

    async def _let_in(self, connection: FrontDoor, request: Request, path: str) -> Response | None:
        """Raises `VoiceError` to refuse."""
        client = client_for(path)
        if client is None:
            return _respond(HTTPStatus.NOT_FOUND, b"There is no socket at this path.\n")
        headers = request.headers
        self._admission.check_origin(_one(headers, "Origin"), _one(headers, "Host") or "")
        offered = [
            name.strip() for value in headers.get_all("Sec-WebSocket-Protocol") for name in value.split(",")
        ][:MAX_SUBPROTOCOLS]
        identity = await self._admission.identify(
            _one(headers, "Authorization"), offered, later=client.token_in_hello
        )
        connection.identity = await client.admit(request, self._services, identity)
        return None


def refuse(error: VoiceError) -> Response:
    """A refusal before the upgrade: 401 asks for a token, 503 to come back, 403 says no."""
    body = json.dumps(
        {"type": "error", "code": error.code, "message": error.message, "retryable": error.retryable}
    )
    response = _respond(status_of(error), body.encode(), "application/json")
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _one(headers: Headers, name: str) -> str | None:
    """The header's only value. Raises `MalformedMessage` for two: which of them counts is anybody's guess."""
    values = headers.get_all(name)
    if len(values) > 1:
        raise MalformedMessage(f"There is more than one {name} header.")
    return values[0] if values else None


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.name.startswith(("_", ".")):
            yield from _files(entry, f"{path}{entry.name}/")
        elif entry.is_file() and not entry.name.endswith((".py", ".pyc")):
            yield path + entry.name, entry.read_bytes()


def _content_type(path: str) -> str:
    name = "index.html" if path == "/" else path
    suffix = name[name.rfind(".") :]
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _respond(
    status: HTTPStatus, body: bytes, content_type: str = "text/plain", etag: str | None = None
) -> Response:
    headers = Headers(SECURITY_HEADERS)
    headers["Content-Type"] = f"{content_type}; charset=utf-8"
    headers["Content-Length"] = str(len(body))
    headers["Cache-Control"] = "no-cache"
    headers["Connection"] = "close"
    if etag:
        headers["ETag"] = etag
    return Response(status.value, status.phrase, headers, body)
