"""Accepts connections, gives each to its kind of client, starts and stops everything else."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from weakref import WeakSet

import structlog
from aiohttp import web
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from protocol import PROTOCOL_VERSION
from protocol.client_messages import MAX_CLIENT_MESSAGE_BYTES
from protocol.errors import SettingsError
from relay.admission import SUBPROTOCOL, Admission
from relay.call_summary import CallSummaries
from relay.calls import Calls
from relay.clients.diet.pages import DietPages
from relay.front_door import FrontDoor, HttpProtocol
from relay.http_app import make_app, make_runner
from relay.identity import make_authenticator
from relay.receiver_link import ReceiverLink
from relay.recordings import make_recordings
from relay.routes import add_http_routes, client_for, is_plain
from relay.services import Services
from relay.sessions import Sessions
from relay.settings import RelaySettings
from relay.stt import SttEngine
from relay.stt.engines import make_stt
from relay.tickets import Tickets
from relay.tts import TtsEngine
from relay.tts.engines import make_tts
from relay.web import Web

log = structlog.get_logger(__name__)

PING_SECONDS = 10.0
PONG_SECONDS = 15.0
"""A client that answers no WebSocket ping for this long is gone: noticed within 25 s."""

MAX_UNREAD_MESSAGES = 16
"""Messages of a client that wait to be taken; past it the socket is not read, which slows the client down."""


class Relay:
    """A running relay: `start()`, then `stop()`. Engines may be handed in; otherwise the settings name them."""

    def __init__(
        self, settings: RelaySettings, *, stt: SttEngine | None = None, tts: TtsEngine | None = None
    ) -> None:
        self.settings = settings
        self._stt = stt or make_stt(settings)
        self._tts = tts or make_tts(settings)
        self.link = ReceiverLink(settings.receiver, settings.receiver_token, ca=settings.receiver_ca)
        self.sessions = Sessions(settings, self._stt, self._tts, self.link)
        self._authenticator = make_authenticator(settings)
        calls = Calls(settings.max_calls)
        self.services = Services(
            settings=settings,
            authenticator=self._authenticator,
            sessions=self.sessions,
            stt=self._stt,
            calls=calls,
            summaries=CallSummaries(self.link, calls),
            tickets=Tickets(),
            recordings=make_recordings(settings),
            diet_pages=DietPages(),
        )
        self._admission = Admission(settings, self._authenticator)
        self._web = Web(self._admission, self.services, self.health)
        self._http: web.AppRunner | None = None
        self._server: Server | None = None
        self._connections: WeakSet[FrontDoor] = WeakSet()  # also those before their handshake
        self._link_task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port listened on, also when the settings said 0."""
        assert self._server is not None
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return port

    async def start(self, progress: Callable[[str], None] = lambda line: None) -> None:
        """Load the engines and listen. Raises `SettingsError` with one clear line when that cannot be."""
        progress(f"loading speech recognition ({self._stt.name})")
        await self._stt.start()
        try:
            progress(f"loading the voice ({self._tts.name})")
            await self._tts.start()
            await self.services.recordings.start()
            self._link_task = asyncio.create_task(self.link.run(), name="receiver link")
            self._server = await self._listen()
        except BaseException:
            await self.stop()
            raise

    async def _listen(self) -> Server:
        settings, connections = self.settings, self._connections
        app = make_app(self.services, self._admission, self._web.paths)
        add_http_routes(app, self.services)
        self._web.add_routes(app)
        runner = self._http = make_runner(app)
        await runner.setup()
        http_server = cast(HttpProtocol, runner.server)

        class Connection(FrontDoor):
            http = http_server
            is_plain = staticmethod(is_plain)

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                connections.add(self)

        try:
            return await serve(
                self.handle_websocket,
                settings.host,
                settings.port,
                create_connection=Connection,
                process_request=self._web.process_request,
                select_subprotocol=_select_subprotocol,
                compression=None,  # audio does not compress, and it would cost 64 KB a client
                max_size=MAX_CLIENT_MESSAGE_BYTES,
                max_queue=MAX_UNREAD_MESSAGES,
                ping_interval=PING_SECONDS,
                ping_timeout=PONG_SECONDS,
                close_timeout=2,
                server_header=None,
            )
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = "is in use; stop what uses it, or set RELAY_PORT to another"
            else:
                reason = f"cannot be listened on ({error.strerror})"
            raise SettingsError(f"Port {settings.port} on {settings.host} {reason}.") from None

    async def handle_websocket(self, connection: ServerConnection) -> None:
        """One client, from its handshake to its end."""
        assert isinstance(connection, FrontDoor)
        assert connection.request is not None
        client = client_for(connection.request.path.partition("?")[0])
        assert client is not None  # or it would not have been let in
        await client(connection, self.services, connection.identity).serve()

    async def stop(self) -> None:
        """Finish what is being said, bounded, and let go of everything."""
        if self._server is not None:
            self._server.close(close_connections=False)
        await self.sessions.close()
        await self.services.summaries.close()
        if self._server is not None:
            for connection in list(self._connections):
                # Browsers open some that they may never use; their handshake would be waited for 10 s.
                connection.give_up()
            await asyncio.gather(*(connection.close(1001) for connection in self._server.connections))
        if self._http is not None:
            await self._http.cleanup()
        if self._server is not None:
            await self._server.wait_closed()
        await self.services.recordings.close()
        if self._link_task is not None:
            self._link_task.cancel()
            await asyncio.gather(self._link_task, return_exceptions=True)
        await self._tts.close()
        await self._stt.close()

    def health(self) -> Mapping[str, Any]:
        """For `/healthz`: 'ok', or 'degraded' while the receiver is away (callers wait, and lose nothing)."""
        error = self.link.error
        return {
            "status": "ok" if error is None else "degraded",
            "protocol": PROTOCOL_VERSION,
            "receiver": "connected" if error is None else error.code,
            "stt": self._stt.name,
            "tts": self._tts.name,
            "conversations": len(self.sessions),
            "diet": self.services.diet_pages.health(),
        }


def _select_subprotocol(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Ours where it is offered, which a browser that shows its token beside it must get back."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None
