"""Clients that fall silent: what the engine hears then, from when on, and for how long."""

from __future__ import annotations

import asyncio

import pytest

from protocol.audio import SAMPLE_RATE
from relay import hearing
from tests.relay.listening import TENTH, Engine, audio, listening
from tests.relay.loop_clock import until

pytestmark = pytest.mark.usefixtures("no_waits", "short_hearing_waits")


async def test_an_engine_that_wants_silence_hears_it_when_the_client_stops_sending() -> None:
    engine = Engine(wants_silence=True)
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH + 400))
        await until(lambda: engine.streams and engine.streams[0].silences >= 2)
        stream = engine.streams[0]
        assert stream.pieces[:2] == [audio(0, TENTH), audio(TENTH, 400)]
        stream.final("two eggs", TENTH + 400 + TENTH)
        assert listener.told == [("two eggs", TENTH + 400)], (
            "silence that we put in is not the client's audio"
        )


async def test_other_engines_hear_only_the_client() -> None:
    engine = Engine(wants_silence=False)
    async with listening(engine) as (heard, _):
        heard.add(audio(0, TENTH))
        await asyncio.sleep(0.25)
        assert engine.streams[0].heard == audio(0, TENTH)


async def test_silence_does_not_cut_into_speech_that_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first audio after a silence came while silence was being sent: the next gap is the network's."""
    monkeypatch.setattr(hearing, "QUIET_AFTER_SECONDS", 0.3)
    engine = Engine(wants_silence=True)
    async with listening(engine) as (heard, _):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].silences >= 3)
        stream = engine.streams[0]
        stream.takes.clear()
        await asyncio.sleep(0.12)  # it is sending silence now
        heard.add(audio(TENTH, TENTH))
        stream.takes.set()
        await until(lambda: stream.pieces[-1] == audio(TENTH, TENTH))
        await asyncio.sleep(0.15)
        assert stream.pieces[-1] == audio(TENTH, TENTH)


async def test_no_silence_is_put_between_the_pieces_of_a_recorder_that_hands_over_much_at_a_time() -> None:
    """Each second of a page's recording was cut from the next by 0.7 s of silence, and words were not understood."""
    engine = Engine(wants_silence=True)
    async with listening(engine) as (heard, _):
        for start in range(0, 15 * TENTH, 5 * TENTH):
            for tenth in range(start, start + 5 * TENTH, TENTH):  # as a decoder gives it
                heard.add(audio(tenth, TENTH))
            await asyncio.sleep(0.45)
        assert engine.streams[0].heard == audio(0, 15 * TENTH)
        await until(lambda: engine.streams[0].silences)


async def test_recognition_that_has_caught_up_is_seen_before_the_next_piece_comes() -> None:
    """A second at a time put it behind each time, for so long that a turn never ended."""
    engine = Engine(wants_silence=True)
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams)
        engine.streams[0].behind = 2 * SAMPLE_RATE
        heard.add(audio(TENTH, SAMPLE_RATE))
        await until(lambda: listener.told == [("behind", True)])
        engine.streams[0].behind = 0
        async with asyncio.timeout(0.6):
            await until(lambda: listener.told == [("behind", True), ("behind", False)])


async def test_a_client_that_caught_up_is_silent_as_soon_as_any_other() -> None:
    engine = Engine(wants_silence=True)
    async with listening(engine) as (heard, _):
        for second in range(30):
            heard.add(audio(second * SAMPLE_RATE, SAMPLE_RATE))
        began = asyncio.get_running_loop().time()
        await until(lambda: engine.streams and engine.streams[0].silences)
        assert asyncio.get_running_loop().time() - began < 2


async def test_a_stream_whose_client_is_silent_for_long_is_closed_and_audio_opens_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hearing, "IDLE_SECONDS", 0.15)
    engine = Engine(wants_silence=True)
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].closed)
        assert listener.told == [], "nothing is lost, nothing is told"
        heard.add(audio(TENTH, TENTH))
        await until(lambda: len(engine.streams) == 2 and engine.streams[1].pieces)
        assert engine.streams[1].pieces[0] == audio(TENTH, TENTH)
        engine.streams[1].final("toast", TENTH)
        assert listener.told == [("toast", 2 * TENTH)]
