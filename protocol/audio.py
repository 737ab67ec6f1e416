"""The one audio format inside the relay, and its arithmetic.

PCM, signed 16-bit little-endian, 16,000 Hz, mono. Positions are counted in samples from the start of a
stream, lengths in bytes or seconds as the name says.
"""

from __future__ import annotations

from protocol.errors import BadAudio

SAMPLE_RATE = 16_000
"""Hz."""

SAMPLE_BYTES = 2
BYTES_PER_SECOND = SAMPLE_RATE * SAMPLE_BYTES

STT_CHUNK_BYTES = BYTES_PER_SECOND // 10
"""100 ms: what speech engines are fed (Amazon recommends 50 to 200 ms, "Best practices" of Transcribe streaming)."""

MAX_CHUNK_BYTES = BYTES_PER_SECOND
"""1 s: the longest piece a client may send in one message."""


def seconds(byte_count: int) -> float:
    """Length in seconds of `byte_count` bytes."""
    return byte_count / BYTES_PER_SECOND


def samples(byte_count: int) -> int:
    return byte_count // SAMPLE_BYTES


def silence(sample_count: int) -> bytes:
    """`sample_count` samples of digital silence."""
    return bytes(sample_count * SAMPLE_BYTES)


def check_chunk(chunk: bytes) -> None:
    """Raise `BadAudio` unless `chunk` can be a piece of the stream: 2 bytes to 1 s, a whole number of samples.

    What it cannot see is a wrong rate: 48 kHz PCM has the same form. `relay.clients.native` watches the pace.
    """
    if not chunk:
        raise BadAudio("An empty piece of audio was left out.")
    if len(chunk) % SAMPLE_BYTES:
        raise BadAudio(
            f"A piece of {len(chunk)} bytes is not a whole number of 16-bit samples; it was left out."
        )
    if len(chunk) > MAX_CHUNK_BYTES:
        raise BadAudio(
            f"A piece of {len(chunk)} bytes is over 1 s ({MAX_CHUNK_BYTES} bytes); it was left out."
        )
