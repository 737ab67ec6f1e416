"""Every assistant, left in the middle or let down by its model: nothing is left behind, and no turn is lost."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any, cast

from protocol.client_messages import PastTurn
from protocol.errors import Unsupported
from protocol.link_messages import Item
from receiver.assistants.assistant import Assistant
from receiver.llm import ModelEvent, ModelFailed, ModelRequest, TextPiece
from tests.emulators.model_brain import Reply
from tests.receiver.assistants.all_assistants import TALK, with_model
from tests.receiver.assistants.assistant_session import NOON, AssistantSession
from tests.receiver.diet.brain_model import BrainModel

# Thinking


async def test_left_after_any_piece_it_leaves_nothing_behind(assistant: Assistant) -> None:
    session = AssistantSession(assistant)
    tasks = asyncio.all_tasks()
    for text in TALK[:8]:
        before = copy.deepcopy(session.state)
        undisturbed = await session.think(text)
        items = [Item(text=text, timestamp=NOON.isoformat())]
        for count in range(len(undisturbed.pieces)):
            async with aclosing(
                cast("Any", assistant.think(session.state, session.context, items))
            ) as stream:
                for _ in range(count + 1):
                    await anext(stream)
        assert session.state == before
        assert (await session.think(text)).pieces == undisturbed.pieces
        assert asyncio.all_tasks() == tasks
        await session.say(text)


class StalledModel:
    """Says a few words, and then nothing for ever."""

    name = "stalled"

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.open = 0

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        self.open += 1
        self.asked.set()
        try:
            yield TextPiece("Well, let me see. And then there is")
            await asyncio.Event().wait()
        finally:
            self.open -= 1

    async def aclose(self) -> None: ...


async def test_cancelled_while_it_waits_for_a_model_it_leaves_nothing_behind(name: str) -> None:
    stalled = StalledModel()
    session = AssistantSession(with_model(stalled)[name])
    before = copy.deepcopy(session.state)
    tasks = asyncio.all_tasks()
    thinking = asyncio.create_task(session.think("hello, what do you make of this"))
    asked = asyncio.create_task(stalled.asked.wait())
    await asyncio.wait({thinking, asked}, return_when=asyncio.FIRST_COMPLETED)
    assert thinking.done() or stalled.open == 1
    for task in (thinking, asked):
        task.cancel()
        await asyncio.wait({task})
    assert stalled.open == 0
    assert session.state == before
    assert asyncio.all_tasks() == tasks


async def test_left_in_the_middle_of_a_models_answer_it_closes_the_stream_at_once(name: str) -> None:
    stalled = StalledModel()
    session = AssistantSession(with_model(stalled)[name])
    items = [Item(text="hello, what do you make of this", timestamp=NOON.isoformat())]
    async with aclosing(
        cast("Any", session.assistant.think(session.state, session.context, items))
    ) as stream:
        await anext(stream)
        asked = stalled.asked.is_set()
        assert stalled.open == asked
    # Not when the garbage collector comes by.
    assert stalled.open == 0


async def test_a_model_that_fails_does_not_lose_the_turn(name: str) -> None:
    def fail(_: object) -> Reply:
        raise ModelFailed("unavailable")

    session = AssistantSession(with_model(BrainModel(fail))[name])
    for text in TALK[:6]:
        assert (await session.say(text)).answer.strip()


# Summing up


async def test_cancelled_while_it_sums_up_it_leaves_nothing_behind(name: str) -> None:
    stalled = StalledModel()
    assistant = with_model(stalled)[name]
    tasks = asyncio.all_tasks()
    turns = [PastTurn(turn=1, text="I'll send the slides by Friday", message="All right.")]
    summing_up = asyncio.create_task(_outcome(assistant, turns))
    asked = asyncio.create_task(stalled.asked.wait())
    await asyncio.wait({summing_up, asked}, return_when=asyncio.FIRST_COMPLETED)
    assert summing_up.done() or stalled.open == 1
    for task in (summing_up, asked):
        task.cancel()
        await asyncio.wait({task})
    assert stalled.open == 0
    assert asyncio.all_tasks() == tasks


async def _outcome(assistant: Assistant, turns: list[PastTurn]) -> None:
    with suppress(Unsupported):
        await assistant.summarize(turns, AssistantSession(assistant).context)
