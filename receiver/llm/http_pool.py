"""The connections of the two clients that speak through httpx2."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx2

from protocol.settings import is_loopback
from receiver.client_tls import client_context

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
"""Between two reads; our own bound on each piece is shorter."""

MAX_CONNECTIONS = 50
"""Calls past that wait their turn, for `READ_SECONDS` at most."""


def open_pool(url: str, **options: Any) -> httpx2.AsyncClient:
    """For a model at `url`."""
    parts = urlsplit(url)
    return httpx2.AsyncClient(
        verify=client_context(),
        # HTTP_PROXY is not for what is to stay on this machine: the proxy would read it.
        trust_env=parts.scheme == "https" or not is_loopback(parts.hostname or ""),
        timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        limits=httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=20),
        **options,
    )
