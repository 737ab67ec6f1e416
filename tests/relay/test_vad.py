"""Barge-in: hears speech, and nothing else."""

from __future__ import annotations

import random
from array import array

import pytest

from protocol.audio import SAMPLE_RATE, silence
from relay.vad import VoiceDetector
from tests.relay.recordings import pcm as recording


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
