"""How much of a conversation a model is shown."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from protocol.client_messages import PastTurn
from receiver.assistants.diet.coach.coach import Coach
from receiver.llm import Finished, ModelEvent, ModelFailed, ModelRequest
from receiver.llm.recall import MAX_TURNS, tokens_of
from tests.emulators.model_brain import Conversation, Reply
from tests.receiver.diet.brain_model import BrainModel, conversation_of
from tests.receiver.diet.coach_session import CoachSession

NOTES = "Ada is vegetarian and calls her cat Miso."
BUDGET = 600


def brain(conversation: Conversation) -> Reply:
    return Reply("Of course.") if conversation.tools else Reply(NOTES)


def long_history(turns: int) -> list[PastTurn]:
    greeting = PastTurn(turn=0, text="", message="Good morning, Ada! What was for breakfast?")
    told = "I am still thinking about what to cook tonight, number "
    return [greeting] + [
        PastTurn(turn=turn, text=f"{told}{turn}", message=f"Take your time with number {turn}.")
        for turn in range(1, turns + 1)
    ]


def shown(model: BrainModel) -> str:
    return "\n".join(entry.text for entry in conversation_of(model.requests[-1]).entries)


async def test_a_short_conversation_is_shown_whole() -> None:
    model = BrainModel(brain)
    session = CoachSession(Coach(model, context_tokens=BUDGET))
    session.history = long_history(5)
    await session.say("hello")
    assert len(model.requests) == 1
    assert "Good morning, Ada!" in shown(model)
    assert "number 1." in shown(model)


async def test_over_the_budget_older_turns_become_notes_that_are_kept() -> None:
    model = BrainModel(brain)
    session = CoachSession(Coach(model, context_tokens=BUDGET))
    session.history = long_history(30)
    await session.say("hello")
    summing_up, answering = model.requests
    assert summing_up.tools == ()
    assert "number 1." in str(summing_up.messages)
    assert NOTES in shown(model)
    assert "number 30" in shown(model)
    assert "number 1." not in shown(model)
    assert sum(tokens_of(getattr(message, "text", "")) for message in answering.messages) < BUDGET
    until = session.state["summary"]["until"]
    assert session.state["summary"]["text"] == NOTES
    assert 10 < until < 30

    # The next turn uses them, and makes none.
    await session.say("hello again")
    assert len(model.requests) == 3
    assert NOTES in shown(model)
    assert f"number {until}." not in shown(model)
    assert f"number {until + 1}." in shown(model)


async def test_notes_are_made_of_the_notes_before_and_of_what_came_since() -> None:
    model = BrainModel(brain)
    session = CoachSession(Coach(model, context_tokens=BUDGET))
    session.history = long_history(30)
    session.state = dict(session.state) | {"summary": {"until": 3, "text": "She has a dog."}}
    await session.say("hello")
    material = str(model.requests[0].messages)
    assert "She has a dog." in material
    assert "number 3." not in material
    assert "number 4." in material


async def test_many_short_turns_become_notes_before_the_receiver_forgets_them() -> None:
    model = BrainModel(brain)
    session = CoachSession(Coach(model, context_tokens=100_000))
    session.history = long_history(MAX_TURNS + 1)
    await session.say("hello")
    assert len(model.requests) == 2


async def test_when_no_notes_can_be_made_the_oldest_turns_are_left_out_and_the_model_still_answers() -> None:
    model = BrainModel(brain)
    model.failures.append(ModelFailed("unavailable"))
    session = CoachSession(Coach(model, context_tokens=BUDGET))
    session.history = long_history(30)
    said = await session.say("hello")
    assert said.answer == "Of course."
    assert not said.restarted
    assert session.state["summary"] is None
    assert "number 30" in shown(model)
    assert "number 1." not in shown(model)


async def test_notes_that_take_too_long_are_used_as_far_as_they_came() -> None:
    class Slow(BrainModel):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
            async for event in super().stream(request):
                if not request.tools and isinstance(event, Finished):
                    raise ModelFailed("timeout")
                yield event

    model = Slow(brain)
    session = CoachSession(Coach(model, context_tokens=BUDGET))
    session.history = long_history(30)
    said = await session.say("hello")
    assert not said.restarted
    assert session.state["summary"]["text"] == NOTES


async def test_notes_of_a_turn_that_failed_are_not_kept() -> None:
    def fail(conversation: Conversation) -> Reply:
        if conversation.tools:
            raise ModelFailed("broken")
        return Reply(NOTES)

    session = CoachSession(Coach(BrainModel(fail), context_tokens=BUDGET))
    session.history = long_history(30)
    said = await session.say("hello")
    assert said.restarted
    assert session.state.get("summary") is None
