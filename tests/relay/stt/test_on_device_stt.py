"""Real speech through the real engine in its own process. Recognition varies: key words are asserted, no more."""

import asyncio
import importlib.util
import os
import signal

import psutil
import pytest
import pytest_asyncio

from protocol.audio import BYTES_PER_SECOND, SAMPLE_RATE, STT_CHUNK_BYTES, samples
from protocol.errors import SettingsError, SpeechAtCapacity, SttUnavailable
from relay.stt import SttResult, on_device
from relay.stt.on_device import OnDeviceEngine
from tests.relay.recordings import pcm, words

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAUSE = bytes(2 * BYTES_PER_SECOND)
PATIENT_SECONDS = 30.0


class Listener:
    """A conversation's end of a stream."""

    def __init__(self) -> None:
        self.results: list[SttResult] = []
        self.failures: list[Exception] = []
        self.changed = asyncio.Event()

    def on_result(self, result: SttResult) -> None:
        self.results.append(result)
        self.changed.set()

    def on_failure(self, error: Exception) -> None:
        self.failures.append(error)
        self.changed.set()

    @property
    def finals(self) -> list[SttResult]:
        return [result for result in self.results if result.final]

    async def until(self, condition) -> None:
        async with asyncio.timeout(30):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A drain is not cut short on a machine that is busy."""
    monkeypatch.setattr(on_device, "DRAIN_SECONDS", PATIENT_SECONDS)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def engine():
    engine = OnDeviceEngine(capacity=3)
    await engine.start()
    yield engine
    pid = engine.pid
    await engine.close()
    assert not psutil.pid_exists(pid)


@pytest_asyncio.fixture(loop_scope="module")
async def open_stream(engine):
    """Opens streams as (stream, listener); closes them all at the end."""
    opened = []

    async def open_one():
        listener = Listener()
        stream = await engine.open_stream(listener.on_result, listener.on_failure)
        opened.append(stream)
        return stream, listener

    yield open_one
    for stream in opened:
        await stream.close()


async def send(stream, audio: bytes) -> None:
    for start in range(0, len(audio), STT_CHUNK_BYTES):
        await stream.process_audio_data(audio[start : start + STT_CHUNK_BYTES])


async def test_three_sentences_become_three_finals(open_stream):
    stream, listener = await open_stream()
    audio = [pcm("breakfast"), pcm("lunch"), pcm("all_for_today")]
    starts = [0, len(audio[0] + PAUSE), len(audio[0] + PAUSE + audio[1] + PAUSE)]
    await send(stream, PAUSE.join(audio) + PAUSE)
    await listener.until(lambda: len(listener.finals) == 3)
    heard = [words(final.text) for final in listener.finals]
    assert {"breakfast", "two", "eggs", "toast"} <= heard[0]
    assert {"lunch", "rice", "chicken"} <= heard[1]
    assert {"that's", "all"} <= heard[2]
    for final, start, piece in zip(listener.finals, starts, audio, strict=True):
        # Within half a second of the last word, as the engine's voice detector sees it.
        assert abs(final.end - samples(start + len(piece))) < SAMPLE_RATE / 2
        assert final.text == final.text.strip()
    assert not listener.failures


async def test_captions_grow_while_the_person_talks(open_stream):
    stream, listener = await open_stream()
    await send(stream, pcm("breakfast")[: 3 * BYTES_PER_SECOND // 2])
    await listener.until(lambda: listener.results and "breakfast" in words(listener.results[-1].text))
    assert not listener.finals


async def test_a_drain_ends_the_line_without_waiting_for_silence(open_stream):
    stream, listener = await open_stream()
    breakfast, lunch = pcm("breakfast"), pcm("lunch")
    await send(stream, breakfast)
    await stream.drain()
    assert {"breakfast", "eggs", "toast"} <= words(listener.results[-1].text)
    assert listener.results[-1].final
    assert stream.behind == 0
    # The silence that the worker put in for this is none of the stream's samples.
    assert listener.results[-1].end <= samples(len(breakfast))
    await send(stream, lunch)
    await stream.drain()
    assert {"lunch", "rice", "chicken"} <= words(listener.results[-1].text)
    assert samples(len(breakfast)) < listener.results[-1].end <= samples(len(breakfast + lunch))


async def test_a_drain_of_nothing_returns(open_stream):
    stream, listener = await open_stream()
    async with asyncio.timeout(PATIENT_SECONDS / 2):
        await stream.drain()
        await send(stream, bytes(3200))
        await stream.drain()
    assert not listener.results


async def test_silence_says_nothing_and_is_not_behind(open_stream):
    stream, listener = await open_stream()
    await send(stream, bytes(10 * BYTES_PER_SECOND))
    assert stream.behind > 0
    await stream.drain()
    assert stream.behind == 0
    assert not listener.results


async def test_people_who_talk_at_once_are_not_mixed_up(open_stream):
    (one, ones), (two, twos) = await open_stream(), await open_stream()
    breakfast, lunch = pcm("breakfast") + PAUSE, pcm("lunch") + PAUSE
    for start in range(0, min(len(breakfast), len(lunch)), STT_CHUNK_BYTES):
        await one.process_audio_data(breakfast[start : start + STT_CHUNK_BYTES])
        await two.process_audio_data(lunch[start : start + STT_CHUNK_BYTES])
    await ones.until(lambda: ones.finals)
    await twos.until(lambda: twos.finals)
    assert "breakfast" in words(ones.finals[0].text)
    assert "lunch" not in words(ones.finals[0].text)
    assert "lunch" in words(twos.finals[0].text)


async def test_past_the_capacity_people_are_refused_until_somebody_leaves(open_stream):
    streams = [(await open_stream())[0] for _ in range(3)]
    with pytest.raises(SpeechAtCapacity):
        await open_stream()
    await streams[0].close()
    await open_stream()


async def test_a_closed_stream_says_no_more(open_stream):
    stream, listener = await open_stream()
    await send(stream, pcm("breakfast") + PAUSE)
    await stream.close()
    await stream.close()
    await stream.process_audio_data(bytes(3200))
    await stream.drain()
    other, others = await open_stream()
    await send(other, pcm("lunch"))
    await other.drain()
    assert others.finals
    assert not listener.results
    assert not listener.failures


async def test_a_stream_far_behind_fails_alone(open_stream):
    (slow, slows), (other, others) = await open_stream(), await open_stream()
    await send(slow, (pcm("breakfast") + pcm("lunch")) * 15)
    await send(other, pcm("lunch"))
    await slows.until(lambda: slows.failures)
    assert [type(error) for error in slows.failures] == [SttUnavailable]
    with pytest.raises(SttUnavailable):
        await slow.process_audio_data(bytes(3200))
    await other.drain()
    assert "rice" in words(others.finals[0].text)


async def test_one_conversations_broken_callback_hurts_nobody_else(engine, open_stream):
    loop = asyncio.get_running_loop()
    reported = []
    loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))

    def broken(result: SttResult) -> None:
        raise LookupError

    stream = await engine.open_stream(broken, broken)
    other, others = await open_stream()
    await send(stream, pcm("breakfast"))
    await stream.drain()
    await send(other, pcm("lunch"))
    await other.drain()
    await stream.close()
    loop.set_exception_handler(None)
    assert {type(error) for error in reported} == {LookupError}
    assert others.finals


async def test_a_killed_worker_fails_every_stream_and_new_ones_open(engine, open_stream):
    (one, ones), (two, twos) = await open_stream(), await open_stream()
    await send(one, pcm("breakfast"))
    await send(two, pcm("lunch"))
    drain = asyncio.create_task(one.drain())
    await asyncio.sleep(0)
    pid = engine.pid
    os.kill(pid, signal.SIGKILL)
    await ones.until(lambda: ones.failures)
    await twos.until(lambda: twos.failures)
    await drain
    assert [type(error) for error in ones.failures + twos.failures] == [SttUnavailable] * 2
    with pytest.raises(SttUnavailable):
        await one.process_audio_data(bytes(3200))
    again, listener = await open_stream()
    assert engine.pid != pid
    await send(again, pcm("lunch"))
    await again.drain()
    assert {"rice", "chicken"} <= words(listener.finals[0].text)


async def test_a_worker_that_does_not_come_back_is_not_waited_for_without_end(monkeypatch):
    monkeypatch.setattr(on_device, "DRAIN_SECONDS", 0.2)
    engine = OnDeviceEngine(capacity=1, open_seconds=0.05)
    await engine.start()
    try:
        os.kill(engine.pid, signal.SIGSTOP)
        listener = Listener()
        stream = await engine.open_stream(listener.on_result, listener.on_failure)
        await stream.drain()  # A worker that hangs holds a drain for so long and no longer.
        os.kill(engine.pid, signal.SIGKILL)
        await listener.until(lambda: listener.failures)
        with pytest.raises(SttUnavailable):
            await engine.open_stream(listener.on_result, listener.on_failure)
    finally:
        await engine.close()


async def test_a_missing_package_is_named_with_both_ways_out(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError) as raised:
        await OnDeviceEngine(capacity=1).start()
    assert raised.value.message == (
        "RELAY_STT=on-device needs the package moonshine-voice: "
        "install voice-relay[on-device], or set RELAY_STT=transcribe."
    )
