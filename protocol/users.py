"""What names a user: an id of whoever signs people in, or an e-mail address."""

from __future__ import annotations

import string

MAX_USER_CHARS = 80

PRIVATE_USER = "session:"
"""With a session's id behind it, the user of a session that was opened for nobody in particular. Nobody else is
called so."""

_TO_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def canonical_user(name: str) -> str:
    """The one way in which a user's name is written, so that it can be compared. Empty for nobody.

    An e-mail address (it has an "@") is the same however its letters are written; only those of ASCII, as others
    become alike that are not (the Kelvin sign's small letter is an ordinary k), and one person would be taken for
    another. Anything else is an id, and compared as it is.
    """
    name = name.replace("\x00", "").strip()
    return name.translate(_TO_LOWER) if "@" in name else name


def is_user(name: str) -> bool:
    """Whether this can name somebody, as it stands: 1 to 80 printable characters, written in the canonical way."""
    if not 0 < len(name) <= MAX_USER_CHARS or name.startswith(PRIVATE_USER):
        return False
    return name.isprintable() and canonical_user(name) == name
