"""The names under which secrets are kept: they have to do as a file's and as AWS Secrets Manager's."""

from __future__ import annotations

import hashlib
import re

MAX_NAME_BYTES = 200
"""Longest name of a secret; file systems take 255."""

_SERVICE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.@+")


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
