"""WAV files that are written while the sound is still coming: 16 kHz, 16-bit, mono PCM.

The layout is that of "Multimedia Programming Interface and Data Specifications 1.0" (IBM and Microsoft, 1991): a RIFF
header, a `fmt ` chunk of 16 bytes, and the `data` chunk up to the end of the file.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from protocol.audio import BYTES_PER_SECOND, SAMPLE_BYTES, SAMPLE_RATE

HEADER_BYTES = 44

_LAYOUT = struct.Struct("<4sI4s4sIHHIIHH4sI")
_PCM = 1
_CHANNELS = 1


def header(data_bytes: int) -> bytes:
    """The header of a file with so many bytes of samples."""
    return _LAYOUT.pack(
        b"RIFF", HEADER_BYTES - 8 + data_bytes, b"WAVE",
        b"fmt ", 16, _PCM, _CHANNELS, SAMPLE_RATE, BYTES_PER_SECOND, SAMPLE_BYTES, 8 * SAMPLE_BYTES,
        b"data", data_bytes,
    )  # fmt: skip


def mend(file: BinaryIO) -> int:
    """Make the header fit the samples that are there; returns the length of the whole file in bytes.

    A writer that was killed may have left half a sample at the end, which is cut off; or less than a header, and then
    nothing is left and the length is 0.
    """
    length = file.seek(0, os.SEEK_END)
    if length < HEADER_BYTES:
        file.truncate(0)
        return 0
    data_bytes = (length - HEADER_BYTES) // SAMPLE_BYTES * SAMPLE_BYTES
    file.truncate(HEADER_BYTES + data_bytes)
    file.seek(0)
    file.write(header(data_bytes))
    file.flush()
    return HEADER_BYTES + data_bytes
