"""Tokens, the keys that sign them, and a server that publishes the keys, for tests of who may talk."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from tests.emulators.http_emulator import HttpEmulator

SECRET = "a secret of this test alone, of 32 bytes and more"
AUDIENCE = "https://relay.example"
ISSUER = "https://sign-in.example/"

CHECKED: dict[str, Any] = {
    "auth": "jwt", "jwt_secret": SECRET, "jwt_audience": AUDIENCE, "jwt_issuer": ISSUER,
}  # fmt: skip
"""Settings of a relay that lets in whom `shown` is given to."""

_JWK_OF = {"RS": RSAAlgorithm, "PS": RSAAlgorithm, "ES": ECAlgorithm, "Ed": OKPAlgorithm}


def claims_of(
    user: object,
    *,
    expires_in: float | None = 3600.0,
    audience: object = None,
    issuer: object = None,
    **claims: Any,
) -> dict[str, Any]:
    """The claims of a token. What is None is left out."""
    now = time.time()
    expires = None if expires_in is None else now + expires_in
    fields = {"sub": user, "iat": int(now), "exp": expires, "aud": audience, "iss": issuer, **claims}
    return {name: value for name, value in fields.items() if value is not None}


def token(user: object, *, secret: str = SECRET, headers: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token that is signed with a secret (HS256); the claims as in `claims_of`."""
    return jwt.encode(claims_of(user, **claims), secret, algorithm="HS256", headers=headers)


def shown(user: object, **claims: Any) -> str:
    """A token of `CHECKED`; the claims as in `claims_of`."""
    return token(user, **{"audience": AUDIENCE, "issuer": ISSUER, **claims})


def unsigned(user: object, **claims: Any) -> str:
    """A token with `alg: none`."""
    return jwt.encode(claims_of(user, **claims), None, algorithm="none")


@dataclass(frozen=True)
class SigningKey:
    """A private key, and what is published of it."""

    kid: str
    algorithm: str
    private: Any

    def token(self, user: object, *, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token for `AUDIENCE` from `ISSUER`, unless told otherwise; the claims as in `claims_of`."""
        fields = claims_of(user, **{"audience": AUDIENCE, "issuer": ISSUER, **claims})
        return jwt.encode(fields, self.private, self.algorithm, {"kid": self.kid, **(headers or {})})

    def jwk(self, **fields: Any) -> dict[str, Any]:
        """As it stands in a key set; `fields` that are None are left out."""
        public = _JWK_OF[self.algorithm[:2]].to_jwk(self.private.public_key(), as_dict=True)
        public |= {"kid": self.kid, "use": "sig", "alg": self.algorithm, **fields}
        return {name: value for name, value in public.items() if value is not None}

    @property
    def pem(self) -> bytes:
        """The public key as a file."""
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def der(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@cache
def rsa_key(kid: str = "rsa-1", algorithm: str = "RS256", bits: int = 2048) -> SigningKey:
    return SigningKey(kid, algorithm, rsa.generate_private_key(65537, bits))


@cache
def ec_key(kid: str = "ec-1", algorithm: str = "ES256") -> SigningKey:
    curve = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}[algorithm]
    return SigningKey(kid, algorithm, ec.generate_private_key(curve()))


@cache
def ed_key(kid: str = "ed-1") -> SigningKey:
    return SigningKey(kid, "EdDSA", ed25519.Ed25519PrivateKey.generate())


def hmac_with(key: bytes, user: object, *, headers: dict[str, Any] | None = None, **claims: Any) -> str:
    """An HS256 token whose secret is any bytes, also a public key's, which PyJWT would not sign with."""
    fields = claims_of(user, **{"audience": AUDIENCE, "issuer": ISSUER, **claims})
    parts = [{"typ": "JWT", "alg": "HS256", **(headers or {})}, fields]
    signed = b".".join(_base64url(json.dumps(part).encode()) for part in parts)
    algorithm = jwt.get_algorithm_by_name("HS256")
    return (signed + b"." + _base64url(algorithm.sign(signed, key))).decode()


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


WRONG: dict[str, Callable[[], str]] = {
    "forged": lambda: shown("ann", secret="another secret, which is as long as it has to be"),
    "changed": lambda: f"{shown('ann').rpartition('.')[0]}.{shown('bob').rpartition('.')[2]}",
    "expired": lambda: shown("ann", expires_in=-1),
    "for another audience": lambda: shown("ann", audience="https://other.example"),
    "from another issuer": lambda: shown("ann", issuer="https://evil.example/"),
    "for nobody in particular": lambda: shown("ann", audience=None),
    "unsigned": lambda: unsigned("ann", audience=AUDIENCE, issuer=ISSUER),
    "without a user": lambda: shown(None),
    "of a reserved user": lambda: shown("session:s-1"),
    "not yet valid": lambda: shown("ann", nbf=time.time() + 3600),
    "without an end": lambda: shown("ann", expires_in=None),
    "too long": lambda: shown("ann", padding="x" * 8192),
    "garbage": lambda: "not.a.token",
    "empty": lambda: "",
}
"""Tokens that `CHECKED` lets nobody in with."""


class KeyServer(HttpEmulator):
    """`async with KeyServer(rsa_key()) as keys:`; `keys.url` is what the relay is given: https with `tls`."""

    def __init__(self, *keys: SigningKey, tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self._tls = tls
        self.publish(*keys)
        self.status = 200
        self.headers: dict[str, str] = {}
        self.requests = 0
        self.open = asyncio.Event()
        """Answers wait while it is not set."""
        self.open.set()

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        if self._tls is not None:
            assert self._runner is not None
            await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
            self.endpoint = f"https://localhost:{self._runner.addresses[-1][1]}"
        return self

    @property
    def url(self) -> str:
        return f"{self.endpoint}/.well-known/jwks.json"

    def publish(self, *keys: SigningKey) -> None:
        self.body = json.dumps({"keys": [key.jwk() for key in keys]}).encode()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/.well-known/jwks.json", self._serve)

    async def _serve(self, request: web.Request) -> web.Response:
        self.requests += 1
        await self.open.wait()
        return web.Response(
            body=self.body, status=self.status, headers=self.headers, content_type="application/json"
        )
