"""The real voice in its own process; what it says is decoded by a browser and heard by the real recogniser."""

import asyncio
import importlib.util
import os
import signal

import psutil
import pytest
import pytest_asyncio

from protocol.errors import SettingsError, TtsRefused, TtsUnavailable
from relay.codecs.resample import to_16k_mono
from relay.stt.on_device import OnDeviceEngine
from relay.tts import MP3, PHONE, Speech, on_device
from relay.tts.encodings import duration_seconds, join
from relay.tts.on_device import OnDeviceVoice
from tests.relay.mp3_decoder import decode
from tests.relay.recordings import words

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = "This is quite a long sentence about breakfast, lunch and dinner, with eggs, rice and fruit. " * 4


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def voice():
    voice = OnDeviceVoice()
    await voice.start()
    yield voice
    pid = voice.pid
    await voice.close()
    assert not psutil.pid_exists(pid)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ear():
    """The recogniser of this machine: the words in a piece of 16 kHz PCM."""
    engine = OnDeviceEngine(capacity=1)
    await engine.start()
    patience = pytest.MonkeyPatch()
    patience.setattr("relay.stt.on_device.DRAIN_SECONDS", 30.0)

    async def hear(pcm: bytes) -> set[str]:
        heard: list[str] = []
        stream = await engine.open_stream(
            lambda result: heard.append(result.text) if result.final else None, heard.append
        )
        await stream.process_audio_data(pcm)
        await stream.drain()
        await stream.close()
        return words(" ".join(heard))

    yield hear
    patience.undo()
    await engine.close()


async def in_the_worker(voice: OnDeviceVoice) -> None:
    """Return when the worker has a request."""
    async with asyncio.timeout(30):
        while voice._current is None:
            await asyncio.sleep(0.001)


async def test_what_is_said_can_be_heard(voice, ear):
    first = await voice.synthesize("For lunch you had a bowl of rice with chicken.", MP3)
    second = await voice.synthesize("What did you have for dinner?", MP3)
    mp3 = join([first, second], "mp3")
    assert 3 < duration_seconds(mp3, "mp3") < 10
    (decoded,) = await decode(mp3)
    assert decoded.channels == 1
    assert decoded.seconds == pytest.approx(duration_seconds(mp3, "mp3"), abs=0.2)
    assert {"lunch", "rice", "chicken", "dinner"} <= await ear(decoded.pcm)


async def test_what_is_said_can_be_heard_on_the_telephone(voice, ear):
    """Its sound has half the samples; in the wrong rate or byte order nobody would understand a word."""
    texts = ["For lunch you had a bowl of rice with chicken.", "What did you have for dinner?"]
    pcm = join([await voice.synthesize(text, PHONE) for text in texts], "pcm")
    assert 3 < duration_seconds(pcm, "pcm") < 10
    assert {"lunch", "rice", "chicken", "dinner"} <= await ear(to_16k_mono(pcm, 8_000, 1))


async def test_requests_of_both_encodings_each_get_their_own(voice):
    sounds = await asyncio.gather(*(voice.synthesize("Yes.", speech) for speech in (MP3, PHONE, MP3)))
    lengths = [duration_seconds(sound, e) for sound, e in zip(sounds, ("mp3", "pcm", "mp3"), strict=True)]
    assert all(0.2 < length < 2 for length in lengths)


async def test_a_voice_that_it_does_not_have_is_its_own(voice):
    assert await voice.synthesize("Yes.", Speech(voice="Joanna"))


async def test_requests_are_answered_in_turn_each_with_its_own(voice):
    texts = ["Yes.", "For breakfast you had two eggs and a slice of toast.", "No."]
    answers = await asyncio.gather(*(voice.synthesize(text, MP3) for text in texts))
    lengths = [duration_seconds(answer, "mp3") for answer in answers]
    assert lengths[1] > 2 * max(lengths[0], lengths[2])


async def test_a_request_whose_worker_is_killed_is_answered_by_the_next_one(voice):
    pid = voice.pid
    request = asyncio.create_task(voice.synthesize(LONG, PHONE))  # the encoding that is not the usual one
    await in_the_worker(voice)
    os.kill(pid, signal.SIGKILL)
    assert 10 < duration_seconds(await request, "pcm") < 40
    assert voice.pid != pid


async def test_a_request_that_kills_two_workers_is_given_up(voice):
    request = asyncio.create_task(voice.synthesize(LONG, MP3))
    for _ in range(2):
        await in_the_worker(voice)
        os.kill(voice.pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            while voice._current is not None:
                await asyncio.sleep(0.001)
    with pytest.raises(TtsUnavailable):
        await request
    assert await voice.synthesize("Yes.", MP3)


async def test_a_request_cancelled_before_its_turn_never_reaches_the_worker(voice, monkeypatch):
    sent = []
    send = voice._worker.send
    monkeypatch.setattr(voice._worker, "send", lambda message: sent.append(message["text"]) or send(message))
    first = asyncio.create_task(voice.synthesize(LONG, MP3))
    await in_the_worker(voice)
    second, third = (asyncio.create_task(voice.synthesize(text, MP3)) for text in ("Cancelled.", "Yes."))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(first, third)
    assert sent == [LONG, "Yes."]


async def test_the_answer_to_a_cancelled_request_is_not_taken_for_the_next_ones(voice):
    request = asyncio.create_task(voice.synthesize(LONG, MP3))
    await in_the_worker(voice)
    request.cancel()
    assert duration_seconds(await voice.synthesize("Yes.", MP3), "mp3") < 2


async def test_too_many_requests_are_refused_at_once(voice, monkeypatch):
    monkeypatch.setattr(on_device, "MAX_WAITING", 2)
    requests = [asyncio.create_task(voice.synthesize("Yes.", MP3)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TtsUnavailable):
        await voice.synthesize("No.", MP3)
    assert all(await asyncio.gather(*requests))


@pytest.mark.parametrize("text", ["", " ", "word " * 500])
async def test_what_cannot_be_spoken_is_refused_and_the_next_is_spoken(voice, text):
    pid = voice.pid
    with pytest.raises(TtsRefused):
        await voice.synthesize(text, MP3)
    assert await voice.synthesize("Yes.", MP3)
    assert voice.pid == pid


@pytest.mark.parametrize(
    "text", ["Yes.\0No.", "Yes \ud83d indeed.", "[[ yes ]]", "日本語", "<speak>Yes.</speak>"]
)
async def test_odd_text_does_not_kill_the_worker(voice, text):
    pid = voice.pid
    assert duration_seconds(await voice.synthesize(text, MP3), "mp3") > 0.2
    assert voice.pid == pid


async def test_a_worker_that_hangs_is_given_up_and_replaced():
    voice = OnDeviceVoice(request_seconds=0.5, stuck_seconds=0.3)
    await voice.start()
    pid = voice.pid
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(TtsUnavailable):
        await voice.synthesize("Hello.", MP3)
    async with asyncio.timeout(30):
        while voice.pid in (pid, None):
            await asyncio.sleep(0.01)
    await voice.close()


async def test_a_missing_package_is_named_with_the_ways_out(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError) as raised:
        await OnDeviceVoice().start()
    assert raised.value.message == (
        "RELAY_TTS=on-device needs the package piper-tts: "
        "install voice-relay[on-device], or set RELAY_TTS=polly or RELAY_TTS=none."
    )
