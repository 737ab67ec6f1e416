"""Questions of the day-by-day app, as they come: over its WebSocket or posted, from its older and its newer pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field, StringConstraints, ValidationError
from pydantic_core import from_json

from protocol.errors import MalformedMessage
from protocol.link_messages import MAX_EARLIER_BYTES, MAX_EARLIER_TURNS, EarlierTurn
from protocol.messages import Id, Name, Part, Text

MAX_TEXT_CHARS = 16_384
"""Of an earlier text; the rest of a longer one is left out."""


def _nothing_if_empty(value: object) -> object:
    """Pages send an empty text where they have nothing."""
    return None if value == "" else value


class Said(Part):
    """An entry of `chat_history`."""

    role: str
    content: Annotated[str, Field(validation_alias=AliasChoices("content", "text", "message"))]


class Question(Part):
    text: Annotated[
        Text,
        StringConstraints(strip_whitespace=True, min_length=1),
        Field(validation_alias=AliasChoices("text", "query", "message")),
    ]
    session_id: Annotated[Id | None, BeforeValidator(_nothing_if_empty)] = None
    voice_id: Annotated[Name | None, BeforeValidator(_nothing_if_empty)] = None
    chat_history: list[Said] | None = None
    """Oldest first; roles other than `user` and `assistant` are left out."""

    @property
    def earlier_turns(self) -> list[EarlierTurn]:
        """What was said before, for a session that is not there yet: as many of the latest turns as it may begin with.

        What the person said last counts as the question itself where it has the same words: some pages write it
        down first and then send both.
        """
        turns = _turns(self.chat_history or ())
        if turns and turns[-1] == (self.text, ""):
            turns.pop()
        kept: list[EarlierTurn] = []
        room = MAX_EARLIER_BYTES
        for text, message in reversed(turns[-MAX_EARLIER_TURNS:]):
            turn = EarlierTurn(text=text[:MAX_TEXT_CHARS], message=message[:MAX_TEXT_CHARS])
            room -= turn.size
            if room < 0:
                break
            kept.append(turn)
        kept.reverse()
        return kept


def parse_json(body: str | bytes) -> Any:
    """Raises `MalformedMessage` for what is no JSON, or has half a character in it that nobody could send on."""
    try:
        return from_json(body)
    except ValueError:
        raise MalformedMessage("That is not JSON.") from None


def question_of(data: object) -> Question:
    """Raises `MalformedMessage`."""
    if not isinstance(data, dict):
        raise MalformedMessage("A question is an object with a 'text'.")
    try:
        return Question.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])[:80]
        raise MalformedMessage(f"The question has a bad field '{field}': {first['msg'][:200]}.") from None


def read_question(text: str) -> Question:
    """A question in JSON, or a text that is none and is the question itself. Raises `MalformedMessage`."""
    if text.lstrip().startswith(("{", "[")):
        return question_of(parse_json(text))
    try:
        data = from_json(text)
    except ValueError:
        data = text
    # Somebody may just ask "42".
    return question_of({"text": data if isinstance(data, str) else text})


def _turns(history: Iterable[Said]) -> list[tuple[str, str]]:
    """What was said, and what was answered to it; what one of them said in several messages is one text."""
    turns: list[tuple[str, str]] = []
    for said in history:
        content = said.content.strip()
        if not content:
            continue
        text, message = turns[-1] if turns else ("", "")
        if said.role == "user" and (message or not turns):
            turns.append((content, ""))
        elif said.role == "user":
            turns[-1] = (f"{text} {content}", "")
        elif said.role == "assistant" and not turns:
            turns.append(("", content))
        elif said.role == "assistant":
            turns[-1] = (text, f"{message} {content}".strip())
    return turns
