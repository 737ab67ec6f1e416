"""Chromium's own recordings, decoded while they come."""

from __future__ import annotations

import asyncio
import itertools
import random
import time

import pytest

from protocol.errors import AtCapacity, BufferFull
from relay.codecs import thread_pipes
from relay.codecs.containers import container_of, is_cut_header
from relay.codecs.webm import WebmDecoder
from tests.relay.codecs.live_decoder import SECONDS, Listener, as_ogg, heard_of, likeness, packets, threads
from tests.relay.webm_recording import mp4_pieces, one_second_pieces, pieces

HELD_BACK_SECONDS = 0.04
"""By the resampler."""


@pytest.mark.parametrize("recorded", [pieces, one_second_pieces])
async def test_a_recording_sounds_like_what_was_said(recorded: object) -> None:
    listener = await heard_of(*recorded())
    assert listener.errors == []
    assert listener.seconds == pytest.approx(SECONDS, abs=0.001), "a packet was lost"
    assert likeness(listener.pcm) > 0.98


async def test_sound_comes_with_the_piece_that_holds_it() -> None:
    """FFmpeg likes to look ahead: each piece that it holds back is 100 ms of delay, for ever."""
    listener = Listener()
    recording = b""
    for number, piece in enumerate(pieces()):
        await listener.feed(piece)
        recording += piece
        if number:  # the first one is needed to know what comes
            await listener.hear(packets(recording) * 0.06 - HELD_BACK_SECONDS)
    assert packets(recording) * 0.06 == pytest.approx(SECONDS)
    await listener.rest()


async def test_pieces_may_be_cut_anywhere() -> None:
    recording = b"".join(pieces())
    rng = random.Random(1)
    cuts = [*range(400), *sorted(rng.sample(range(400, len(recording)), 300)), len(recording)]
    listener = await heard_of(*(recording[begin:end] for begin, end in itertools.pairwise(cuts)))
    assert (listener.seconds, listener.errors) == (pytest.approx(SECONDS, abs=0.001), [])


async def test_firefox_records_ogg_and_is_heard_too() -> None:
    recording = as_ogg()
    listener = await heard_of(*(recording[begin : begin + 1500] for begin in range(0, len(recording), 1500)))
    assert listener.errors == []
    assert likeness(listener.pcm) > 0.98


async def test_a_recorder_that_is_stopped_and_started_again_is_heard_both_times() -> None:
    listener = await heard_of(*pieces()[:20], *one_second_pieces(), *pieces())
    half = await heard_of(*pieces()[:20])
    assert listener.errors == []
    assert listener.seconds == pytest.approx(half.seconds + 2 * SECONDS, abs=0.003)


async def test_what_comes_at_once_wakes_the_event_loop_seldom_and_in_bounded_pieces() -> None:
    listener = Listener()
    for piece in pieces():
        listener.decoder.feed(piece)
    while listener.decoder.waiting:  # the event loop is busy
        time.sleep(0.01)  # noqa: ASYNC251
    time.sleep(0.1)  # noqa: ASYNC251
    await listener.rest()
    assert listener.seconds == pytest.approx(SECONDS, abs=0.001)
    assert len(listener.given) <= 8
    assert all(0 < len(given) <= 32_000 and len(given) % 2 == 0 for given in listener.given)


def _fill(decoder: WebmDecoder) -> list[bytes]:
    """Feed until there is no room, without letting the event loop run; what was not fed."""
    rest = pieces()
    while decoder.feed(rest.pop(0)):
        time.sleep(0.001)
    return rest


async def test_a_full_decoder_pushes_back_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_pipes, "MAX_UNDELIVERED_BYTES", 4000)
    listener = Listener(max_waiting=8000)
    rest = _fill(listener.decoder)
    assert listener.decoder.waiting < 8000 + max(map(len, pieces()))
    await asyncio.wait_for(listener.decoder.room(), 30)
    assert listener.decoder.waiting <= 4000
    await listener.feed(*rest)
    await listener.rest()
    assert (listener.seconds, listener.errors) == (pytest.approx(SECONDS, abs=0.001), [])
    assert likeness(listener.pcm) > 0.98


async def test_who_does_not_stop_at_the_bound_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_pipes, "MAX_UNDELIVERED_BYTES", 4000)
    listener = Listener(max_waiting=8000)
    for piece in _fill(listener.decoder):
        listener.decoder.feed(piece)
    assert [type(error) for error in listener.errors] == [BufferFull]
    assert listener.decoder.waiting == 0
    await asyncio.wait_for(listener.decoder.room(), 30)
    await listener.rest()
    assert (listener.given, len(listener.errors)) == ([], 1)


async def test_a_machine_without_threads_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    listener = Listener()
    with monkeypatch.context() as patch:
        patch.setattr("threading.Thread.start", refuse)
        with pytest.raises(AtCapacity):
            listener.decoder.feed(pieces()[0])
    await listener.rest()
    assert threads() == []


async def test_a_hundred_at_once_each_hear_their_own() -> None:
    """Each recording is cut off elsewhere, so that each has its own length."""
    listeners = [Listener() for _ in range(100)]
    for number, piece in enumerate(pieces()):
        for index, listener in enumerate(listeners):
            if number < 2 + index % 32:
                await listener.feed(piece)
        await asyncio.sleep(0)
    await asyncio.gather(*(listener.rest() for listener in listeners))
    lengths = {index % 32: listener.seconds for index, listener in enumerate(listeners)}
    for index, listener in enumerate(listeners):
        assert listener.seconds == pytest.approx(lengths[index % 32], abs=0.001)
        assert listener.errors == []
    assert sorted(lengths.values()) == [lengths[index] for index in range(32)]
    assert len(set(lengths.values())) == 32
    assert threads() == []


def test_the_first_piece_tells_what_it_is() -> None:
    assert container_of(pieces()[0]) == container_of(one_second_pieces()[0]) == "webm"
    assert container_of(mp4_pieces()[0]) == "mp4"
    ogg = as_ogg()
    assert container_of(ogg) == "ogg"
    for header in (pieces()[0], ogg):
        cut = [header[:count] for count in range(1, 8) if is_cut_header(header[:count])]
        assert cut
        assert container_of(header[: len(cut[-1]) + 1])
    assert not any(map(is_cut_header, (b"", b"\x1a\x46", b"Og ", bytes(2))))
    second_page = ogg.index(b"OggS", 4)
    for other in (b"", b"\x1a\x45", b'{"type": "hello"}', bytes(3200), *pieces()[1:], *mp4_pieces()[1:]):
        assert container_of(other) is None
    assert container_of(ogg[second_page:]) is None
