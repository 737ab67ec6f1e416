"""Clients of Socket.IO that nobody published: what they send wrongly, too much or not at all harms only themselves."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from relay import routes
from relay.clients.bank import server as socketio_server
from relay.clients.bank import wire as socketio_wire
from relay.clients.bank.wire import SocketServer
from relay.server import Relay
from relay.services import Services
from tests.relay.conftest import StartRelay
from tests.scripted_receiver import ScriptedReceiver

Until = Callable[..., Awaitable[None]]


class RawClient:
    """Speaks Engine.IO 4 and Socket.IO 5 by hand, over a real WebSocket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.pong = True
        """Whether it answers pings."""
        self.pings = 0
        self.events: list[tuple[str, Any]] = []
        self._frames: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        """Answer pings, also while the test is busy with somebody else, and keep the rest."""
        try:
            async for frame in self.socket:
                if frame == "2":
                    self.pings += 1
                    if self.pong:
                        await self.socket.send("3")
                else:
                    self._frames.put_nowait(frame)
        except ConnectionClosed:
            pass
        self._frames.put_nowait(None)

    async def join(self, **auth: Any) -> None:
        await self.socket.send(f"40{json.dumps(auth)}")
        await self.expect("ready")

    async def send(self, event: str, *args: Any) -> None:
        await self.socket.send(f"42{json.dumps([event, *args])}")

    async def expect(self, event: str, **fields: Any) -> Any:
        """The next such event; what comes before it is kept."""
        async with asyncio.timeout(30):
            while True:
                frame = await self._frames.get()
                assert frame is not None, "the relay has ended the connection"
                if isinstance(frame, str) and frame.startswith("42"):
                    name, data = json.loads(frame[2:])
                    self.events.append((name, data))
                    if name == event and fields.items() <= data.items():
                        return data

    async def ask(self, text: str) -> None:
        await self.send("bankingQuery", text)
        await self.expect("textResponse", text=f"You said: {text}.")

    async def closed(self) -> None:
        """Wait until the relay has ended the connection."""
        async with asyncio.timeout(30):
            await self.reading


async def send_for_ever(connection: ClientConnection, frame: str) -> None:
    while True:
        await connection.send(frame)
        await asyncio.sleep(0.001)


Open = Callable[..., Awaitable[RawClient]]


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> list[SocketServer]:
    """What relays that start from now on serve Socket.IO with."""
    found: list[SocketServer] = []

    def attach(app: web.Application, services: Services) -> SocketServer:
        found.append(socketio_server.attach(app, services))
        return found[-1]

    monkeypatch.setattr(routes, "attach", attach)
    return found


@pytest.fixture
async def relay(servers: list[SocketServer], start_relay: StartRelay, until: Until) -> AsyncIterator[Relay]:
    """At the end, when all its clients have gone, nothing of any of them is left in the library's tables."""
    relay = await start_relay()
    yield relay
    (server,) = servers
    manager = server.manager

    def tables() -> list[Any]:
        in_manager = [manager.rooms, manager.pending_connect, manager.pending_disconnect, manager.callbacks]
        return [server.connections, *in_manager, server.environ, server._binary_packet, server.eio.sockets]

    await until(lambda: not any(tables()))


@pytest.fixture
async def open_raw(relay: Relay) -> AsyncIterator[Open]:
    opened: list[RawClient] = []

    async def open_raw(small_buffer: bool = False) -> RawClient:
        url = f"ws://127.0.0.1:{relay.port}/socket.io/?EIO=4&transport=websocket"
        tcp = socket.socket()
        if small_buffer:
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        tcp.setblocking(False)
        await asyncio.get_running_loop().sock_connect(tcp, ("127.0.0.1", relay.port))
        client = RawClient(await connect(url, sock=tcp, compression=None, max_size=None))
        opened.append(client)
        return client

    yield open_raw
    for client in opened:
        client.socket.transport.abort()
        await client.reading


@pytest.fixture
async def other(open_raw: Open) -> AsyncIterator[RawClient]:
    """Somebody else, who is answered to the end and told of no error."""
    other = await open_raw()
    await other.join()
    yield other
    await other.ask("still here")
    assert [data for event, data in other.events if event == "error"] == []


@pytest.fixture
async def client(open_raw: Open, other: RawClient) -> RawClient:
    client = await open_raw()
    await client.join()
    return client


DEEP = "[" * 100_000 + "]" * 100_000

EVENTS = [
    ("no JSON", ["42[nonsense"], "malformed_message"),
    ("no list", ['42{"bankingQuery": 1}'], "malformed_message"),
    ("an empty list", ["42[]"], "malformed_message"),
    ("nothing", ["42"], "malformed_message"),
    ("a name that is no text", ['42[["bankingQuery"], "hi"]'], "malformed_message"),
    ("a nesting without end", [f'42["bankingQuery", {DEEP}]'], "malformed_message"),
    ("an id of a thousand digits", [f'42{"1" * 1_000}["bankingQuery", "hi"]'], "malformed_message"),
    ("a name that is not known", ['42["sing", "aloud"]'], "unknown_type"),
    ("a name of half a megabyte", [f'42["{"a" * 500_000}"]'], "unknown_type"),
    ("the name of CONNECT", ['42["connect", {}, {"sessionId": "stolen"}, 1]'], "unknown_type"),
    ("the name of DISCONNECT", ['42["disconnect", "why not"]'], "unknown_type"),
    ("a million binary parts", ['451000000-["audioData"]'], "malformed_message"),
    ("a binary event without a binary part", ['450-["audioData"]'], "malformed_message"),
    (
        "a binary part that stands nowhere",
        ['451-["audioData", {"_placeholder": true, "num": 7}]', b"\\0" * 320],
        "malformed_message",
    ),
    (
        "text for a binary part",
        ['451-["audioData", {"_placeholder": true, "num": 0}]', '42["interrupt"]'],
        None,
    ),
    ("binary data that nothing announced", [b"\\x1a\\x45\\xdf\\xa3"], None),
    ("an acknowledgement of nothing", ["431[]", '461-1[{"_placeholder": true, "num": 0}]', b"123"], None),
    ("an error of connecting", ['44{"message": "no"}'], None),
    ("another namespace", ["40/admin,", '42/admin,["bankingQuery", "hi"]'], None),
    ("connecting twice", ["40", '40{"sessionId": "another"}'], None),
]


