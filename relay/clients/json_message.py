"""A client's JSON message, where its wire is not the native one."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json

from protocol.errors import MalformedMessage, MessageTooLarge


def read_object(text: str, max_chars: int, named_by: str) -> dict[str, Any]:
    """The JSON object in `text`; the text field `named_by` says what it is, where it has one.

    Raises `MessageTooLarge`, or `MalformedMessage` for what is no JSON or no object.
    """
    if len(text) > max_chars:
        raise MessageTooLarge
    try:
        message = from_json(text)
    except ValueError:
        raise MalformedMessage("A message is JSON.") from None
    if not isinstance(message, dict):
        raise MalformedMessage(f"A message is a map with a text field '{named_by}'.")
    return message
