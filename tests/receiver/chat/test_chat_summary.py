"""A chat that is over, on the telephone for one, in a few lines."""

from __future__ import annotations

import pytest

from protocol.client_messages import PastTurn
from protocol.errors import Unsupported
from protocol.link_messages import Summary
from receiver.assistants.assistant import Context
from receiver.assistants.chat import ChatAssistant
from receiver.llm import LanguageModel, ModelFailed
from tests.emulators.model_brain import Brain, Call, Reply
from tests.receiver.assistants.assistant_session import NOON
from tests.receiver.diet.brain_model import BrainModel, conversation_of

TURNS = [
    PastTurn(turn=0, text="", message="Hello! What would you like to talk about?"),
    PastTurn(turn=1, text="could you explain the tides to me", message="The Moon pulls at the sea."),
    PastTurn(
        turn=2,
        text="remind me tomorrow at nine to call Ann",
        message="I'll remind you to call Ann tomorrow at nine.",
    ),
    PastTurn(turn=3, text="I'll book the boat for Friday then", message="Have a good trip!"),
]


def writes(**lists: object) -> Brain:
    return lambda _: Reply("", (Call("minutes", dict(lists)),))


async def summed_up(model: LanguageModel | None) -> Summary:
    return await ChatAssistant(model).summarize(TURNS, Context(NOON))


async def test_the_model_sums_up_what_was_talked_about() -> None:
    model = BrainModel(
        writes(
            key_points=[{"turn": 1, "text": "The Moon pulls at the sea"}],
            action_items=[
                {"turn": 3, "kind": "promise", "quote": "I'll book the boat for Friday"},
                {"turn": 3, "kind": "promise", "quote": "I'll book the hotel"},
            ],
            open_questions=[],
        )
    )
    summary = await summed_up(model)
    assert [(item.turn, item.text) for item in summary.action_items] == [(3, "I'll book the boat for Friday")]
    assert summary.key_points == ["The Moon pulls at the sea"]
    assert "<answered>The Moon pulls at the sea.</answered>" in conversation_of(model.requests[0]).message


async def test_a_reminder_that_a_chat_only_talks_of_is_none() -> None:
    nothing = writes(key_points=[], action_items=[], open_questions=[])
    failing = BrainModel(nothing)
    failing.failures.append(ModelFailed("throttled"))
    for model in (BrainModel(nothing), failing):
        summary = await summed_up(model)
        assert [(item.kind, item.text) for item in summary.action_items] == [
            ("promise", "I'll book the boat for Friday")
        ]


async def test_without_a_model_there_is_nothing_to_sum_up() -> None:
    with pytest.raises(Unsupported):
        await summed_up(None)
