"""The audio between a client and recognition: nothing lost, nothing twice, every position the client's own."""

from __future__ import annotations

from array import array

from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.audio import SAMPLE_BYTES, SAMPLE_RATE, STT_CHUNK_BYTES
from relay.audio_feed import MAX_KEPT_BYTES, MAX_MARKS, MAX_WAITING_BYTES, AudioFeed

PIECE = STT_CHUNK_BYTES // SAMPLE_BYTES
MODULUS = 65_521  # each sample tells its own position, as far as 16 bits can


def audio(start: int, count: int) -> bytes:
    return array("H", (position % MODULUS for position in range(start, start + count))).tobytes()


def first_position(pcm: bytes) -> int:
    return array("H", pcm)[0]


class Listener:
    """What a recognition stream hears, sample by sample: a client's position, or None for silence."""

    def __init__(self, feed: AudioFeed, start: int) -> None:
        self.feed, self.start = feed, start
        self.heard: list[int | None] = []
        self.asked = 0

    @property
    def position(self) -> int:
        """Of the client's sample that should come next."""
        return max((p + 1 for p in self.heard if p is not None), default=self.start)

    def take(self, *, all_of_it: bool) -> int:
        pcm = self.feed.take(all_of_it=all_of_it)
        assert len(pcm) == STT_CHUNK_BYTES or (all_of_it and len(pcm) < STT_CHUNK_BYTES) or not pcm
        expected = range(self.position, self.position + len(pcm) // SAMPLE_BYTES)
        assert array("H", pcm).tolist() == [position % MODULUS for position in expected]
        self.heard += expected
        return len(pcm)

    def expected_at(self, end: int) -> int:
        return max((p + 1 for p in self.heard[:end] if p is not None), default=self.start)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 4_000)),
        st.tuples(st.sampled_from(["take", "take all"]), st.integers(1, 3)),
        st.tuples(st.just("silence"), st.integers(1, 2_000)),
        st.tuples(st.just("covered"), st.integers(0, 100)),
        st.tuples(st.sampled_from(["rewind", "forget"]), st.just(0)),
    ),
    min_size=8,
    max_size=24,
)


@settings(max_examples=150, deadline=None)
@given(steps, st.booleans(), st.integers(0, 3))
def test_whatever_happens_each_sample_is_heard_and_found_again(
    steps: list[tuple[str, int]], keep: bool, seconds: int
) -> None:
    start = seconds * SAMPLE_RATE
    feed = AudioFeed(keep=keep, position=start)
    stream = Listener(feed, start)
    received, covered = start, start
    for step, number in steps:
        match step:
            case "add":
                enough = feed.add(audio(received, number))
                received += number
                assert enough == (feed.waiting >= PIECE)
            case "take" | "take all":
                for _ in range(number):
                    stream.take(all_of_it=step == "take all")
            case "silence":
                feed.add_silence(number)
                stream.heard += [None] * number
            case "covered":
                end = stream.asked + (len(stream.heard) - stream.asked) * number // 100
                stream.asked = end
                found = feed.covered(end)
                assert found == stream.expected_at(end)
                assert found >= covered or found == stream.start
                covered = found
            case "rewind":
                # What no final covers is heard again, nothing before it.
                again = max(covered, stream.start) if keep else stream.position
                feed.rewind()
                stream = Listener(feed, again)
                covered = again
            case "forget":
                feed.forget()
                stream = Listener(feed, stream.position)
                covered = stream.start
        assert feed.received == received
        assert feed.waiting == received - stream.position
    while stream.take(all_of_it=True):
        pass
    assert stream.position == received
    assert feed.dropped == 0


def test_a_hundred_milliseconds_are_taken_and_the_rest_only_on_request() -> None:
    feed = AudioFeed(keep=True)
    assert not feed.add(audio(0, PIECE - 1))
    assert feed.take() == b""
    assert feed.add(audio(PIECE - 1, 2))
    assert len(feed.take()) == STT_CHUNK_BYTES
    assert feed.take() == b""
    assert feed.take(all_of_it=True) == audio(PIECE, 1)
    assert feed.take(all_of_it=True) == b""


