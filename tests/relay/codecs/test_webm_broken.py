"""Recordings that are no recordings, that break off or that are damaged: one clear error, or less sound."""

from __future__ import annotations

import asyncio
import gc
import io
import random
import re

import av
import pytest
from av.container import InputContainer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.errors import BadAudio, InputError, Unsupported
from relay.codecs import containers, webm
from tests.relay.codecs.live_decoder import (
    SECONDS,
    Listener,
    as_ogg,
    heard_of,
    other_codec,
    threads,
    with_video,
)
from tests.relay.webm_recording import mp4_pieces, one_second_pieces, pieces

WEBM, OGG = b"".join(pieces()), as_ogg()
HEADER_BYTES = WEBM.index(b"\x1f\x43\xb6\x75")
"""Where the first cluster begins."""


@pytest.mark.parametrize(
    "rubbish",
    [
        pytest.param(b"".join(pieces()[5:]), id="the middle of a recording"),
        pytest.param(b"\x1a\x45\xdf", id="three bytes"),
        pytest.param(bytes(32_000), id="silent PCM"),
        pytest.param(b'{"type": "user_message", "text": "two eggs"}', id="JSON"),
        pytest.param(random.Random(1).randbytes(5000), id="noise"),
        pytest.param(WEBM[:4] + random.Random(2).randbytes(5000), id="noise after the magic"),
        pytest.param(b"OggS\0\2" + random.Random(3).randbytes(5000), id="noise in an Ogg page"),
    ],
)
async def test_what_is_no_recording_gets_one_error(rubbish: bytes) -> None:
    listener = Listener()
    await listener.feed(rubbish, *pieces()[1:10])
    await listener.rest()
    await listener.feed(*pieces())
    assert [type(error) for error in listener.errors] == [BadAudio]
    assert listener.given == []


async def test_safaris_mp4_is_refused_with_what_to_do() -> None:
    listener = await heard_of(*mp4_pieces())
    (error,) = listener.errors
    assert isinstance(error, Unsupported)
    assert "audio/webm;codecs=opus" in error.message
    assert listener.given == []


@pytest.mark.parametrize(("recording", "word"), [(other_codec(), "Opus"), (with_video(), "video")])
async def test_another_codec_and_video_are_refused(recording: bytes, word: str) -> None:
    listener = await heard_of(recording)
    (error,) = listener.errors
    assert isinstance(error, Unsupported)
    assert word in error.message


async def test_a_header_cut_anywhere_is_an_error_and_never_a_hang() -> None:
    for end in range(1, HEADER_BYTES, 7):
        listener = await heard_of(WEBM[:end])
        assert [type(error) for error in listener.errors] == [BadAudio], end
    assert threads() == []


async def test_nothing_at_all_is_no_error() -> None:
    for listener in (await heard_of(), await heard_of(b"", b""), await heard_of(WEBM[: HEADER_BYTES + 20])):
        assert (listener.given, listener.errors) == ([], [])


async def test_a_recording_that_breaks_off_is_heard_as_far_as_it_goes() -> None:
    rng = random.Random(1)
    for _ in range(12):
        end = rng.randrange(1500, len(WEBM))
        listener = await heard_of(WEBM[:end])
        assert listener.errors == []
        assert 0 < listener.seconds < SECONDS
        assert listener.seconds == pytest.approx(SECONDS * end / len(WEBM), abs=0.7)


async def test_a_hole_costs_what_was_in_it() -> None:
    """A page may lose a piece; what follows is still speech."""
    for lost in (8, 15, 22):
        listener = await heard_of(*pieces()[:lost], *pieces()[lost + 1 :])
        assert listener.errors == []
        assert SECONDS - 0.4 < listener.seconds < SECONDS
    whole_second = one_second_pieces()
    assert (await heard_of(whole_second[0], *whole_second[2:])).seconds == pytest.approx(
        SECONDS - 1, abs=0.15
    )


