"""Whom a conversation talks to: a client, another one after it, or nobody for now."""

from __future__ import annotations

from typing import Generic, TypeVar

from protocol import client_messages as cm
from protocol.errors import SessionMoved, VoiceError
from protocol.messages import Message
from relay.clients import Client
from relay.tts import MP3, Speech

C = TypeVar("C", bound=Client)


class Audience(Generic[C]):
    """One conversation's. What is told while nobody is there is not kept here: `relay/session_record.py` has it."""

    def __init__(self) -> None:
        self.client: C | None = None
        self.hello = cm.Hello()
        """Of the latest client."""
        self.waits = False
        """Whether the client has not been welcomed yet."""
        self._state: cm.State | None = None  # as it was told

    def attach(self, client: C, hello: cm.Hello) -> None:
        """`client` is talked to from now on; one that was there before is sent away."""
        if self.client is not None:
            self.client.hang_up(SessionMoved())
        self.client, self.hello, self.waits = client, hello, True
        self._state = None

    def detach(self, client: Client) -> bool:
        """The client is gone. False when another one has taken its place already."""
        if self.client is not client:
            return False
        self.client = None
        return True

    def take(self) -> C | None:
        """The client, who is told nothing more."""
        client, self.client = self.client, None
        return client

    @property
    def replies(self) -> str | None:
        """`whole`, `sentences`, or None while nobody is there."""
        return self.client.replies if self.client is not None else None

    @property
    def speech(self) -> Speech:
        return self.client.speech if self.client is not None else MP3

    def deliver(self, message: Message) -> None:
        if self.client is not None:
            self.client.deliver(message)

    def refuse(self, id: str | None, error: VoiceError) -> None:
        """Tell what became of a typed text or an action."""
        self.deliver(cm.ErrorMessage.of(error, id=id))

    def tell_state(self, state: cm.State) -> None:
        if self._state != state:
            self._state = state
            self.deliver(cm.Status(state=state))

    def tell_delta(self, turn: int, text: str, restart: bool = False) -> None:
        """A piece of the answer's text, to a client that takes it as it comes."""
        if self.client is not None and self.client.deltas:
            self.client.deliver(cm.Delta(turn=turn, text=text, restart=restart or None))

    def tell_answer(self, turn: int, text: str) -> None:
        """The whole text, stored, to such a client."""
        if self.client is not None and self.client.deltas:
            self.client.deliver(cm.Answer(turn=turn, message=text))
