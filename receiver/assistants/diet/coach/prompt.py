"""What the language model is told: the prompts, which are files with a version, and how words are set off in them.

A new wording is a new file and a new name here, so that it can be told which one an answer came from.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from string import Template

from receiver.assistants.assistant import Context

COACH = "coach_v1.md"
SUMMARY = "summary_v1.md"

MAX_NAME_CHARS = 30


@cache
def read_prompt(name: str) -> str:
    return (files(__package__) / "prompts" / name).read_text(encoding="utf-8").strip()


_GENTLE = (
    "Today they have spoken of something that weighs on them. Be gentle: say no calories, figures or goals unless "
    "they ask for them, and do not ask for the next meal."
)


def coach_prompt(context: Context, *, gentle: bool = False) -> str:
    """The system prompt of one turn; with `gentle`, figures are to be kept back today."""
    now = context.local_now
    name = first_name(context.name)
    return Template(read_prompt(COACH)).substitute(
        person=f"Their first name is {name}." if name else "You do not know their name.",
        now=f"{now:%A}, {now.day} {now:%B %Y}, {now:%H:%M}",
        care=_GENTLE if gentle else "Nothing special is to be minded today.",
    )


def first_name(name: str | None) -> str:
    """Only what can be a name: anybody can call themselves anything."""
    found = re.match(r"[^\W\d_][\w'’-]*", name.strip()) if name else None
    return found[0][:MAX_NAME_CHARS] if found else ""


def enclosed(tag: str, text: str) -> str:
    """`text` between two tags that it cannot close itself."""
    return f"<{tag}>{text.replace('<', '‹').replace('>', '›')}</{tag}>"
