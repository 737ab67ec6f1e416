"""The day-by-day app's pages as their older and newer versions read `/ws/llm-stream`, written from its table."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from relay.server import Relay

PATH = "/ws/llm-stream"
WAIT_SECONDS = 30.0

Open = Callable[..., Awaitable[Any]]


@dataclass
class Shown:
    """What the person sees and hears of one question."""

    session: str = ""
    note: str = ""
    """Of the beginning."""
    text: str = ""
    """Put together from chunks, as they come."""
    final: str | None = None
    ending: str = ""
    sounds: list[tuple[str, bytes]] = field(default_factory=list)
    error: str | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        return [message["type"] for message in self.messages]


class OlderPage:
    """Knows `content`, `final_response` and `error`, and neither sessions nor `restart`."""

    def __init__(self, port: int, **options: Any) -> None:
        self._port, self._options = port, options
        self.socket: ClientConnection
        self._left: list[dict[str, Any]] = []

    async def __aenter__(self) -> OlderPage:
        self.socket = await connect(
            f"ws://127.0.0.1:{self._port}{PATH}", compression=None, max_size=None, **self._options
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.socket.close()

    async def send(self, question: str | dict[str, Any]) -> None:
        await self.socket.send(question if isinstance(question, str) else json.dumps(question))

    async def receive(self) -> dict[str, Any]:
        if self._left:
            return self._left.pop(0)
        async with asyncio.timeout(WAIT_SECONDS):
            message: dict[str, Any] = json.loads(await self.socket.recv())
        return message

    async def begun(self) -> dict[str, Any]:
        """`start`, which is left for `shown`."""
        message = await self.receive()
        assert message["type"] == "start", message
        self._left.append(message)
        return message

    async def ask(self, question: str | dict[str, Any]) -> Shown:
        await self.send(question)
        return await self.shown()

    async def shown(self, *received: dict[str, Any]) -> Shown:
        """The next question's answer, or what came instead; `received` is what has come of it."""
        self._left[:0] = received
        shown = Shown()
        while shown.error is None and (not shown.messages or shown.messages[-1]["type"] != "audio_end"):
            message = await self.receive()
            shown.messages.append(message)
            self.read(message, shown)
        return shown

    def read(self, message: dict[str, Any], shown: Shown) -> None:
        match message["type"]:
            case "start":
                shown.note = message["message"]
            case "chunk":
                shown.text += message["content"]
            case "end":
                shown.final = message["final_response"]
                shown.ending = message["message"]
            case "error":
                shown.error = message["error"]


class NewerPage(OlderPage):
    """Knows `text`, `is_complete`, `session_id`, `restart`, sound and `message` of errors."""

    def read(self, message: dict[str, Any], shown: Shown) -> None:
        match message["type"]:
            case "start":
                shown.session = message["session_id"]
            case "chunk":
                assert message["is_complete"] is False
                shown.text = message["text"] if message.get("restart") else shown.text + message["text"]
            case "end":
                assert message["is_complete"] is True
                assert message["session_id"] == shown.session
                shown.final = message["text"]
            case "audio":
                assert (message["format"], message["is_complete"]) == ("mp3", False)
                shown.sounds.append((message["sentence"], b64decode(message["audio"], validate=True)))
            case "audio_end":
                assert message["is_complete"] is True
            case "error":
                shown.error = message["message"]


@pytest.fixture
async def open_page() -> AsyncIterator[Open]:
    """Opens pages of either generation, and closes them at the end."""
    async with AsyncExitStack() as stack:

        async def open_page(relay: Relay, page: type[OlderPage] = NewerPage, **options: Any) -> OlderPage:
            return await stack.enter_async_context(page(relay.port, **options))

        yield open_page
