"""Where a deployer keeps what users need at other services: their bank's token, the secret of its webhooks.

`RECEIVER_SECRETS` names the place. The receiver writes nothing of it anywhere: what was found stays in memory for a few
minutes (`cached`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import SecretStr

from protocol.errors import SettingsError
from receiver.secrets.cached import CachedSecrets
from receiver.secrets.secret_store import NoSecrets, OnePersonsSecret, SecretStore

_PREFIX = re.compile(r"[A-Za-z0-9/_+=.@-]{1,256}")


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
