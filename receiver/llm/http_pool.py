"""The connections of the two clients that speak through httpx2."""

from __future__ import annotations

from typing import Any

import httpx2

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
"""Between two reads; our own bound on each piece is shorter."""

MAX_CONNECTIONS = 50
"""Calls past that wait their turn, for `READ_SECONDS` at most."""


def open_pool(**options: Any) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        limits=httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=20),
        **options,
    )
