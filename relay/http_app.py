"""Plain HTTP beside the WebSockets, on the same port: what is posted, and Socket.IO. An aiohttp application.

`relay/front_door.py` hands connections to it, `relay/routes.py` says which. Every request passes the same checks as a
WebSocket: our name, the page's origin, the token. Each connection is for one request: the next one may be for the page
or for a WebSocket, which only the front door can tell.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection

import structlog
from aiohttp import web

from protocol.errors import InternalError, MalformedMessage, Unauthorized, VoiceError
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

HEAD_SECONDS = 10.0
"""A connection that has not sent the head of its request by then is closed."""

STOP_SECONDS = 2.0
"""How long open requests are waited for when the relay stops."""

MAX_AGE_SECONDS = 600
"""How long a browser may remember that a page of a listed origin may ask."""

# aiohttp logs a traceback for each malformed request, with a piece of it: that may be a token.
_SILENT = logging.Logger("aiohttp.server", logging.CRITICAL + 1)
# And the subprotocols that a WebSocket offers in vain, of which one may be a token.
logging.getLogger("aiohttp.websocket").setLevel(logging.ERROR)

SERVICES = web.AppKey("services", Services)
IDENTITY = web.RequestKey("identity", Identity)
_ORIGIN = web.RequestKey("origin", str)  # of the page, once it is known to be a welcome one

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(services: Services, admission: Admission, public: Collection[str] = ()) -> web.Application:
    """The application, without its routes. What is at the `public` paths may be read without a token."""

    @web.middleware
    async def let_in(request: web.Request, handler: Handler) -> web.StreamResponse:
        response: web.StreamResponse
        try:
            host, origin = _one(request, "Host") or "", _one(request, "Origin")
            admission.check_host(host)
            admission.check_origin(origin, host)
            if origin is not None:
                request[_ORIGIN] = origin
            if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
                response = _preflight()  # it has no token; the request itself comes next
            else:
                if request.path not in OWN_ACCESS and not (
                    request.method == "HEAD" and request.path in public
                ):
                    # Socket.IO's client shows its token in a message of its own, later.
                    later = request.path.startswith(SOCKET_IO_PATH)
                    authorization = _one(request, "Authorization")
                    request[IDENTITY] = await admission.identify(authorization, (), later=later)
                response = await handler(request)
        except VoiceError as error:
            response = refuse(error)
        except web.HTTPException as error:
            error.force_close()
            raise
        except (web.RequestPayloadError, ConnectionResetError):
            response = refuse(MalformedMessage("The body of the request is broken, or did not come whole."))
        except Exception:
            log.exception("request failed", path=request.path)
            response = refuse(InternalError())
        response.force_close()
        return response

    app = web.Application(middlewares=[let_in], client_max_size=MAX_BODY_BYTES)
    app[SERVICES] = services
    app.on_response_prepare.append(_secure)
    return app


def make_runner(app: web.Application) -> web.AppRunner:
    """What takes the connections that are for the application."""
    return web.AppRunner(
        app, access_log=None, logger=_SILENT, keepalive_timeout=HEAD_SECONDS, shutdown_timeout=STOP_SECONDS
    )


def refuse(error: VoiceError, status: int | None = None) -> web.Response:
    """An error as a response, in the form of the WebSockets' refusals."""
    code = status or int(status_of(error))
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


def _preflight() -> web.Response:
    """What a browser asks for before a page of another origin may post JSON (CORS, fetch.spec.whatwg.org)."""
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
        },
    )


async def _secure(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop("Server", None)  # which would tell the versions of Python and aiohttp
    if origin := request.get(_ORIGIN):
        response.headers.setdefault("Access-Control-Allow-Origin", origin)
        response.headers.setdefault("Vary", "Origin")
    if request.path.startswith(SOCKET_IO_PATH):
        return  # its transports have their own
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")


def _one(request: web.Request, name: str) -> str | None:
    values = request.headers.getall(name, [])
    return values[0] if len(values) == 1 else (", ".join(values) if values else None)
