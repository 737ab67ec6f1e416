"""Socket.IO at `/socket.io/`: connections are let in or refused, and each one's events go to its `BankClient`."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated, Any, Literal

import structlog
from aiohttp import web
from pydantic import Field
from socketio.exceptions import ConnectionRefusedError as Refused

from protocol.client_messages import Hello
from protocol.errors import (
    AtCapacity,
    InsecureConnection,
    InternalError,
    MalformedMessage,
    Unauthorized,
    UnknownType,
    VoiceError,
)
from protocol.messages import Credentials, Id, Message, Name, by_type, parse
from relay.clients.bank.page import BankClient
from relay.clients.bank.wire import CONNECTION, Connection, SocketServer
from relay.http_app import IDENTITY
from relay.identity import ANYBODY, Identity, session_token
from relay.services import Services
from relay.speaking import MAX_SENTENCES
from relay.transport_security import is_private, without_credentials

log = structlog.get_logger(__name__)

SESSION_KIND = "bank"
"""Keeps the page's sessions apart from those of other clients."""

STOP_SECONDS = 1.5
"""How long clients may take to see that the relay stops; then they are cut."""


class Auth(Message):
    """What a client says with its CONNECT; all fields are optional."""

    type: Literal["auth"] = "auth"
    token: Annotated[str, Field(max_length=8192)] | None = None
    session_id: Annotated[Id | None, Field(validation_alias="sessionId")] = None
    name: Name | None = None
    timezone: Name | None = None
    credentials: Credentials | None = None
    """As in `hello`."""
    received: Annotated[int, Field(ge=0)] | None = None
    """The turn of the last whole answer that it has; later ones are told again."""


AUTH = by_type(Auth)


def attach(app: web.Application, services: Services) -> SocketServer:
    """Serve Socket.IO in `app`, until the application shuts down.

    A request's host and origin are the application's to check. Who is asking is found from the token of CONNECT, or
    else from the request's `Authorization` header.
    """
    server = SocketServer()
    clients = _Clients(server, services)
    server.on("connect", clients.connect)
    server.on("disconnect", clients.disconnect)
    server.on("*", clients.event)
    server.attach(app)  # at /socket.io/
    app.on_shutdown.append(clients.stop)
    return server


class _Clients:
    """The clients of one server, by the id that Socket.IO gives each."""

    def __init__(self, server: SocketServer, services: Services) -> None:
        self._server = server
        self._services = services
        self._clients: dict[str, BankClient] = {}

    async def connect(self, sid: str, *args: Any) -> None:
        """A client's CONNECT. Raises python-socketio's `ConnectionRefusedError`, which it tells the client."""
        if self._is_connected(sid):
            await self.event("connect", sid)  # an event that only bears this name
            return
        environ, auth = args
        connection: Connection = environ[CONNECTION]
        try:
            client = await self._admit(connection, environ["aiohttp.request"], {} if auth is None else auth)
        except VoiceError as error:
            raise _refused(error) from None
        except Exception:
            log.exception("client failed", client="BankClient")
            raise _refused(InternalError()) from None
        connection.cut_after(None)
        self._clients[sid] = client
        # The answer to CONNECT is written when this has returned, and goes before everything else.
        asyncio.get_running_loop().call_soon(client.begin)

    async def disconnect(self, sid: str, *reason: object) -> None:
        """A client has gone, or its connection has."""
        if self._is_connected(sid):
            await self.event("disconnect", sid)
            return
        if (client := self._clients.pop(sid, None)) is not None:
            client.connection.close()
            await client.ended()

    async def event(self, event: str, sid: str, *args: object) -> dict[str, Any] | None:
        """Any other event. What is returned acknowledges it, if the client asks for that."""
        client = self._clients.get(sid)
        return await client.take(event, *args) if client is not None else None

    async def stop(self, app: web.Application) -> None:
        """The relay stops: let the clients go, which come back by themselves."""
        for connection in self._server.connections:
            connection.close()
        until = asyncio.get_running_loop().time() + STOP_SECONDS
        while self._server.connections and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.01)
        for connection in self._server.connections:
            connection.cut()
        await self._server.shutdown()

    def _is_connected(self, sid: str) -> bool:
        """Whether it is connected, and not just about to be or to be no more: only then do its events come here."""
        return bool(self._server.manager.is_connected(sid, "/"))

    async def _admit(self, connection: Connection, request: web.Request, data: object) -> BankClient:
        auth = _parse_auth(data)
        identity = await self._identify(request, auth.token)
        if connection.over:
            raise AtCapacity  # it has gone meanwhile, and nobody will say so again
        session_id = auth.session_id or secrets.token_urlsafe(16)
        hello = Hello(
            session_id=session_id,
            resume_token=session_token(SESSION_KIND, session_id, identity.user),
            name=auth.name,
            timezone=auth.timezone,
            credentials=auth.credentials,
            replies="sentences",
            deltas=True,
            received=(auth.received, MAX_SENTENCES) if auth.received is not None else None,
        )
        private = is_private(self._services.settings, request.headers.items())
        client = BankClient(connection, self._services, identity)
        client.join(hello if private else without_credentials(hello))
        if not private and hello.credentials:
            client.report(InsecureConnection())
        return client

    async def _identify(self, request: web.Request, token: str | None) -> Identity:
        shown: Identity = request.get(IDENTITY, ANYBODY)
        if token is None and shown.user is not None:
            return shown
        identity = await self._services.authenticator.identify(token)
        if shown.user not in (None, identity.user):
            raise Unauthorized("The tokens of this connection are of two different people.")
        return identity


def _parse_auth(data: object) -> Auth:
    """Raises `MalformedMessage`."""
    if not isinstance(data, dict):
        raise MalformedMessage("'auth' is an object.")
    auth = parse({**data, "type": "auth"}, AUTH, UnknownType)
    assert isinstance(auth, Auth)
    return auth


def _refused(error: VoiceError) -> Refused:
    return Refused(
        error.message, {"code": error.code, "message": error.message, "retryable": error.retryable}
    )
