"""Recognition fed: sound of any size, a backlog, a drain, and the voice that interrupts."""

from __future__ import annotations

import asyncio

import pytest

from protocol.audio import SAMPLE_RATE, STT_CHUNK_BYTES
from protocol.errors import SttRefused, SttUnavailable
from relay import audio_feed, hearing
from relay.stt import SttResult
from tests.relay.listening import TENTH, Engine, audio, listening
from tests.relay.loop_clock import until
from tests.relay.recordings import pcm as recording

pytestmark = pytest.mark.usefixtures("no_waits", "short_hearing_waits")


async def test_audio_of_any_size_reaches_recognition_in_tenths_of_a_second() -> None:
    engine = Engine()
    async with listening(engine) as (heard, _):
        for start in range(0, 4_000, 250):
            heard.add(audio(start, 250))
        await until(lambda: engine.streams and len(engine.streams[0].pieces) == 2)
        assert {len(piece) for piece in engine.streams[0].pieces} == {STT_CHUNK_BYTES}
        assert engine.streams[0].heard == audio(0, 3_200)


async def test_a_second_at_a_time_is_heard_at_once_and_a_backlog_without_a_flood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A recorder that hands over a second of sound was heard a fifth of a second late."""
    monkeypatch.setattr(hearing, "CATCH_UP_SECONDS", 60.0)
    engine = Engine()
    async with listening(engine) as (heard, _):
        for second in range(2):
            heard.add(audio(second * SAMPLE_RATE, SAMPLE_RATE))
            await until(lambda n=10 * (second + 1): engine.streams and len(engine.streams[0].pieces) == n)
        for second in range(2, 5):
            heard.add(audio(second * SAMPLE_RATE, SAMPLE_RATE))
        await until(lambda: len(engine.streams[0].pieces) > 30)
        await asyncio.sleep(0.02)
        assert len(engine.streams[0].pieces) == 31


async def test_no_stream_is_opened_for_a_client_that_says_nothing() -> None:
    engine = Engine(wants_silence=True)
    async with listening(engine):
        await asyncio.sleep(0.02)
    assert engine.openings == 0


async def test_a_final_tells_how_much_of_the_clients_audio_it_covers() -> None:
    engine = Engine()
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, 5 * TENTH))
        await until(lambda: engine.streams and len(engine.streams[0].pieces) == 5)
        engine.streams[0].on_result(SttResult("two", False, 3 * TENTH))
        engine.streams[0].final("two eggs", 4 * TENTH)
        assert listener.told == [("two", 0), ("two eggs", 4 * TENTH)]


# Backlog


async def test_more_than_a_second_that_waits_is_told_and_so_is_its_end() -> None:
    engine = Engine()
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].pieces)
        engine.streams[0].takes.clear()
        heard.add(audio(TENTH, 15 * TENTH))
        await asyncio.sleep(0.01)
        engine.streams[0].takes.set()
        await until(lambda: len(engine.streams[0].pieces) == 16)
        assert listener.told == [("behind", True), ("behind", False)]


@pytest.mark.parametrize("wants_silence", [True, False])
async def test_an_engine_that_catches_up_is_noticed_without_more_audio(wants_silence: bool) -> None:
    """Else the silence of a client that has stopped sending stands still for half a minute."""
    engine = Engine(wants_silence=wants_silence)
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].pieces)
        engine.streams[0].behind = 2 * SAMPLE_RATE
        heard.add(audio(TENTH, TENTH))
        await until(lambda: listener.told)
        engine.streams[0].behind = 0
        await until(lambda: len(listener.told) == 2)
        assert listener.told == [("behind", True), ("behind", False)]


async def test_recognition_that_is_back_but_behind_says_so_first() -> None:
    """Between the two the silence would run, and could end a turn whose words wait in the backlog."""
    engine = Engine()
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, 15 * TENTH))
        await until(lambda: engine.streams and len(engine.streams[0].pieces) == 15)
        listener.told.clear()
        engine.streams[0].on_failure(SttUnavailable())
        await until(lambda: len(engine.streams) == 2 and len(engine.streams[1].pieces) == 15)
        assert [name for name, _ in listener.told] == ["lost", "behind", "back", "behind"]


async def test_audio_that_had_to_be_left_out_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_feed, "MAX_WAITING_BYTES", 10 * STT_CHUNK_BYTES)
    engine = Engine()
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].pieces)
        engine.streams[0].takes.clear()
        heard.add(audio(TENTH, TENTH))
        await asyncio.sleep(0.01)
        for number in range(2, 15):
            heard.add(audio(number * TENTH, TENTH))
        engine.streams[0].takes.set()
        await until(lambda: len(engine.streams[0].pieces) == 12)
        assert listener.count("error") == 1
        assert ("error", "audio_lost") in listener.told


# Drain


async def test_a_drain_without_a_stream_is_done_at_once() -> None:
    engine = Engine()
    async with listening(engine) as (heard, listener):
        await asyncio.sleep(0)
        heard.drain()
        await until(lambda: listener.told)
        assert listener.told == [("drained", None)]
    assert engine.openings == 0


async def test_a_drain_takes_the_last_piece_however_short() -> None:
    engine = Engine()
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH + 7))
        heard.drain()
        await until(lambda: listener.told)
        assert engine.streams[0].heard == audio(0, TENTH + 7)
        assert engine.streams[0].drains == 1
        assert listener.told == [("drained", None)]


async def test_a_second_drain_is_not_answered_by_the_first() -> None:
    """What was said between the two has not been decoded when the first is done."""
    engine = Engine()
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].pieces)
        stream = engine.streams[0]
        stream.drained.clear()
        heard.drain()
        await until(lambda: stream.drains == 1)
        heard.add(audio(TENTH, TENTH))
        heard.drain()
        await until(lambda: len(stream.pieces) == 2)
        stream.drained.set()
        await until(lambda: listener.told)
        assert stream.drains == 2
        await asyncio.sleep(0.01)
        assert listener.told == [("drained", None)]


async def test_a_stream_that_dies_during_a_drain_does_not_keep_the_flush_waiting() -> None:
    engine = Engine()
    async with listening(engine) as (heard, listener):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].pieces)
        engine.streams[0].drained.clear()
        heard.drain()
        await until(lambda: engine.streams[0].drains)
        engine.streams[0].on_failure(SttUnavailable())
        await until(lambda: len(engine.streams) == 2)
        assert [name for name, _ in listener.told] == ["lost", "drained", "back"]


async def test_ending_during_a_drain_leaves_nothing_behind() -> None:
    engine = Engine()
    async with listening(engine) as (heard, _):
        heard.add(audio(0, TENTH))
        await until(lambda: engine.streams and engine.streams[0].pieces)
        engine.streams[0].drained.clear()
        heard.drain()
        await until(lambda: engine.streams[0].drains)


@pytest.mark.parametrize("moment", ["before audio", "while opening fails", "while fed", "while silent"])
async def test_ending_at_any_moment_leaves_nothing_behind(moment: str) -> None:
    engine = Engine(wants_silence=True)
    if moment == "while opening fails":
        engine.errors.extend([SttUnavailable()] * 100)
    async with listening(engine) as (heard, listener):
        if moment != "before audio":
            heard.add(audio(0, 3 * TENTH))
        if moment == "while opening fails":
            await until(lambda: listener.told)
        elif moment == "while fed":
            await until(lambda: engine.streams and engine.streams[0].pieces)
            engine.streams[0].takes.clear()
            heard.add(audio(3 * TENTH, 3 * TENTH))
        elif moment == "while silent":
            await until(lambda: engine.streams and engine.streams[0].silences)


# Barge-in


async def test_a_voice_is_noticed_only_when_asked_for() -> None:
    engine = Engine()
    async with listening(engine) as (heard, listener):
        speech = recording("breakfast")
        heard.add(speech)
        await until(lambda: engine.streams and heard.feed.waiting < TENTH)
        assert listener.count("voice") == 0
        heard.watch_for_voice(True)
        heard.add(speech)
        assert listener.count("voice") >= 1
        told = listener.count("voice")
        heard.watch_for_voice(False)
        heard.add(speech)
        await until(lambda: heard.feed.waiting < TENTH)
        assert listener.count("voice") == told


async def test_a_voice_is_noticed_while_recognition_is_away() -> None:
    """It is the voice that stops the answer, not what recognition makes of it."""
    engine = Engine()
    engine.errors.extend([SttRefused()] * 1_000)
    async with listening(engine) as (heard, listener):
        heard.watch_for_voice(True)
        heard.add(recording("breakfast"))
        await until(lambda: listener.count("voice"))


async def test_audio_that_is_heard_again_is_no_new_voice() -> None:
    engine = Engine()
    async with listening(engine) as (heard, listener):
        heard.add(recording("breakfast"))
        await until(lambda: engine.streams and heard.feed.waiting < TENTH)
        heard.watch_for_voice(True)
        engine.streams[0].on_failure(SttUnavailable())
        await until(lambda: len(engine.streams) == 2 and heard.feed.waiting < TENTH)
        assert listener.count("voice") == 0
