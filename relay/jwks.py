"""The keys that an identity provider publishes (JWKS, RFC 7517): fetched when needed, and kept for a while."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

import aiohttp
import jwt
import structlog
from cryptography.exceptions import UnsupportedAlgorithm

from protocol.errors import IdentityUnavailable

log = structlog.get_logger(__name__)

ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""Signatures with a public key (RFC 7518, section 3.1; RFC 8037). A key is for one of them: the one that it names, or
RS256 for an RSA key and that of its curve for another."""

FETCH_SECONDS = 5.0
"""One fetch, from the connection to the last byte."""
MAX_BYTES = 256 * 1024
MAX_KEYS = 100
"""Of a key set; providers publish a handful. A larger one is not taken."""

LIFETIME_SECONDS = 600.0
"""Keys are fetched anew after this long, so that one that was withdrawn soon opens nothing any more."""
STALE_SECONDS = 3600.0
"""While the provider is away its keys are used for this long after they came. No token that it signed
lives much longer as a rule."""
PAUSE_SECONDS = 30.0
"""Between two fetches, however many tokens name a key that is not known: they may all be forged."""
RETRY_SECONDS = 5.0
"""The same after a fetch that failed."""


class PublishedKeys:
    """The key set at a URL. One fetch runs at a time, and whoever needs its outcome waits for it."""

    algorithms = ALGORITHMS

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: list[jwt.PyJWK] = []
        self._fetched = 0.0  # when the keys came; as `_next_attempt`, by the clock
        self._fetching = asyncio.Lock()
        self._next_attempt: float | None = None
        self._failed = False

    async def find(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        """The key with this id for this algorithm; without an id the only one that there is for it.

        None where the provider publishes no such key. Raises `IdentityUnavailable` where that is not known, as the
        provider cannot be reached.
        """
        age = self._clock() - self._fetched
        if age >= STALE_SECONDS:
            self._keys = []
        if not self._keys or (age >= LIFETIME_SECONDS and not self._fetching.locked()):
            await self._refresh()
        key = self._pick(kid, algorithm)
        if key is None:  # a new one, or a forged token
            await self._refresh()
            key = self._pick(kid, algorithm)
        if key is None and self._failed:
            raise IdentityUnavailable
        return key

    def _pick(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        found = [
            key
            for key in self._keys
            if key.algorithm_name == algorithm and (kid is None or key.key_id == kid)
        ]
        return found[0] if len(found) == 1 else None

    async def _refresh(self) -> None:
        """Fetch the keys, unless somebody has just tried. They stay as they are where that fails."""
        async with self._fetching:
            if self._next_attempt is not None and self._clock() < self._next_attempt:
                return
            try:
                keys = parse_keys(await self._fetch())
            except (aiohttp.ClientError, OSError, ValueError) as error:
                # `OSError` with `TimeoutError`; `ValueError` for what is no key set.
                log.warning("signing_keys_unavailable", reason=str(error) or type(error).__name__)
                self._failed = True
            else:
                self._keys, self._fetched, self._failed = keys, self._clock(), False
            self._next_attempt = self._clock() + (RETRY_SECONDS if self._failed else PAUSE_SECONDS)

    async def _fetch(self) -> bytes:
        # A proxy that the environment names is for what is outside. A redirect is not followed: who may answer for
        # the provider is settled by the address.
        async with (
            asyncio.timeout(FETCH_SECONDS),
            aiohttp.ClientSession(trust_env=self._url.startswith("https:")) as session,
            session.get(
                self._url, allow_redirects=False, headers={"Accept-Encoding": "identity"}
            ) as response,
        ):
            if response.status != 200:
                raise ValueError(f"status {response.status}")
            body = bytearray()
            async for piece in response.content.iter_any():
                body += piece
                if len(body) > MAX_BYTES:
                    raise ValueError(f"more than {MAX_BYTES} bytes")
            return bytes(body)


def parse_keys(body: bytes) -> list[jwt.PyJWK]:
    """The public keys of a key set that verify signatures; others are left out. Raises `ValueError` where none is."""
    try:
        found = json.loads(body)["keys"]
        if not isinstance(found, list) or len(found) > MAX_KEYS:
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("no key set") from None
    keys = [key for jwk in found if (key := _public_key(jwk)) is not None]
    if not keys:
        raise ValueError("a key set without a key that could be used")
    return keys


def _public_key(jwk: object) -> jwt.PyJWK | None:
    if (
        not isinstance(jwk, dict)
        or jwk.get("use", "sig") != "sig"
        or str(jwk.get("alg", "RS256")) not in ALGORITHMS
    ):
        return None
    operations = jwk.get("key_ops", ["verify"])
    if "d" in jwk or not isinstance(operations, list) or "verify" not in operations:
        return None  # a private key that is published is everybody's
    try:
        key = jwt.PyJWK(jwk)
    except (jwt.PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, KeyError):
        return None
    return key if key.algorithm_name in ALGORITHMS else None
