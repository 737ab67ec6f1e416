"""What the language model is told: the prompts, which are files with a version.

A new wording is a new file and a new name here, so that it can be told which one an answer came from.
"""

from __future__ import annotations

from string import Template

from receiver.assistants.assistant import Context
from receiver.llm import prompt
from receiver.llm.prompt import day_and_time, first_name

COACH = "coach_v1.md"
SUMMARY = "summary_v1.md"


def read_prompt(name: str) -> str:
    return prompt.read_prompt(__package__, name)


_GENTLE = (
    "Today they have spoken of something that weighs on them. Be gentle: say no calories, figures or goals unless "
    "they ask for them, and do not ask for the next meal."
)


def coach_prompt(context: Context, *, gentle: bool = False) -> str:
    """The system prompt of one turn; with `gentle`, figures are to be kept back today."""
    name = first_name(context.name)
    return Template(read_prompt(COACH)).substitute(
        person=f"Their first name is {name}." if name else "You do not know their name.",
        now=day_and_time(context.local_now),
        care=_GENTLE if gentle else "Nothing special is to be minded today.",
    )
