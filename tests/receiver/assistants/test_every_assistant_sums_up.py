"""Every assistant sums up any conversation, or says that it sums up none."""

from __future__ import annotations

import copy
import time

import pytest

from protocol.client_messages import PastTurn
from protocol.errors import Unsupported
from protocol.link_messages import Summary
from receiver.assistants.assistant import Assistant
from receiver.llm import ModelFailed
from receiver.said import MAX_TURN_CHARS
from tests.emulators.model_brain import Reply
from tests.receiver.assistants.all_assistants import ODD, TALK, with_model
from tests.receiver.assistants.assistant_session import AssistantSession
from tests.receiver.diet.brain_model import BrainModel


async def summed_up(assistant: Assistant) -> Summary | None:
    """Of a whole talk; None where the assistant sums nothing up."""
    session = AssistantSession(assistant)
    for text in TALK[:8]:
        await session.say(text)
    before = copy.deepcopy(session.state)
    try:
        summary = await assistant.summarize(session.history, session.context)
    except Unsupported:
        return None
    finally:
        assert session.state == before
    turns = {turn.turn: turn.text for turn in session.history}
    assert all(item.text in turns[item.turn] for item in summary.action_items)
    assert summary.text.strip()
    assert len(summary.model_dump_json()) < 64 * 1024
    return summary


async def test_a_conversation_is_summed_up_the_same_twice_or_not_at_all(assistant: Assistant) -> None:
    assert await summed_up(assistant) == await summed_up(assistant)


@pytest.mark.parametrize("text", [pytest.param(text, id=kind) for kind, text in ODD.items()])
async def test_whatever_was_said_can_be_summed_up(assistant: Assistant, text: str) -> None:
    turns = [PastTurn(turn=turn, text=text, message=f"You said: {text}"[:MAX_TURN_CHARS]) for turn in (1, 2)]
    began = time.process_time()
    try:
        summary = await assistant.summarize(turns, AssistantSession(assistant).context)
    except Unsupported:
        return
    assert time.process_time() - began < 5
    assert Summary.model_validate_json(summary.model_dump_json()) == summary


async def test_a_model_that_fails_does_not_lose_the_summary(name: str) -> None:
    def fail(_: object) -> Reply:
        raise ModelFailed("unavailable")

    with_one = await summed_up(with_model(BrainModel(fail))[name])
    assert with_one is not None or await summed_up(with_model(None)[name]) is None
