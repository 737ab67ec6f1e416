"""The body that keeps awscrt's thread from running hot."""

from __future__ import annotations

import threading
import time

import pytest

from relay.stt.transcribe.failures import NotTakingAudio
from relay.stt.transcribe.paced_body import MAX_WAITING_BYTES, PacedBody, Pacer


def ask(body: PacedBody, size: int = 16_384) -> bytes | None:
    """As awscrt asks: the bytes, or None for "nothing yet"."""
    buffer = bytearray(size)
    try:
        return bytes(buffer[: body.readinto1(buffer)])
    except BlockingIOError:
        return None


def test_what_is_written_is_read_in_order_in_pieces_of_any_size() -> None:
    body = PacedBody(Pacer(0))
    written = [bytes([number]) * 1000 for number in range(10)]
    for piece in written:
        body.write(piece)
    read = b""
    while (piece := ask(body, 333)) is not None:
        read += piece
    assert read == b"".join(written)
    body.write(b"last")
    body.end_stream()
    assert ask(body) == b"last"
    assert ask(body) == b""
    with pytest.raises(OSError, match="ended"):
        body.write(b"too late")


def test_a_service_that_stops_reading_does_not_fill_the_memory() -> None:
    body = PacedBody(Pacer(0))
    body.write(bytes(MAX_WAITING_BYTES))
    with pytest.raises(NotTakingAudio):
        body.write(b"x")
    assert len(ask(body, 100) or b"") == 100
    body.write(b"x")


def test_many_bodies_pause_their_thread_once_a_pass() -> None:
    pacer = Pacer(0.02)
    bodies = [PacedBody(pacer) for _ in range(20)]
    before = time.monotonic()
    for _ in range(5):
        for body in bodies:
            assert ask(body) is None
    assert 0.1 <= time.monotonic() - before < 1.0  # 2 s if each body paused


def test_a_leader_that_leaves_is_replaced_at_once() -> None:
    pacer = Pacer(0.02)
    first, second = PacedBody(pacer), PacedBody(pacer)
    ask(first)
    first.close()
    before = time.monotonic()
    ask(second)
    assert time.monotonic() - before >= 0.02


def test_a_leader_that_always_has_audio_is_replaced() -> None:
    pacer = Pacer(0.01)
    busy, idle = PacedBody(pacer), PacedBody(pacer)
    ask(busy)
    asked = 0
    before = time.monotonic()
    while time.monotonic() - before < 0.15:
        busy.write(b"x")
        ask(busy)
        ask(idle)
        asked += 1
        time.sleep(0.0005)
    assert asked < 120  # without a new leader: about 300


def test_two_threads_do_not_pause_for_each_other() -> None:
    pacer = Pacer(0.05)
    bodies = [PacedBody(pacer), PacedBody(pacer)]
    took = []

    def one_pass(body: PacedBody) -> None:
        before = time.monotonic()
        for _ in range(3):
            ask(body)
        took.append(time.monotonic() - before)

    threads = [threading.Thread(target=one_pass, args=[body]) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(seconds >= 0.15 for seconds in took)
