"""How a request got here: from this machine itself, or so that nobody on the way could read it."""

from __future__ import annotations

from collections.abc import Iterable

from protocol.client_messages import Hello
from protocol.settings import is_loopback
from relay.settings import RelaySettings

FORWARDING_HEADERS = frozenset(
    {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"}
)
"""What proxies and tunnels add to a request that they hand on."""

Headers = Iterable[tuple[str, str]]


def is_direct(settings: RelaySettings, headers: Headers) -> bool:
    """Whether a request comes from this machine itself, not through a tunnel or a proxy that runs on it."""
    if not is_loopback(settings.host):
        return False
    hosts = []
    for name, value in headers:
        if name.lower() in FORWARDING_HEADERS:
            return False
        if name.lower() == "host":
            hosts.append(value)
    return len(hosts) == 1 and is_loopback(_without_port(hosts[0]))


def is_private(settings: RelaySettings, headers: Headers) -> bool:
    """Whether nobody on the way could read the request: it is direct, or came to `RELAY_PUBLIC_URL` with TLS.

    That ends in front of the relay, so the setting is believed, unless the proxy itself says that this client came
    without.
    """
    headers = list(headers)
    if is_direct(settings, headers):
        return True
    if settings.public_url is None or not settings.public_url.lower().startswith("https://"):
        return False
    return not any(_says_plain(name.lower(), value.lower()) for name, value in headers)


def without_credentials(hello: Hello) -> Hello:
    """As though the client had brought none."""
    return hello.model_copy(update={"credentials": None})


def _says_plain(name: str, value: str) -> bool:
    """Whether a proxy tells that the client, the first in a list of hops, came over plain HTTP."""
    client = value.split(",")[0]
    if name == "x-forwarded-proto":
        return client.strip() in ("http", "ws")
    if name == "forwarded":  # RFC 7239, section 5.4
        return any(part.strip().replace('"', "") in ("proto=http", "proto=ws") for part in client.split(";"))
    return False


def _without_port(host: str) -> str:
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.strip("[]").lower()
