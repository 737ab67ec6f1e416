"""The sound of the two encodings: how long it plays, and several pieces of it as one. Sans-I/O.

Both refuse what is not in its encoding with `TtsUnavailable`: a voice that sends it is out of order.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocol.errors import TtsUnavailable
from relay.codecs import mp3
from relay.tts import PCM_SAMPLE_RATE, Encoding

_SAMPLE_BYTES = 2
_NO_MP3 = "The voice sent something that is not MP3; here is the text."
_NO_PCM = "The voice sent something that is not 16-bit PCM; here is the text."


def duration_seconds(sound: bytes, encoding: Encoding) -> float:
    """How long `sound` plays, the padding of an MP3 included."""
    if encoding == "pcm":
        if len(sound) % _SAMPLE_BYTES:
            raise TtsUnavailable(_NO_PCM)
        return len(sound) / (PCM_SAMPLE_RATE * _SAMPLE_BYTES)
    try:
        return mp3.duration_seconds(sound)
    except ValueError:
        raise TtsUnavailable(_NO_MP3) from None


def join(parts: Sequence[bytes], encoding: Encoding) -> bytes:
    """`parts`, of which each is whole, one after another. MP3s of different formats are refused."""
    if len(parts) == 1:
        return parts[0]
    if encoding == "pcm":
        return b"".join(parts)
    try:
        return mp3.join(parts)
    except ValueError:
        raise TtsUnavailable(_NO_MP3) from None
