"""The connections to the bank, shared by all conversations, with what holds for each call: time-outs, retries, errors.

Only a GET is tried again: whoever changes something decides for itself whether to ask twice. No error, log record or
`repr` holds a token, an identifier or an address with its query.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import httpx2
import structlog

from protocol.errors import (
    BankBusy,
    BankError,
    BankForbidden,
    BankNotFound,
    BankRefused,
    BankTimeout,
    BankUnauthorized,
    BankUnavailable,
    SettingsError,
)
from protocol.settings import is_loopback
from receiver.bank.secret import BankToken
from receiver.client_tls import client_context
from receiver.llm.patient import parse_retry_after

log = structlog.get_logger(__name__)

# At `info` these log every address with its query, and at `debug` headers: whatever the level of everything else.
for _library in ("httpx2", "httpcore2"):
    logging.getLogger(_library).setLevel(logging.WARNING)

BASE_URL = "https://api.up.com.au/api/v1"

MAX_CONNECTIONS = 20
"""Calls past that wait their turn, within their own time."""

CONNECT_SECONDS = 4.0

CALL_SECONDS = 10.0
"""Longest that one call takes, with its retries and the pauses between them; then `BankTimeout`."""

MAX_ATTEMPTS = 4

FIRST_BACKOFF = 0.25
"""Seconds; doubles with each retry."""

MAX_RETRY_AFTER = 5.0
"""Seconds. Whoever is asked to wait longer says so instead of waiting."""

MAX_BODY_BYTES = 4 * 1024 * 1024
"""Of one answer, unpacked. A page of 100 transactions has about 300 KiB; a longer answer counts as unreadable."""

Parameters = Sequence[tuple[str, str]]

_OF_STATUS: dict[int, type[BankError]] = {
    401: BankUnauthorized,
    403: BankForbidden,
    404: BankNotFound,
    408: BankTimeout,
    410: BankNotFound,
    429: BankBusy,
    504: BankTimeout,
}


class BankPool:
    """Raises `SettingsError` for a `base_url` that would send tokens in the clear."""

    def __init__(
        self, base_url: str = BASE_URL, *, seconds: float = CALL_SECONDS, first_backoff: float = FIRST_BACKOFF
    ) -> None:
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        if (
            not host
            or parts.query
            or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
        ):
            raise SettingsError("The bank's address has to be of the form https://HOST/PATH.")
        self._base_url = base_url.rstrip("/")
        self._seconds = seconds
        self._first_backoff = first_backoff
        self._client = httpx2.AsyncClient(
            verify=client_context(),
            timeout=httpx2.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
            limits=httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS),
            headers={"Accept": "application/json", "User-Agent": "voice-relay"},
            # The connections serve many people: one's cookie must not go along with another one's call.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            # HTTP_PROXY is not for what is to stay on this machine: the proxy would read it. HTTPS_PROXY only tunnels.
            trust_env=parts.scheme == "https",
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def get(
        self, token: BankToken, path: str, parameters: Parameters = (), *, deadline: float | None = None
    ) -> dict[str, Any]:
        """The answer to a GET of `path` below the base address.

        `deadline` is by the loop's clock, if the call has to end earlier than it would by itself. Raises `BankError`.
        """
        clock = asyncio.get_running_loop().time
        ends = clock() + self._seconds
        if deadline is not None:
            ends = min(ends, deadline)
        backoff = self._first_backoff
        attempt = 0
        while True:
            attempt += 1
            outcome = await self._send(token, "GET", path, ends, parameters=parameters)
            if isinstance(outcome, dict):
                return outcome
            asked = outcome.retry_after or 0.0
            # Full jitter: conversations that failed together do not come back together.
            pause = max(random.uniform(0, backoff), asked)
            again = (
                outcome.error.retryable
                and attempt < MAX_ATTEMPTS
                and asked <= MAX_RETRY_AFTER
                and clock() + pause < ends
            )
            _log_failure(path, outcome, again)
            if not again:
                raise outcome.error
            await asyncio.sleep(pause)
            backoff *= 2

    async def change(self, token: BankToken, method: str, path: str, body: dict[str, Any]) -> None:
        """One attempt to change something. Raises `BankError`; after `BankTimeout` or `BankUnavailable` it may have
        happened all the same."""
        ends = asyncio.get_running_loop().time() + self._seconds
        outcome = await self._send(token, method, path, ends, body=body)
        if isinstance(outcome, _Failure):
            _log_failure(path, outcome, again=False)
            raise outcome.error

    async def _send(
        self,
        token: BankToken,
        method: str,
        path: str,
        ends: float,
        *,
        parameters: Parameters = (),
        body: dict[str, Any] | None = None,
    ) -> dict[str, Any] | _Failure:
        # Errors are returned: raised from within a handler, ours would carry the library's, and that one its request.
        try:
            async with (
                asyncio.timeout_at(ends),
                self._client.stream(
                    method,
                    f"{self._base_url}/{path}",
                    params=httpx2.QueryParams(list(parameters)),
                    json=body,
                    auth=_Bearer(token),
                ) as response,
            ):
                content = await _content(response)
                return _outcome(response.status_code, response.headers.get("retry-after"), content)
        except (TimeoutError, httpx2.TimeoutException):
            return _Failure(BankTimeout())
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError):
            return _Failure(BankUnavailable())


class _Bearer(httpx2.Auth):
    """Puts the token into the request at the last moment, so that no frame of ours holds the header."""

    def __init__(self, token: BankToken) -> None:
        self._token = token

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        yield request


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BankError
    retry_after: float | None = None


async def _content(response: httpx2.Response) -> bytes | None:
    """None for what is longer than any answer of this API."""
    content = bytearray()
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) > MAX_BODY_BYTES:
            return None
    return bytes(content)


def _outcome(status: int, retry_after: str | None, content: bytes | None) -> dict[str, Any] | _Failure:
    after = parse_retry_after(retry_after)
    if status == 429:
        return _Failure(BankBusy(retry_after=after), after)
    if status in _OF_STATUS:
        return _Failure(_OF_STATUS[status]())
    if 400 <= status < 500:
        return _Failure(BankRefused())
    if not 200 <= status < 300:
        return _Failure(
            BankUnavailable(), after
        )  # 5xx; or a redirect, which nobody follows with a token in hand
    if status == 204:
        return {}
    try:
        document = json.loads(content or b"")
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return _Failure(BankUnavailable("Your bank gave an answer that I cannot read."))
    return document


def _log_failure(path: str, failure: _Failure, again: bool) -> None:
    # The bank's failures are for the operator, a person's wrong token is not. What follows the first part of a path is
    # somebody's identifier.
    write = log.warning if failure.error.retryable else log.info
    write("bank_call_failed", call=path.partition("/")[0], code=failure.error.code, again=again)
