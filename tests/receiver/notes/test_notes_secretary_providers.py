"""Calls summed up in a receiver by each provider's real client, and what may go wrong on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from receiver.assistants import make_assistants
from receiver.assistants.notes import NotesAssistant
from receiver.assistants.notes.secretary.secretary import MODEL_SECONDS, Secretary
from receiver.assistants.notes.summary import summarize
from receiver.llm import LanguageModel
from receiver.llm.bedrock import BedrockModel
from receiver.llm.patient import PatientModel
from tests.emulators.bedrock import BedrockEmulator
from tests.emulators.model_brain import Call, Reply, always
from tests.emulators.model_fixtures import (  # noqa: F401  (fixtures)
    bare_aws,
    bare_keys,
    model,
    model_server,
    open_provider,
    provider,
)
from tests.emulators.model_server import ModelServer, Problem
from tests.receiver.notes.secretary_call import (
    MINUTES,
    SAID,
    call,
    items,
    minutes,
    obedient,
    past,
    summed_up,
)
from tests.receiver.raw_relay import RawRelay
from tests.relay.loop_clock import LoopClock

# ruff: noqa: F811


@pytest.fixture
async def relay(model: LanguageModel, serve: Any, connect: Any) -> RawRelay:
    """A call that is over, with a receiver that has the model."""
    return await over(serve, connect, model)


async def over(serve: Any, connect: Any, model: LanguageModel | None) -> RawRelay:
    relay: RawRelay = await connect(await serve(more=make_assistants(model), assistant="notes"))
    await relay.open(timezone="Europe/London")
    for turn, said in enumerate(SAID, start=1):
        await relay.commit(turn, said)
    return relay


async def ask(relay: RawRelay, id_: str = "sum-1") -> dict[str, Any]:
    told = await relay.ask(type="summarize", session="s-1", id=id_)
    assert told["type"] == "summarized", told
    summary: dict[str, Any] = told["summary"]
    return summary


def said_in(summary: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(item["kind"], item["turn"], item["text"]) for item in summary["action_items"]]


async def test_a_call_is_summed_up_once_with_what_was_said_and_told_the_same_each_time(
    relay: RawRelay, model_server: ModelServer, provider: str
) -> None:
    model_server.brain = minutes()
    assert model_server.calls == 0  # the conversation itself is by rules
    with capture_logs() as logs:
        first = await ask(relay)
        assert await ask(relay, "sum-2") == first
    assert model_server.calls == 1
    assert said_in(first) == [("reminder", 2, SAID[1]), ("promise", 5, SAID[4]), ("request", 6, SAID[5])]
    assert first["action_items"][0]["answer"].endswith("at ten in the morning.")
    assert first["key_points"] == ["The Acme meeting moves to the 14th of March, as Tom is away"]
    assert first["open_questions"] == ["who pays for the trip"]
    assert "slides" not in repr(logs)
    body = model_server.bodies[0]
    # In each provider's own words: this tool, and no other answer.
    if provider == "bedrock":
        assert body["toolConfig"]["toolChoice"] == {"tool": {"name": "minutes"}}
    elif provider == "openai":
        assert body["tool_choice"] == {"type": "function", "function": {"name": "minutes"}}
    else:
        required = body["toolConfig"]["functionCallingConfig"]
        assert required == {"mode": "ANY", "allowedFunctionNames": ["minutes"]}


async def test_there_is_a_new_summary_only_where_there_is_more_of_the_call(
    relay: RawRelay, model_server: ModelServer
) -> None:
    model_server.brain = minutes()
    first = await ask(relay)
    await relay.commit(len(SAID) + 1, "I'll book the flight")
    model_server.brain = minutes(
        action_items=[{"turn": len(SAID) + 1, "kind": "promise", "quote": "I'll book the flight"}]
    )
    second = await ask(relay)
    assert second != first
    assert said_in(second)[-1] == ("promise", len(SAID) + 1, "I'll book the flight")
    assert model_server.calls == 2


async def test_asked_twice_at_once_the_model_is_asked_once(
    relay: RawRelay, model_server: ModelServer
) -> None:
    model_server.brain = minutes()
    for id_ in ("sum-1", "sum-2", "sum-3"):
        relay.send(type="summarize", session="s-1", id=id_)
    told = [await relay.until("summarized") for _ in range(3)]
    assert {message["id"] for message in told} == {"sum-1", "sum-2", "sum-3"}
    assert told[0]["summary"] == told[1]["summary"] == told[2]["summary"]
    assert model_server.calls == 1


async def test_a_caller_who_instructs_the_model_changes_nothing(
    relay: RawRelay, model_server: ModelServer
) -> None:
    model_server.brain = obedient
    spoken = await call()
    found = summarize(spoken.turns)
    summary = await ask(relay)
    assert model_server.calls == 1
    assert [text for _, _, text in said_in(summary)] == [item.text for item in found.action_items]
    assert "5000" not in str(summary)


async def failing(
    problems: list[Problem], serve: Any, connect: Any, model: LanguageModel, server: ModelServer
) -> dict[str, Any]:
    server.brain = minutes()
    server.problems.extend(problems)
    return await ask(await over(serve, connect, model))


@pytest.mark.parametrize(
    "problems",
    [
        pytest.param([Problem(429, "ThrottlingException", retry_after="60")], id="throttled"),
        pytest.param([Problem(500, "InternalServerException")] * 6, id="down"),
        pytest.param([Problem(400, "ValidationException")] * 2, id="refused"),
        pytest.param([Problem(within="cut")] * 2, id="cut"),
        pytest.param([Problem(within="garbage")] * 2, id="garbage"),
        pytest.param([Problem(within="silent")] * 2, id="silent"),
    ],
)
async def test_a_model_that_fails_leaves_the_summary_to_the_rules(
    problems: list[Problem], serve: Any, connect: Any, model: LanguageModel, model_server: ModelServer
) -> None:
    with capture_logs() as logs:
        summary = await failing(problems, serve, connect, model, model_server)
    assert summary == (await summed_up(await call(), None)).model_dump(exclude_none=True)
    assert [entry["event"] for entry in logs if "summary" in entry["event"]] == ["summary_by_rules"]
    assert "slides" not in repr(logs)


@pytest.mark.parametrize(
    "reply",
    [Reply(), Reply("Ann sends the slides."), Reply("", (Call("minutes", raw="{nonsense"),))],
    ids=["nothing", "text", "no JSON"],
)
async def test_an_answer_that_is_no_minutes_leaves_the_summary_to_the_rules(
    reply: Reply, relay: RawRelay, model_server: ModelServer
) -> None:
    model_server.brain = always(reply)
    assert await ask(relay) == (await summed_up(await call(), None)).model_dump(exclude_none=True)


async def test_a_stream_that_fails_is_made_good_by_a_call_without_one(
    serve: Any, connect: Any, model: LanguageModel, model_server: ModelServer
) -> None:
    summary = await failing([Problem(within="cut")], serve, connect, model, model_server)
    assert said_in(summary)[1] == ("promise", 5, SAID[4])
    assert model_server.whole_answers == 1


@pytest.mark.parametrize("within", ["stall", "hang"])
async def test_a_model_that_stalls_is_given_up_in_time_and_its_connection_closed(
    within: str, provider: str, model_server: ModelServer
) -> None:
    patient = PatientModel(await open_provider(provider, model_server))
    model_server.brain = minutes()
    spoken = await call()
    by_rules = summarize(spoken.turns)
    by_model = await Secretary(patient).sum_up(past(spoken)[1:], by_rules)
    assert by_model != by_rules
    model_server.problems.append(Problem(within=within))
    clock = LoopClock()
    stalled = asyncio.create_task(Secretary(patient).sum_up(past(spoken)[1:], by_rules))
    await model_server.until(lambda: model_server.stuck == 1)
    await clock.put_forward(MODEL_SECONDS)
    async with asyncio.timeout(30):
        assert await stalled == by_rules
    await model_server.until(lambda: model_server.disconnects == 1)
    assert model_server.open_streams == 0
    # It is not put to rest: people may talk with it at the same time.
    assert await Secretary(patient).sum_up(past(spoken)[1:], by_rules) == by_model
    await patient.aclose()


async def test_cancelling_a_summary_closes_the_providers_connection(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = minutes()
    model_server.problems.append(Problem(within="stall"))
    spoken = await call()
    asking = asyncio.create_task(
        NotesAssistant(None, model).summarize(past(spoken), spoken.context_of("ann"))
    )
    await model_server.until(lambda: model_server.open_streams == 1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await model_server.until(lambda: model_server.open_streams == 0)
    assert model_server.disconnects == 1


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("amazon.nova-lite-v1:0", True),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", True),
        ("eu.meta.llama3-2-3b-instruct-v1:0", False),
        ("mistral.mistral-large-2402-v1:0", False),
    ],
)
async def test_a_bedrock_model_that_cannot_be_made_to_call_a_tool_is_only_asked_to(
    name: str, made: bool, bare_keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with BedrockEmulator(minutes(MINUTES)) as server:
        for variable, value in server.environment().items():
            monkeypatch.setenv(variable, value)
        patient = PatientModel(await BedrockModel.open(name, "eu-west-1", None))
        found = await summed_up(await call(), patient)
        await patient.aclose()
    assert ("promise", 5, SAID[4]) in items(found)
    assert ("toolChoice" in server.bodies[0]["toolConfig"]) == made
