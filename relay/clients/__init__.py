"""The ways of talking to the relay, one file for each, and what a conversation sees of them."""

from __future__ import annotations

from typing import ClassVar, Protocol

from protocol.errors import VoiceError
from protocol.messages import Message
from relay.tts import Speech


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

    def deliver(self, message: Message) -> None: ...
    def hang_up(self, error: VoiceError) -> None:
        """Tell the client why, and close its connection."""
        ...