def _with_broken_packets(piece: bytes) -> bytes:
    """Chromium's packets begin with ff and the number of their frames; here 63, of 6 at most (RFC 6716, 3.2.5).

    Before them stand the flags of their SimpleBlock, 80.
    """
    return re.sub(rb"\x80\xff[\x03\x83]", b"\x80\xff\xbf", piece)


async def test_damaged_packets_are_left_out() -> None:
    recording = pieces()
    recording[12] = _with_broken_packets(recording[12])
    listener = await heard_of(*recording)
    assert listener.errors == []
    assert listener.seconds == pytest.approx(SECONDS - 0.12, abs=0.001)


async def test_a_recording_without_one_good_packet_is_reported_once() -> None:
    listener = await heard_of(*(_with_broken_packets(piece) for piece in pieces()))
    assert [type(error) for error in listener.errors] == [BadAudio]
    assert listener.given == []


async def test_rubbish_without_end_is_reported_once_and_in_time() -> None:
    """A client that goes on with something else must not be listened to in silence for ever."""
    noise = random.Random(4).randbytes(containers.MAX_BARREN_BYTES + 8192)
    listener = Listener()
    await listener.feed(*pieces()[:15])
    await listener.hear(1.0)
    for begin in range(0, len(noise), 2000):
        await listener.feed(noise[begin : begin + 2000])
    async with asyncio.timeout(30):
        while not listener.errors:
            await asyncio.sleep(0.001)
    heard = listener.seconds
    await listener.feed(*pieces())
    await listener.rest()
    assert [type(error) for error in listener.errors] == [BadAudio]
    assert listener.seconds == heard


async def test_a_header_without_end_is_given_up() -> None:
    void = b"\xec\x08\x00\x00\x00" + bytes(1_000_000)  # an element to skip, of 134 million bytes
    listener = await heard_of(WEBM[:HEADER_BYTES] + void)
    assert [type(error) for error in listener.errors] == [BadAudio]


async def test_an_error_keeps_nothing_alive() -> None:
    with av.open(io.BytesIO(WEBM)) as seen:
        assert any(found is seen for found in gc.get_objects())
    del seen
    listeners = [await heard_of(broken) for broken in (WEBM[:100], other_codec(), WEBM[:20_000])]
    assert [len(listener.errors) for listener in listeners] == [1, 1, 0]
    # By its type: `isinstance` asks the object, and a weak reference of somebody else's may have none any more.
    assert not [found for found in gc.get_objects() if issubclass(type(found), InputContainer)]


@st.composite
def damaged(draw: st.DrawFn) -> list[bytes]:
    """A recording with flipped bytes, holes, noise and repeats, in pieces of any length."""
    recording = bytearray(
        draw(st.sampled_from([WEBM[:20_000], b"".join(one_second_pieces())[:20_000], OGG[:20_000]]))
    )
    for _ in range(draw(st.integers(0, 8))):
        # Half of them in the first 300 bytes: headers are where decoders break.
        at = draw(st.integers(0, 300) | st.integers(0, len(OGG)))
        length = draw(st.integers(1, 600))
        kind = draw(st.sampled_from(["flip", "hole", "noise", "repeat", "cut"]))
        if at >= len(recording):
            continue
        if kind == "flip":
            recording[at] ^= draw(st.integers(1, 255))
        elif kind == "hole":
            del recording[at : at + length]
        elif kind == "noise":
            recording[at : at + length] = draw(st.binary(min_size=length, max_size=length))
        elif kind == "repeat":
            recording[at:at] = recording[at : at + length]
        else:
            del recording[at:]
    size = draw(st.integers(50, 5000))
    return [bytes(recording[begin : begin + size]) for begin in range(0, len(recording), size)]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged())
def test_whatever_is_damaged_gets_an_error_or_less_sound(fed: list[bytes]) -> None:
    async def hear() -> Listener:
        return await heard_of(*fed)

    listener = asyncio.run(hear())
    assert len(listener.errors) <= 1
    # None that nobody has thought of.
    assert all(isinstance(error, InputError) and error.message != webm._UNKNOWN for error in listener.errors)
    assert listener.seconds <= 4 * SECONDS
    assert threads() == []
