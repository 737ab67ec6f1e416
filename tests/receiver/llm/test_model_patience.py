"""A provider that is down, slow or refuses is left alone for a while; calls that nobody waits for leave nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import psutil
import pytest
from structlog.testing import capture_logs

from receiver.llm import (
    Finished,
    LanguageModel,
    ModelEvent,
    ModelFailed,
    ModelRequest,
    Provider,
    TextPiece,
    ToolCall,
)
from receiver.llm.http_pool import READ_SECONDS
from receiver.llm.patient import FAILURES_TO_REST, MAX_ATTEMPTS, REST_SECONDS, PatientModel
from tests.emulators.gemini import GeminiEmulator
from tests.emulators.model_brain import Reply, always
from tests.emulators.model_server import ModelServer
from tests.emulators.openai_chat import OpenAiEmulator
from tests.receiver.llm.test_model_streams import ask, collect, text_of
from tests.relay.loop_clock import LoopClock

SLOW_SECONDS = 3.0


class Scripted:
    """Each call fails, answers ("hello") or takes its time ("slow"), in turn; then it answers."""

    name = "scripted"

    def __init__(self, *script: ModelFailed | str) -> None:
        self.script = list(script)
        self.calls = 0

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        self.calls += 1
        step = self.script.pop(0) if self.script else "hello"
        if isinstance(step, ModelFailed):
            raise step
        yield TextPiece("Hello.")
        if step == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        elif step == "breaks off":
            raise ModelFailed("broken")
        yield Finished("stop")

    async def complete(self, request: ModelRequest) -> list[ModelEvent]:
        raise ModelFailed("broken")

    async def aclose(self) -> None: ...


def patient(provider: Provider) -> PatientModel:
    """A question that is given 5 s is given enough."""
    return PatientModel(provider, quiet_seconds=4.0, first_backoff=0.001)


async def fail(model: LanguageModel) -> str:
    with pytest.raises(ModelFailed) as failed:
        await collect(model, ask())
    return failed.value.cause


async def test_while_a_provider_is_down_nobody_waits_for_it_and_then_one_call_tries() -> None:
    down = [ModelFailed("unavailable")] * (MAX_ATTEMPTS + 1)
    provider = Scripted(*down)
    model = patient(provider)
    clock = LoopClock()
    with capture_logs() as logs:
        assert await fail(model) == "unavailable"
        assert provider.calls == MAX_ATTEMPTS
        assert [await fail(model) for _ in range(5)] == ["resting"] * 5
    assert provider.calls == MAX_ATTEMPTS
    assert [entry["event"] for entry in logs].count("model_rests") == 1
    await clock.put_forward(REST_SECONDS)
    # Of many that come now, one tries, once.
    causes = await asyncio.gather(*(fail(model) for _ in range(5)))
    assert sorted(causes) == ["resting"] * 4 + ["unavailable"]
    assert provider.calls == MAX_ATTEMPTS + 1
    await clock.put_forward(REST_SECONDS)
    assert text_of(await collect(model, ask())) == "Hello."
    # All is well again, with all its tries.
    provider.script = [ModelFailed("unavailable")] * 2
    assert text_of(await collect(model, ask())) == "Hello."


async def test_a_try_that_nobody_waits_for_does_not_end_the_next_ones() -> None:
    provider = Scripted(*[ModelFailed("timeout")] * MAX_ATTEMPTS, "slow")
    model = patient(provider)
    clock = LoopClock()
    assert await fail(model) == "timeout"
    await clock.put_forward(REST_SECONDS)
    trying = asyncio.create_task(collect(model, ask()))
    await clock.put_forward(0.0)
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    assert await fail(model) == "resting"
    await clock.put_forward(REST_SECONDS)
    assert text_of(await collect(model, ask())) == "Hello."


@pytest.mark.parametrize("refused", [True, False])
async def test_one_conversation_that_fails_does_not_take_the_model_from_the_others(refused: bool) -> None:
    bad: ModelFailed | str = ModelFailed("refused", "400") if refused else "breaks off"
    provider = Scripted(*[bad, bad, "hello"] * 4)
    model = patient(provider)
    for _ in range(4):
        assert [await fail(model), await fail(model)] == ["refused" if refused else "broken"] * 2
        assert text_of(await collect(model, ask())) == "Hello."


async def test_a_key_that_is_refused_every_time_is_told_a_few_times_and_not_with_each_turn() -> None:
    provider = Scripted(*[ModelFailed("refused", "401")] * 100)
    model = patient(provider)
    with capture_logs() as logs:
        causes = [await fail(model) for _ in range(50)]
    assert causes == ["refused"] * FAILURES_TO_REST + ["resting"] * (50 - FAILURES_TO_REST)
    assert len(logs) == FAILURES_TO_REST + 1
    assert (logs[-1]["event"], logs[-1]["detail"], logs[-1]["seconds"]) == ("model_rests", "401", 300.0)


async def test_a_model_that_is_slow_each_time_does_not_cost_every_turn_its_whole_time() -> None:
    # Each turn: an answer that takes long, and a second call that the turn has no time for.
    provider = Scripted(*["slow", ModelFailed("timeout")] * 50)
    model = patient(provider)
    causes = []
    clock = LoopClock()
    for _ in range(FAILURES_TO_REST):
        answering = asyncio.create_task(collect(model, ask()))
        await clock.put_forward(SLOW_SECONDS)
        await answering
        with pytest.raises(ModelFailed) as failed:
            await collect(model, ask(seconds=0.0))
        causes.append(failed.value.cause)
    assert causes == ["timeout"] * FAILURES_TO_REST
    assert await fail(model) == "resting"


async def test_a_provider_that_asks_for_a_long_wait_is_left_alone_for_it() -> None:
    model = patient(Scripted(ModelFailed("throttled", retry_after=60.0)))
    with capture_logs() as logs:
        assert await fail(model) == "throttled"
    assert logs[-1]["seconds"] == 60.0


async def test_half_a_character_in_a_piece_does_not_break_what_is_sent_on() -> None:
    class Halved(Scripted):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
            yield TextPiece("Good \ud83d")
            yield TextPiece("\ude00 day")
            yield Finished("stop")

    text = text_of(await collect(patient(Halved()), ask()))
    assert text.encode() == b"Good ?? day"


async def test_a_hundred_cancelled_answers_leave_no_connection_and_no_task(
    model: LanguageModel, model_server: ModelServer
) -> None:
    model_server.brain = always(Reply("Well, well. " * 400))
    model_server.delay = 0.01
    before = asyncio.all_tasks()
    for number in range(10):
        answers = [asyncio.create_task(collect(model, ask())) for _ in range(10)]
        # Before the connection, before the answer, within it.
        await asyncio.sleep(0.01 * number)
        for answer in answers:
            answer.cancel()
        done = await asyncio.gather(*answers, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in done)
    await model_server.until(lambda: model_server.open_streams == 0)
    port = int(model_server.endpoint.rpartition(":")[2])

    def connections() -> int:
        return sum(
            1
            for connection in psutil.Process().net_connections("tcp4")
            if connection.raddr and connection.raddr.port == port and connection.status != "TIME_WAIT"
        )

    await model_server.until(lambda: connections() == 0)
    await model_server.until(lambda: not _ours(asyncio.all_tasks() - before))
    model_server.delay = 0.0
    model_server.brain = always(Reply("Hello."))
    assert text_of(await collect(model, ask())) == "Hello."


def _ours(tasks: set[asyncio.Task[Any]]) -> list[str]:
    """Not those of the emulator's own server."""
    return [name for task in tasks if "RequestHandler" not in (name := repr(task.get_coro()))]


