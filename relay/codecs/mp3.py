"""MP3 streams taken apart into frames, to join several into one. Sans-I/O; nothing is decoded.

Layer III of MPEG-1 (ISO/IEC 11172-3), MPEG-2 (ISO/IEC 13818-3) and the MPEG-2.5 extension. A whole MP3 is a row
of frames, with ID3 tags around them and, from many encoders, a first frame that holds no sound but a table
of the file (Xing, Info, VBRI): in the middle of a joined stream that table would be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_KBPS_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_MPEG1 = (44_100, 48_000, 32_000)
_HEADER_BYTES = 4
_CRC_BYTES = 2
_ID3V1_BYTES = 128
_ID3V2_HEADER_BYTES = 10
_SIDE_INFO_BYTES = {(1152, 1): 17, (1152, 2): 32, (576, 1): 9, (576, 2): 17}
_VBRI_OFFSET = _HEADER_BYTES + 32


@dataclass(frozen=True, slots=True)
class Format:
    """What all frames of one stream have in common."""

    sample_rate: int
    """Hz."""
    channels: int
    frame_samples: int
    """Samples of each channel in a frame: 1152 (MPEG-1) or 576."""


def join(parts: Sequence[bytes]) -> bytes:
    """One decodable MP3 of several whole ones, in their order, without tags and tables.

    Raises `ValueError` when a part is no whole MP3, or when two differ in sample rate or channels, which
    decoders do not follow in mid-stream. Nothing joined is nothing: `b""`.
    """
    joined = bytearray()
    first: Format | None = None
    for part in parts:
        for found, frame in _frames(part):
            if first is None:
                first = found
            elif found != first:
                raise ValueError(f"MP3s of different formats cannot be joined: {first} and {found}")
            joined += frame
    return bytes(joined)


def duration_seconds(mp3: bytes) -> float:
    """How long `mp3` plays, the encoder's padding included. Raises `ValueError` when it is no whole MP3."""
    return sum(found.frame_samples / found.sample_rate for found, _ in _frames(mp3))


def _frames(mp3: bytes) -> Iterator[tuple[Format, bytes]]:
    """The frames that hold sound. Raises `ValueError` at anything that is neither a frame nor a tag."""
    position, end = _after_id3v2(mp3), len(mp3)
    if mp3[-_ID3V1_BYTES:].startswith(b"TAG") and end - position >= _ID3V1_BYTES:
        end -= _ID3V1_BYTES
    if position == end:
        raise ValueError("an MP3 without a frame")
    first = True
    while position < end:
        found, length = _parse_header(mp3[position : position + _HEADER_BYTES], position)
        if position + length > end:
            raise ValueError(f"the MP3 ends inside the frame at byte {position}")
        frame = mp3[position : position + length]
        if not (first and _is_table(frame, found)):
            yield found, frame
        first = False
        position += length


def _parse_header(header: bytes, position: int) -> tuple[Format, int]:
    """Format and length in bytes of the frame that `header` begins."""
    if len(header) < _HEADER_BYTES or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        raise ValueError(f"no MP3 frame at byte {position}")
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        raise ValueError(f"no Layer III frame with a known bit rate at byte {position}")
    mpeg1 = version == 3
    sample_rate = _RATES_MPEG1[rate] // {3: 1, 2: 2, 0: 4}[version]
    kbps = (_KBPS_MPEG1 if mpeg1 else _KBPS_MPEG2)[bitrate]
    frame_samples = 1152 if mpeg1 else 576
    channels = 1 if header[3] >> 6 == 3 else 2
    return Format(
        sample_rate, channels, frame_samples
    ), frame_samples // 8 * kbps * 1000 // sample_rate + padding


def _is_table(frame: bytes, found: Format) -> bool:
    """Whether the frame holds a Xing, Info or VBRI table in place of sound.

    Xing and Info stand where the side information ends, VBRI 32 bytes after the header.
    """
    offset = _HEADER_BYTES + _SIDE_INFO_BYTES[found.frame_samples, found.channels]
    if not frame[1] & 1:
        offset += _CRC_BYTES
    return frame[offset : offset + 4] in (b"Xing", b"Info") or frame[_VBRI_OFFSET:][:4] == b"VBRI"


def _after_id3v2(mp3: bytes) -> int:
    """Where the frames begin: after the ID3v2 tags, whose length is written in 7-bit bytes (id3.org, 3.1)."""
    position = 0
    while mp3[position : position + 3] == b"ID3":
        header = mp3[position : position + _ID3V2_HEADER_BYTES]
        if len(header) < _ID3V2_HEADER_BYTES or any(byte & 0x80 for byte in header[6:]):
            raise ValueError(f"a broken ID3v2 tag at byte {position}")
        size = header[6] << 21 | header[7] << 14 | header[8] << 7 | header[9]
        footer = _ID3V2_HEADER_BYTES if header[5] & 0x10 else 0
        position += _ID3V2_HEADER_BYTES + size + footer
        if position > len(mp3):
            raise ValueError("the MP3 ends inside its ID3v2 tag")
    return position
