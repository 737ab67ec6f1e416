"""What the items of a turn say, and when."""

from __future__ import annotations

from datetime import datetime

from protocol.errors import MalformedMessage, MessageTooLarge
from protocol.link_messages import Item, spoken_text
from receiver.assistants.assistant import parse_timestamp

MAX_TURN_CHARS = 16_384
"""What may be said in one turn, its items joined (`protocol.messages.Text`)."""


def text_of(items: list[Item]) -> str:
    """Raises `MalformedMessage` or `MessageTooLarge`."""
    text = spoken_text(items)
    if not text.strip():
        raise MalformedMessage("A turn needs words.")
    if len(text) > MAX_TURN_CHARS:
        raise MessageTooLarge(f"A turn may have {MAX_TURN_CHARS} characters at most.")
    return text


def time_of(items: list[Item]) -> datetime:
    """When the last of them was heard. Raises `MalformedMessage` for a timestamp that is none."""
    try:
        moment = parse_timestamp(items[-1].timestamp)
    except (ValueError, OverflowError):
        raise MalformedMessage("An item's timestamp is not ISO 8601.") from None
    if not 2000 <= moment.year < 2200:
        raise MalformedMessage("An item's timestamp is not of this time.")
    return moment
