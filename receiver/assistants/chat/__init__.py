"""General conversation, by a language model alone: what was said before is all that it knows.

Its state is `{"summary": null | {"until": turn, "text": notes}}`: the model's notes of the turns up to that one, where
the conversation has become longer than the model is shown.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

import structlog

from protocol.client_messages import PastTurn
from protocol.errors import Unsupported
from protocol.link_messages import Item, Summary, spoken_text
from receiver.assistants.assistant import Assistant, Beginning, Context, Effect, Restart, State
from receiver.assistants.care import urgent_answer
from receiver.assistants.chat.answer import Answer
from receiver.assistants.notes.secretary.secretary import Secretary
from receiver.assistants.notes.summary import summarize
from receiver.assistants.phrase_tables import plain
from receiver.llm import ANSWER_SECONDS, LanguageModel
from receiver.llm.prompt import first_name
from receiver.llm.recall import CONTEXT_TOKENS

log = structlog.get_logger(__name__)

NO_MODEL = "I am sorry, I cannot chat with you: there is no language model set up here."


class ChatAssistant(Assistant):
    name = "chat"
    version = 1

    def __init__(
        self,
        model: LanguageModel | None = None,
        *,
        seconds: float = ANSWER_SECONDS,
        context_tokens: int = CONTEXT_TOKENS,
    ) -> None:
        self._model = model
        self._seconds = seconds
        self._context_tokens = context_tokens

    def begin(self, context: Context) -> Beginning:
        name = first_name(context.name)
        hello = f"Hello, {name}!" if name else "Hello!"
        return Beginning(
            {"summary": None},
            f"{hello} {NO_MODEL if self._model is None else 'What would you like to talk about?'}",
        )

    async def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect | Restart]:
        text = spoken_text(list(items))
        urgent = urgent_answer(plain(text), context.locale)
        if urgent is not None:
            # No model is asked what to say to somebody in need.
            yield urgent
        elif self._model is None:
            log.warning(
                "chat_has_no_model", setting="RECEIVER_LLM", hint="set it to bedrock, openai or gemini"
            )
            yield NO_MODEL
        else:
            answer = Answer(self._model, seconds=self._seconds, context_tokens=self._context_tokens)
            async with aclosing(answer.pieces(state, context, text)) as pieces:
                async for piece in pieces:
                    yield piece

    async def summarize(self, turns: Sequence[PastTurn], context: Context) -> Summary:
        if self._model is None:
            raise Unsupported("Without a language model there was no conversation.")
        said = [turn for turn in turns if turn.text.strip()]
        found = summarize([(turn.text, turn.message) for turn in said])
        # What was asked for here was asked of the model, and it writes nothing down, whatever it has said.
        promised = tuple(item for item in found.action_items if item.kind == "promise")
        secretary = Secretary(self._model, context_tokens=self._context_tokens)
        found = await secretary.sum_up(said, replace(found, action_items=promised))
        return found.told([turn.turn for turn in said])

    def apply(self, state: State, effects: Sequence[Effect]) -> State:
        after = {"summary": state.get("summary")}
        for effect in effects:
            if effect["do"] == "summary":
                after["summary"] = {"until": effect["until"], "text": effect["text"]}
        return after
