"""A service of a deployer's that takes events, on a port of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.emulators.http_emulator import HttpEmulator


@dataclass(frozen=True)
class Taken:
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class Webhook(HttpEmulator):
    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Taken] = []
        self.answer = web.Response(status=204)
        self.holds = False
        """Takes the request, and answers nothing."""
        self.endless = False
        """Answers 200, with a body that has no end."""
        self._came = asyncio.Event()

    @property
    def url(self) -> str:
        return f"{self.endpoint}/reminders?key=abc"

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/reminders", self._take)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(Taken(request.headers.copy(), await request.read()))
        self._came.set()
        if self.holds:
            await asyncio.Event().wait()
        if self.endless:
            response = web.StreamResponse()
            await response.prepare(request)
            while True:
                await response.write(b"more and more " * 1_000)
        # A response object serves one request.
        return web.Response(
            status=self.answer.status, headers=self.answer.headers.copy(), body=self.answer.body
        )

    async def wait_for(self, count: int, seconds: float = 30.0) -> list[Taken]:
        async with asyncio.timeout(seconds):
            while len(self.requests) < count:
                self._came.clear()
                await self._came.wait()
        return self.requests
