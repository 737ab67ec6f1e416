"""Listens for what the bank sends by itself: `POST /bank/webhooks/USER`, signed with that user's secret.

The bank wants an https address, so something with TLS stands in front. The secret, which the bank gave out when the
webhook was made, is in the deployer's secret store as `bank-webhook/USER` (`receiver.secrets`).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web

from protocol.errors import MalformedMessage, SecretsUnavailable, VoiceError
from protocol.users import canonical_user, is_user
from receiver.bank.webhooks import MAX_BODY_BYTES, SIGNATURE_HEADER, BankEvent, read_event, verify
from receiver.faults import describe
from receiver.secrets.secret_store import SecretStore

log = structlog.get_logger(__name__)

SERVICE = "bank-webhook"

BODY_SECONDS = 10.0
"""For the body to come; then 408."""

EVENT_SECONDS = 25.0
"""For `on_event`; then 503. The bank gives up after 30 s and sends the event again."""

MAX_AT_ONCE = 32
"""Requests at once; one more gets 503, and the bank sends it again."""

MAX_REMEMBERED = 10_000
"""Events that are known to have been here; of more the oldest are forgotten, and would count once more."""

HEAD_SECONDS = 10.0

OnEvent = Callable[[str, BankEvent], Awaitable[None]]

# aiohttp logs a traceback for each malformed request, with a piece of it.
_SILENT = logging.Logger("aiohttp.server", logging.CRITICAL + 1)


class BankWebhookServer:
    """`start`, then `stop`. `on_event(user, event)` gets each event once; when it raises, the bank sends it again."""

    def __init__(self, secrets: SecretStore, on_event: OnEvent) -> None:
        self._secrets = secrets
        self._on_event = on_event
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._at_once = 0
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port. Raises `OSError`."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_post("/bank/webhooks/{user}", self._handle)
        app.on_response_prepare.append(_without_versions)
        self._runner = web.AppRunner(
            app, access_log=None, logger=_SILENT, keepalive_timeout=HEAD_SECONDS, shutdown_timeout=1.0
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        address: tuple[str, int] = self._runner.addresses[0]
        return address[1]

    async def stop(self) -> None:
        """What is being handed on is handed on, for a second at most; the bank sends the rest again."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _handle(self, request: web.Request) -> web.Response:
        if self._at_once >= MAX_AT_ONCE:
            return _later()
        self._at_once += 1
        try:
            return await self._take(request)
        finally:
            self._at_once -= 1

    async def _take(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                raw_body = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        user = canonical_user(request.match_info["user"])
        try:
            signed = await self._is_signed(user, raw_body, request.headers.getall(SIGNATURE_HEADER, []))
        except SecretsUnavailable:
            return _later()
        if not signed:
            # The same for a user who is not there: nobody is to learn who is.
            log.warning("bank_webhook_refused")
            return web.Response(status=401)
        try:
            event = read_event(raw_body)
        except MalformedMessage:
            log.warning("bank_webhook_malformed")
            return web.Response(status=400)
        if event.kind == "PING":
            return web.Response()
        try:
            async with asyncio.timeout(EVENT_SECONDS):
                await self._hand_on(user, event)
        except (VoiceError, TimeoutError) as error:
            log.warning("bank_event_not_taken", cause=type(error).__name__)
            return _later()
        except (
            Exception
        ) as error:  # a fault of ours, which aiohttp would answer in the same way, and tell nobody
            log.error("receiver_bug", request="bank webhook", **describe(error))
            return web.Response(status=500)
        return web.Response()

    async def _is_signed(self, user: str, raw_body: bytes, headers: list[str]) -> bool:
        """Raises `SecretsUnavailable`."""
        secret = await self._secrets.find(SERVICE, user) if is_user(user) else None
        header = headers[0] if len(headers) == 1 else None
        if secret is None:
            verify(raw_body, header, "nobody's")  # takes as long
            return False
        return verify(raw_body, header, secret.get_secret_value())

    async def _hand_on(self, user: str, event: BankEvent) -> None:
        """Once for each event, also where it comes again before the first time is over. Raises what `on_event` does."""
        key = (user, event.id)
        if key in self._known:
            return
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(self._run(key, user, event))
        # A bank that hangs up ends the request, and not what has been begun.
        await asyncio.shield(task)

    async def _run(self, key: tuple[str, str], user: str, event: BankEvent) -> None:
        try:
            async with asyncio.timeout(EVENT_SECONDS):
                await self._on_event(user, event)
            self._known[key] = None
            if len(self._known) > MAX_REMEMBERED:
                self._known.popitem(last=False)
        finally:
            del self._running[key]


def told(user: str, event: BankEvent) -> tuple[dict[str, Any], str]:
    """The event as `receiver.hook` sends it on, and its key: that something has happened, and no amount."""
    body = {
        "type": "bank_event",
        "user": user,
        "event": event.kind,
        "transaction": event.transaction_id,
        "at": event.created_at.isoformat(),
    }
    return body, f"bank-{hashlib.sha256(f'{user} {event.id}'.encode()).hexdigest()}"


async def _without_versions(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop("Server", None)


def _later() -> web.Response:
    return web.Response(status=503, headers={"Retry-After": "5"})
