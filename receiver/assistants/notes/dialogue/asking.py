"""Questions of ours, and the short answers to them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.turn import Turn
from receiver.assistants.notes.state import Item

YES = re.compile(
    r"(?:yes|yeah|yep|yup|sure|okay|ok|please|do it|do that|do so|right|correct|exactly|of course|go ahead"
    r"|absolutely|definitely)(?: \S+){0,4}"
)
NO = re.compile(r"(?:no|nope|nah|don't|do not|never mind|not|stop|leave|keep)\b")


def which(turn: Turn, items: Sequence[Item], do: str, to: str | None = None) -> str:
    """Ask which of several is meant."""
    names = [phrases.describe(item) for item in items]
    ids = [item["id"] for item in items]
    return turn.ask(f"Which one: {_or(names)}?", "which", do=do, ids=ids, change=to)


def _or(names: Sequence[str]) -> str:
    names = [*names[: phrases.MAX_SAID - 1], "another"] if len(names) > phrases.MAX_SAID else names
    return f"{', '.join(names[:-1])} or {names[-1]}"
