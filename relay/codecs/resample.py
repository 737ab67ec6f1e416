"""Brings other sample rates to 16 kHz."""

from __future__ import annotations

import numpy as np
import soxr

from protocol.audio import SAMPLE_RATE


def to_16k_mono(pcm: bytes, rate: int, channels: int) -> bytes:
    """Whole s16le PCM of any rate (Hz) and number of interleaved channels, as 16 kHz mono s16le."""
    samples = np.frombuffer(pcm, "<i2").reshape(-1, channels)
    mono = samples[:, 0] if channels == 1 else samples.mean(axis=1).astype("<i2")
    if rate != SAMPLE_RATE:
        mono = soxr.resample(mono, rate, SAMPLE_RATE)
    return mono.astype("<i2").tobytes()
