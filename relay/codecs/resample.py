"""Other sample rates: whole recordings to 16 kHz, and streams from any rate to any other."""

from __future__ import annotations

from typing import Literal

import numpy as np
import soxr

from protocol.audio import SAMPLE_BYTES, SAMPLE_RATE
from protocol.errors import BadAudio

Quality = Literal["QQ", "LQ", "MQ", "HQ", "VHQ"]


def to_16k_mono(pcm: bytes, rate: int, channels: int) -> bytes:
    """Whole s16le PCM of any rate (Hz) and number of interleaved channels, as 16 kHz mono s16le."""
    samples = np.frombuffer(pcm, "<i2").reshape(-1, channels)
    mono = samples[:, 0] if channels == 1 else samples.mean(axis=1).astype("<i2")
    if rate != SAMPLE_RATE:
        mono = soxr.resample(mono, rate, SAMPLE_RATE)
    return mono.astype("<i2").tobytes()


class StreamResampler:
    """A stream of mono s16le PCM at `rate_in` Hz, brought to `rate_out` Hz piece by piece without seams.

    soxr looks ahead and works in blocks, so what it gives is behind what it was fed, by an amount that goes up and
    down. Between 8 and 16 kHz `LQ` holds back 4 to 61 ms and lets all below 3 kHz pass (3.4 kHz: -8 dB); `HQ` holds
    back 12 to 115 ms and lets 3.4 kHz pass. Neither leaves images or aliases above -80 dB (measured 2026-11-21).
    `flush` at the end of a sentence brings the rest of it at once.
    """

    def __init__(self, rate_in: int, rate_out: int, quality: Quality = "LQ") -> None:
        self._stream = (
            soxr.ResampleStream(rate_in, rate_out, 1, dtype="int16", quality=quality)
            if rate_in != rate_out
            else None
        )

    def feed(self, pcm: bytes) -> bytes:
        """What can be given now, often more or less than `pcm` is long. Raises `BadAudio` for half a sample."""
        if len(pcm) % SAMPLE_BYTES:
            raise BadAudio(f"A piece of {len(pcm)} bytes is not a whole number of 16-bit samples.")
        if self._stream is None:
            return pcm
        given: bytes = self._stream.resample_chunk(np.frombuffer(pcm, "<i2")).tobytes()
        return given

    def flush(self) -> bytes:
        """The stream has ended: what the filter held back. What is fed after this is another stream."""
        if self._stream is None:
            return b""
        rest: bytes = self._stream.resample_chunk(np.empty(0, "<i2"), last=True).tobytes()
        self._stream.clear()
        return rest
