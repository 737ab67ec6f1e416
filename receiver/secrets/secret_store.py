"""A place where secrets of users are looked up, and the two that need no place."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr

MAX_SECRET_CHARS = 4_096
"""As of a credential that a client brings (`protocol.messages.Credential`)."""


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
