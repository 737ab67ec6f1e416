"""Plain HTTP on the WebSocket's port: the page, `/healthz`, and who may open a socket at all."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Callable, Mapping
from http import HTTPStatus
from importlib import resources
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from protocol.errors import OriginRefused
from protocol.settings import is_loopback

SOCKET_PATHS = frozenset({"/"})

_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; media-src 'self' blob: data:; img-src 'self' data:; connect-src 'self' ws: wss:; "
        "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html", ".css": "text/css"}


class Web:
    """The files of the `browser` package, read once, and the health of the relay."""

    def __init__(
        self, allowed_origins: tuple[str, ...], host: str, health: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._allowed = frozenset(allowed_origins)
        self._allowed_names = frozenset(_name(origin.partition("://")[2]) for origin in allowed_origins)
        self._local = is_loopback(host)
        self._health = health
        self._files = {
            f"/{entry.name}": entry.read_bytes()
            for entry in resources.files("browser").iterdir()
            if entry.is_file() and not entry.name.endswith((".py", ".pyc"))
        }
        if "/index.html" in self._files:
            self._files["/"] = self._files["/index.html"]

    def process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a plain request, or refuse a WebSocket; None lets the handshake go on."""
        path = request.path.partition("?")[0]
        host = request.headers.get("Host", "")
        if self._local and not self._is_our_name(host):
            # A name of somebody else's that points to this machine would make their page same-origin. That of a
            # listed origin is ours: a TLS proxy on this machine hands it on.
            return _respond(HTTPStatus.FORBIDDEN, b"This relay answers to localhost only.\n")
        if "websocket" in request.headers.get("Upgrade", "").lower():
            if path not in SOCKET_PATHS:
                return _respond(HTTPStatus.NOT_FOUND, b"There is no socket at this path.\n")
            if not self._may_connect(request.headers.get("Origin"), host):
                return _refuse(OriginRefused())
            return None
        if path == "/healthz":
            return _respond(HTTPStatus.OK, json.dumps(self._health()).encode(), "application/json")
        body = self._files.get(path)
        if body is None:
            return _respond(HTTPStatus.NOT_FOUND, b"There is nothing at this path.\n")
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if request.headers.get("If-None-Match") == etag:
            return _respond(HTTPStatus.NOT_MODIFIED, b"", etag=etag)
        return _respond(HTTPStatus.OK, body, _content_type(path), etag=etag)

    def _may_connect(self, origin: str | None, host: str) -> bool:
        """Same origin, or listed. A client that is no browser sends no Origin and is let in."""
        if origin is None or origin.rstrip("/") in self._allowed:
            return True
        return host != "" and origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower())

    def _is_our_name(self, host: str) -> bool:
        name = _name(host)
        return is_loopback(name) or (name != "" and name in self._allowed_names)


def _name(host: str) -> str:
    """The name or address in a `Host` header, without its port."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name.strip("[]").lower()


def _content_type(path: str) -> str:
    name = "index.html" if path == "/" else path
    suffix = name[name.rfind(".") :]
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _refuse(error: OriginRefused) -> Response:
    body = json.dumps({"type": "error", "code": error.code, "message": error.message, "retryable": False})
    return _respond(HTTPStatus.FORBIDDEN, body.encode(), "application/json")


def _respond(
    status: HTTPStatus, body: bytes, content_type: str = "text/plain", etag: str | None = None
) -> Response:
    headers = Headers(_SECURITY_HEADERS)
    headers["Content-Type"] = f"{content_type}; charset=utf-8"
    headers["Content-Length"] = str(len(body))
    headers["Cache-Control"] = "no-cache"
    headers["Connection"] = "close"
    if etag:
        headers["ETag"] = etag
    return Response(status.value, status.phrase, headers, body)