async def test_calls_that_a_server_all_counts_as_the_first_are_told_apart_by_their_ids(
    bare_keys: None,
) -> None:
    from receiver.llm.openai_chat import OpenAiChatModel
    from tests.emulators.openai_chat import _chunk

    class CountsBadly(OpenAiEmulator):
        key = None

        def frames(self, reply: Reply) -> list[bytes]:
            calls = [
                {"index": 0, "id": f"call_{name}", "type": "function",
                 "function": {"name": name, "arguments": f'{{"n": "{name}"}}'}}
                for name in ("one", "two")
            ]  # fmt: skip
            return [*(_chunk({"tool_calls": [call]}) for call in calls), _chunk({}, "stop")]

    async with CountsBadly() as server:
        model = await OpenAiChatModel.open("m", server.base_url)
        calls = [event for event in await collect(model, ask()) if isinstance(event, ToolCall)]
        assert [(call.name, call.arguments) for call in calls] == [
            ("one", {"n": "one"}),
            ("two", {"n": "two"}),
        ]
        await model.aclose()


@pytest.mark.parametrize("client", ["gemini", "openai"])
async def test_a_request_waits_no_longer_than_the_pool_allows(client: str, bare_keys: None) -> None:
    from receiver.llm.gemini import GeminiModel
    from receiver.llm.openai_chat import OpenAiChatModel

    kind: Any = GeminiModel if client == "gemini" else OpenAiChatModel
    server: Any = GeminiEmulator() if client == "gemini" else OpenAiEmulator()
    server.key = None
    async with server:
        model = await kind.open("m", server.endpoint if client == "gemini" else server.base_url)
        seen: list[Any] = []

        async def remember(request: Any) -> None:
            seen.append(request.extensions["timeout"])

        model._pool.event_hooks = model._pool.event_hooks | {"request": [remember]}
        await collect(model, ask())
        assert seen
        assert all(timeout["read"] == READ_SECONDS and timeout["connect"] for timeout in seen)
        await model.aclose()
