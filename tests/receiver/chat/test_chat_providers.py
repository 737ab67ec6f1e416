"""Chat through each provider's real client, by itself and in a receiver, and what may go wrong on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from receiver.assistants import make_assistants
from receiver.assistants.chat import NO_MODEL, ChatAssistant
from receiver.assistants.chat.answer import BROKEN_OFF, FAILED, GO_ON, MAX_ANSWER_CHARS
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
from tests.receiver.assistants.assistant_session import AssistantSession
from tests.receiver.raw_relay import RawRelay, items
from tests.relay.loop_clock import LoopClock

# ruff: noqa: F811

STORY = "There was a fox. It lived by the sea, and it was old. One day it saw a ship."


def remember(conversation: Conversation) -> Reply:
    """Knows what it was told before, and nothing else."""
    names = [entry.text for entry in conversation.entries if "my cat is" in entry.text]
    return Reply(f"You told me {len(names)} times. I will keep it in mind.")


async def test_what_was_said_before_is_passed_on(model: LanguageModel, model_server: ModelServer) -> None:
    model_server.brain = remember
    session = AssistantSession(ChatAssistant(model), locale="en-GB")
    with capture_logs() as logs:
        assert (await session.say("my cat is Miso")).answer.startswith("You told me 1 times.")
        assert (await session.say("and my cat is old")).answer.startswith("You told me 2 times.")
    last = model_server.conversations[-1]
    assert [entry.role for entry in last.entries] == ["user", "model", "user", "model", "user"]
    assert last.entries[1].text == session.greeting
    assert last.said == "and my cat is old"
    assert "Ada" in last.system
    assert last.tools == ()
    assert {entry["event"] for entry in logs} == {"model_answered"}
    assert "Miso" not in repr(logs)


async def test_sentences_are_said_while_the_model_still_writes(
    model: LanguageModel, model_server: ModelServer, serve: Any, connect: Any
) -> None:
    model_server.brain = always(Reply(STORY))
    model_server.delay = 0.02
    relay: RawRelay = await connect(await serve(more=make_assistants(model), assistant="chat"))
    await relay.open(name="Ada")
    relay.send(type="commit", session="s-1", epoch=1, turn=1, items=items("tell me a story"))
    first = await relay.receive()
    assert (first["type"], first["text"]) == ("delta", "There was a fox.")
    assert model_server.open_streams == 1
    deltas = [first["text"]]
    while (message := await relay.receive())["type"] == "delta":
        deltas.append(message["text"])
    assert message["type"] == "committed"
    assert message["text"] == "".join(deltas) == STORY


async def test_a_draft_is_committed_without_asking_again_and_the_next_turn_knows_of_it(
    model: LanguageModel, model_server: ModelServer, serve: Any, connect: Any
) -> None:
    model_server.brain = remember
    address = await serve(more=make_assistants(model), assistant="chat")
    relay: RawRelay = await connect(address)
    await relay.open()
    drafted = await relay.draft(1, "my cat is Miso")
    calls = model_server.calls
    committed = await relay.commit(1, "my cat is Miso", attempt=1, plan=drafted["plan"])
    assert committed["text"] == drafted["text"]
    assert model_server.calls == calls
    # Another link, which has to read the history from the store.
    other: RawRelay = await connect(address)
    await other.open()
    assert (await other.commit(2, "my cat is old", epoch=2))["text"].startswith("You told me 2 times.")


@pytest.mark.parametrize("within", ["error", "cut", "garbage", "silent"])
async def test_a_stream_that_fails_begins_anew_by_a_call_without_one(
    within: str, model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = always(Reply(STORY))
    model_server.problems.append(Problem(within=within))
    said = await AssistantSession(ChatAssistant(model)).say("tell me a story")
    assert said.restarted
    assert said.answer == STORY
    assert model_server.whole_answers == 1


@pytest.mark.parametrize("within", ["error", "cut", "garbage", "silent"])
async def test_what_was_heard_stands_when_nothing_helps_and_the_turn_is_stored(
    within: str, model: LanguageModel, model_server: ModelServer, serve: Any, connect: Any
) -> None:
    model_server.brain = always(Reply(STORY))
    model_server.problems.extend([Problem(within=within)] * 2)
    relay: RawRelay = await connect(await serve(more=make_assistants(model), assistant="chat"))
    await relay.open()
    committed = await relay.commit(1, "tell me a story")
    assert committed["type"] == "committed"
    assert committed["text"].startswith("There was a fox.")
    assert committed["text"].endswith(f" {BROKEN_OFF}")
    model_server.brain = lambda conversation: Reply(conversation.entries[-3].text)
    went_on = await relay.commit(2, "yes, go on")
    assert went_on["text"] == "tell me a story"  # what the model was shown, without its tags


async def test_a_model_that_answers_nobody_does_not_lose_the_turn(
    provider: str, model_server: ModelServer, serve: Any, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, "wrong-key")
    refused = PatientModel(await open_provider(provider, model_server))
    relay: RawRelay = await connect(await serve(more=make_assistants(refused), assistant="chat"))
    await relay.open()
    with capture_logs() as logs:
        committed = await relay.commit(1, "what is the tallest tree")
    assert (committed["type"], committed["text"]) == ("committed", FAILED)
    assert [entry["cause"] for entry in logs if entry["event"] == "model_gave_up"] == ["refused"]
    assert "wrong-key" not in repr(logs)
    assert "tallest tree" not in repr(logs)
    await refused.aclose()


async def test_a_stalled_model_is_given_up_in_time(provider: str, model_server: ModelServer) -> None:
    patient = PatientModel(await open_provider(provider, model_server))
    model_server.brain = always(Reply(STORY))
    model_server.problems.append(Problem(within="stall"))
    session = AssistantSession(ChatAssistant(patient))
    clock = LoopClock()
    saying = asyncio.create_task(session.say("tell me a story"))
    await model_server.until(lambda: model_server.stuck == 1)
    await clock.put_forward(ANSWER_SECONDS)
    async with asyncio.timeout(30):
        said = await saying
    assert said.answer.endswith((FAILED, BROKEN_OFF))
    await model_server.until(lambda: model_server.disconnects == 1)
    await patient.aclose()


async def test_an_answer_without_end_is_cut_and_its_connection_closed(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = always(Reply("On and on it goes. " * 2_000))
    model_server.delay = 0.001
    said = await AssistantSession(ChatAssistant(model)).say("tell me everything")
    assert MAX_ANSWER_CHARS - 100 < len(said.answer) <= MAX_ANSWER_CHARS + len(GO_ON) + 1
    assert said.answer.endswith(f". {GO_ON}")
    await model_server.until(lambda: model_server.disconnects == 1)
    assert model_server.open_streams == 0


async def test_a_tool_that_nobody_offered_is_not_called(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = always(Reply("I will look. It is noon.", (Call("web_search", {"query": "time"}),)))
    said = await AssistantSession(ChatAssistant(model)).say("what time is it")
    assert said.answer == "I will look. It is noon."
    assert model_server.calls == 1


async def test_cancelling_a_turn_closes_the_providers_connection(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = always(Reply("Well, well. " * 50))
    model_server.delay = 0.02
    session = AssistantSession(ChatAssistant(model))
    task = asyncio.create_task(session.say("hello"))
    await model_server.until(lambda: model_server.open_streams == 1)
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await model_server.until(lambda: model_server.open_streams == 0)
    assert model_server.disconnects == 1
    assert session.state == {"summary": None}


async def test_a_discarded_draft_closes_the_providers_connection(
    model: LanguageModel, model_server: ModelServer, serve: Any, connect: Any
) -> None:
    model_server.brain = always(Reply("Well, well. " * 50))
    model_server.delay = 0.02
    relay: RawRelay = await connect(await serve(more=make_assistants(model), assistant="chat"))
    await relay.open()
    relay.send(type="draft", session="s-1", turn=1, attempt=1, items=items("hello"))
    await relay.until("delta")
    relay.send(type="discard", session="s-1", turn=1, attempt=1)
    await model_server.until(lambda: model_server.disconnects == 1)
    assert model_server.open_streams == 0


async def test_a_receiver_without_a_model_says_so_and_keeps_the_turn(serve: Any, connect: Any) -> None:
    relay: RawRelay = await connect(await serve(assistant="chat"))
    assert (await relay.open())["greeting"] == f"Hello! {NO_MODEL}"
    committed = await relay.commit(1, "tell me a story")
    assert (committed["type"], committed["text"]) == ("committed", NO_MODEL)
