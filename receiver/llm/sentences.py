"""Sentences of a text that is still coming, so that each can be looked at before it is said."""

from __future__ import annotations

import re


def sentences(text: str) -> tuple[list[str], str]:
    """The whole sentences at the beginning of `text`, with the blanks after them, and the rest."""
    parts = re.split(r"(?<=[.!?])(?=\s)|(?<=\n)", text)
    return parts[:-1], parts[-1]
