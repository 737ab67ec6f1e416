"""Listen for relays, and stop without losing a turn."""

from __future__ import annotations

import asyncio
import ssl
import time
from contextlib import suppress

import structlog

from receiver.connection import Limits
from receiver.link import Link
from receiver.outbox import Outbox, Patience
from receiver.reminding import Reminding
from receiver.services import Services

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 5.0
"""How long `stop` waits for what is being committed. What takes longer is resent by the relay."""


class Server:
    """Accepts any number of relays, each with any number of sessions; with the workers that go beside them."""

    def __init__(
        self,
        services: Services,
        *,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
        drain_seconds: float = DRAIN_SECONDS,
        patience: Patience | None = None,
    ) -> None:
        self._services = services
        self._token = token
        self._tls = tls
        self._limits = limits or Limits()
        self._drain_seconds = drain_seconds
        self._links: set[Link] = set()
        self._durable: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._outbox = Outbox(services, patience or Patience(drain=drain_seconds))
        self._reminding = Reminding(services)

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen; gives the address, with the port that port 0 led to. Raises `OSError`."""
        loop = asyncio.get_running_loop()
        tls = self._tls
        self._listener = await loop.create_server(
            self._accept,
            host,
            port,
            ssl=tls,
            ssl_handshake_timeout=None if tls is None else self._limits.hello_seconds,
            ssl_shutdown_timeout=None if tls is None else self._limits.linger_seconds,
        )
        self._outbox.start()
        self._reminding.start()
        address = self._listener.sockets[0].getsockname()
        return address[0], address[1]

    async def stop(self) -> None:
        """Tell every relay to go elsewhere, finish what is being committed, close. Bounded in time."""
        if self._listener is None:
            return
        self._listener.close()
        for link in list(self._links):
            link.go_away()
        deadline = time.monotonic() + self._drain_seconds
        while self._durable and (left := deadline - time.monotonic()) > 0:
            await asyncio.wait(self._durable, timeout=left)
        for task in list(self._durable):
            log.warning("commit_cut_short")
            task.cancel()
        if self._durable:
            await asyncio.wait(self._durable, timeout=1)
        # What these commits have asked for begins here still, and what does not end in time goes on elsewhere.
        await self._reminding.stop()
        await self._outbox.stop()
        closing = [link.closed for link in self._links]
        for link in list(self._links):
            link.connection.close()
        if closing:
            await asyncio.wait(closing, timeout=max(1.0, deadline - time.monotonic()))
        for link in list(self._links):
            link.connection.abort()
        with suppress(TimeoutError):  # who is only about to shake hands is cut when the process ends
            async with asyncio.timeout(1):
                await self._listener.wait_closed()

    def _accept(self) -> asyncio.Protocol:
        return Link(self._services, self._token, self._limits, self._durable, self._links).connection
