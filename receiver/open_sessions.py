"""The sessions that relays have open here: whose credentials there are for what is done outside a turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pydantic import SecretStr


class OpenSession(Protocol):
    @property
    def user(self) -> str: ...

    @property
    def credentials(self) -> Mapping[str, SecretStr]: ...


class OpenSessions:
    """Only those with credentials are remembered, as long as the relay has them open."""

    def __init__(self) -> None:
        self._of_user: dict[str, list[OpenSession]] = {}

    def add(self, session: OpenSession) -> None:
        if session.credentials:
            self._of_user.setdefault(session.user, []).append(session)

    def discard(self, session: OpenSession) -> None:
        found = self._of_user.get(session.user, [])
        if session in found:
            found.remove(session)
        if not found:
            self._of_user.pop(session.user, None)

    def credentials(self, user: str) -> dict[str, SecretStr]:
        """By service, the latest that the user's client brought."""
        return {
            service: secret
            for session in self._of_user.get(user, ())
            for service, secret in session.credentials.items()
        }
