"""WAV headers, judged by the standard library's own reader."""

from __future__ import annotations

import io
import wave

import pytest

from relay.codecs import wav


def read(data: bytes) -> bytes:
    with wave.open(io.BytesIO(data)) as recording:
        assert recording.getparams()[:3] == (1, 2, 16_000)
        return recording.readframes(recording.getnframes())


def test_a_header_and_samples_are_a_wav_file() -> None:
    pcm = bytes(range(256)) * 25
    assert read(wav.header(len(pcm)) + pcm) == pcm


@pytest.mark.parametrize("kept", [0, 2, 999, 6400])
def test_a_file_of_a_killed_writer_keeps_every_whole_sample(kept: int) -> None:
    pcm = bytes(range(1, 101)) * 64
    file = io.BytesIO(wav.header(len(pcm)) + pcm[:kept])
    whole = kept // 2 * 2
    assert wav.mend(file) == wav.HEADER_BYTES + whole == len(file.getvalue())
    assert read(file.getvalue()) == pcm[:whole]


def test_less_than_a_header_becomes_nothing() -> None:
    file = io.BytesIO(wav.header(100)[:-1])
    assert wav.mend(file) == 0
    assert file.getvalue() == b""
