"""A decoder leaves nothing behind, at whatever moment it is closed."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable

import pytest

from relay.codecs import thread_pipes
from relay.codecs.webm import WebmDecoder
from tests.relay.codecs.live_decoder import SECONDS, Listener, threads
from tests.relay.webm_recording import one_second_pieces, pieces


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0


@pytest.fixture(autouse=True)
async def nothing_left() -> AsyncIterator[None]:
    files = _open_files()
    yield
    assert threads() == []
    assert _open_files() == files


async def _fed_nothing(_: Listener) -> None:
    pass


async def _in_the_header(listener: Listener) -> None:
    await listener.feed(pieces()[0][:60])


async def _before_the_magic_is_whole(listener: Listener) -> None:
    await listener.feed(pieces()[0][:2])


async def _between_pieces(listener: Listener) -> None:
    await listener.feed(*pieces()[:10])
    await listener.hear(0.5)


async def _with_all_waiting(listener: Listener) -> None:
    for piece in pieces():
        listener.decoder.feed(piece)


async def _after_finish(listener: Listener) -> None:
    await listener.feed(*pieces())
    listener.decoder.finish()


async def _after_the_end(listener: Listener) -> None:
    await listener.feed(*pieces())
    listener.decoder.finish()
    await listener.decoder.finished()


async def _after_an_error(listener: Listener) -> None:
    await listener.feed(b"rubbish!")
    while not listener.errors:
        await asyncio.sleep(0.001)


MOMENTS = [
    _fed_nothing, _in_the_header, _before_the_magic_is_whole, _between_pieces, _with_all_waiting, _after_finish,
    _after_the_end, _after_an_error,
]  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
async def test_closing_at_any_moment_leaves_no_thread_and_no_callback(moment: Callable) -> None:
    listener = Listener()
    await moment(listener)
    given, errors = len(listener.given), len(listener.errors)
    closing = asyncio.create_task(listener.decoder.close())
    await asyncio.gather(listener.decoder.close(), closing)
    assert threads() == []
    await listener.decoder.close()
    assert listener.decoder.feed(pieces()[0]) is True
    listener.decoder.finish()
    await listener.decoder.finished()
    await listener.decoder.room()
    assert (len(listener.given), len(listener.errors)) == (given, errors)
    assert listener.decoder.waiting == 0


async def test_closing_frees_a_thread_that_waits_for_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_pipes, "MAX_UNDELIVERED_BYTES", 2000)
    listener = Listener()
    for piece in pieces():
        listener.decoder.feed(piece)
    time.sleep(0.05)  # noqa: ASYNC251 nothing is delivered meanwhile
    assert listener.decoder.waiting > 10_000
    begin = time.monotonic()
    await listener.decoder.close()
    assert time.monotonic() - begin < 10
    assert listener.given == []


async def test_who_waits_for_room_goes_on_when_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_pipes, "MAX_UNDELIVERED_BYTES", 2000)
    decoder = WebmDecoder(lambda _: None, lambda _: None, max_waiting=4000)
    monkeypatch.setattr(thread_pipes.PcmPipe, "deliver", lambda _: None)  # nobody takes it
    while decoder.feed(one_second_pieces()[0]):
        await asyncio.sleep(0)
    waiting = asyncio.create_task(decoder.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    await decoder.close()
    await asyncio.wait_for(waiting, 30)


async def test_a_callback_may_close_the_decoder() -> None:
    given: list[bytes] = []
    decoder: WebmDecoder

    def on_pcm(pcm: bytes) -> None:
        given.append(pcm)
        decoder.stop()

    decoder = WebmDecoder(on_pcm, lambda _: None)
    for piece in pieces():
        decoder.feed(piece)
    await asyncio.wait_for(decoder.finished(), 30)
    await decoder.close()
    assert len(given) == 1


async def test_a_cancelled_close_still_ends_the_thread(until: Callable) -> None:
    listener = Listener()
    await _with_all_waiting(listener)
    closing = asyncio.create_task(listener.decoder.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    await until(lambda: threads() == [])


@pytest.mark.parametrize("moment", [_in_the_header, _between_pieces, _with_all_waiting])
def test_a_thread_ends_with_an_event_loop_that_forgot_it(
    moment: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_pipes, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(thread_pipes, "MAX_UNDELIVERED_BYTES", 20_000)

    async def forget() -> None:
        await moment(Listener())

    asyncio.run(forget())
    for thread in threads():
        thread.join(30)
    assert threads() == []


async def test_a_decoder_that_nobody_closes_after_finish_is_gone_too(until: Callable) -> None:
    listener = Listener()
    await listener.feed(*pieces())
    listener.decoder.finish()
    await until(lambda: threads() == [])
    await listener.decoder.finished()
    assert listener.seconds == pytest.approx(SECONDS, abs=0.001)
