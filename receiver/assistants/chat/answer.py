"""One answer of the language model: in time, in bounds, and as it may be heard.

Nobody else can answer when the model fails, and a turn that is refused would be asked for again and again while the
person waits in silence. So a failure is said in a sentence: the turn is stored with the person's words, and "try again"
is enough to have them answered.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import structlog

from receiver.assistants.assistant import RESTART, Context, Effect, Restart, State
from receiver.assistants.chat.prompt import chat_prompt, summary_prompt
from receiver.assistants.chat.speech import Speech
from receiver.llm import Finished, LanguageModel, ModelFailed, ModelRequest, Restarted, TextPiece
from receiver.llm.prompt import enclosed
from receiver.llm.recall import Recall

log = structlog.get_logger(__name__)

MAX_OUTPUT_TOKENS = 1_024
MAX_ANSWER_CHARS = 1_500
"""About two minutes of speech. What a model would say beyond is left until it is asked for."""

FAILED = (
    'I am sorry, I cannot think of an answer right now. Please say "try again" in a moment; you need not repeat '
    "yourself."
)
BROKEN_OFF = "I am sorry, I lost the thread there. Shall I go on?"
GO_ON = "Shall I go on?"
WITHHELD = "I am sorry, I cannot talk about that. Is there something else that you would like to talk about?"


class Answer:
    """To one turn. `pieces` may be iterated once."""

    def __init__(self, model: LanguageModel, *, seconds: float, context_tokens: int) -> None:
        self._model = model
        self._deadline = time.monotonic() + seconds
        self._context_tokens = context_tokens
        self._said = ""
        self._too_long = False

    async def pieces(
        self, state: State, context: Context, text: str
    ) -> AsyncGenerator[str | Effect | Restart, None]:
        recall = Recall(
            state.get("summary"), context.history, self._context_tokens,
            instructions=summary_prompt(), speaker="Assistant",
        )  # fmt: skip
        await recall.shorten(self._model, self._left() / 2)
        request = ModelRequest(
            chat_prompt(context),
            recall.messages(enclosed("said", text)),
            max_tokens=MAX_OUTPUT_TOKENS,
            seconds=max(0.0, self._left()),
        )
        try:
            async with aclosing(self._spoken(request)) as spoken:
                async for piece in spoken:
                    yield piece
        except ModelFailed as failure:
            # That it rests was told when it began to.
            tell = log.info if failure.cause == "resting" else log.warning
            tell("model_gave_up", model=self._model.name, cause=failure.cause, detail=failure.detail)
            # Whole sentences stand: they have been heard, perhaps.
            yield self._say(BROKEN_OFF if self._said else FAILED)
        if recall.new_summary is not None:
            yield {"do": "summary", **recall.new_summary}

    async def _spoken(self, request: ModelRequest) -> AsyncGenerator[str | Restart, None]:
        """Raises `ModelFailed`."""
        speech = Speech()
        async with aclosing(self._model.stream(request)) as events:
            async for event in events:
                sentences: list[str] = []
                match event:
                    case TextPiece(text=text):
                        sentences = speech.feed(text)
                    case Restarted():
                        speech = Speech()
                        if self._said:
                            yield self._begin_anew()
                    case Finished(reason="filtered"):
                        if self._said:
                            yield self._begin_anew()
                        yield self._say(WITHHELD)
                        return
                    case Finished(reason="length") if self._said:
                        self._too_long = True  # and half a sentence is left
                    case Finished():
                        sentences = speech.flush()
                for sentence in sentences:
                    if len(self._said) + len(sentence) >= MAX_ANSWER_CHARS:
                        self._too_long = True
                        break
                    yield self._say(sentence)
                if self._too_long:
                    break
        if not self._said:
            raise ModelFailed("broken", "no answer")
        if self._too_long and not self._said.endswith("?"):
            yield self._say(GO_ON)

    def _say(self, sentence: str) -> str:
        piece = f" {sentence}" if self._said else sentence
        self._said += piece
        return piece

    def _begin_anew(self) -> Restart:
        self._said = ""
        return RESTART

    def _left(self) -> float:
        return self._deadline - time.monotonic()
