"""How events leave for a service of the deployer's: a signed POST to `RECEIVER_HOOK_URL`, else a line in the log.

The body is one JSON object with a `type` and a `key`. The headers:

    Idempotency-Key            the same whenever the same event is sent: the second one is to be dropped
    X-Voice-Relay-Timestamp    when it was sent, in seconds since 1970
    X-Voice-Relay-Signature    `sha256=` and the HMAC in hexadecimal, under `RECEIVER_HOOK_SECRET`, of the timestamp,
                               a full stop and the raw body; left out where there is no secret

Whoever takes the event checks the signature, and that the timestamp is of the last minutes, so that nobody else can
send it or send it again. Any 2xx means that it is taken; the answer's body is not read, and no redirect is followed.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from protocol.errors import HookRefused, HookUnavailable, SettingsError
from protocol.settings import is_loopback

if TYPE_CHECKING:
    import httpx2

log = structlog.get_logger(__name__)

SEND_SECONDS = 10.0
"""Longest that one delivery takes, from connecting to the answer's status."""

MAX_CONNECTIONS = 10
"""Deliveries past that wait their turn, within their own time."""

KEY_HEADER = "Idempotency-Key"
TIMESTAMP_HEADER = "X-Voice-Relay-Timestamp"
SIGNATURE_HEADER = "X-Voice-Relay-Signature"

TRY_AGAIN = frozenset({408, 429})
"""Of the refusals (4xx) those that are for now."""


_LOGGED = {"reminder": "reminder_due"}
"""What a line in the log is called; else as the event's type."""


def check_url(url: str) -> str:
    """`url` as it is. Raises `SettingsError` where people's words would go over the network in the clear."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        raise SettingsError(
            "RECEIVER_HOOK_URL has to be of the form https://HOST/PATH, or http:// on this machine."
        )
    return url


def sign(secret: str, timestamp: str, raw_body: bytes) -> str:
    """The value of `SIGNATURE_HEADER`."""
    signed = f"{timestamp}.".encode() + raw_body
    return f"sha256={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


class Hook:
    """One for the whole receiver; `aclose()` it. Raises `SettingsError` for a `url` that `check_url` refuses."""

    def __init__(
        self,
        url: str | None = None,
        secret: SecretStr | None = None,
        *,
        seconds: float = SEND_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = None if url is None else check_url(url)
        self._secret = secret
        self._seconds = seconds
        self._clock = clock
        self._client: httpx2.AsyncClient | None = None

    async def send(self, event: Mapping[str, Any], key: str) -> None:
        """Hand `event` (JSON) over. `key` is ASCII. Sending it again is harmless for whoever looks at the key.

        Raises `HookUnavailable` (retryable), or `HookRefused`.
        """
        if self._url is None:
            # Without people's words: a log is read by others. They are told at the person's next call.
            about = {name: event[name] for name in ("user", "at") if name in event}
            log.warning(_LOGGED.get(event["type"], event["type"]), key=key, **about)
            return
        body = json.dumps(event, ensure_ascii=False).encode(errors="replace")
        timestamp = str(int(self._clock()))
        headers = {"Content-Type": "application/json", KEY_HEADER: key, TIMESTAMP_HEADER: timestamp}
        if self._secret is not None:
            headers[SIGNATURE_HEADER] = sign(self._secret.get_secret_value(), timestamp, body)
        status = await self._post(self._url, body, headers)
        if 200 <= status < 300:
            return
        log.warning("hook_failed", key=key, status=status)
        # Not from within a handler: the library's error would come along, and with it the request.
        raise HookUnavailable if status == 0 or status in TRY_AGAIN or status >= 500 else HookRefused

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """The answer's status; 0 where none came."""
        import httpx2

        if self._client is None:
            self._client = _open_client(url, self._seconds)
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream("POST", url, content=body, headers=headers) as response,
            ):
                return response.status_code
        except (TimeoutError, httpx2.HTTPError, httpx2.StreamError, OSError):
            return 0
        except httpx2.InvalidURL:
            return 400

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _open_client(url: str, seconds: float) -> httpx2.AsyncClient:
    # Loaded with the first event: a receiver that sends none starts without it.
    import httpx2

    from receiver.client_tls import client_context

    for library in ("httpx2", "httpcore2"):
        # At `info` these log addresses with their query, which may hold a key.
        logging.getLogger(library).setLevel(logging.WARNING)
    return httpx2.AsyncClient(
        verify=client_context(),
        timeout=httpx2.Timeout(seconds),
        limits=httpx2.Limits(max_connections=MAX_CONNECTIONS),
        headers={"User-Agent": "voice-relay"},
        follow_redirects=False,
        # HTTP_PROXY is not for what is to stay on this machine: the proxy would read it. HTTPS_PROXY only tunnels.
        trust_env=urlsplit(url).scheme == "https",
    )
