"""What the language model is told: the prompt is a file with a version."""

from __future__ import annotations

from string import Template

from receiver.assistants.assistant import Context
from receiver.llm.prompt import day_and_time, first_name, read_prompt

BANK = "bank_v1.md"


def bank_prompt(context: Context, bank: str) -> str:
    """The system prompt of one turn; `bank` is its name."""
    name = first_name(context.name)
    return Template(read_prompt(__package__, BANK)).substitute(
        bank=bank,
        person=f"Their first name is {name}." if name else "You do not know their name.",
        now=day_and_time(context.local_now),
        timezone=context.timezone.key,
    )
