"""Regular expressions that are compiled when they are first used.

To compile all that the bank assistant knows takes some 50 ms of the receiver's start, also where nobody asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property


class Pattern:
    """What is used here of `re.Pattern`."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.text)

    def search(self, said: str) -> re.Match[str] | None:
        return self._compiled.search(said)

    def match(self, said: str) -> re.Match[str] | None:
        return self._compiled.match(said)

    def fullmatch(self, said: str) -> re.Match[str] | None:
        return self._compiled.fullmatch(said)

    def sub(self, words: str | Callable[[re.Match[str]], str], said: str) -> str:
        return self._compiled.sub(words, said)

    def split(self, said: str) -> list[str]:
        return self._compiled.split(said)

    def finditer(self, said: str) -> Iterator[re.Match[str]]:
        return self._compiled.finditer(said)
