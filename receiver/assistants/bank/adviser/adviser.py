"""The bank assistant with a language model: it asks the bank through tools, and talks.

What it says goes out sentence by sentence, each one after its amounts were found to be the bank's. A sentence with any
other amount gives way to the rules' answer to what the tools were asked. A change is only proposed: the rules ask for
the yes. When the model fails in whatever way, `ModelFailed` is raised, and the rules answer the turn.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import structlog

from protocol.client_messages import PastTurn
from receiver.assistants.assistant import RESTART, Context, Effect, KeepOnly, Restart
from receiver.assistants.bank.adviser.prompt import bank_prompt
from receiver.assistants.bank.adviser.sums import Sums, claims_change
from receiver.assistants.bank.adviser.tools import TOOLS, Tools
from receiver.assistants.bank.brand import BrandBase
from receiver.assistants.bank.desk import Desk
from receiver.assistants.chat.speech import Speech
from receiver.llm import (
    ANSWER_SECONDS,
    LanguageModel,
    ModelFailed,
    ModelMessage,
    ModelRequest,
    ModelTurn,
    Restarted,
    TextPiece,
    ToolCall,
    ToolResults,
)
from receiver.llm.prompt import enclosed
from receiver.llm.recall import CONTEXT_TOKENS, Recall, tokens_of

log = structlog.get_logger(__name__)

MAX_ROUNDS = 4
"""Calls of the model in a turn. One that still wants tools then goes round in circles."""

MAX_CALLS = 6
"""Tool calls in one round. More of them are no answer to what one person said."""

RULES_SECONDS = 10.0
"""Of the time for an answer: left for the rules, which have to ask the bank too. At most half of it."""

TOOL_SECONDS = 10.0
"""Longest that the tools of one round take; then the bank is too slow, and that is said."""

MAX_OUTPUT_TOKENS = 700
MAX_ANSWER_CHARS = 1_200
"""About a minute and a half of speech. The answer ends with the sentence that reaches it."""

MAX_TURNS = 12
"""Turns before this one that are shown. Their figures are not: who goes on with them asks the bank again."""

MAX_SAID_CHARS = 2_000
"""Of what was said; nobody asks for so long."""

_NOT_SPEECH = ("{", "[", "<")
"""How a tool call begins that a small model writes as text."""

_HANDLE = re.compile(r"\bt\d{1,3}\b")


class Adviser:
    """Stateless: one serves all sessions."""

    def __init__(
        self,
        model: LanguageModel,
        *,
        brand: BrandBase,
        seconds: float = ANSWER_SECONDS,
        context_tokens: int = CONTEXT_TOKENS,
    ) -> None:
        self._model = model
        self._brand = brand
        self._seconds = seconds
        self._context_tokens = context_tokens

    async def think(
        self, text: str, context: Context, desk: Desk | None
    ) -> AsyncGenerator[str | Effect | KeepOnly | Restart, None]:
        """The answer, its effects, and what to keep in its place. `desk` is None for somebody without a token.

        Raises `ModelFailed`; what was yielded before is void then.
        """
        seconds = self._seconds - min(RULES_SECONDS, self._seconds / 2)
        turn = _Turn(self._model, self._brand, context, desk, time.monotonic() + seconds)
        try:
            async with aclosing(turn.answer(text[:MAX_SAID_CHARS], self._context_tokens)) as pieces:
                async for piece in pieces:
                    yield piece
        except ModelFailed as failure:
            # That it rests was told when it began to.
            tell = log.info if failure.cause == "resting" else log.warning
            tell("model_gave_up", model=self._model.name, cause=failure.cause, detail=failure.detail)
            raise
        for effect in turn.effects():
            yield effect
        kept = turn.kept()
        if kept:
            yield KeepOnly(kept)


class _Turn:
    """The model's attempt at a turn."""

    def __init__(
        self, model: LanguageModel, brand: BrandBase, context: Context, desk: Desk | None, deadline: float
    ) -> None:
        self._model = model
        self._brand = brand
        self._context = context
        self._desk = desk
        self._deadline = deadline
        self._sums = Sums()
        self._tools = Tools(desk, brand, "", self._sums)
        self._said = ""
        self._put_right = False
        self._withheld = False
        """A sentence was left out for which there was nothing else to say."""
        self._answered = False
        """Something has been said since the latest results of tools."""

    def effects(self) -> list[Effect]:
        """Of the whole turn, once it is answered."""
        return self._tools.effects()

    def kept(self) -> str:
        """What may be stored in place of the answer; empty for an answer that may be stored itself."""
        return self._tools.kept()

    async def answer(self, text: str, context_tokens: int) -> AsyncGenerator[str | Restart, None]:
        """Raises `ModelFailed`."""
        recent = _recent(self._context.history, context_tokens - tokens_of(text))
        words = " ".join([*(turn.text for turn in recent[-3:]), text])
        self._tools = Tools(self._desk, self._brand, words, self._sums)
        recall = Recall(None, recent, context_tokens, instructions="", speaker="")
        messages = list(recall.messages(enclosed("said", text)))
        for _ in range(MAX_ROUNDS):
            calls: list[ToolCall] = []
            spoken: list[str] = []
            async with aclosing(self._round(messages, calls, spoken)) as pieces:
                async for piece in pieces:
                    yield piece
            if not calls or len(self._said) >= MAX_ANSWER_CHARS:
                break
            results = await self._tools.call_all(calls, min(TOOL_SECONDS, self._left()))
            self._answered = False
            if self._tools.proposal is not None or self._tools.bank_failed:
                # There is a sentence of the rules for what comes now.
                break
            messages += [ModelTurn("".join(spoken), tuple(calls)), ToolResults(results)]
        else:
            raise ModelFailed("broken", "too many rounds of tools")
        if self._withheld and not self._tools.answers:
            raise ModelFailed("broken", "an amount that no tool gave")
        if not self._answered:
            facts = self._tools.facts()
            if not facts:
                raise ModelFailed("broken", "no answer")
            yield self._speak(facts)

    async def _round(
        self, messages: Sequence[ModelMessage], calls: list[ToolCall], spoken: list[str]
    ) -> AsyncGenerator[str | Restart, None]:
        """One call of the model: yields what may be said, and adds to `calls` and `spoken` what came."""
        request = ModelRequest(
            bank_prompt(self._context, self._brand.name),
            tuple(messages),
            TOOLS,
            MAX_OUTPUT_TOKENS,
            max(0.0, self._left()),
        )
        speech = Speech()
        before = self._said, self._put_right, self._withheld, self._answered
        async with aclosing(self._model.stream(request)) as events:
            async for event in events:
                sentences: list[str] = []
                if isinstance(event, TextPiece):
                    spoken.append(event.text)
                    sentences = speech.feed(event.text)
                elif isinstance(event, ToolCall):
                    if len(calls) >= MAX_CALLS:
                        raise ModelFailed("broken", "too many tool calls")
                    calls.append(event)
                elif isinstance(event, Restarted):
                    speech = Speech()
                    calls.clear()
                    spoken.clear()
                    if self._said != before[0]:
                        # What was said in the rounds before this one holds.
                        yield RESTART
                        if before[0]:
                            yield before[0]
                    self._said, self._put_right, self._withheld, self._answered = before
                elif event.reason == "filtered":
                    raise ModelFailed("broken", "filtered")
                elif event.reason != "length" or not self._answered:
                    sentences = speech.flush()  # else it is half a sentence
                for sentence in sentences:
                    said = self._checked(sentence)
                    if said and len(self._said) < MAX_ANSWER_CHARS:
                        yield self._speak(said)

    def _checked(self, sentence: str) -> str:
        """The sentence as it may be said: in place of one with a wrong amount, what the rules say; or nothing."""
        if sentence.startswith(_NOT_SPEECH):
            raise ModelFailed("broken", "a tool call as text")
        if claims_change(sentence):
            raise ModelFailed("broken", "said that it changed something")
        if self._sums.bear_out(sentence) and not _HANDLE.search(sentence):
            return sentence
        log.warning("model_amount_wrong", model=self._model.name)
        if self._put_right:
            return ""
        facts = self._tools.facts()
        self._put_right = bool(facts)
        self._withheld = self._withheld or not facts
        return facts

    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def _speak(self, sentence: str) -> str:
        self._answered = True
        piece = f" {sentence}" if self._said else sentence
        self._said += piece
        return piece


def _recent(history: Sequence[PastTurn], budget: int) -> list[PastTurn]:
    """The latest turns, oldest first, as far as the budget (tokens) goes."""
    kept: list[PastTurn] = []
    for turn in reversed(history[-MAX_TURNS:]):
        budget -= tokens_of(turn.text) + tokens_of(turn.message)
        if budget < 0:
            break
        kept.append(turn)
    return kept[::-1]
