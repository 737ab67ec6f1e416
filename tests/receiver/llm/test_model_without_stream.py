"""Where a stream fails that an answer could still come without, it comes: refused, cut off, or held up by a proxy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from structlog.testing import capture_logs

from receiver.assistants import make_assistants
from receiver.assistants.diet.coach.coach import Coach
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
)
from receiver.llm.patient import (
    FAILURES_TO_REST,
    STREAMS_TO_DO_WITHOUT,
    WITHOUT_STREAM_SECONDS,
    PatientModel,
)
from tests.emulators.model_brain import Call, Conversation, Reply, always
from tests.emulators.model_fixtures import open_provider
from tests.emulators.model_server import ModelServer, Problem
from tests.receiver.diet.coach_session import CoachSession
from tests.receiver.llm.test_model_streams import SENTENCE, TOOL, ask, collect, text_of
from tests.receiver.raw_relay import RawRelay, foods, items
from tests.relay.loop_clock import LoopClock

REFUSED = {
    "bedrock": Problem(400, "ValidationException This model doesn't support tool use in streaming mode."),
    "openai": Problem(400, "unsupported_value Your organization must be verified to stream this model."),
    "gemini": Problem(404, "NOT_FOUND The model is not supported for streamGenerateContent."),
}
EGGS = Call("log_food", {"foods": [{"food": "eggs", "quantity": 2, "meal": "breakfast"}]})


def valid(events: list[ModelEvent]) -> list[ModelEvent]:
    """What counts: all after the last beginning."""
    last = max((index for index, event in enumerate(events) if isinstance(event, Restarted)), default=-1)
    return events[last + 1 :]


class DoesNotStream:
    """Its streams fail, before or after the first words; without one it answers."""

    name = "scripted"

    def __init__(self, *, words: str = "", cause: Any = "broken", stream: bool = True) -> None:
        self.words, self.cause, self.marked = words, cause, stream
        self.streams_work = False
        self.streams = self.completions = 0
        self.answer: list[ModelEvent] = [TextPiece("Hello."), Finished("stop")]

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        self.streams += 1
        if self.streams_work:
            yield TextPiece("Streamed.")
            yield Finished("stop")
            return
        if self.words:
            yield TextPiece(self.words)
        raise ModelFailed(self.cause, stream=self.marked)

    async def complete(self, request: ModelRequest) -> list[ModelEvent]:
        self.completions += 1
        return self.answer

    async def aclose(self) -> None: ...


async def test_a_stream_that_is_refused_is_made_good_by_a_call_without_one(
    provider: str, model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.stream_problem = REFUSED[provider]
    model_server.brain = always(Reply(SENTENCE))
    events = await collect(model, ask())
    assert events == [TextPiece(SENTENCE), Finished("stop", 100, 20)]
    assert model_server.calls == 2


async def test_a_policy_without_streaming_still_gets_answers_from_bedrock(
    provider: str, model: LanguageModel, model_server: ModelServer
) -> None:
    if provider == "bedrock":
        model_server.stream_problem = Problem(403, "AccessDeniedException not authorized to perform it")
        assert text_of(await collect(model, ask())) == "Hello."
    else:
        # There a 403 is about the account.
        model_server.stream_problem = Problem(403, "PERMISSION_DENIED")
        with pytest.raises(ModelFailed):
            await collect(model, ask())
        assert model_server.whole_answers == 0


@pytest.mark.parametrize("within", ["error", "cut", "garbage", "silent", "stall"])
async def test_an_answer_that_breaks_off_begins_anew_and_comes_whole(
    within: str, provider: str, model_server: ModelServer
) -> None:
    quiet = 0.5 if within == "stall" else 5.0
    model = PatientModel(await open_provider(provider, model_server), quiet_seconds=quiet)
    await collect(model, ask())  # the first call takes longer
    before = model_server.calls
    model_server.stream_problem = Problem(within=within)
    model_server.brain = always(Reply(SENTENCE, (EGGS,)))
    events = await collect(model, ask())
    assert [type(event) for event in events].count(Restarted) == 1
    assert isinstance(events[0], TextPiece), "it had begun"
    first, second, last = valid(events)
    assert first == TextPiece(SENTENCE)
    assert isinstance(second, ToolCall)
    assert (second.name, second.arguments) == ("log_food", EGGS.arguments)
    assert last == Finished("tools", 100, 20)
    assert (model_server.calls - before, model_server.whole_answers) == (2, 1)
    await model.aclose()


async def test_calls_that_came_without_a_stream_are_answered_like_all_others(
    provider: str, model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.stream_problem = REFUSED[provider]
    model_server.brain = always(Reply("", (EGGS, Call("log_food"))), Reply("Done."))
    calls = tuple(event for event in await collect(model, ask()) if isinstance(event, ToolCall))
    assert [call.arguments for call in calls] == [EGGS.arguments, {}]
    results = tuple(ToolResult(call, {"ok": number}) for number, call in enumerate(calls))
    request = ModelRequest(
        "You are a coach.", (*ask().messages, ModelTurn("", calls), ToolResults(results)), (TOOL,), seconds=5
    )
    # The provider checks ids and signatures.
    assert text_of(await collect(model, request)) == "Done."
    assert model_server.conversations[-1].results == [{"ok": 0}, {"ok": 1}]


async def test_thoughts_and_halves_of_characters_stay_out_of_a_whole_answer(
    provider: str, model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.stream_problem = REFUSED[provider]
    model_server.brain = always(Reply("<thinking>I will say two.</thinking>Two eggs."))
    assert text_of(await collect(model, ask())) == "Two eggs."


async def test_a_call_without_a_stream_is_closed_when_nobody_waits_for_it(
    provider: str, model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.stream_problem = REFUSED[provider]
    model_server.problems.append(Problem(within="hang"))
    asking = asyncio.create_task(collect(model, ask()))
    await model_server.until(lambda: model_server.whole_answers == 1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await model_server.until(lambda: model_server.disconnects == 1)


@pytest.mark.parametrize("within", ["hang", "cut", "garbage"])
async def test_a_call_without_a_stream_ends_within_the_time_however_it_fails(
    within: str, provider: str, model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.stream_problem = REFUSED[provider]
    model_server.problems.extend([Problem(within=within)] * 5)
    clock = LoopClock()
    with capture_logs() as logs:
        asking = asyncio.create_task(collect(model, ask(seconds=ANSWER_SECONDS)))
        await model_server.until(lambda: model_server.whole_answers == 1)
        if within == "hang":
            await clock.put_forward(ANSWER_SECONDS)
        async with asyncio.timeout(30):
            with pytest.raises(ModelFailed):
                await asking
    assert model_server.whole_answers == 1, "it is made once"
    assert "Hello" not in repr(logs)


async def test_an_outage_and_a_wrong_key_are_not_asked_about_a_second_time(
    provider: str, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = PatientModel(await open_provider(provider, model_server), first_backoff=0.001)
    model_server.problems.extend([Problem(503, "UNAVAILABLE")] * 20)
    with pytest.raises(ModelFailed):
        await collect(model, ask())
    await model.aclose()
    model_server.problems.clear()
    for name in ("AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, "wrong-key")
    before = model_server.calls
    wrong = PatientModel(await open_provider(provider, model_server))
    with pytest.raises(ModelFailed):
        await collect(wrong, ask())
    assert model_server.calls == before + 1
    assert model_server.whole_answers == 0
    await wrong.aclose()


async def test_a_provider_that_never_streams_is_soon_asked_without_and_tried_again_later() -> None:
    provider = DoesNotStream()
    model = PatientModel(provider)
    clock = LoopClock()
    with capture_logs() as logs:
        for _ in range(STREAMS_TO_DO_WITHOUT + 4):
            assert text_of(await collect(model, ask())) == "Hello."
    assert provider.streams == STREAMS_TO_DO_WITHOUT
    assert provider.completions == STREAMS_TO_DO_WITHOUT + 4
    assert [entry["event"] for entry in logs].count("model_does_not_stream") == 1
    assert "model_rests" not in [entry["event"] for entry in logs], "it answers"
    await clock.put_forward(WITHOUT_STREAM_SECONDS)
    provider.streams_work = True
    assert text_of(await collect(model, ask())) == "Streamed."
    # A bad stream now and then takes nothing from the others.
    for works in (False, False, True, False, False, True):
        provider.streams_work = works
        await collect(model, ask())
    assert provider.streams == STREAMS_TO_DO_WITHOUT + 7


async def test_a_provider_that_fails_either_way_rests_as_before() -> None:
    provider = DoesNotStream()
    provider.answer = []
    model = PatientModel(provider)
    causes = []
    for _ in range(FAILURES_TO_REST + 2):
        with pytest.raises(ModelFailed) as failed:
            await collect(model, ask())
        causes.append(failed.value.cause)
    assert causes == ["broken"] * FAILURES_TO_REST + ["resting"] * 2


async def test_a_stream_that_was_throttled_half_way_is_not_followed_by_one_more_call() -> None:
    provider = DoesNotStream(words="Hel", cause="throttled", stream=False)
    with pytest.raises(ModelFailed):
        await collect(PatientModel(provider), ask())
    assert provider.completions == 0


async def test_no_call_is_begun_when_the_time_is_over() -> None:
    provider = DoesNotStream()
    with pytest.raises(ModelFailed):
        await collect(PatientModel(provider), ask(seconds=0.0))
    assert provider.completions == 0


async def test_the_coach_says_only_the_answer_that_came_whole_and_does_all_once(
    model: LanguageModel, model_server: ModelServer
) -> None:
    answers = [
        Reply("One moment, please.", (EGGS,)),
        Reply("A fine start. There is nothing like two eggs in the morning, as everybody knows."),
        Reply("Two eggs are written down. What did you drink?"),
    ]

    def brain(conversation: Conversation) -> Reply:
        model_server.stream_problem = Problem(within="error")  # of the next stream
        return answers.pop(0)

    model_server.brain = brain
    session = CoachSession(Coach(model))
    said = await session.say("I had two eggs for breakfast")
    assert " A fine start." in said.pieces, "it was said, and taken back"
    assert said.restarted
    # The round before the one that broke off holds, and is not asked for again.
    assert said.answer == "One moment, please. Two eggs are written down. What did you drink?"
    assert [(item["food"], item["quantity"]) for item in session.items] == [("eggs", 2)]
    assert (model_server.calls, model_server.whole_answers) == (3, 1)


async def test_nothing_of_what_is_void_counts_for_the_coach() -> None:
    """Neither its calls nor what it claimed nor that a wrong figure of it was put right once."""

    class BeginsAnew:
        name = "begins anew"

        async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
            yield TextPiece("I have taken the toast out. That makes 9999 calories. ")
            yield ToolCall("call-1", "log_food", EGGS.arguments)
            yield Restarted()
            yield TextPiece("Good morning. So far it is 4321 calories. How are you?")
            yield Finished("stop")

        async def aclose(self) -> None: ...

    session = CoachSession(Coach(BeginsAnew()))
    with capture_logs() as logs:
        said = await session.say("Well, here I am")
    assert said.answer == "Good morning. So far today I have 0 calories written down. How are you?"
    assert session.items == []
    assert "model_gave_up" not in [entry["event"] for entry in logs]


async def test_a_model_that_cannot_stream_answers_over_the_link(
    provider: str, model: LanguageModel, model_server: ModelServer, serve: Any, connect: Any
) -> None:
    def brain(conversation: Conversation) -> Reply:
        return Reply("Two eggs, very good.") if conversation.results else Reply("", (EGGS,))

    model_server.brain = brain
    model_server.stream_problem = REFUSED[provider]
    relay: RawRelay = await connect(await serve(more=make_assistants(model)))
    await relay.open()
    relay.send(type="commit", session="s-1", epoch=1, turn=1, items=items("I had two eggs for breakfast"))
    delta = await relay.until("delta")
    committed = await relay.until("committed")
    assert committed["text"] == delta["text"] == "Two eggs, very good."
    assert foods(committed["diary"]) == [("breakfast", "eggs", 2)]
