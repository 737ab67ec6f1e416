"""Who a client is: nobody in particular, or the user whom a signed token names (JWT, RFC 7519)."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import jwt
import structlog
from jwt.algorithms import HMACAlgorithm

from protocol.errors import MalformedMessage, SettingsError, Unauthorized, UserRefused
from protocol.users import MAX_USER_CHARS, canonical_user, is_user
from relay.jwks import PublishedKeys
from relay.settings import RelaySettings

log = structlog.get_logger(__name__)

MAX_TOKEN_BYTES = 8192
"""Longest token (as in `hello`); a longer one is refused unread."""

LEEWAY_SECONDS = 30.0
"""How far another clock may be ahead of ours where a token says since when it holds (`nbf`, `iat`). There is none where
it ends: `exp` is the moment after which the token lets nobody in, and at which its connections end."""

TYPES = frozenset({"jwt", "at+jwt"})
"""Values of a token's `typ`, if it has one. What else an identity provider signs with the same keys, such as a logout
token, is no key to this door (RFC 8725, section 3.11; RFC 9068, section 2.1)."""

FAR = 2.0**53
"""As far as an expiry needs to go, in seconds since 1970; it is a number of any size."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a client is."""

    user: str | None = None
    """As `protocol.users.canonical_user` writes it; None for nobody in particular."""
    email: str | None = None
    """The user's, written so too, where the token has one. It names nobody else's data: the user is `user`."""
    expires: float | None = None
    """When this ends, in seconds since 1970 (UTC); None: never."""


ANYBODY = Identity()


class Authenticator(Protocol):
    """Decides who shows a token."""

    required: bool
    """Whether a client without a token is refused."""

    async def identify(self, token: str | None) -> Identity:
        """Raises `Unauthorized`; `IdentityUnavailable` when the keys to check it with cannot be had for now."""


class KeySource(Protocol):
    """The keys that sign tokens."""

    algorithms: frozenset[str]
    """What tokens may be signed with. Signatures and secrets are never accepted side by side: a public key would be
    taken for a secret (RFC 8725, section 2.1)."""

    async def find(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        """The key that the token's header names; None where there is no such key."""


class OpenDoor:
    """`RELAY_AUTH=none`: everybody may talk. Tokens are not looked at."""

    required = False

    async def identify(self, token: str | None) -> Identity:
        return ANYBODY


class SharedSecret:
    """A secret that we share with whoever signs (HS256)."""

    algorithms = frozenset({"HS256"})

    def __init__(self, secret: str) -> None:
        """Raises `jwt.InvalidKeyError` for what is a public key."""
        jwk = HMACAlgorithm.to_jwk(HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(secret), as_dict=True)
        self._key = jwt.PyJWK(jwk, "HS256")

    async def find(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        return self._key


class TokenCheck:
    """`RELAY_AUTH=jwt`: whoever has a valid token may talk, and is its `sub`.

    Checked, besides the signature: `exp` and `sub` are there; `exp`, `nbf` and `iat` hold; `aud` and `iss` are those of
    the settings. Without `RELAY_JWT_AUDIENCE` a token with an `aud` is refused: it is meant for somebody else.
    """

    required = True

    def __init__(self, keys: KeySource, audience: str | None, issuer: str | None) -> None:
        self._keys = keys
        self._audience = audience
        self._issuer = issuer

    async def identify(self, token: str | None) -> Identity:
        if not token:
            raise Unauthorized("This relay needs a token; please sign in.")
        try:
            return _identity_of(await self._read(token))
        except jwt.ExpiredSignatureError:
            log.info("token_refused", reason="expired")
            raise Unauthorized("Your sign-in has ended; please sign in again.") from None
        except jwt.PyJWTError as error:
            # Its words may hold parts of the token, its class does not.
            log.info("token_refused", reason=type(error).__name__)
            raise Unauthorized from None

    async def _read(self, token: str) -> Mapping[str, Any]:
        """The claims of a valid token. Raises `jwt.PyJWTError`, `IdentityUnavailable`."""
        if len(token) > MAX_TOKEN_BYTES or not token.isascii():
            raise jwt.DecodeError
        header = jwt.get_unverified_header(token)
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self._keys.algorithms:
            raise jwt.InvalidAlgorithmError
        if "crit" in header or "b64" in header or not _is_token_type(header.get("typ")):
            raise jwt.InvalidTokenError
        key = await self._keys.find(kid, algorithm)
        if key is None:
            raise jwt.InvalidKeyError
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=self._audience,
            issuer=self._issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "sub"], "enforce_minimum_key_length": True},
        )
        return claims


def make_authenticator(settings: RelaySettings) -> Authenticator:
    """What `RELAY_AUTH` asks for. Raises `SettingsError`."""
    if settings.auth != "jwt":
        return OpenDoor()
    keys: KeySource
    if settings.jwt_secret is not None:
        try:
            keys = SharedSecret(settings.jwt_secret)
        except jwt.InvalidKeyError:
            raise SettingsError(
                "RELAY_JWT_SECRET is a key of another kind, which anybody may know; it takes a secret."
            ) from None
    elif settings.jwt_jwks_url is not None:
        keys = PublishedKeys(settings.jwt_jwks_url)
    else:
        raise SettingsError("RELAY_AUTH=jwt needs RELAY_JWT_SECRET or RELAY_JWT_JWKS_URL.")
    return TokenCheck(keys, settings.jwt_audience, settings.jwt_issuer)


def as_named(identity: Identity, name: str | None) -> Identity:
    """Whom a request means that names its user itself, as `?userEmail=` does.

    Somebody whom a token names may name only themselves, by their `sub` or their e-mail address; nobody in particular
    is taken at their word. Raises `UserRefused`, or `MalformedMessage` for what is no name of a user.
    """
    name = canonical_user(name or "")
    if not name:
        return identity
    if not is_user(name):
        raise MalformedMessage(f"A user's name has at most {MAX_USER_CHARS} printable characters.")
    if identity.user is None:
        return Identity(user=name)
    if name not in (identity.user, identity.email):
        raise UserRefused
    return identity


def session_token(kind: str, session_id: str, user: str | None) -> str:
    """The resume token of a session that its client takes up by its id alone: 64 characters.

    It keeps the sessions of users and of kinds of clients apart, and is no secret: a client that comes without a token
    of its own is known by `RELAY_AUTH=jwt`, or by nothing.
    """
    return hashlib.sha256(json.dumps(["session token", kind, session_id, user]).encode()).hexdigest()


def _is_token_type(typ: object) -> bool:
    return typ is None or (isinstance(typ, str) and typ.lower().removeprefix("application/") in TYPES)


def _identity_of(claims: Mapping[str, Any]) -> Identity:
    """Raises `jwt.InvalidTokenError`."""
    user, expires = canonical_user(claims["sub"]), claims["exp"]
    # One who may choose their own `sub` must not come near another's by what is not seen in it.
    if not is_user(user) or len(user) != len(claims["sub"]):
        raise jwt.InvalidTokenError
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise jwt.DecodeError
    if expires <= time.time():
        raise jwt.ExpiredSignatureError
    email = claims.get("email")
    if not isinstance(email, str) or not is_user(email := canonical_user(email)):
        email = None
    elif claims.get("email_verified", True) not in (True, "true"):
        email = None  # anybody may have typed it
    return Identity(user, email, float(min(expires, FAR)))
