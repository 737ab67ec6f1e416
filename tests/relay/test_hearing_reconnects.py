"""Recognition kept alive: streams that die, and engines that refuse or hang."""

from __future__ import annotations

import asyncio

import pytest

from protocol.errors import SpeechAtCapacity, SttRefused, SttTimeout, SttUnavailable, VoiceError
from relay import hearing
from tests.relay.listening import TENTH, Engine, audio, listening
from tests.relay.loop_clock import until

pytestmark = pytest.mark.usefixtures("no_waits", "short_hearing_waits")


async def test_a_new_stream_hears_what_no_final_of_the_dead_one_covered() -> None:
    engine = Engine()
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, 8 * TENTH))
        await until(lambda: engine.streams and len(engine.streams[0].pieces) == 8)
        engine.streams[0].final("two eggs", 3 * TENTH)
        engine.streams[0].on_failure(SttUnavailable())
        await until(lambda: len(engine.streams) == 2 and len(engine.streams[1].pieces) == 5)
        assert engine.streams[0].closed
        assert engine.streams[1].heard == audio(3 * TENTH, 5 * TENTH)
        engine.streams[1].final("and toast", 4 * TENTH)
        assert listener.told == [
            ("two eggs", 3 * TENTH),
            ("lost", "stt_unavailable"),
            ("back", None),
            ("and toast", 7 * TENTH),
        ]


async def test_a_stream_that_fails_while_it_is_fed_loses_nothing() -> None:
    engine = Engine()
    async with listening(engine) as (heard, _):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].pieces)
        engine.streams[0].error = SttUnavailable()
        heard.add(audio(TENTH, TENTH))
        await until(lambda: len(engine.streams) == 2 and len(engine.streams[1].pieces) == 2)
        assert engine.streams[1].heard == audio(0, 2 * TENTH)


async def test_an_engine_that_cannot_fail_costs_no_memory_for_it() -> None:
    engine = Engine(can_fail=False)
    async with listening(engine) as (heard, _):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].pieces)
        heard.feed.rewind()
        assert heard.feed.waiting == 0


async def test_a_stream_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "SEND_SECONDS", 0.05)
    engine = Engine()
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].pieces)
        engine.streams[0].takes.clear()
        heard.add(audio(TENTH, TENTH))
        await until(lambda: len(engine.streams) == 2)
        assert ("lost", SttTimeout.code) in listener.told


@pytest.mark.parametrize("error", [SttRefused(), SttUnavailable(), SpeechAtCapacity()], ids=lambda e: e.code)
async def test_an_engine_that_refuses_again_and_again_is_reported_once(error: VoiceError) -> None:
    engine = Engine()
    engine.errors.extend([error] * 4)
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].pieces)
        assert listener.told == [("lost", error.code), ("back", None)]
        assert engine.streams[0].heard == audio(0, TENTH)
    assert engine.openings == 5


async def test_a_refusal_that_trying_again_does_not_mend_is_not_tried_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hearing, "REFUSED_RETRY_SECONDS", 30.0)
    engine = Engine()
    engine.errors.extend([SttRefused()] * 2)
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH))
        await until(lambda: listener.told)
        await asyncio.sleep(0.05)
    assert engine.openings == 1


async def test_streams_that_die_as_soon_as_they_are_open_are_opened_less_and_less_often() -> None:
    """A service that takes a connection and then refuses its audio would be asked four times a second, for ever."""
    engine = Engine()
    engine.short_lived = True
    async with listening(engine) as (heard, _):
        heard.add(audio(0, TENTH))
        await until(lambda: len(engine.streams) == 6)
    opened = [stream.opened_at for stream in engine.streams]
    assert opened[5] - opened[4] >= 0.075


async def test_after_a_stream_that_lasted_the_next_one_comes_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    class Share(float):
        """Of a wait, by chance: all of it here, which is noted."""

        def __rmul__(self, wait: float) -> float:
            waits.append(wait)
            return wait

    monkeypatch.setattr(hearing.random, "uniform", lambda _low, _high: Share())
    monkeypatch.setattr(hearing, "LAST_RETRY_SECONDS", 0.2)
    engine = Engine()
    engine.errors.extend([SttUnavailable()] * 5)
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].pieces)
        await asyncio.sleep(0.22)
        engine.errors.append(SttUnavailable())
        engine.streams[0].on_failure(SttUnavailable())
        await until(lambda: len(engine.streams) == 2)
    assert waits == [0.005, 0.01, 0.02, 0.04, 0.08, 0.005, 0.01]
    assert listener.count("lost") == 2
