"""The buffer of finals, as a conversation and a speech engine's own thread use it."""

from __future__ import annotations

import threading

import pytest

from protocol.errors import BufferFull
from protocol.link_messages import spoken_text
from protocol.messages import MAX_ITEMS
from relay.transcription_buffer import MAX_CHARS, TranscriptionBuffer
from tests.relay.turn_driver import item


def test_threads_that_add_at_once_lose_nothing_to_one_that_takes() -> None:
    buffer = TranscriptionBuffer()
    threads, each = 8, 200
    gate = threading.Barrier(threads + 1)
    refused: list[str] = []

    def add(number: int) -> None:
        gate.wait()
        for count in range(each):
            while True:
                try:
                    buffer.add_item(item(f"{number}/{count}"))
                    break
                except BufferFull:
                    refused.append(f"{number}/{count}")

    workers = [threading.Thread(target=add, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    gate.wait()
    taken = []
    while any(worker.is_alive() for worker in workers):
        taken += buffer.take_items()
    for worker in workers:
        worker.join()
    taken += buffer.take_items()
    texts = [one.text for one in taken]
    assert sorted(texts) == sorted(f"{number}/{count}" for number in range(threads) for count in range(each))
    for number in range(threads):
        mine = [text for text in texts if text.startswith(f"{number}/")]
        assert mine == [f"{number}/{count}" for count in range(each)], "out of order"


def test_threads_that_add_at_once_never_pass_the_bound() -> None:
    buffer = TranscriptionBuffer()
    refused = []

    def add() -> None:
        for _ in range(MAX_ITEMS // 2):
            try:
                buffer.add_item(item("egg"))
            except BufferFull:
                refused.append(1)

    workers = [threading.Thread(target=add) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(buffer) == MAX_ITEMS
    assert len(refused) == MAX_ITEMS


def test_the_bound_of_characters_counts_the_joined_text() -> None:
    buffer = TranscriptionBuffer()
    for _ in range(MAX_CHARS // 100):
        buffer.add_item(item("x" * 99))
    buffer.add_item(item("x" * (MAX_CHARS % 100)))
    with pytest.raises(BufferFull):
        buffer.add_item(item("x"))
    assert len(spoken_text(buffer.get_items())) == MAX_CHARS, "a refused item leaves the others alone"
    buffer.clear_items()
    buffer.add_item(item("x" * 99))
    buffer.take_items()
    for _ in range(MAX_CHARS // 100):
        buffer.add_item(item("x" * 99))


def test_any_text_that_the_protocol_takes_fits_into_an_empty_buffer() -> None:
    """Else it is refused for ever, with an error that says to try again."""
    buffer = TranscriptionBuffer()
    buffer.add_item(item("x" * 16_384))
    assert len(buffer) == 1


def test_what_is_read_is_a_copy() -> None:
    buffer = TranscriptionBuffer()
    buffer.add_item(item("two eggs"))
    read = buffer.get_items()
    buffer.clear_items()
    assert read == [item("two eggs")]
    assert buffer.get_items() == []


def test_the_time_since_the_last_addition_is_the_clocks() -> None:
    now = 10.0
    buffer = TranscriptionBuffer(lambda: now)
    now = 12.5
    assert buffer.time_since_last_addition() == 2.5
    buffer.add_item(item("two eggs"))
    now = 13.0
    assert buffer.time_since_last_addition() == 0.5
    buffer.take_items()
    assert buffer.time_since_last_addition() == 0.5
