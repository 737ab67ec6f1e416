"""Streams of sound at another rate: the tone, the length and the delay stay what they should be."""

from __future__ import annotations

import random

import numpy as np
import pytest

from protocol.errors import BadAudio
from relay.codecs.resample import StreamResampler, to_16k_mono


def tone(hertz: float, rate: int, seconds: float = 1.0) -> bytes:
    return (
        (10_000 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype("<i2").tobytes()
    )


def in_pieces(resampler: StreamResampler, pcm: bytes, sizes: list[int]) -> bytes:
    given, begin = b"", 0
    for size in sizes:
        given += resampler.feed(pcm[begin : begin + size])
        begin += size
    return given + resampler.feed(pcm[begin:]) + resampler.flush()


def difference(one: bytes, other: bytes) -> int:
    assert len(one) == len(other)
    return int(np.abs(np.frombuffer(one, "<i2").astype(int) - np.frombuffer(other, "<i2")).max())


DITHER = 3
"""What soxr's dithering of 16-bit samples may differ by from one time to the next."""


@pytest.mark.parametrize(
    ("rate_in", "rate_out"), [(8000, 16_000), (16_000, 8000), (48_000, 16_000), (44_100, 16_000)]
)
def test_a_tone_keeps_its_pitch_loudness_and_length(rate_in: int, rate_out: int) -> None:
    resampler = StreamResampler(rate_in, rate_out)
    given = in_pieces(resampler, tone(1000, rate_in), [2 * rate_in // 50] * 40)
    assert len(given) == pytest.approx(2 * rate_out, abs=4)
    wanted, edge = tone(1000, rate_out), 2 * rate_out // 20
    assert difference(given[edge : 2 * rate_out - edge], wanted[edge:-edge]) < 60


def test_pieces_of_any_size_have_no_seams() -> None:
    rng = random.Random(1)
    pcm = tone(700, 8000)
    whole = in_pieces(StreamResampler(8000, 16_000), pcm, [])
    for _ in range(20):
        sizes = [2 * rng.randrange(0, 300) for _ in range(30)]
        assert difference(in_pieces(StreamResampler(8000, 16_000), pcm, sizes), whole) <= DITHER


def test_a_call_is_never_held_back_for_more_than_65_ms() -> None:
    for rate_in, rate_out in ((8000, 16_000), (16_000, 8000)):
        resampler, given = StreamResampler(rate_in, rate_out), 0
        piece = bytes(2 * rate_in // 50)
        for number in range(1, 200):
            given += len(resampler.feed(piece))
            assert number / 50 - given / 2 / rate_out <= 0.065


def test_what_follows_a_flush_is_a_new_stream() -> None:
    resampler = StreamResampler(8000, 16_000)
    first = in_pieces(resampler, tone(700, 8000), [])
    assert difference(in_pieces(resampler, tone(700, 8000), []), first) <= DITHER
    assert resampler.flush() == b""


def test_the_voice_of_the_relay_leaves_no_alias_on_the_phone() -> None:
    given = StreamResampler(16_000, 8000).feed(tone(5000, 16_000))
    assert np.abs(np.frombuffer(given, "<i2")[800:]).max() <= DITHER


def test_one_rate_is_passed_on() -> None:
    resampler = StreamResampler(16_000, 16_000)
    assert resampler.feed(b"\1\0\2\0") == b"\1\0\2\0"
    assert resampler.flush() == b""


def test_half_a_sample_is_refused_and_nothing_else_is_lost() -> None:
    pcm = tone(700, 8000)
    resampler = StreamResampler(8000, 16_000)
    given = resampler.feed(pcm[:800])
    with pytest.raises(BadAudio):
        resampler.feed(b"\0\0\0")
    given += resampler.feed(pcm[800:]) + resampler.flush()
    assert difference(given, in_pieces(StreamResampler(8000, 16_000), pcm, [800])) <= DITHER


def test_a_whole_stereo_recording_becomes_16_khz_mono() -> None:
    left = np.frombuffer(tone(1000, 48_000), "<i2")
    stereo = np.stack([left, left], axis=1).tobytes()
    assert len(to_16k_mono(stereo, 48_000, 2)) == 32_000
