"""The coach through each provider's real client: a whole day, and what may go wrong on the way."""

from __future__ import annotations

import asyncio
import re

import pytest
from structlog.testing import capture_logs

from receiver.assistants.diet.coach.coach import Coach
from receiver.assistants.diet.items import totals_of
from receiver.llm import ANSWER_SECONDS, LanguageModel
from receiver.llm.patient import PatientModel
from tests.emulators.model_brain import Call, Conversation, Reply, always
from tests.emulators.model_fixtures import (  # noqa: F401  (fixtures)
    bare_aws,
    bare_keys,
    model,
    model_server,
    open_provider,
    provider,
)
from tests.emulators.model_server import ModelServer, Problem
from tests.receiver.diet.coach_day import TURNS, think_of_the_day
from tests.receiver.diet.coach_session import CoachSession
from tests.relay.loop_clock import LoopClock

# ruff: noqa: F811

TWO_EGGS = Reply("", (Call("log_food", {"foods": [{"food": "eggs", "quantity": 2, "meal": "breakfast"}]}),))


async def tell_the_day(session: CoachSession) -> list[str]:
    return [(await session.say(text)).answer for text in TURNS]


def check_the_day(session: CoachSession) -> None:
    """The diary at the end of `TURNS`."""
    told = [(item["meal"], item["food"], item["quantity"], item["unit"]) for item in session.items]
    assert [(meal, food) for meal, food, *_ in told] == [
        ("breakfast", "scrambled eggs"),
        ("breakfast", "toast"),
        ("breakfast", "orange juice"),
        ("lunch", "turkey sandwich"),
        ("snack", "florbnax"),
        ("dinner", "brown rice"),
        ("dinner", "chicken breast"),
    ]
    assert [quantity for _, _, quantity, _ in told] == [3, 1, 1, 1, 1, 1, 1]
    assert told[1][3] == "slice"
    assert told[2][3] == "glass"
    assert all(item["known"] and item["kcal"] > 0 for item in session.items)
    assert 1300 < totals_of(session.items).kcal < 2000
    assert set(session.state["finished"]["meals"]) == {"snack", "dinner"}


