"""The access keys that the emulators know."""

from __future__ import annotations

from tests.emulators.sigv4 import AccessKey, Keys

ACCESS_KEY_ID = "AKIAEMULATOR00000000"
SECRET = "emulated/secret+key"
TEMPORARY_KEY_ID = "ASIAEMULATOR00000000"
SESSION_TOKEN = "session/token+with=signs"
EXPIRED_KEY_ID = "ASIAEXPIRED000000000"
EXPIRED_TOKEN = "expired-token"

KEYS: Keys = {
    ACCESS_KEY_ID: AccessKey(SECRET),
    TEMPORARY_KEY_ID: AccessKey(SECRET, token=SESSION_TOKEN),
    EXPIRED_KEY_ID: AccessKey(SECRET, token=EXPIRED_TOKEN, expired=True),
}
