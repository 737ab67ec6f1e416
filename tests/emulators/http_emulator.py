"""What the emulators that speak plain HTTP share: a server on a free port of the running loop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from aiohttp import web


class HttpEmulator(ABC):
    """`async with` starts it and, at the end, stops it and what it is in the middle of."""

    port: int = 0
    """0: a free one."""

    def __init__(self) -> None:
        self.endpoint = ""
        self._runner: web.AppRunner | None = None

    @abstractmethod
    def add_routes(self, router: web.UrlDispatcher) -> None: ...

    async def __aenter__(self) -> Self:
        application = web.Application()
        self.add_routes(application.router)
        self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        host, port = self._runner.addresses[0][:2]
        self.endpoint = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
