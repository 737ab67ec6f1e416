"""What the secretary's one tool takes. The docstring and descriptions are what a language model reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from receiver.assistants.notes.promises import MAX_CLAUSE_CHARS
from receiver.llm import ToolSpec
from receiver.llm.tool_schema import schema_of

MAX_POINT_CHARS = 240
MAX_ENTRIES = 50
"""Of each list; what comes after them is not looked at."""

_TURN = "Number of the turn that it comes from."

Quote = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CLAUSE_CHARS)]


class KeyPoint(BaseModel):
    turn: int = Field(description=_TURN)
    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_POINT_CHARS)
    ] = Field(description="One short sentence.")


class Action(BaseModel):
    turn: int = Field(description=_TURN)
    kind: Literal["promise", "request"]
    quote: Quote = Field(description="Copied word for word from what was said in that turn.")


class OpenQuestion(BaseModel):
    turn: int = Field(description=_TURN)
    quote: Quote = Field(description="Copied word for word from what was said in that turn.")


class Minutes(BaseModel):
    """Writes the minutes down. Called once, with everything."""

    key_points: list[KeyPoint]
    action_items: list[Action]
    open_questions: list[OpenQuestion]


TOOL = ToolSpec("minutes", (Minutes.__doc__ or "").strip(), schema_of(Minutes))

_Entry = TypeVar("_Entry", KeyPoint, Action, OpenQuestion)


def read_minutes(arguments: Mapping[str, Any]) -> Minutes:
    """What there is of them. An entry that is not as it should be takes no other with it."""
    return Minutes(
        key_points=_entries(arguments, "key_points", KeyPoint),
        action_items=_entries(arguments, "action_items", Action),
        open_questions=_entries(arguments, "open_questions", OpenQuestion),
    )


def _entries(arguments: Mapping[str, Any], name: str, kind: type[_Entry]) -> list[_Entry]:
    given = arguments.get(name)
    entries: list[_Entry] = []
    for entry in given[:MAX_ENTRIES] if isinstance(given, list) else ():
        try:
            entries.append(kind.model_validate(entry))
        except ValidationError:
            continue
    return entries