def test_a_stream_that_died_hears_the_latest_ten_seconds_again() -> None:
    feed = AudioFeed(keep=True)
    for second in range(12):
        feed.add(audio(second * SAMPLE_RATE, SAMPLE_RATE))
        while feed.take():
            pass
    feed.rewind()
    assert feed.waiting == MAX_KEPT_BYTES // SAMPLE_BYTES
    assert first_position(feed.take()) == 2 * SAMPLE_RATE % MODULUS
    assert feed.covered(PIECE) == 2 * SAMPLE_RATE + PIECE


def test_audio_that_nobody_takes_is_bounded_and_what_is_left_out_is_counted() -> None:
    feed = AudioFeed(keep=True)
    for second in range(63):
        feed.add(audio(second * SAMPLE_RATE, SAMPLE_RATE))
    assert feed.waiting == MAX_WAITING_BYTES // SAMPLE_BYTES
    assert feed.dropped == 3 * SAMPLE_RATE
    assert feed.received == 63 * SAMPLE_RATE
    assert first_position(feed.take()) == 3 * SAMPLE_RATE % MODULUS
    assert feed.covered(PIECE) == 3 * SAMPLE_RATE + PIECE


def test_positions_are_true_when_a_stream_dies_after_audio_was_left_out() -> None:
    """Else `durable` counts audio that is in no turn, and the client throws it away."""
    feed = AudioFeed(keep=True)
    feed.add(audio(0, SAMPLE_RATE))
    while feed.take():
        pass
    for second in range(1, 66):
        feed.add(audio(second * SAMPLE_RATE, SAMPLE_RATE))
    feed.rewind()
    first = first_position(feed.take())
    assert (feed.covered(PIECE) - PIECE) % MODULUS == first


def test_a_stream_that_died_is_not_given_more_than_may_wait() -> None:
    feed = AudioFeed(keep=True)
    for second in range(10):
        feed.add(audio(second * SAMPLE_RATE, SAMPLE_RATE))
    while feed.take():
        pass
    for second in range(10, 70):
        feed.add(audio(second * SAMPLE_RATE, SAMPLE_RATE))
    feed.rewind()
    feed.add(audio(70 * SAMPLE_RATE, 2))
    assert feed.waiting == MAX_WAITING_BYTES // SAMPLE_BYTES
    assert (first_position(feed.take()) - feed.covered(0)) % MODULUS == 0


def test_many_changes_between_speech_and_silence_take_bounded_memory() -> None:
    feed = AudioFeed(keep=False)
    for number in range(4 * MAX_MARKS):
        feed.add(audio(number * PIECE, PIECE))
        feed.take()
        feed.add_silence(PIECE)
    end = 8 * MAX_MARKS * PIECE
    assert feed.covered(end) == 4 * MAX_MARKS * PIECE
    assert len(feed._marks) <= MAX_MARKS


def test_a_client_that_came_back_goes_on_at_its_own_position() -> None:
    feed = AudioFeed(keep=True)
    feed.add(audio(0, SAMPLE_RATE))
    feed.take()
    feed.restart_at(5 * SAMPLE_RATE)
    assert (feed.received, feed.waiting) == (5 * SAMPLE_RATE, 0)
    feed.add(audio(5 * SAMPLE_RATE, PIECE))
    feed.take()
    assert feed.covered(PIECE) == 5 * SAMPLE_RATE + PIECE


def test_an_engine_that_counts_past_its_audio_covers_no_more_than_it_was_given() -> None:
    feed = AudioFeed(keep=True)
    feed.add(audio(0, 2 * PIECE))
    feed.take()
    assert feed.covered(10 * PIECE) == PIECE
