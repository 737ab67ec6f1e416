"""The three providers' real clients against their emulators: what comes through, and how they fail."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from structlog.testing import capture_logs

from receiver.llm import (
    ANSWER_SECONDS,
    Finished,
    LanguageModel,
    ModelEvent,
    ModelFailed,
    ModelRequest,
    ModelTurn,
    Restarted,
    TextPiece,
    ToolCall,
    ToolResult,
    ToolResults,
    ToolSpec,
    UserText,
)
from receiver.llm.patient import MAX_PIECES, QUIET_SECONDS, PatientModel, parse_retry_after
from receiver.llm.thoughts import WithoutThoughts
from tests.emulators import gemini, openai_chat
from tests.emulators.access_keys import SECRET
from tests.emulators.model_brain import Call, Reply, always
from tests.emulators.model_fixtures import open_provider
from tests.emulators.model_server import ModelServer, Problem, pieces
from tests.relay.loop_clock import LoopClock

TOOL = ToolSpec(
    "log_food", "Write food down.",
    {"type": "object", "properties": {"foods": {"type": "array", "items": {"type": "string"}}}},
)  # fmt: skip
SENTENCE = "Two eggs and a slice of toast, that is a good start. What did you drink?"


def ask(*, tools: bool = True, seconds: float = 5.0) -> ModelRequest:
    return ModelRequest(
        "You are a coach.", (UserText("I had two eggs"),), (TOOL,) if tools else (), seconds=seconds
    )


async def collect(
    model: LanguageModel, request: ModelRequest, events: list[ModelEvent] | None = None
) -> list[ModelEvent]:
    """All events; `events` has those that came before a failure."""
    events = [] if events is None else events
    async with aclosing(model.stream(request)) as stream:
        async for event in stream:
            events.append(event)
    return events


def text_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextPiece))


async def test_text_comes_in_pieces_while_the_model_still_writes(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = always(Reply(SENTENCE))
    model_server.delay = 0.02
    arrived = []
    async with aclosing(model.stream(ask())) as events:
        async for event in events:
            if isinstance(event, TextPiece):
                arrived.append((event.text, model_server.open_streams))
            else:
                finished = event
    assert "".join(text for text, _ in arrived) == SENTENCE
    assert len(arrived) > 3
    assert arrived[0][1] == 1  # the server was still writing
    assert finished == Finished("stop", 100, 20)


async def test_a_tool_call_whose_json_comes_split_is_whole(
    model: LanguageModel, model_server: ModelServer
) -> None:
    arguments = {"foods": ["two eggs", 'a "big" slice of toast', "café au lait"]}
    model_server.brain = always(Reply("One moment.", (Call("log_food", arguments), Call("log_food", {}))))
    events = await collect(model, ask())
    calls = [event for event in events if isinstance(event, ToolCall)]
    assert text_of(events) == "One moment."
    assert [(call.name, call.arguments) for call in calls] == [("log_food", arguments), ("log_food", {})]
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "tools"


async def test_a_conversation_with_tools_is_one_that_the_provider_takes(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = always(
        Reply("", (Call("log_food", {"foods": ["egg"]}), Call("log_food"))), Reply("Done.")
    )
    first = await collect(model, ask())
    calls = tuple(event for event in first if isinstance(event, ToolCall))
    results = tuple(ToolResult(call, {"ok": number}, error=number == 1) for number, call in enumerate(calls))
    request = ModelRequest(
        "You are a coach.", (*ask().messages, ModelTurn("", calls), ToolResults(results)), (TOOL,), seconds=5
    )
    assert text_of(await collect(model, request)) == "Done."
    seen = model_server.conversations[-1]
    assert seen.system == "You are a coach."
    assert seen.tools == ("log_food",)
    assert [entry.role for entry in seen.entries] == ["user", "model", "results"]
    assert seen.entries[1].calls == ("log_food", "log_food")
    assert seen.results == [{"ok": 0}, {"ok": 1}]


async def test_a_throttled_call_is_made_again_until_it_is_let_in(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.problems.extend([Problem(429, "ThrottlingException")] * 3 + [Problem(503, "UNAVAILABLE")])
    assert text_of(await collect(model, ask())) == "Hello."
    assert model_server.calls == 5


async def test_the_wait_that_a_provider_asks_for_is_kept(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.problems.append(Problem(429, "ThrottlingException", retry_after="0.4"))
    began = time.monotonic()
    assert text_of(await collect(model, ask())) == "Hello."
    assert time.monotonic() - began >= 0.4


async def test_a_wait_longer_than_the_time_left_is_not_begun(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.problems.append(Problem(429, "ThrottlingException", retry_after="60"))
    began = time.monotonic()
    with pytest.raises(ModelFailed) as failed:
        await collect(model, ask(seconds=50))
    assert failed.value.cause == "throttled"
    assert time.monotonic() - began < 30
    assert model_server.calls == 1


async def test_throttling_without_end_ends_within_the_time(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.problems.extend([Problem(429, "ThrottlingException")] * 10_000)
    began = time.monotonic()
    with pytest.raises(ModelFailed) as failed:
        await collect(model, ask(seconds=0.5))
    assert failed.value.cause in ("throttled", "timeout")
    assert time.monotonic() - began < 20
    assert model_server.calls < 100


@pytest.mark.parametrize("within", ["error", "cut", "garbage", "silent"])
async def test_an_answer_that_breaks_off_twice_fails_and_is_not_asked_for_again(
    within: str, model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = always(Reply(SENTENCE))
    model_server.problems.extend([Problem(within=within)] * 2)
    events: list[ModelEvent] = []
    with pytest.raises(ModelFailed):
        await collect(model, ask(), events)
    assert SENTENCE.startswith(text_of(events))
    assert text_of(events)
    assert (model_server.calls, model_server.whole_answers) == (2, 1)


async def test_a_stall_within_an_answer_is_noticed_and_the_connection_closed(
    provider: str, model_server: ModelServer
) -> None:
    patient = PatientModel(await open_provider(provider, model_server))
    model_server.brain = always(Reply(SENTENCE))
    model_server.problems.append(Problem(within="stall"))
    clock = LoopClock()
    asking = asyncio.create_task(collect(patient, ask(seconds=ANSWER_SECONDS)))
    await model_server.until(lambda: model_server.stuck == 1)
    await clock.put_forward(QUIET_SECONDS)
    events = await asking
    assert [type(event) for event in events].count(Restarted) == 1
    await model_server.until(lambda: model_server.disconnects == 1)
    await patient.aclose()


async def test_what_an_answer_cost_is_in_the_log_and_nothing_of_what_was_said(
    model: LanguageModel, model_server: ModelServer
) -> None:
    with capture_logs() as logs:
        await collect(model, ask())
    (record,) = logs
    assert (record["event"], record["log_level"]) == ("model_answered", "info")
    assert (record["input_tokens"], record["output_tokens"]) == (100, 20)
    assert "Hello" not in repr(record)
    assert "eggs" not in repr(record)


async def test_a_provider_that_answers_nothing_is_left_and_asked_again(
    provider: str, model_server: ModelServer
) -> None:
    patient = PatientModel(await open_provider(provider, model_server), first_backoff=0.01)
    model_server.problems.append(Problem(within="hang"))
    clock = LoopClock()
    asking = asyncio.create_task(collect(patient, ask(seconds=ANSWER_SECONDS)))
    await model_server.until(lambda: model_server.stuck == 1)
    await clock.put_forward(QUIET_SECONDS)
    assert text_of(await asking) == "Hello."
    await model_server.until(lambda: model_server.disconnects == 1)
    await patient.aclose()


async def test_what_a_model_thinks_aloud_is_not_said(model: LanguageModel, model_server: ModelServer) -> None:
    thought = "<thinking>The person had 2 < 3 eggs. I will call log_food.</thinking>"
    model_server.brain = always(
        Reply(f"{thought}Two eggs. <think>Hm.</think>It is 2 < 3. <thi", (Call("log_food"),))
    )
    events = await collect(model, ask())
    assert text_of(events) == "Two eggs. It is 2 < 3. <thi"
    assert [event.name for event in events if isinstance(event, ToolCall)] == ["log_food"]


async def test_cancelling_an_answer_closes_its_connection(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = always(Reply(SENTENCE * 20))
    model_server.delay = 0.02
    task = asyncio.create_task(collect(model, ask()))
    await model_server.until(lambda: model_server.open_streams == 1)
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await model_server.until(lambda: model_server.disconnects == 1)
    assert model_server.open_streams == 0


async def test_leaving_an_answer_early_closes_its_connection(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = always(Reply(SENTENCE * 20))
    model_server.delay = 0.02
    gc.disable()  # which would do it too, when it comes by
    try:
        async with aclosing(model.stream(ask(seconds=ANSWER_SECONDS))) as events:
            await anext(events)
        await model_server.until(lambda: model_server.disconnects == 1)
    finally:
        gc.enable()
    assert model_server.open_streams == 0


async def test_calls_one_after_another_share_a_connection(
    model: LanguageModel, model_server: ModelServer
) -> None:
    for _ in range(3):
        await collect(model, ask(tools=False))
    assert len(model_server.peers) == 1
    assert model_server.disconnects == 0


async def test_a_wrong_key_is_told_plainly_and_stays_out_of_the_log(
    provider: str, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = "sk-not-the-key-of-anybody"
    for name in ("AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, wrong)
    refused = PatientModel(await open_provider(provider, model_server))
    with capture_logs() as logs, pytest.raises(ModelFailed) as failed:
        await collect(refused, ask())
    assert failed.value.cause == "refused"
    (record,) = [entry for entry in logs if entry["event"] == "model_failed"]
    assert record["cause"] == "refused"
    assert record["detail"]
    for secret in (wrong, SECRET, openai_chat.KEY, gemini.KEY, "two eggs"):
        assert secret not in repr(logs)
    assert model_server.calls == 1
    await refused.aclose()


async def test_a_provider_that_is_not_there_is_tried_again_until_the_time_is_over(
    provider: str, model: LanguageModel, model_server: ModelServer
) -> None:
    await model_server.__aexit__(None, None, None)
    with pytest.raises(ModelFailed) as failed:
        await collect(model, ask(seconds=0.3))
    assert failed.value.cause in ("unavailable", "timeout")


async def test_a_model_that_never_stops_is_stopped() -> None:
    class Endless:
        name = "endless"
        closed = False

        async def stream(self, request):  # type: ignore[no-untyped-def]
            try:
                while True:
                    yield TextPiece("and ")
            finally:
                self.closed = True

        async def complete(self, request):  # type: ignore[no-untyped-def]
            raise AssertionError("it would repeat itself there, too")

        async def aclose(self) -> None: ...

    endless = Endless()
    events: list[ModelEvent] = []
    with pytest.raises(ModelFailed):
        await collect(PatientModel(endless), ask(), events)
    assert len(events) == MAX_PIECES
    assert endless.closed


async def test_a_client_library_that_raises_anything_is_a_failure_of_the_model() -> None:
    class Buggy:
        name = "buggy"

        async def stream(self, request):  # type: ignore[no-untyped-def]
            yield TextPiece("Hello")
            raise KeyError("secret words of a person")

        async def complete(self, request):  # type: ignore[no-untyped-def]
            raise KeyError("secret words of a person")

        async def aclose(self) -> None: ...

    with capture_logs() as logs, pytest.raises(ModelFailed) as failed:
        await collect(PatientModel(Buggy()), ask())
    assert failed.value.cause == "broken"
    assert "secret words" not in repr(logs)


@pytest.mark.parametrize("length", range(1, 12))
def test_thoughts_are_taken_out_wherever_they_are_cut(length: int) -> None:
    text = "One.<think>no</think> Two.<thinking>no <think> no</thinking> Three <b>four.<think>never closed"
    spoken = WithoutThoughts()
    heard = "".join(spoken.feed(piece) for piece in pieces(text, length)) + spoken.flush()
    assert heard == "One. Two. Three <b>four."


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    assert parse_retry_after("7") == 7
    assert parse_retry_after("-3") == 0
    assert parse_retry_after(None) is None
    assert parse_retry_after("soon") is None
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 25 < (parse_retry_after(later) or 0) <= 30
