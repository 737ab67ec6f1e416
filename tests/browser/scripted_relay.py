"""A relay that does what the test says: it serves the real page, and validates what the page sends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from protocol.client_messages import FROM_CLIENT, Action, Hello, PastTurn, Ready
from protocol.errors import UnknownType
from protocol.messages import Message, parse
from relay.admission import Admission
from relay.front_door import FrontDoor
from relay.identity import make_authenticator
from relay.server import Relay
from relay.settings import RelaySettings
from relay.tts.scripted import ScriptedVoice
from relay.web import Web
from tests.ports import next_port
from tests.speech_doubles import TriggeredHearing

WAIT_SECONDS = 30.0
"""How long anything may take before a test gives up on it: only a broken test waits so long, on a busy machine too."""


@dataclass
class Client:
    """One connection of the page, and what it has sent."""

    socket: ServerConnection
    hello: Hello | None = None
    messages: list[Message] = field(default_factory=list)
    audio: list[bytes] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, **fields: Any) -> None:
        await self.socket.send(json.dumps(fields))

    def sent(self, kind: str) -> list[Any]:
        return [message for message in self.messages if message.type == kind]  # type: ignore[attr-defined]

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until `true()` holds; looked at after each message of the page."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not true():
                self.changed.clear()
                await self.changed.wait()

    async def drop(self) -> None:
        """Vanish as a network does: no closing handshake."""
        self.socket.transport.abort()


class Door(FrontDoor):
    @staticmethod
    def is_plain(method: str, path: str) -> bool:
        return False


class ScriptedRelay:
    """Serves the page as the relay does, checks what the page sends, and answers `ready` and `pong`.

    `on_action` answers the page's actions.
    """

    def __init__(self) -> None:
        self.clients: list[Client] = []
        self.history: list[PastTurn] = []
        self.session_id = "session-1"
        self.resume_at = 0
        self.welcome: Callable[[Client], Awaitable[None]] = self.send_ready
        self.on_action: Callable[[Client, Action], Awaitable[None]] | None = None
        self.invalid: list[str] = []
        self._joined = asyncio.Event()
        self._server: Server | None = None
        self._port = next_port()
        settings = RelaySettings()
        services = Relay(settings, stt=TriggeredHearing(), tts=ScriptedVoice()).services
        self._web = Web(Admission(settings, make_authenticator(settings)), services, dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    async def start(self) -> None:
        self._server = await serve(
            self._handle,
            "127.0.0.1",
            self._port,
            create_connection=Door,
            process_request=self._web.process_request,
            close_timeout=1,
        )

    async def stop(self) -> None:
        if self._server is not None:
            # asyncio leaks a connection that it accepts in the same turn of the loop in which it closes.
            for socket in self._server.sockets:
                asyncio.get_running_loop().remove_reader(socket.fileno())
            await asyncio.sleep(0.01)
            for client in self.clients:
                client.socket.transport.abort()
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def client(self, number: int = 0) -> Client:
        """The page's connection with this number, after its `hello`."""
        async with asyncio.timeout(WAIT_SECONDS):
            while len([client for client in self.clients if client.hello]) <= number:
                self._joined.clear()
                await self._joined.wait()
        return [client for client in self.clients if client.hello][number]

    async def send_ready(self, client: Client) -> None:
        ready = Ready(
            session_id=self.session_id, resume_token="secret", resume_at=self.resume_at, history=self.history
        )
        await client.socket.send(json.dumps(ready.to_wire()))

    async def _handle(self, socket: ServerConnection) -> None:
        client = Client(socket)
        self.clients.append(client)
        try:
            async for data in socket:
                if isinstance(data, bytes):
                    client.audio.append(data)
                else:
                    await self._take(client, json.loads(data))
                client.changed.set()
        except ConnectionClosed:
            pass

    async def _take(self, client: Client, data: dict[str, Any]) -> None:
        unknown = set(data) - set(FROM_CLIENT[data["type"]].model_fields)
        if unknown:
            self.invalid.append(f"{data['type']} has unknown fields {unknown}")
        message = parse(data, FROM_CLIENT, UnknownType)
        client.messages.append(message)
        if isinstance(message, Hello):
            client.hello = message
            await self.welcome(client)
            self._joined.set()
        elif isinstance(message, Action) and self.on_action is not None:
            await self.on_action(client, message)
        elif data["type"] == "ping":
            await client.send(type="pong")
