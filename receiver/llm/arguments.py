"""Arguments of tool calls: JSON that comes in pieces, from a model that may get it wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from receiver.llm import MAX_ARGUMENT_CHARS, ToolCall


class ArgumentPieces:
    """The JSON text of one call while it comes."""

    def __init__(self, id_: str, name: str) -> None:
        self.id = id_
        self.name = name
        self._pieces: list[str] = []
        self._room = MAX_ARGUMENT_CHARS

    def add(self, piece: str) -> None:
        self._pieces.append(piece[: self._room])
        self._room -= len(self._pieces[-1])

    def call(self) -> ToolCall:
        return ToolCall(self.id, self.name, parse_arguments("".join(self._pieces)))


def parse_arguments(text: str) -> Mapping[str, Any] | None:
    """The object in `text`; nothing at all is an empty one, as some models call a tool without arguments."""
    if not text.strip():
        return {}
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
