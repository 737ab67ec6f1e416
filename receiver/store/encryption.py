"""What people say, encrypted at rest: Fernet (AES-128-CBC and HMAC-SHA256), under keys that can be rotated.

A text is stored with a mark, so that a database may hold both kinds, and nothing that a person says is
taken for something else:

    encrypted:TOKEN   under one of the keys
    json:"..."        a plain text that begins like one of these, or that not every database can hold
    anything else     a plain text, as it is
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from protocol.errors import StoreUnavailable

log = structlog.get_logger(__name__)

_ENCRYPTED = "encrypted:"
_JSON = "json:"
_CHECK = b"voice-relay"


def parse_keys(keys: str) -> list[Fernet]:
    """One or more keys with commas between them. Raises `ValueError` for what is no key."""
    try:
        found = [key.strip() for key in keys.split(",")]
        # What follows the padding would not be looked at.
        if any(len(key) != 44 for key in found):
            raise ValueError
        return [Fernet(key) for key in found]
    except ValueError:
        raise ValueError(
            "a key is 32 random bytes in URL-safe base64 (44 characters), several have commas between them; "
            'make one with: python -c "from cryptography.fernet import Fernet as F; '
            'print(F.generate_key().decode())"'
        ) from None


class TextCipher:
    """The first key encrypts, every key decrypts. Without keys, texts are stored as they are."""

    def __init__(self, keys: str | None = None) -> None:
        self._keys = parse_keys(keys) if keys else []
        self._fernet = MultiFernet(self._keys) if self._keys else None

    def __bool__(self) -> bool:
        return self._fernet is not None

    def seal(self, text: str) -> str:
        """`text` as it is to be stored."""
        if self._fernet is not None:
            return _ENCRYPTED + self._fernet.encrypt(text.encode()).decode()
        if text.startswith((_ENCRYPTED, _JSON)) or "\x00" in text:
            return _JSON + json.dumps(text)
        return text

    def unseal(self, stored: str) -> str:
        """The text that was stored. Raises `StoreUnavailable` when it was encrypted under another key."""
        if stored.startswith(_JSON):
            return str(json.loads(stored.removeprefix(_JSON)))
        if not stored.startswith(_ENCRYPTED):
            return stored
        try:
            if self._fernet is None:
                raise InvalidToken
            return self._fernet.decrypt(stored.removeprefix(_ENCRYPTED).encode()).decode()
        except InvalidToken:
            # The keys were right at the start: since then somebody else has written under a new one.
            log.error("wrong_encryption_key")
            raise StoreUnavailable from None

    def seal_json(self, value: object) -> str:
        return self.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def unseal_json(self, stored: str) -> Any:
        return json.loads(self.unseal(stored))

    def missing(self, checks: Sequence[str]) -> int:
        """How many of the keys behind these check values (see `check`) are not here."""
        return sum(not any(_opens(key, check) for key in self._keys) for check in checks)

    def check(self, checks: Sequence[str]) -> str | None:
        """A value that tells whether the first key is there; None where `checks` has one for it."""
        if not self._keys or any(_opens(self._keys[0], check) for check in checks):
            return None
        return self._keys[0].encrypt(_CHECK).decode()


def _opens(key: Fernet, check: str) -> bool:
    try:
        return key.decrypt(check.encode()) == _CHECK
    except InvalidToken:
        return False
