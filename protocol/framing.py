"""Frames of the link: a 4-byte big-endian length, then that many bytes holding one msgpack map.

Sans-I/O: `encode` makes a frame, `Decoder` takes bytes as they come and gives maps back.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any

import msgpack

from protocol.errors import MalformedMessage, MessageTooLarge

MAX_FRAME_BYTES = 1024 * 1024
"""Longest body. A longer one is never sent, and a peer that announces one has lost its framing."""

_HEADER = struct.Struct("!I")


def encode(message: Mapping[str, Any]) -> bytes:
    """One frame. Raises `MessageTooLarge` when the body is over `MAX_FRAME_BYTES`."""
    body: bytes = msgpack.packb(message)
    if len(body) > MAX_FRAME_BYTES:
        raise MessageTooLarge(f"A frame of {len(body)} bytes is over the limit of {MAX_FRAME_BYTES}.")
    return _HEADER.pack(len(body)) + body


class Decoder:
    """Cuts a byte stream into maps. Holds at most one frame and the piece that was fed last."""

    def __init__(self, max_bytes: int = MAX_FRAME_BYTES) -> None:
        self._max = max_bytes
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[dict[str, Any] | MalformedMessage]:
        """Yield the maps that `data` completes, in order.

        A frame whose body is no msgpack map with text keys yields a `MalformedMessage` in its place: the
        length told where it ends, so the frames after it are good. A length over the limit raises
        `MessageTooLarge`: where the next frame starts is then unknown, and the connection must be closed.
        """
        self._buffer += data
        start = 0
        try:
            while len(self._buffer) - start >= _HEADER.size:
                (length,) = _HEADER.unpack_from(self._buffer, start)
                if length > self._max:
                    raise MessageTooLarge(
                        f"The peer announced a frame of {length} bytes; the limit is {self._max}."
                    )
                end = start + _HEADER.size + length
                if len(self._buffer) < end:
                    break
                body = bytes(self._buffer[start + _HEADER.size : end])
                start = end
                yield _unpack(body)
        finally:
            del self._buffer[:start]


def _unpack(body: bytes) -> dict[str, Any] | MalformedMessage:
    try:
        message = msgpack.unpackb(body, strict_map_key=True)
    except Exception as error:  # msgpack raises ValueError, its own ExtraData, TypeError, RecursionError...
        return MalformedMessage(f"A frame is not msgpack: {type(error).__name__}.")
    if not isinstance(message, dict) or not all(isinstance(key, str) for key in message):
        return MalformedMessage("A frame holds something other than a map with text keys.")
    return message
