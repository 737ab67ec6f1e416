"""What some models write for themselves is no part of their answer.

Amazon Nova reasons in `<thinking>` where it may call tools, and several open models do in `<think>`.
"""

from __future__ import annotations

import re

_OPEN = re.compile(r"<(thinking|think)>")
_OPENINGS = ("<thinking>", "<think>")


class WithoutThoughts:
    """Takes text in pieces, and gives it without what stands between the tags, wherever the pieces are cut."""

    def __init__(self) -> None:
        self._rest = ""
        self._closing: str | None = None
        """The tag that ends the thought that we are in."""

    def feed(self, piece: str) -> str:
        self._rest += piece
        spoken = ""
        while True:
            if self._closing is not None:
                _, found, after = self._rest.partition(self._closing)
                if not found:
                    # Thoughts may be long: no more of them is kept than the tag may have begun with.
                    self._rest = self._rest[-len(self._closing) :]
                    return spoken
                self._rest, self._closing = after, None
            elif opened := _OPEN.search(self._rest):
                spoken += self._rest[: opened.start()]
                self._rest, self._closing = self._rest[opened.end() :], f"</{opened[1]}>"
            else:
                cut = _begins_at(self._rest)
                spoken, self._rest = spoken + self._rest[:cut], self._rest[cut:]
                return spoken

    def flush(self) -> str:
        """What was kept because it might have become a tag."""
        rest, self._rest = self._rest, ""
        return "" if self._closing is not None else rest


def _begins_at(text: str) -> int:
    """Where an opening tag may begin that goes on in the next piece; else the end."""
    at = text.rfind("<")
    return at if at >= 0 and any(tag.startswith(text[at:]) for tag in _OPENINGS) else len(text)
