"""Socket.IO: the token and the session's id stand in CONNECT, where a wrong one of either connects nobody."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio
from socketio.exceptions import ConnectionError as Refused

from relay.identity import session_token
from relay.server import Relay
from tests.relay.access import BREAKFAST, WHERE, Relays, relays_on_one_store
from tests.relay.conftest import StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.tokens import CHECKED, WRONG, shown


@pytest.fixture
async def relay(start_relay: StartRelay) -> Relay:
    return await start_relay(**CHECKED)


@pytest.fixture
async def relays(start_relay: StartRelay, tmp_path: Path) -> AsyncIterator[Relays]:
    async with relays_on_one_store(start_relay, tmp_path) as relays:
        yield relays


class Page:
    """A page of the bank, through python-socketio's own client."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.events: list[tuple[str, Any]] = []
        self._changed = asyncio.Event()
        self.socket = socketio.AsyncClient(reconnection=False, http_session=http)
        self.socket.on("*", self._take)
        self.socket.on("connect_error", lambda data: self._take("connect_error", data))
        self.socket.on("disconnect", lambda *reason: self._take("disconnect", None))

    def _take(self, event: str, *data: Any) -> None:
        self.events.append((event, data[0] if data else None))
        self._changed.set()

    async def connect(self, relay: Relay, auth: Any = None, **headers: str) -> None:
        await self.socket.connect(
            f"http://127.0.0.1:{relay.port}",
            transports=["websocket"],
            auth=auth,
            headers=headers,
            wait_timeout=60,
        )

    async def expect(self, event: str, **fields: Any) -> Any:
        async with asyncio.timeout(30):
            while True:
                for name, data in self.events:
                    if name == event and all((data or {}).get(key) == value for key, value in fields.items()):
                        return data
                self._changed.clear()
                await self._changed.wait()


Open = Callable[[], Page]


@pytest.fixture
async def new_page() -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:
        # Given, as the client leaves a session of its own open when it is refused.
        http = await stack.enter_async_context(aiohttp.ClientSession())

        def new_page() -> Page:
            page = Page(http)
            stack.push_async_callback(page.socket.shutdown)
            return page

        yield new_page


async def is_turned_away(page: Page, relay: Relay, code: str, auth: Any = None, **headers: str) -> None:
    with pytest.raises(Refused):
        await page.connect(relay, auth, **headers)
    told = (await page.expect("connect_error")) or {}
    assert told.get("data", told).get("code") == code
    assert {name for name, _ in page.events} <= {"connect_error", "disconnect"}


@pytest.mark.parametrize("kind", [*WRONG, "missing"])
async def test_a_wrong_token_connects_no_page(
    relay: Relay, new_page: Open, receiver: ScriptedReceiver, kind: str
) -> None:
    auth = {"sessionId": "s-1"} if kind == "missing" else {"token": WRONG[kind]()}
    code = "malformed_message" if kind == "too long" else "unauthorized"
    await is_turned_away(new_page(), relay, code, auth)
    assert receiver.of_type("open") == []


@pytest.mark.parametrize("kind", ["forged", "expired", "unsigned", "for another audience"])
async def test_a_wrong_token_in_the_header_reaches_no_socket_io(
    relay: Relay, new_page: Open, kind: str
) -> None:
    page = new_page()
    with pytest.raises(Refused):
        await page.connect(relay, {"token": shown("ann")}, Authorization=f"Bearer {WRONG[kind]()}")
    assert len(relay.sessions) == 0


async def test_a_page_is_its_tokens_user_whatever_it_says(
    relay: Relay, new_page: Open, receiver: ScriptedReceiver
) -> None:
    await new_page().connect(relay, {"token": shown("bob"), "user": "ann", "userEmail": "ann", "name": "ann"})
    await receiver.wait_for("open")
    assert [message["user"] for message in receiver.of_type("open")] == ["bob"]


@WHERE
async def test_another_users_page_cannot_be_taken_up(relays: Relays, new_page: Open, where: str) -> None:
    relay = await relays()
    ann = new_page()
    await ann.connect(relay, {"token": shown("ann"), "sessionId": "s-1"})
    await ann.expect("ready")
    await ann.socket.emit("bankingQuery", BREAKFAST)
    await ann.expect("textResponse", turn=1)
    other = relay if where == "the same relay" else await relays()
    bob = new_page()
    auth = {"token": shown("bob"), "sessionId": "s-1", "resumeToken": session_token("bank", "s-1", "ann")}
    try:
        await bob.connect(other, auth)
    except Refused:
        pass  # before it is connected, where the relay knows whose it is
    else:
        await bob.expect("disconnect")
    assert "session_refused" in str(bob.events)
    assert "egg" not in str(bob.events)
    assert not {name for name, _ in bob.events} & {"ready", "textResponse", "textChunk", "audioResponse"}


async def test_a_page_is_sent_away_when_its_token_ends(relay: Relay, new_page: Open) -> None:
    page = new_page()
    await page.connect(relay, {"token": shown("ann", exp=time.time() + 0.4), "sessionId": "s-1"})
    await page.expect("ready")
    await page.expect("disconnect")
    assert "unauthorized" in str([data for name, data in page.events if name == "error"])
    again = new_page()
    await again.connect(relay, {"token": shown("ann"), "sessionId": "s-1"})
    await again.expect("ready", sessionId="s-1")


async def test_a_token_that_is_offered_in_the_wrong_place_is_not_logged(
    start_relay: StartRelay, caplog: pytest.LogCaptureFixture
) -> None:
    relay = await start_relay(**CHECKED)
    caplog.set_level(logging.DEBUG)
    token = shown("ann")
    lines = [
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", "Host: localhost", "Upgrade: websocket",
        "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: voice-relay, bearer.{token}",
    ]  # fmt: skip
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    writer.write("\r\n".join([*lines, "", ""]).encode())
    assert b"101" in await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert token not in caplog.text
