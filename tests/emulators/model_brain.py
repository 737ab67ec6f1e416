"""What the emulators of language models think with: a function from a conversation to text and tool calls.

The conversation is in one form here, whatever the provider's own is, so one brain serves all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    raw: str | None = None
    """Sent in place of the arguments' JSON: what a model writes that gets it wrong."""

    @property
    def json(self) -> str:
        return json.dumps(self.arguments) if self.raw is None else self.raw


@dataclass(frozen=True)
class Reply:
    """What the model streams: the text first, then the calls."""

    text: str = ""
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One message: `role` is "user", "model" or "results"."""

    role: str
    text: str = ""
    calls: tuple[str, ...] = ()
    """Names, of a model's message."""
    results: tuple[dict[str, Any], ...] = ()


class InvalidConversation(Exception):
    """What the providers refuse with status 400."""


@dataclass(frozen=True)
class Conversation:
    system: str
    entries: tuple[Entry, ...]
    tools: tuple[str, ...]

    @property
    def _last_user(self) -> int:
        return max(index for index, entry in enumerate(self.entries) if entry.role == "user")

    @property
    def message(self) -> str:
        """The user's last message."""
        return self.entries[self._last_user].text

    @property
    def said(self) -> str:
        """What the person said in it."""
        found = re.search(r"<said>(.*)</said>", self.message, re.DOTALL)
        return found[1] if found else ""

    @property
    def diary(self) -> dict[str, Any]:
        """The diary that came with it."""
        found = re.search(r"<diary>(.*)</diary>", self.message, re.DOTALL)
        diary: dict[str, Any] = json.loads(found[1]) if found else {}
        return diary

    @property
    def results(self) -> list[dict[str, Any]]:
        """What the tools have answered since."""
        return [result for entry in self.entries[self._last_user :] for result in entry.results]

    def check(self) -> None:
        """Raises `InvalidConversation`: roles take turns, and every call has its result."""
        if not self.entries or self.entries[0].role != "user" or self.entries[-1].role == "model":
            raise InvalidConversation(
                "A conversation must start with a user message and not end with the model's."
            )
        for before, after in zip(self.entries, self.entries[1:], strict=False):
            if (before.role == "model") == (after.role == "model"):
                raise InvalidConversation("Roles must alternate between user and model.")
            if (after.role == "results") != bool(before.calls) or len(after.results) != len(before.calls):
                raise InvalidConversation(
                    "Tool results must follow the calls that they answer, one for each."
                )
            if before.role == "model" and not before.text.strip() and not before.calls:
                raise InvalidConversation("A message must have content.")


Brain = Callable[[Conversation], Reply]


def always(*replies: Reply) -> Brain:
    """Gives the replies in turn, and the last one from then on."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]
