"""What the receiver does for its operator beside answering: hand out and forget what it keeps about somebody."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from protocol.errors import SettingsError
from receiver.settings import ReceiverSettings
from receiver.store.export import to_csv, to_json
from receiver.store.sql_store import SqlStore


class CommandFailed(Exception):
    """Says in one sentence why."""


@asynccontextmanager
async def _open_store(settings: ReceiverSettings) -> AsyncIterator[SqlStore]:
    store = await SqlStore.open(settings.database_url, encryption_key=settings.encryption_key)
    try:
        yield store
    finally:
        await store.close()


async def export(
    settings: ReceiverSettings, user: str, form: Literal["csv", "json"], output: Path | None
) -> None:
    """Write all days of a user, and as JSON also who they are and what was said, to a file or stdout."""
    async with _open_store(settings) as store:
        found = await store.export_user(user)
    if found is None:
        raise CommandFailed(f"There is no user '{user}' in this database.")
    text = to_csv(found) if form == "csv" else to_json(found)
    if output is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    try:
        await asyncio.to_thread(_write_private, output, text)
    except OSError as error:
        raise CommandFailed(f"{output} cannot be written: {error.strerror}.") from None


async def forget(settings: ReceiverSettings, user: str, *, confirmed: bool) -> None:
    """Delete everything about a user, after asking unless that is `confirmed`."""
    async with _open_store(settings) as store:
        found = await store.export_user(user)
        if found is None:
            raise CommandFailed(f"There is no user '{user}' in this database.")
        kept = f"{len(found.sessions)} sessions and {len(found.items)} items of the diary"
        if not confirmed and not await asyncio.to_thread(_confirm, f"Delete {kept} of '{user}' for good?"):
            raise CommandFailed("Nothing was deleted.")
        await store.forget_user(user)
    print(f"Deleted {kept}.")


async def encrypt(settings: ReceiverSettings) -> None:
    """Encrypt everything anew under the first key, so that older keys, or none, are no longer needed."""
    if settings.encryption_key is None:
        raise SettingsError("RECEIVER_ENCRYPTION_KEY: set the key to encrypt with.")
    async with _open_store(settings) as store:
        count = await store.encrypt_all()
    print(f"Encrypted {count} texts.")


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text.encode())


def _confirm(question: str) -> bool:
    print(f"{question} [yes/no] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() == "yes"
