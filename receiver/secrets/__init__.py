"""Where a deployer keeps what users need at other services: their bank's token, the secret of its webhooks.

`RECEIVER_SECRETS` names the place. The receiver writes nothing of it anywhere: what was found stays in memory for a few
minutes (`cached`).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from pydantic import SecretStr

from protocol.errors import SettingsError
from receiver.secrets.cached import CachedSecrets

MAX_SECRET_CHARS = 4_096
"""As of a credential that a client brings (`protocol.messages.Credential`)."""

MAX_NAME_BYTES = 200
"""Longest name of a secret; file systems take 255."""

_SERVICE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_PREFIX = re.compile(r"[A-Za-z0-9/_+=.@-]{1,256}")
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.@+")


class SecretStore(Protocol):
    async def find(self, service: str, user: str) -> SecretStr | None:
        """What `user` (a canonical id, `protocol.users`) needs at `service`; None where there is nothing.

        Raises `SecretsUnavailable` when the store does not say.
        """
        ...

    async def aclose(self) -> None: ...


class NoSecrets:
    """There are none."""

    async def find(self, service: str, user: str) -> SecretStr | None:
        return None

    async def aclose(self) -> None:
        pass


class OnePersonsSecret:
    """The same for everybody: a receiver for one person's own use."""

    def __init__(self, service: str, secret: SecretStr) -> None:
        self._service = service
        self._secret = secret

    async def find(self, service: str, user: str) -> SecretStr | None:
        return self._secret if service == self._service else None

    async def aclose(self) -> None:
        pass


class Place(NamedTuple):
    """A value of `RECEIVER_SECRETS`, taken apart."""

    kind: Literal["folder", "secretsmanager"]
    where: str
    """A folder's path, or a prefix of names."""


def parse_place(value: str) -> Place:
    """Raises `ValueError`."""
    kind, _, where = value.partition(":")
    if kind == "folder" and where:
        return Place("folder", where)
    if kind == "secretsmanager" and _PREFIX.fullmatch(where.strip("/")):
        return Place("secretsmanager", where.strip("/"))
    raise ValueError("it has to be of the form folder:PATH or secretsmanager:PREFIX")


async def open_secrets(where: str | None, bank_token: SecretStr | None = None) -> SecretStore:
    """The store that `RECEIVER_SECRETS` and `RECEIVER_BANK_TOKEN` name. `aclose()` it at the end.

    Raises `SettingsError`.
    """
    if bank_token is not None:
        return OnePersonsSecret("bank", bank_token)
    if where is None:
        return NoSecrets()
    place = parse_place(where)
    if place.kind == "folder":
        from receiver.secrets.folder import FolderSecrets

        return CachedSecrets(FolderSecrets(Path(place.where)))
    try:
        from receiver.secrets.aws import SecretsManager
    except ImportError:
        raise SettingsError(
            "RECEIVER_SECRETS=secretsmanager:... needs a package that is not installed: "
            "pip install 'voice-relay[secretsmanager]'."
        ) from None
    return CachedSecrets(await SecretsManager.open(place.where))


def name_of(service: str, user: str) -> str:
    """`SERVICE/USER`, as file names and AWS Secrets Manager take it. Raises `ValueError` for what is no service.

    Letters, digits and `-_.@+` of the user's id stand for themselves; any other byte of its UTF-8, and a dot at the
    beginning, is `=` and two hexadecimal digits: `auth0|7` is `auth0=7C7`. One that gets longer than 200 characters so
    is `==` and the SHA-256 of the id, in hexadecimal.
    """
    if not _SERVICE.fullmatch(service) or not user:
        raise ValueError("not a service and a user")
    written = user.encode(errors="surrogatepass")
    name = "".join(
        chr(byte) if byte in _PLAIN and (place or byte != ord(".")) else f"={byte:02X}"
        for place, byte in enumerate(written)
    )
    if len(name) > MAX_NAME_BYTES:
        name = "==" + hashlib.sha256(written).hexdigest()
    return f"{service}/{name}"
