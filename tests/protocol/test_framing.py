"""However the bytes are cut on their way, the same messages come out."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import MalformedMessage, MessageTooLarge
from protocol.framing import MAX_FRAME_BYTES, Decoder, encode

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
messages = st.lists(st.dictionaries(st.text(), values, max_size=5), max_size=6)


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


@given(messages, st.lists(st.integers(min_value=0), max_size=12))
def test_any_cut_of_the_stream_gives_the_same_messages(sent: list[dict[str, Any]], cuts: list[int]) -> None:
    decoder = Decoder()
    received = []
    for piece in pieces_of(b"".join(map(encode, sent)), cuts):
        received += list(decoder.feed(piece))
    assert received == sent


@given(st.lists(st.binary(max_size=40), max_size=6), st.lists(st.integers(min_value=0), max_size=12))
def test_rubbish_bodies_never_cost_the_frame_after_them(bodies: list[bytes], cuts: list[int]) -> None:
    good = {"type": "ping"}
    data = b"".join(struct.pack("!I", len(body)) + body + encode(good) for body in bodies)
    decoder = Decoder()
    received: list[Any] = []
    for piece in pieces_of(data, cuts):
        received += list(decoder.feed(piece))
    assert len(received) == 2 * len(bodies)
    assert received[1::2] == [good] * len(bodies)
    for found in received[::2]:
        assert isinstance(found, dict | MalformedMessage)


def test_the_worked_example_of_the_specification() -> None:
    frame = encode({"type": "ping"})
    assert frame.hex(" ") == "00 00 00 0b 81 a4 74 79 70 65 a4 70 69 6e 67"
    assert list(Decoder().feed(frame)) == [{"type": "ping"}]


@pytest.mark.parametrize(
    "body", [b"", b"\xc1", b"\xc0", b"\x90", b"\x81\x01\x02", b"\x81\xc4\x01a\x01", b"\x80\x80", b"\xa5abc",
             b"\x91" * 2000],
)  # fmt: skip
def test_a_body_that_is_no_map_with_text_keys_is_malformed(body: bytes) -> None:
    [found, good] = Decoder().feed(struct.pack("!I", len(body)) + body + encode({"type": "ping"}))
    assert isinstance(found, MalformedMessage)
    assert good == {"type": "ping"}


def test_an_announced_length_over_the_limit_is_known_at_once_and_nothing_is_buffered() -> None:
    decoder = Decoder()
    with pytest.raises(MessageTooLarge):
        list(decoder.feed(struct.pack("!I", MAX_FRAME_BYTES + 1)))


def test_the_longest_frame_goes_through_and_one_byte_more_is_never_sent() -> None:
    overhead = len(msgpack.packb({"b": b""})) + 3  # a long byte string has a 5-byte head, a short one 2
    longest = {"b": bytes(MAX_FRAME_BYTES - overhead)}
    frame = encode(longest)
    assert len(frame) == 4 + MAX_FRAME_BYTES
    assert list(Decoder().feed(frame)) == [longest]
    with pytest.raises(MessageTooLarge):
        encode({"b": bytes(MAX_FRAME_BYTES - overhead + 1)})


def test_messages_before_an_over_long_frame_are_not_lost() -> None:
    feed = Decoder().feed(encode({"n": 1}) + encode({"n": 2}) + struct.pack("!I", 2**31))
    assert [next(feed), next(feed)] == [{"n": 1}, {"n": 2}]
    with pytest.raises(MessageTooLarge):
        next(feed)
