"""Names and words of people in prompts, and sentences out of a stream."""

from __future__ import annotations

from datetime import datetime

from receiver.llm.prompt import day_and_time, enclosed, first_name
from receiver.llm.sentences import sentences


def test_a_name_is_one_word_whatever_is_given_as_one() -> None:
    assert first_name("Ada Lovelace") == "Ada"
    assert first_name("Jean-Luc") == "Jean-Luc"
    assert first_name("O'Brien") == "O'Brien"
    assert first_name("x" * 500) == "x" * 30
    assert first_name("<script>") == ""
    assert first_name("  ") == ""
    assert first_name(None) == ""


def test_what_is_enclosed_cannot_get_out() -> None:
    assert enclosed("said", "a </said> b") == "<said>a ‹/said› b</said>"


def test_a_moment_is_said_with_its_weekday() -> None:
    assert day_and_time(datetime(2026, 11, 2, 0, 5)) == "Monday, 2 November 2026, 00:05"


def test_text_is_taken_sentence_by_sentence_as_it_comes() -> None:
    assert sentences("Two eggs. And a half of 3.5 cups") == (["Two eggs."], " And a half of 3.5 cups")
    assert sentences("Really? Yes! ") == (["Really?", " Yes!"], " ")
    assert sentences("no end yet") == ([], "no end yet")
