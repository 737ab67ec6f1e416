"""A language model without a network: a brain behind the interface that the coach talks to."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from receiver.llm import (
    Finished,
    ModelEvent,
    ModelFailed,
    ModelRequest,
    ModelTurn,
    TextPiece,
    ToolCall,
    UserText,
)
from receiver.llm.arguments import parse_arguments
from tests.emulators.model_brain import Brain, Conversation, Entry
from tests.emulators.model_server import pieces


class BrainModel:
    name = "brain"

    def __init__(self, brain: Brain) -> None:
        self.brain = brain
        self.requests: list[ModelRequest] = []
        self.failures: list[ModelFailed] = []
        """Raised by the next calls, in order."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        self.requests.append(request)
        if self.failures:
            raise self.failures.pop(0)
        conversation = conversation_of(request)
        conversation.check()
        reply = self.brain(conversation)
        for piece in pieces(reply.text, 5):
            yield TextPiece(piece)
        for number, call in enumerate(reply.calls):
            yield ToolCall(f"call-{number}", call.name, parse_arguments(call.json))
        yield Finished("tools" if reply.calls else "stop")

    async def aclose(self) -> None: ...


def conversation_of(request: ModelRequest) -> Conversation:
    entries = []
    for message in request.messages:
        if isinstance(message, UserText):
            entries.append(Entry("user", message.text))
        elif isinstance(message, ModelTurn):
            entries.append(Entry("model", message.text, tuple(call.name for call in message.calls)))
        else:
            entries.append(
                Entry("results", results=tuple(dict(result.content) for result in message.results))
            )
    return Conversation(request.system, tuple(entries), tuple(tool.name for tool in request.tools))
