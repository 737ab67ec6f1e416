"""What a language model is told: prompts, and how people and their words stand in them, bounded and set off."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from importlib.resources import files

MAX_NAME_CHARS = 30


@cache
def read_prompt(package: str, name: str) -> str:
    """A prompt is a file of its own with a version, `prompts/chat_v1.md`: a new wording is a new file and a new name,
    so that it can be told which one an answer came from."""
    return (files(package) / "prompts" / name).read_text(encoding="utf-8").strip()


def enclosed(tag: str, text: str) -> str:
    """`text` between two tags that it cannot close itself."""
    return f"<{tag}>{text.replace('<', '‹').replace('>', '›')}</{tag}>"


def first_name(name: str | None) -> str:
    """Only what can be a name: anybody can call themselves anything."""
    found = re.match(r"[^\W\d_][\w'’-]*", name.strip()) if name else None
    return found[0][:MAX_NAME_CHARS] if found else ""


def day_and_time(moment: datetime) -> str:
    """ "Sunday, 22 November 2026, 00:30"."""
    return f"{moment:%A}, {moment.day} {moment:%B %Y}, {moment:%H:%M}"
