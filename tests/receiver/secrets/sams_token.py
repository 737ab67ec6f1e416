"""Sam's token, put into a file as a deployer does, and what a store of secrets has for somebody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import SecretStr

TOKEN = "up:yeah:sam"


def put(folder: Path, name: str, text: str | bytes = TOKEN) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


async def value(store: Any, user: str, service: str = "bank") -> str | None:
    secret: SecretStr | None = await store.find(service, user)
    return None if secret is None else secret.get_secret_value()
