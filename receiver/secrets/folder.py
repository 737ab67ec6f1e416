"""Secrets as files, `SERVICE/USER` in a folder: the way in which Docker and Kubernetes bring them into a container."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import structlog
from pydantic import SecretStr

from protocol.errors import SecretsUnavailable, SettingsError
from receiver.secrets.naming import name_of
from receiver.secrets.secret_store import MAX_SECRET_CHARS

log = structlog.get_logger(__name__)


class FolderSecrets:
    """A file holds the secret alone; white space around it does not count. Raises `SettingsError` without a folder.

    Symbolic links are followed within the folder, as Kubernetes makes them (`..data`), and nowhere else.
    """

    def __init__(self, folder: Path) -> None:
        try:
            if not stat.S_ISDIR(folder.stat().st_mode):
                raise NotADirectoryError
            os.listdir(folder)
        except OSError:
            raise SettingsError(
                f"RECEIVER_SECRETS=folder:{folder}: there is no folder that can be read."
            ) from None
        self._folder = folder

    async def find(self, service: str, user: str) -> SecretStr | None:
        try:
            text = await asyncio.to_thread(self._read, name_of(service, user))
        except (OSError, UnicodeError, ValueError) as error:
            log.warning("secrets_unavailable", service=service, cause=type(error).__name__)
        else:
            return SecretStr(text) if text else None
        # Not from within a handler: the error of reading names the file, and with it the user.
        raise SecretsUnavailable

    async def aclose(self) -> None:
        pass

    def _read(self, name: str) -> str:
        """Empty where there is none. Raises `OSError`, `ValueError`."""
        root = os.path.realpath(self._folder)
        path = os.path.realpath(os.path.join(root, name))
        if not path.startswith(root + os.sep):
            raise PermissionError("outside the folder")
        try:
            # Not to wait for somebody to write into what is no file.
            file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except (FileNotFoundError, NotADirectoryError):
            os.stat(root)  # the folder itself has to be there, or nobody knows
            return ""
        with os.fdopen(file, "rb") as opened:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise OSError("not a file")
            text = opened.read(MAX_SECRET_CHARS + 3).decode().strip()
        if len(text) > MAX_SECRET_CHARS:
            raise ValueError("too long")
        return text
