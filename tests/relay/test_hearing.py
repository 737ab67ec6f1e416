"""Recognition kept alive: streams that die, engines that refuse, clients that fall silent or leave."""

from __future__ import annotations

import asyncio
from array import array
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from protocol.audio import SAMPLE_RATE, STT_CHUNK_BYTES, silence
from protocol.errors import SpeechAtCapacity, SttRefused, SttTimeout, SttUnavailable, VoiceError
from relay import audio_feed, hearing
from relay.hearing import Hearing
from relay.stt import OnFailure, OnResult, SttResult
from tests.relay.loop_clock import skip_waits
from tests.relay.recordings import pcm as recording

TENTH = SAMPLE_RATE // 10


def audio(start: int, count: int) -> bytes:
    """Samples that tell their position, none of them 0."""
    return array("H", (position % 65_535 + 1 for position in range(start, start + count))).tobytes()


class Stream:
    """A recognition stream that keeps what it was given and says what the test says."""

    def __init__(self, on_result: OnResult, on_failure: OnFailure) -> None:
        self.on_result, self.on_failure = on_result, on_failure
        self.behind = 0
        self.pieces: list[bytes] = []
        self.closed = False
        self.drains = 0
        self.opened_at = asyncio.get_running_loop().time()
        self.takes = asyncio.Event()  # cleared, it takes nothing more
        self.takes.set()
        self.drained = asyncio.Event()  # cleared, a drain lasts
        self.drained.set()
        self.error: SttUnavailable | None = None

    async def process_audio_data(self, pcm: bytes) -> None:
        assert not self.closed
        if self.error is not None:
            raise self.error
        await self.takes.wait()
        self.pieces.append(pcm)

    async def drain(self) -> None:
        self.drains += 1
        await self.drained.wait()

    async def close(self) -> None:
        self.closed = True

    @property
    def heard(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def silences(self) -> int:
        return self.pieces.count(silence(TENTH))

    def final(self, text: str, end: int) -> None:
        self.on_result(SttResult(text, True, end))


class Engine:
    """`errors` are raised, one an opening; `short_lived` streams die as soon as they are open."""

    name = "test"

    def __init__(self, *, wants_silence: bool = False, can_fail: bool = True) -> None:
        self.wants_silence, self.can_fail = wants_silence, can_fail
        self.streams: list[Stream] = []
        self.errors: deque[VoiceError] = deque()
        self.openings = 0
        self.short_lived = False

    async def start(self) -> None: ...
    async def close(self) -> None: ...

    async def open_stream(self, on_result: OnResult, on_failure: OnFailure) -> Stream:
        self.openings += 1
        if self.errors:
            raise self.errors.popleft()
        self.streams.append(Stream(on_result, on_failure))
        if self.short_lived:
            asyncio.get_running_loop().call_soon(on_failure, SttUnavailable())
        return self.streams[-1]


class Listener:
    """Keeps what it is told, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object]] = []

    def on_result(self, result: SttResult, audio_until: int) -> None:
        self.told.append((result.text, audio_until))

    def on_drained(self) -> None:
        self.told.append(("drained", None))

    def on_behind(self, behind: bool) -> None:
        self.told.append(("behind", behind))

    def on_stt_lost(self, error: VoiceError) -> None:
        self.told.append(("lost", error.code))

    def on_stt_back(self) -> None:
        self.told.append(("back", None))

    def on_voice(self) -> None:
        self.told.append(("voice", None))

    def on_hearing_error(self, error: VoiceError) -> None:
        self.told.append(("error", error.code))

    def count(self, what: str) -> int:
        return sum(name == what for name, _ in self.told)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.001)


@asynccontextmanager
async def listening(engine: Engine) -> AsyncIterator[tuple[Hearing, Listener]]:
    """A `Hearing` that runs; afterwards nothing of it may be left."""
    before = asyncio.all_tasks()
    listener = Listener()
    heard = Hearing(engine, listener)
    task = asyncio.create_task(heard.run())
    try:
        yield heard, listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
    assert asyncio.all_tasks() == before
    assert all(stream.closed for stream in engine.streams)


@pytest.fixture(autouse=True)
async def no_waits() -> None:
    skip_waits()


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "QUIET_AFTER_SECONDS", 0.1)
    monkeypatch.setattr(hearing, "FIRST_RETRY_SECONDS", 0.005)
    monkeypatch.setattr(hearing, "LAST_RETRY_SECONDS", 0.08)
    monkeypatch.setattr(hearing, "REFUSED_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(hearing, "CATCH_UP_SECONDS", 0.0)
    monkeypatch.setattr(hearing.random, "uniform", lambda _low, high: high)


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


# Streams that die


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


# Silence


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
