"""Assistants whose thinking a test holds in its hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from protocol.errors import AnswerFailed
from protocol.link_messages import Item, spoken_text
from receiver.assistants.assistant import Assistant, Context, Effect, State


class GatedAssistant(Assistant):
    """Says "thinking", waits for `gate`, then says what it heard and how often it has thought."""

    name = "gated"
    version = 1

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.started = asyncio.Event()
        self.thoughts = 0
        self.cancelled = 0

    async def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect]:
        self.thoughts += 1
        number = self.thoughts
        self.started.set()
        yield "thinking: "
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        yield {"heard": spoken_text(list(items))}
        yield f"{spoken_text(list(items))} ({number})"

    def apply(self, state: State, effects: Sequence[Effect]) -> State:
        return {"heard": [*state.get("heard", []), *(effect["heard"] for effect in effects)]}


class FailingAssistant(Assistant):
    """Fails in the way that it is told to, by what is said."""

    name = "failing"
    version = 1

    async def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect]:
        match items[0].text:
            case "bug":
                raise KeyError("a secret meal")
            case "refuse":
                raise AnswerFailed("The model is overloaded.")
            case "silence":
                yield "  "
            case "hang":
                await asyncio.Event().wait()
            case "endless":
                while True:
                    yield "word " * 100
                    await asyncio.sleep(0)
            case "long":
                yield "x" * 20_000
            case "big plan":
                yield {"filler": "y" * 70_000}
                yield "fine"
            case _:
                yield "fine"
