"""What the language model is told in a conversation: the prompts, which are files with a version."""

from __future__ import annotations

import re
from string import Template

from receiver.assistants.assistant import Context
from receiver.llm.prompt import day_and_time, first_name, read_prompt

CHAT = "chat_v1.md"
SUMMARY = "summary_v1.md"

_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
"""Language, script, region and variant (RFC 5646, as far as devices report it)."""


def chat_prompt(context: Context) -> str:
    """The system prompt of one turn."""
    name = first_name(context.name)
    locale = context.locale if context.locale and _LOCALE.fullmatch(context.locale) else None
    return Template(read_prompt(__package__, CHAT)).substitute(
        person=f"Their first name is {name}." if name else "You do not know their name.",
        now=day_and_time(context.local_now),
        timezone=context.timezone.key,
        locale=f" Their locale is {locale}: its spelling and units are theirs." if locale else "",
    )


def summary_prompt() -> str:
    return read_prompt(__package__, SUMMARY)
