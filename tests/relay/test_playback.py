"""What was sent and what was heard of an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import TtsUnavailable
from relay.playback import Playback
from relay.tts import PHONE

TEXT = "Two eggs. And a slice of toast. Anything else?"


def answer() -> Playback:
    playback = Playback(turn=3, text=TEXT)
    for text, seconds in (("Two eggs.", 1.0), ("And a slice of toast.", 2.0), ("Anything else?", 1.0)):
        playback.send(text, b"mp3", seconds)
    return playback


def test_what_was_heard_is_counted_in_whole_words() -> None:
    playback = answer()
    assert playback.heard_chars == 0
    playback.played(1, 1.0)
    assert TEXT[: playback.heard_chars] == "Two eggs. And a "


def test_an_answer_heard_to_its_end_is_heard_whole() -> None:
    playback = answer()
    playback.played(2, 1.0)
    assert playback.heard_chars == len(TEXT)
    assert playback.seconds_left == 0


def test_what_was_heard_is_counted_in_the_answer_as_it_was_written() -> None:
    """Its paragraphs are no spaces; a count of the voiced words alone would fall short, line by line."""
    text = "Two eggs.\n\n\nAnd a  slice of toast.\n"
    playback = Playback(turn=3, text=text)
    playback.send("Two eggs.", b"mp3", 1.0)
    playback.send("And a slice of toast.", b"mp3", 2.0)
    playback.played(1, 1.0)
    assert text[: playback.heard_chars] == "Two eggs.\n\n\nAnd a  "
    playback.played(1, 2.0)
    assert playback.heard_chars == len(text)


def test_a_report_of_a_later_sentence_tells_that_the_earlier_ones_were_heard() -> None:
    playback = answer()
    playback.played(1, 0.0)
    assert TEXT[: playback.heard_chars] == "Two eggs. "


@pytest.mark.parametrize(("seq", "at"), [(0, 0.5), (1, 0.25), (9, 1.0)])
def test_a_report_that_comes_late_moves_nothing_back(seq: int, at: float) -> None:
    playback = answer()
    playback.played(1, 1.0)
    before = playback.heard_chars
    playback.played(seq, at)
    assert playback.heard_chars == before


def test_nothing_goes_out_after_a_stop() -> None:
    playback = answer()
    playback.stop()
    assert playback.send("Too late.", b"mp3", 1.0) is None
    assert len(playback.sentences) == 3


def test_a_client_that_came_back_gets_what_it_has_not() -> None:
    assert [number for number, _ in answer().after(0)] == [1, 2]
    assert [number for number, _ in answer().after(-1)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("at", "place"), [(0.0, (0, 0.0)), (0.5, (0, 0.5)), (1.5, (1, 0.5)), (3.5, (2, 0.5))]
)
def test_a_moment_of_the_whole_answer_is_found_in_its_sentence(at: float, place: tuple[int, float]) -> None:
    assert answer().locate(at) == place


def test_a_moment_past_the_end_is_the_end() -> None:
    playback = answer()
    playback.played(*playback.locate(99.0))
    assert playback.heard_chars == len(TEXT)


def test_an_answer_without_a_voice_was_heard_as_far_as_it_went() -> None:
    playback = Playback(turn=3, text="Two eggs.")
    playback.send("Two eggs.", None, 0.0)
    assert playback.seconds_left == 0
    assert playback.heard_chars == len("Two eggs.")
    assert Playback(turn=4).heard_chars == 0
    assert Playback(turn=4).locate(1.0) == (0, 0.0)


def test_the_whole_is_what_was_sent_and_what_had_nothing_to_say_is_no_gap() -> None:
    playback = Playback(turn=3, text="Two eggs. 🍳 Tea.", speech=PHONE)
    assert playback.whole_audio() is None
    for text, sound in (("Two eggs.", bytes([1, 0])), ("🍳", None), ("Tea.", bytes([2, 0]))):
        playback.send(text, sound, 0.0)
    assert playback.whole_audio() == bytes([1, 0, 2, 0])


def test_an_answer_whose_voice_failed_has_no_whole() -> None:
    """Half of an answer, played as the whole of it, may say the opposite."""
    playback = Playback(turn=3, text=TEXT, speech=PHONE)
    playback.send("Two eggs.", bytes(2), 1.0)
    playback.error = TtsUnavailable()
    assert playback.whole_audio() is None


def test_sound_that_cannot_be_played_as_one_is_an_error_and_no_exception() -> None:
    """It is asked for while a client is welcomed back, whose conversation would end."""
    playback = answer()
    assert playback.whole_audio() is None
    assert playback.error is not None


reports = st.lists(st.tuples(st.integers(0, 4), st.floats(0, 5, allow_nan=False)), max_size=20)


@given(reports)
def test_what_was_heard_only_grows_and_ends_at_the_answers_end(reports: list[tuple[int, float]]) -> None:
    playback = answer()
    before = 0
    for seq, at in reports:
        playback.played(seq, at)
        assert before <= playback.heard_chars <= len(TEXT)
        assert playback.seconds_left >= 0
        before = playback.heard_chars
