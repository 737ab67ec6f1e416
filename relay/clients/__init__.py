"""The ways of talking to the relay, one file for each, and what a conversation sees of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from protocol.errors import VoiceError
from protocol.messages import Message
from relay.tts import Speech

if TYPE_CHECKING:  # a conversation knows its client, and a client its conversation
    from relay.conversation import Conversation


class Client(Protocol):
    """A connected client, whatever its wire. Plain calls; the client bounds what it queues."""

    kind: ClassVar[str | None]
    """Its name in `RELAY_ASSISTANTS`; None for one that is not there."""

    replies: str
    """`whole` or `sentences`."""

    deltas: bool
    """Whether it takes an answer's text as it comes (`delta`, `answer`)."""

    speech: Speech
    """The form that it takes sound in, and the voice it asks for."""

    def on_joined(self, conversation: Conversation) -> None:
        """This is the client's conversation from now on."""
        ...

    def deliver(self, message: Message) -> None: ...
    def hang_up(self, error: VoiceError) -> None:
        """Tell the client why, and close its connection."""
        ...