async def test_an_event_that_makes_no_sense_is_an_error_and_the_next_one_is_taken(
    client: RawClient, relay: Relay, subtests: pytest.Subtests
) -> None:
    for name, frames, code in EVENTS:
        with subtests.test(name):
            for frame in frames:
                await client.socket.send(frame)
            if code is not None:
                error = await client.expect("error")
                assert (error["type"], error["code"]) == ("processing", code)
            await client.ask(f"after {name}")
    assert len(relay.sessions) == 2


FRAMES = [
    ("an empty frame", ""),
    ("no digit", "hello"),
    ("a packet that only servers send", "0{}"),
    ("a ping", "2"),
    ("an upgrade of what is one already", "5"),
    ("a message of no type", "4"),
    ("a nesting without end", f"4{DEEP}"),
    ("a digit of another script", "4²"),
    ("the end", "1"),
]


async def test_a_frame_of_another_protocol_ends_its_connection(
    open_raw: Open, other: RawClient, subtests: pytest.Subtests
) -> None:
    for name, frame in FRAMES:
        with subtests.test(name):
            client = await open_raw()
            await client.join(sessionId="mine")
            await client.socket.send(frame)
            await client.socket.send("40")
            await client.closed()


async def test_a_message_too_long_to_read_ends_its_connection(client: RawClient) -> None:
    await client.socket.send(f'42["bankingQuery", "{"x" * 1_100_000}"]')
    await client.closed()


async def test_a_refused_client_may_try_again_on_its_connection_and_leaves_nothing(
    open_raw: Open, other: RawClient
) -> None:
    client = await open_raw()
    for _ in range(5):
        await client.socket.send('40{"sessionId": 7}')
    await client.join(sessionId="mine")
    await client.ask("hello")


async def test_a_client_that_leaves_and_stays_connected_is_let_go(
    client: RawClient, relay: Relay, until: Until
) -> None:
    await client.socket.send("41")
    await client.closed()


async def test_a_connection_without_a_client_is_cut(
    open_raw: Open, other: RawClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socketio_wire, "CONNECT_SECONDS", 0.1)
    client = await open_raw()
    await client.closed()


async def test_a_client_that_does_not_read_is_cut_and_may_come_back(
    open_raw: Open,
    relay: Relay,
    other: RawClient,
    receiver: ScriptedReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socketio_wire, "MAX_QUEUED_BYTES", 64 * 1024)
    receiver.answer = lambda said: "word " * 3_000 if said == "more" else f"You said: {said}."
    client = await open_raw(small_buffer=True)
    await client.join(sessionId="mine")
    client.socket.transport.pause_reading()
    async with asyncio.timeout(30):
        with pytest.raises(ConnectionClosed):
            await send_for_ever(client.socket, '42["bankingQuery", "more"]')
    again = await open_raw()
    await again.join(sessionId="mine")
    await again.ask("here I am")


async def test_a_client_that_answers_no_ping_is_cut_and_not_read_any_more(
    servers: list[SocketServer], start_relay: StartRelay, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    """Beside one that answers, and stays."""
    monkeypatch.setattr(socketio_wire, "PING_SECONDS", 0.1)
    monkeypatch.setattr(socketio_wire, "PONG_SECONDS", 1.0)
    relay = await start_relay()
    url = f"ws://127.0.0.1:{relay.port}/socket.io/?EIO=4&transport=websocket"
    async with connect(url) as first, connect(url) as second:
        silent, other = RawClient(first), RawClient(second)
        await silent.join()
        await other.join()
        silent.pong = False
        async with asyncio.timeout(30):
            with pytest.raises(ConnectionClosed):
                await send_for_ever(first, "40")  # and no pong
        await until(lambda: len(servers[0].connections) == len(servers[0].environ) == 1)
        (rooms,) = servers[0].manager.rooms.values()
        assert len(rooms[None]) == 1, "it did not join once more while it was let go"
        pings = other.pings
        await until(lambda: other.pings > pings)
        await other.ask("still here")


async def test_requests_that_are_no_socket_of_ours_are_refused(relay: Relay) -> None:
    for query in (
        "",
        "?EIO=4&transport=polling",
        "?EIO=3&transport=websocket",
        "?EIO=4&transport=websocket&sid=x",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        writer.write(
            f"GET /socket.io/{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        assert (await reader.readline()).split()[1] == b"400"
        writer.close()
        await writer.wait_closed()


async def test_a_defect_of_ours_ends_one_connection_and_keeps_its_session(
    open_raw: Open, other: RawClient, monkeypatch: pytest.MonkeyPatch, records: list[dict[str, Any]]
) -> None:
    client = await open_raw()
    await client.join(sessionId="mine")
    with monkeypatch.context() as patch:
        patch.setattr(socketio_server.BankClient, "_take", lambda *args: 1 / 0)
        await client.send("interrupt")
        await client.expect("error", code="internal_error")
        await client.closed()
    again = await open_raw()
    await again.join(sessionId="mine")
    (record,) = [record for record in records if record["log_level"] == "error"]
    assert record["event"] == "client failed"
    records.remove(record)
