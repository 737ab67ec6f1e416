"""mu-law of ITU-T G.711, 8 bits a sample, both ways by table.

G.711 is defined for 14-bit samples; a 16-bit one is reduced by an arithmetic shift, as `audioop.lin2ulaw` did until
Python 3.13 went without it. Every result is the same as audioop's.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from protocol.errors import BadAudio

_BIAS = 33
"""Added to a magnitude, so that segment n begins at 2 ** (n + 5)."""

_LOUDEST = 8158
"""The last decision value is 8159; what reaches it is clipped."""


def _decode_table() -> npt.NDArray[np.int16]:
    codes = ~np.arange(256, dtype=np.uint8)  # sent with all bits inverted
    segment, step = (codes >> 4 & 7).astype(np.int32), (codes & 15).astype(np.int32)
    magnitude = ((2 * step + _BIAS) << segment) - _BIAS
    return (4 * np.where(codes & 128, -magnitude, magnitude)).astype("<i2")


def _encode_table() -> npt.NDArray[np.uint8]:
    """Indexed by the 16 bits of a sample, read as an unsigned number."""
    samples = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32) >> 2
    biased = np.minimum(np.abs(samples), _LOUDEST) + _BIAS
    segment = np.frexp(biased)[1] - 6  # the position of the highest bit
    code = segment << 4 | biased >> (segment + 1) & 15
    inverted: npt.NDArray[np.uint8] = (~np.where(samples < 0, code | 128, code)).astype(np.uint8)
    return inverted


_DECODED, _ENCODED = _decode_table(), _encode_table()


def decode(mulaw: bytes) -> bytes:
    """s16le of the same rate: two bytes for each."""
    return _DECODED.take(np.frombuffer(mulaw, np.uint8)).tobytes()  # half the cost of indexing


def encode(pcm: bytes) -> bytes:
    """One byte for each sample of s16le. Raises `BadAudio` for half a sample."""
    if len(pcm) % 2:
        raise BadAudio(f"A piece of {len(pcm)} bytes is not a whole number of 16-bit samples.")
    mulaw: bytes = _ENCODED.take(np.frombuffer(pcm, "<u2")).tobytes()
    return mulaw
