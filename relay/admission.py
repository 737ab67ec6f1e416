"""Who is let in: which names this relay answers to, which pages may use it, and whose token is shown.

Plain facts of a request in, a refusal (`AccessError`) or an identity out, for WebSockets and plain HTTP alike.
"""

from __future__ import annotations

from collections.abc import Iterable

from protocol.errors import OriginRefused
from protocol.settings import is_loopback
from relay.identity import Authenticator, Identity
from relay.settings import RelaySettings

SUBPROTOCOL = "voice-relay"
BEARER_PREFIX = "bearer."
"""Browsers cannot set a header of a WebSocket, so a token may come as a second subprotocol: `voice-relay,
bearer.TOKEN`. The characters of a JWT are allowed there (RFC 6455, section 4.1; RFC 7515, section 3)."""

NOT_OUR_NAME = "This relay answers to localhost only."


class Admission:
    def __init__(self, settings: RelaySettings, authenticator: Authenticator) -> None:
        self._authenticator = authenticator
        self._origins = frozenset(settings.allowed_origins)
        addresses = [*settings.allowed_origins, *([settings.public_url] if settings.public_url else [])]
        self._names = frozenset(_name(address.partition("://")[2].partition("/")[0]) for address in addresses)
        self._public = settings.public_url.rstrip("/").lower() if settings.public_url else None
        self._local = is_loopback(settings.host)

    def check_host(self, host: str) -> None:
        """Raises `OriginRefused` for a `Host` header that a relay on loopback does not answer to.

        A name of somebody else's that points to this machine would make their page same-origin. That of a listed
        origin or of `RELAY_PUBLIC_URL` is ours: a TLS proxy on this machine hands it on.
        """
        name = _name(host)
        if self._local and not is_loopback(name) and (name == "" or name not in self._names):
            raise OriginRefused(NOT_OUR_NAME)

    def check_origin(self, origin: str | None, host: str) -> None:
        """Raises `OriginRefused` unless the page is of the same origin, or listed.

        A client that is no browser sends no Origin and is let in.
        """
        if origin is None or origin.rstrip("/").lower() in self._origins:
            return
        own = (f"http://{host}".lower(), f"https://{host}".lower(), self._public)
        if host == "" or origin.lower() not in own:
            raise OriginRefused

    async def identify(self, authorization: str | None, offered: Iterable[str], *, later: bool) -> Identity:
        """Who shows the token in the Authorization header or among the subprotocols that are `offered`.

        `later`: without one, the client may still show it after the upgrade. Raises `Unauthorized`, and
        whatever else `Authenticator.identify` does.
        """
        token = bearer_token(authorization, offered)
        if token is None and later:
            return Identity()
        return await self._authenticator.identify(token)


def bearer_token(authorization: str | None, offered: Iterable[str]) -> str | None:
    """The token of a request, if it shows one (RFC 6750, section 2.1). An empty one is none."""
    if authorization is not None:
        scheme, _, token = authorization.strip().partition(" ")
        # Another scheme is a token that is wrong: somebody means to show who they are, and does not.
        return token.strip() if scheme.lower() == "bearer" else authorization
    for name in offered:
        if name.startswith(BEARER_PREFIX):
            return name.removeprefix(BEARER_PREFIX)
    return None


def _name(host: str) -> str:
    """The name or address in a `Host` header, without its port."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name.strip("[]").lower()
