"""Plain HTTP beside the WebSockets, on the same port: what is posted, and Socket.IO. An aiohttp application.

`relay/front_door.py` hands connections to it, `relay/routes.py` says which. Every request passes the same checks as a
WebSocket: our name, the page's origin, the token.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from protocol.errors import InternalError, Unauthorized, VoiceError
from relay.admission import Admission
from relay.http_replies import SECURITY_HEADERS, status_of
from relay.identity import Identity
from relay.services import Services

log = structlog.get_logger(__name__)

SOCKET_IO_PATH = "/socket.io/"

OWN_ACCESS: frozenset[str] = frozenset({"/twilio/voice"})
"""Paths whose callers show no token: they sign their requests."""

MAX_BODY_BYTES = 64 * 1024
"""Longest body of a request; a longer one gets 413."""

STOP_SECONDS = 2.0
"""How long open requests are waited for when the relay stops."""

SERVICES = web.AppKey("services", Services)
IDENTITY = web.RequestKey("identity", Identity)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(services: Services, admission: Admission) -> web.Application:
    """The application, without its routes."""

    @web.middleware
    async def let_in(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            host, origin = _one(request, "Host") or "", _one(request, "Origin")
            admission.check_host(host)
            admission.check_origin(origin, host)
            if request.path not in OWN_ACCESS:
                # Socket.IO's client shows its token in a message of its own, later.
                later = request.path.startswith(SOCKET_IO_PATH)
                authorization = _one(request, "Authorization")
                request[IDENTITY] = await admission.identify(authorization, (), later=later)
            return await handler(request)
        except VoiceError as error:
            return refuse(error)
        except web.HTTPException:
            raise
        except Exception:
            log.exception("request failed", path=request.path)
            return refuse(InternalError())

    app = web.Application(middlewares=[let_in], client_max_size=MAX_BODY_BYTES)
    app[SERVICES] = services
    app.on_response_prepare.append(_secure)
    return app


def refuse(error: VoiceError, status: int | None = None) -> web.Response:
    """An error as a response, in the form of the WebSockets' refusals."""
    code = status or (500 if isinstance(error, InternalError) else int(status_of(error)))
    body = {
        "type": "error",
        "code": error.code,
        "error": error.message,
        "message": error.message,
        "retryable": error.retryable,
    }
    response = web.json_response(body, status=code)
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = "Bearer"
    if code == 503:
        response.headers["Retry-After"] = "5"
    return response


async def _secure(request: web.Request, response: web.StreamResponse) -> None:
    if request.path.startswith(SOCKET_IO_PATH):
        return  # its transports have their own
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")


def _one(request: web.Request, name: str) -> str | None:
    values = request.headers.getall(name, [])
    return values[0] if len(values) == 1 else (", ".join(values) if values else None)
