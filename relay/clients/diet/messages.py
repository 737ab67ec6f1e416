"""What the diet page says in JSON (path `/ws/diet`)."""

from __future__ import annotations

from typing import Literal

from pydantic_core import from_json

from protocol.client_messages import MAX_CLIENT_TEXT_BYTES
from protocol.errors import MalformedMessage, MessageTooLarge, UnknownType
from protocol.messages import Id, Message, Text, by_type, parse


class UserMessage(Message):
    """Typed words. Pages have called them by each of these names."""

    type: Literal["user_message"] = "user_message"
    text: Text | None = None
    message: Text | None = None
    content: Text | None = None
    id: Id | None = None
    """Makes sending it again harmless."""

    @property
    def words(self) -> str:
        """Raises `MalformedMessage` when there are none."""
        for words in (self.text, self.message, self.content):
            if words is not None and words.strip():
                return words
        raise MalformedMessage("'user_message' needs words in its field 'text'.")


class ClientReadyRequest(Message):
    type: Literal["client_ready_request"] = "client_ready_request"


class ConversationCompleted(Message):
    type: Literal["conversation_completed"] = "conversation_completed"


class SummaryRequest(Message):
    type: Literal["conversation_summary_request"] = "conversation_summary_request"


FROM_PAGE: dict[str, type[Message]] = by_type(
    UserMessage, ClientReadyRequest, ConversationCompleted, SummaryRequest
)


def parse_diet_message(text: str) -> Message:
    """The validated message in `text`. Raises `MessageTooLarge`, `MalformedMessage` or `UnknownType`."""
    if len(text.encode()) > MAX_CLIENT_TEXT_BYTES:
        raise MessageTooLarge(f"A message may have {MAX_CLIENT_TEXT_BYTES} bytes at most.")
    try:
        data = from_json(text)
    except ValueError:
        raise MalformedMessage("A text message must be JSON.") from None
    return parse(data, FROM_PAGE, UnknownType)
