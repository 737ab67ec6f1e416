"""Amazon's event-stream encoding (`application/vnd.amazon.eventstream`), written from its public description.

    total length (4) | headers length (4) | CRC of the two (4) | headers | payload | CRC of all before (4)

Apart from the codec of the amazon-transcribe package, so that a mistake in one does not hide in the other.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_PRELUDE = struct.Struct("!III")
_CRC = struct.Struct("!I")
MAX_MESSAGE_BYTES = 1 << 20

_FIXED = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Length in bytes of each header type that has a fixed one: booleans, integers, timestamp, uuid."""


class MalformedStream(Exception):
    """What came is not an event stream."""


class Message(NamedTuple):
    headers: dict[str, bytes]
    """Values undecoded: the bytes of a string, or of a big-endian number."""
    payload: bytes
    signed_header_bytes: bytes
    """The encoded headers up to `:chunk-signature`: what the chunk signature covers."""


def encode(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message whose headers are all strings."""
    block = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack("!H", len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", len(block) + len(payload) + 16, len(block))
    head = prelude + _CRC.pack(zlib.crc32(prelude)) + block + payload
    return head + _CRC.pack(zlib.crc32(head))


class Decoder:
    """Bytes in, whole messages out."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Raises `MalformedStream`. Holds at most one incomplete message of `MAX_MESSAGE_BYTES`."""
        self._buffer += data
        while len(self._buffer) >= _PRELUDE.size:
            total, headers_length, crc = _PRELUDE.unpack_from(self._buffer)
            if zlib.crc32(self._buffer[:8]) != crc:
                raise MalformedStream("prelude checksum")
            if total > MAX_MESSAGE_BYTES or headers_length > total - 16:
                raise MalformedStream("length")
            if len(self._buffer) < total:
                return
            message = bytes(self._buffer[:total])
            del self._buffer[:total]
            if zlib.crc32(message[:-4]) != _CRC.unpack_from(message, total - 4)[0]:
                raise MalformedStream("message checksum")
            headers_end = _PRELUDE.size + headers_length
            headers, signed = _headers(message[_PRELUDE.size : headers_end])
            yield Message(headers, message[headers_end:-4], signed)


def decode_one(data: bytes) -> Message:
    """`data` as exactly one message. Raises `MalformedStream`."""
    messages = list(Decoder().feed(data))
    if len(messages) != 1:
        raise MalformedStream("not exactly one message")
    return messages[0]


def _headers(block: bytes) -> tuple[dict[str, bytes], bytes]:
    headers: dict[str, bytes] = {}
    signed = block
    at = 0
    try:
        while at < len(block):
            start = at
            name_end = at + 1 + block[at]
            name = block[at + 1 : name_end].decode()
            kind = block[name_end]
            at = name_end + 1
            if kind in _FIXED:
                length = _FIXED[kind]
            elif kind in (6, 7):
                (length,) = struct.unpack_from("!H", block, at)
                at += 2
            else:
                raise MalformedStream("header type")
            headers[name] = block[at : at + length]
            at += length
            if name == ":chunk-signature":
                signed = block[:start]
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise MalformedStream("headers") from error
    return headers, signed