async def test_a_whole_day_with_corrections_and_a_question(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = think_of_the_day
    session = CoachSession(Coach(model))
    with capture_logs() as logs:
        answers = await tell_the_day(session)
    check_the_day(session)
    assert {entry["event"] for entry in logs} == {
        "model_answered"
    }  # neither a wrong figure nor a refused tool
    assert answers[0].startswith("Let me write that down. That is about ")
    so_far = float(re.search(r"(\d+) calories", answers[4])[1])  # type: ignore[index]
    assert 500 < so_far < 1100
    total = round(totals_of(session.items).kcal)
    assert answers[-1] == f"Your day comes to {total} calories. Sleep well!"
    # It was shown the conversation.
    last = model_server.conversations[-1]
    assert [entry.role for entry in last.entries[:4]] == ["user", "model", "user", "model"]
    assert "two scrambled eggs" in last.entries[2].text
    assert set(last.tools) >= {"log_food", "edit_item", "read_day"}
    assert "Ada" in last.system


async def test_the_day_is_the_same_when_every_call_is_throttled_first(
    model: LanguageModel, model_server: ModelServer
) -> None:
    def throttle_next(conversation: Conversation) -> Reply:
        model_server.problems.append(Problem(429, "ThrottlingException"))
        return think_of_the_day(conversation)

    model_server.brain = throttle_next
    model_server.problems.append(Problem(429, "ThrottlingException"))
    session = CoachSession(Coach(model))
    for text in TURNS:
        assert not (await session.say(text)).restarted
    check_the_day(session)


@pytest.mark.parametrize("within", ["error", "cut", "garbage", "silent"])
async def test_when_the_model_fails_mid_answer_the_rules_answer_and_nothing_is_doubled(
    within: str, model: LanguageModel, model_server: ModelServer
) -> None:
    calls: list[int] = []

    def fail_after_the_tool(conversation: Conversation) -> Reply:
        calls.append(1)
        if not conversation.results:
            # The answer, and the second try for it, without a stream.
            model_server.problems.extend([Problem(within=within)] * 2)
            return TWO_EGGS
        return Reply("Two eggs are noted. That is a very good start into the day, I would say.")

    model_server.brain = fail_after_the_tool
    session = CoachSession(Coach(model))
    said = await session.say("I had two eggs for breakfast")
    assert said.restarted
    assert len(calls) == 3
    assert [(item["food"], item["quantity"]) for item in session.items] == [("eggs", 2)]
    assert "egg" in said.answer
    assert "very good start" not in said.answer
    # The next turn is the model's again.
    model_server.brain = always(Reply("Hello again."))
    assert (await session.say("hello")).answer == "Hello again."


async def test_a_stalled_model_leaves_the_turn_to_the_rules_in_time(
    provider: str, model_server: ModelServer
) -> None:
    patient = PatientModel(await open_provider(provider, model_server))
    model_server.brain = always(Reply("Two eggs, let me see."))
    model_server.problems.append(Problem(within="stall"))
    session = CoachSession(Coach(patient))
    clock = LoopClock()
    saying = asyncio.create_task(session.say("I had two eggs"))
    await model_server.until(lambda: model_server.stuck == 1)
    await clock.put_forward(ANSWER_SECONDS)
    async with asyncio.timeout(30):
        said = await saying
    assert said.restarted
    assert session.foods == ["eggs"]
    await model_server.until(lambda: model_server.disconnects == 1)
    await patient.aclose()


async def test_a_wrong_key_leaves_the_turn_to_the_rules(
    provider: str, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, "wrong-key")
    patient = PatientModel(await open_provider(provider, model_server))
    session = CoachSession(Coach(patient))
    with capture_logs() as logs:
        said = await session.say("I had two eggs")
    assert said.restarted
    assert session.foods == ["eggs"]
    assert [entry["cause"] for entry in logs if entry["event"] == "model_gave_up"] == ["refused"]
    assert "wrong-key" not in repr(logs)
    await patient.aclose()


async def test_a_tool_call_that_is_no_json_is_told_to_the_model_which_puts_it_right(
    provider: str, model: LanguageModel, model_server: ModelServer
) -> None:
    def stammer(conversation: Conversation) -> Reply:
        if not conversation.results:
            return Reply("", (Call("log_food", raw='{"foods": [{"food": "eggs", "quan'),))
        if "error" in conversation.results[-1]:
            return TWO_EGGS
        return Reply("Two eggs are written down.")

    model_server.brain = stammer
    session = CoachSession(Coach(model))
    said = await session.say("I had two eggs")
    assert session.foods == ["eggs"]
    # Gemini itself reads the call, and says that it could not.
    assert said.restarted == (provider == "gemini")
    if provider != "gemini":
        assert "not a JSON object" in model_server.conversations[1].results[0]["error"]


async def test_a_model_that_calls_tools_without_end_is_left_for_the_rules(
    model: LanguageModel, model_server: ModelServer
) -> None:
    rounds: list[int] = []

    def circle(conversation: Conversation) -> Reply:
        rounds.append(1)
        eggs = {"foods": [{"food": "eggs", "quantity": len(rounds)}]}
        return Reply("", (Call("log_food", eggs),))

    model_server.brain = circle
    session = CoachSession(Coach(model))
    said = await session.say("I had two eggs")
    assert said.restarted
    assert len(rounds) == 6
    assert [(item["food"], item["quantity"]) for item in session.items] == [("eggs", 2)]


async def test_cancelling_a_turn_closes_the_providers_connection(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = always(Reply("Well, well. " * 50))
    model_server.delay = 0.02
    session = CoachSession(Coach(model))
    task = asyncio.create_task(session.say("I had two eggs"))
    await model_server.until(lambda: model_server.open_streams == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await model_server.until(lambda: model_server.disconnects == 1)
    assert session.items == []
