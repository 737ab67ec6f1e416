"""Barge-in: hears speech, and nothing else."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from protocol.audio import SAMPLE_RATE, silence
from relay.codecs import mulaw
from relay.codecs.resample import StreamResampler
from relay.vad import TELEPHONE, Onset, VoiceDetector
from tests.relay.recordings import pcm as recording

Sound = npt.NDArray[np.float64]


def first_heard(pcm: bytes, chunk: int) -> float | None:
    """Seconds into `pcm` at which speech is heard, fed `chunk` bytes at a time."""
    detector = VoiceDetector()
    for start in range(0, len(pcm), chunk):
        if detector.hears_voice(pcm[start : start + chunk]):
            return (start + chunk) / 2 / SAMPLE_RATE
    return None


@pytest.mark.parametrize("name", ["breakfast", "lunch", "all_for_today"])
@pytest.mark.parametrize("chunk", [640, 3200, 32000])
def test_speech_is_heard_whatever_the_size_of_its_pieces(name: str, chunk: int) -> None:
    heard = first_heard(silence(SAMPLE_RATE) + recording(name), chunk)
    assert heard is not None
    assert 1.0 < heard < 2.5 + chunk / 32000


def test_silence_is_no_speech() -> None:
    assert first_heard(silence(5 * SAMPLE_RATE), 3200) is None


def test_noise_and_clicks_are_no_speech() -> None:
    source = random.Random(1)
    hiss = array("h", (source.randint(-300, 300) for _ in range(3 * SAMPLE_RATE)))
    for click in range(0, len(hiss), SAMPLE_RATE // 2):
        hiss[click] = 20_000
    assert first_heard(hiss.tobytes(), 3200) is None


def test_what_was_heard_once_is_not_heard_again_after_a_reset() -> None:
    detector = VoiceDetector()
    pcm = recording("breakfast")
    assert detector.hears_voice(pcm)
    detector.reset()
    assert not detector.hears_voice(silence(SAMPLE_RATE))


# Over the telephone


LEVELS = [-18, -28]
"""dBFS of the loud parts: an ordinary caller and a quiet one."""


def over_the_line(sound: Sound, noise: float | None = None) -> bytes:
    """8 kHz samples as a call brings them: with the line's noise (dBFS), through mu-law, and at 16 kHz again."""
    if noise is not None:
        sound = sound + np.random.default_rng(3).normal(0, 32768 * 10 ** (noise / 20), len(sound))
    narrow = mulaw.decode(mulaw.encode(sound.clip(-32768, 32767).astype("<i2").tobytes()))
    up = StreamResampler(8_000, SAMPLE_RATE)
    return b"".join(up.feed(narrow[start : start + 320]) for start in range(0, len(narrow), 320))


def spoken(name: str, level: float) -> tuple[Sound, float]:
    """A recording at 8 kHz, so loud (dBFS), after 1 s of silence; and when its first sound is, in seconds."""
    down = StreamResampler(SAMPLE_RATE, 8_000, "HQ")
    sound = np.frombuffer(down.feed(recording(name)) + down.flush(), "<i2").astype(np.float64)
    power = np.sqrt((sound[: len(sound) // 80 * 80].reshape(-1, 80) ** 2).mean(axis=1))
    loud = np.percentile(power, 95)
    first = int(np.argmax(power > loud / 10))
    sound *= 32768 * 10 ** (level / 20) / loud
    return np.concatenate([np.zeros(8_000), sound]), 1.0 + first / 100


def heard_after(pcm: bytes, onset: Onset = TELEPHONE) -> list[float]:
    """Seconds into `pcm` at which speech is heard, in pieces of 20 ms; each time it begins to listen anew."""
    detector, moments = VoiceDetector(onset), []
    for start in range(0, len(pcm), 640):
        if detector.hears_voice(pcm[start : start + 640]):
            moments.append((start + 640) / 2 / SAMPLE_RATE)
            detector.reset()
    return moments


@pytest.mark.parametrize("name", ["breakfast", "lunch", "all_for_today", "day/03", "day/05", "day/10"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("noise", [None, -60, -50])
def test_a_caller_is_heard_in_time_to_stop_the_answer_within_200_ms(
    name: str, level: float, noise: float | None
) -> None:
    sound, begins = spoken(name, level)
    heard = heard_after(over_the_line(sound, noise))[0]
    # The resampler holds back 12.5 ms.
    assert 0 < heard + 0.0125 - begins < 0.19


def bursts(seconds: float, loudness: float) -> Sound:
    """20 s with a burst of hiss twice a second."""
    source = np.random.default_rng(4)
    sound, length = source.normal(0, 20, 160_000), round(seconds * 8_000)
    for start in range(4_000, 156_000, 4_000):
        sound[start : start + length] += source.normal(0, loudness, length)
    return sound


def clicks(seconds: float) -> Sound:
    """20 s with a click so often."""
    sound = np.random.default_rng(5).normal(0, 20, 160_000)
    sound[4_000 :: round(seconds * 8_000)] += 20_000
    return sound


def hum(hertz: float, level: float) -> Sound:
    times = np.arange(160_000) / 8_000
    tones = (np.sin(2 * np.pi * hertz * times * part) / part for part in (1, 3, 5))
    return 32768 * 10 ** (level / 20) * np.sum(list(tones), axis=0)


NOISES: dict[str, Callable[[], Sound]] = {
    "silence": lambda: np.zeros(160_000),
    "clicks, ten a second": lambda: clicks(0.1),
    "clicks, two a second": lambda: clicks(0.5),
    "bursts of 1 ms": lambda: bursts(0.001, 12_000),
    "bursts of 10 ms": lambda: bursts(0.01, 12_000),
    "bursts of 20 ms": lambda: bursts(0.02, 12_000),
    "bursts of 40 ms": lambda: bursts(0.04, 12_000),
    "hum of 50 Hz": lambda: hum(50, -30),
    "hum of 60 Hz": lambda: hum(60, -30),
    "hum of 100 Hz": lambda: hum(100, -40),
    **{
        f"hiss of {level} dBFS": lambda level=level: np.random.default_rng(6).normal(
            0, 32768 * 10 ** (level / 20), 160_000
        )
        for level in (-70, -60, -50, -40, -30)
    },
}


@pytest.mark.parametrize("noise", NOISES)
def test_a_line_that_clicks_hums_or_hisses_does_not_stop_the_answer(noise: str) -> None:
    assert heard_after(over_the_line(NOISES[noise]())) == []


@pytest.mark.parametrize("pause", [0.1, 0.3])
def test_a_caller_is_heard_on_a_line_that_clicks(pause: float) -> None:
    sound, begins = spoken("breakfast", -22)
    sound[1_000 : 8_000 : round(pause * 8_000)] += 20_000
    moments = heard_after(over_the_line(sound, -60))
    assert 0 < moments[0] - begins < 0.2


def test_noise_that_was_there_before_is_not_taken_for_the_caller_and_the_caller_not_for_noise() -> None:
    """A car: the noise begins with the answer, and the caller speaks over it."""
    sound, begins = spoken("lunch", -16)
    moments = heard_after(over_the_line(sound, -36))
    assert 0 < moments[0] - begins < 0.3
