"""Language models behind one small interface: a conversation and tools in, text and tool calls out.

A provider (`bedrock`, `openai_chat`, `gemini`) turns one request into one call, streamed or not, and its failures into
`ModelFailed`. `patient` puts time-outs, retries and rests around it, the same for all of them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from protocol.errors import AnswerFailed

Cause = Literal["throttled", "unavailable", "timeout", "refused", "broken", "resting"]
"""Why a call failed: too many of them; nobody there or an error of theirs (5xx); too slow; our key, model or
request is not accepted; what came is not of the protocol, or a stream that ended in an error; not asked at all,
as it has failed a moment ago."""

ANSWER_SECONDS = 25.0
"""Longest for all calls of a turn; the receiver gives an answer 30 s, and what is said without the model has to fit in
too."""

_TRANSIENT: frozenset[Cause] = frozenset({"throttled", "unavailable", "timeout"})

MAX_ARGUMENT_CHARS = 16_384
"""Longest JSON of one tool call; a longer one is cut off, and so no JSON any more."""


class ModelFailed(AnswerFailed):
    """A call failed. `detail` is the provider's own word for it, for the log: a code, never a message."""

    def __init__(
        self, cause: Cause, detail: str = "", *, retry_after: float | None = None, stream: bool = False
    ) -> None:
        super().__init__()
        self.cause = cause
        self.detail = detail[:80]
        self.stream = stream
        """The call was let in and its stream failed, or a stream may be what was refused: asked for without one,
        the same answer may come."""
        self.retry_after = retry_after
        """Seconds that the provider asks us to wait."""

    @property
    def transient(self) -> bool:
        """Whether the same request may succeed in a moment."""
        return self.cause in _TRANSIENT


@dataclass(frozen=True, slots=True)
class ToolSpec:
    name: str
    description: str
    schema: Mapping[str, Any]
    """JSON schema of the arguments, an object, without `$ref`: not every provider follows one."""


@dataclass(frozen=True, slots=True)
class TextPiece:
    text: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """What came before is void, calls too: the answer begins anew."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: Mapping[str, Any] | None
    """None where what the model wrote is not a JSON object."""
    signature: bytes | None = None
    """The provider's own, to be sent back with the call (Gemini's thought signature)."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a stream: `stop` the model has said all, `tools` it waits for results, `length` it was cut
    off at `max_tokens`, `filtered` the provider withheld the rest."""

    reason: Literal["stop", "tools", "length", "filtered"]
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class UserText:
    text: str


@dataclass(frozen=True, slots=True)
class ModelTurn:
    """What the model said and called in one stream."""

    text: str
    calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolResult:
    call: ToolCall
    content: Mapping[str, Any]
    error: bool = False


@dataclass(frozen=True, slots=True)
class ToolResults:
    """Of all calls of the `ModelTurn` before it, in their order."""

    results: tuple[ToolResult, ...]


ModelMessage = UserText | ModelTurn | ToolResults


@dataclass(frozen=True, slots=True)
class ModelRequest:
    system: str
    messages: tuple[ModelMessage, ...]
    """Beginning with a `UserText`, in turns."""
    tools: tuple[ToolSpec, ...] = ()
    max_tokens: int = 1024
    """Of the output."""
    seconds: float = 30.0
    """Longest from here to the end of the stream, retries included."""
    required_tool: str | None = None
    """The one of `tools` that has to be called. Not every model can be made to: the prompt says so, too."""


ModelEvent = TextPiece | ToolCall | Restarted | Finished


class LanguageModel(Protocol):
    """One client and its connections, for all conversations of the process."""

    name: str
    """For logs: provider and model."""

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Text as it comes, whole tool calls, and one `Finished` at the end. Raises `ModelFailed`.

        Closing the generator, or cancelling whoever waits for it, closes the connection of the call.
        """

    async def aclose(self) -> None: ...


class Provider(LanguageModel, Protocol):
    """What `receiver.llm.patient` is put around: each method makes one call, and `stream` never begins anew."""

    async def complete(self, request: ModelRequest) -> list[ModelEvent]:
        """The events of a stream, all at once, by the provider's call that does not stream. Raises `ModelFailed`.

        Cancelling it closes the connection of the call.
        """
