"""A running relay on a port of its own, a receiver for it, and an eye on what it leaves behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import structlog

from relay import receiver_link
from relay.server import Relay
from relay.settings import RelaySettings
from relay.stt import SttEngine
from relay.tts import TtsEngine
from relay.tts.scripted import ScriptedVoice
from tests.ports import next_port
from tests.relay.loop_clock import LoopClock, skip_waits
from tests.relay.mp3_decoder import close_browser
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing
from tests.wire_client import WireClient

__all__ = ["close_browser"]

StartRelay = Callable[..., Awaitable[Relay]]
Join = Callable[..., Awaitable[WireClient]]
Until = Callable[..., Awaitable[None]]


@pytest.fixture
async def receiver() -> AsyncIterator[ScriptedReceiver]:
    async with ScriptedReceiver() as running:
        yield running


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What was logged by the project. A test that expects an error record takes it out."""
    processor = structlog.testing.LogCapture()
    before = structlog.get_config()
    structlog.configure(processors=[processor], cache_logger_on_first_use=False)
    caplog.set_level(logging.WARNING)
    yield processor.entries
    structlog.configure(**before)


@pytest.fixture
def hearing() -> TriggeredHearing:
    return TriggeredHearing()


@pytest.fixture
async def start_relay(
    receiver: ScriptedReceiver,
    hearing: TriggeredHearing,
    records: list[dict[str, Any]],
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[StartRelay]:
    """Starts relays that answer within a fraction of a second; at the end nothing of them may be left.

    Afterwards no task runs, no exception was left to asyncio's handler, and no error record was written.
    """
    async with AsyncExitStack() as stack:

        async def start(
            *, stt: SttEngine | None = None, tts: TtsEngine | None = None, **settings: Any
        ) -> Relay:
            settings = {
                "port": next_port(),
                "receiver": (receiver.address,),
                "silence_seconds": 0.2,
                "draft_after_seconds": 0.05,
                **settings,
            }
            relay = Relay(RelaySettings(**settings), stt=stt or hearing, tts=tts or ScriptedVoice())
            await relay.start()
            stack.push_async_callback(relay.stop)
            return relay

        yield start
    await asyncio.sleep(0)
    left = [
        task
        for task in asyncio.all_tasks()
        if task is not asyncio.current_task() and "/relay/" in _source(task).replace("/tests/relay/", "")
    ]
    assert left == []
    assert [record for record in records if record["log_level"] in ("error", "critical")] == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def _source(task: asyncio.Task[Any]) -> str:
    """The file of the coroutine that `task` runs."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code.co_filename if code is not None else ""


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost receiver is tried again at once."""
    monkeypatch.setattr(receiver_link, "FIRST_RETRY_SECONDS", 0.02)
    monkeypatch.setattr(receiver_link, "LAST_RETRY_SECONDS", 0.05)


@pytest.fixture
async def loop_clock() -> LoopClock:
    return LoopClock()


@pytest.fixture
async def no_waits() -> None:
    """For what waits for the clock alone: each wait is over at once."""
    skip_waits()


@pytest.fixture
def short_hearing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recognition that was lost is tried again within milliseconds, each time as late as it may."""
    monkeypatch.setattr("relay.hearing.QUIET_AFTER_SECONDS", 0.1)
    monkeypatch.setattr("relay.hearing.FIRST_RETRY_SECONDS", 0.005)
    monkeypatch.setattr("relay.hearing.LAST_RETRY_SECONDS", 0.08)
    monkeypatch.setattr("relay.hearing.REFUSED_RETRY_SECONDS", 0.01)
    monkeypatch.setattr("relay.hearing.CATCH_UP_SECONDS", 0.0)
    monkeypatch.setattr("relay.hearing.random.uniform", lambda _low, high: high)


@pytest.fixture
async def relay(start_relay: StartRelay) -> Relay:
    return await start_relay()


@pytest.fixture
async def join() -> AsyncIterator[Join]:
    """Connects clients, and lets them go at the end."""
    async with AsyncExitStack() as stack:

        async def join(relay: Relay | int, **options: Any) -> WireClient:
            port = relay if isinstance(relay, int) else relay.port
            return await stack.enter_async_context(WireClient(port, **options))

        yield join


@pytest.fixture
def until() -> Until:
    """Waits until something holds."""

    async def until(true: Callable[[], object], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.005)

    return until
