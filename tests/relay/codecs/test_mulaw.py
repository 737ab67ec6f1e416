"""mu-law against G.711's tables, against FFmpeg, and against what audioop gave before Python 3.13 dropped it."""

from __future__ import annotations

import bisect
import hashlib
import itertools

import av
import numpy as np
import pytest

from protocol.errors import BadAudio
from relay.codecs import mulaw

ALL_CODES = bytes(range(256))
ALL_SAMPLES = np.arange(65_536, dtype="<u2").tobytes()

AUDIOOP_ULAW2LIN = "3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827"
AUDIOOP_LIN2ULAW = "617fa4850d68d3906597e949f7625fb2fc46db479e29707f33159b3d131721cb"
"""SHA-256 of `audioop.ulaw2lin(ALL_CODES, 2)` and `audioop.lin2ulaw(ALL_SAMPLES, 2)` in Python 3.11."""

# G.711, tables 2a and 2b: the decision values of 14-bit magnitudes, 16 intervals in each of 8 segments, and between
# each two of them the value that is heard. The first interval is half as wide as the other 15 of its segment.
DECISIONS = [*itertools.accumulate((2 << n // 16 for n in range(1, 128)), initial=1)]
HEARD = [0, *(round((low + high) / 2) for low, high in itertools.pairwise(DECISIONS))]


def test_the_tables_written_here_are_those_of_g711() -> None:
    assert DECISIONS[15], DECISIONS[-1] == (31, 8159)
    assert DECISIONS[15::16] == [31, 95, 223, 479, 991, 2015, 4063, 8159]
    assert (HEARD[0], HEARD[1], HEARD[-1]) == (0, 2, 8031)


def test_each_code_is_heard_as_g711_says() -> None:
    heard = np.frombuffer(mulaw.decode(ALL_CODES), "<i2")
    for code in range(256):
        value = HEARD[~code & 127] * 4
        assert heard[code] == (value if code & 128 else -value)


def test_each_14_bit_sample_gets_the_code_of_its_interval() -> None:
    samples = np.arange(-8192, 8192, dtype="<i2")
    codes = mulaw.encode((samples * 4).astype("<i2").tobytes())
    for sample, code in zip(samples.tolist(), codes, strict=True):
        interval = min(bisect.bisect_right(DECISIONS, abs(sample)), 127)
        assert code == ~(interval | (128 if sample < 0 else 0)) & 255


def test_all_results_are_those_of_audioop() -> None:
    assert hashlib.sha256(mulaw.decode(ALL_CODES)).hexdigest() == AUDIOOP_ULAW2LIN
    assert hashlib.sha256(mulaw.encode(ALL_SAMPLES)).hexdigest() == AUDIOOP_LIN2ULAW


def test_ffmpeg_hears_the_same() -> None:
    decoder = av.CodecContext.create("pcm_mulaw", "r")
    decoder.sample_rate, decoder.layout = 8000, "mono"
    (frame,) = decoder.decode(av.Packet(ALL_CODES))
    assert frame.to_ndarray()[0].astype("<i2").tobytes() == mulaw.decode(ALL_CODES)


def test_what_was_heard_once_stays_the_same() -> None:
    again = mulaw.encode(mulaw.decode(ALL_CODES))
    assert again == ALL_CODES.replace(b"\x7f", b"\xff")  # minus zero is zero


def test_nothing_is_nothing_and_half_a_sample_is_refused() -> None:
    assert mulaw.decode(b"") == mulaw.encode(b"") == b""
    with pytest.raises(BadAudio):
        mulaw.encode(b"\0\0\0")
