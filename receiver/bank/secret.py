"""A person's access token, in an object that shows it to nobody by accident."""

from __future__ import annotations

from typing import NoReturn

from protocol.errors import BankUnauthorized

MAX_CHARS = 512


class BankToken:
    """Only `reveal` gives the token out: `repr`, logs, JSON, copies and pickles do not."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Raises `BankUnauthorized` for what cannot be a token, such as one with a line break in it."""
        value = value.strip()
        if not 1 <= len(value) <= MAX_CHARS or not all("!" <= letter <= "~" for letter in value):
            raise BankUnauthorized("That is not an access token of your bank.")
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "BankToken(...)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a bank token is not written anywhere")
