"""Answers cut into what is voiced one call at a time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.sentences import MAX_SENTENCE_CHARS, split

pieces = st.sampled_from(
    [
        "Two eggs",
        ".",
        "! ",
        "? ",
        "… ",
        "e.g. ",
        "Dr. ",
        " ",
        "\n\n",
        ", ",
        "; ",
        '."',
        "1.5 g",
        "x" * 310,
        "ok",
        "🍳",
        "。",
    ]
)


@given(st.one_of(st.text(max_size=400), st.lists(pieces, max_size=40).map("".join)))
def test_no_word_of_an_answer_is_lost_or_said_twice(text: str) -> None:
    sentences = split(text)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(0 < len(sentence) <= MAX_SENTENCE_CHARS for sentence in sentences)
    assert all(sentence == " ".join(sentence.split()) for sentence in sentences)


@given(st.text(alphabet="ab .!?,\n", max_size=400))
def test_words_that_are_no_longer_than_a_sentence_stay_whole(text: str) -> None:
    words = text.split()
    if all(len(word) <= MAX_SENTENCE_CHARS for word in words):
        assert " ".join(split(text)).split() == words


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Good morning! What did you have?", ["Good morning!", "What did you have?"]),
        ("That is 1.5 g of salt. Fine.", ["That is 1.5 g of salt.", "Fine."]),
        ("Fruit, e.g. an apple. Good.", ["Fruit, e.g. an apple.", "Good."]),
        ("Dr. Kim says (approx. 200 kcal) so.", ["Dr. Kim says (approx. 200 kcal) so."]),
        ('She said "stop." Then she left.', ['She said "stop."', "Then she left."]),
        ("Wait... what?! Yes…", ["Wait...", "what?!", "Yes…"]),
        ("One line\n\nof two  spaces", ["One line of two spaces"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_end_where_people_end_them(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


def test_a_long_sentence_is_cut_at_a_clause_first() -> None:
    clause = "word " * 30 + "word, "
    parts = split(clause * 4)
    assert [part[-1] for part in parts] == [",", ",", ",", ","]


def test_a_long_sentence_without_a_clause_is_cut_between_words() -> None:
    assert all(set(part.split()) == {"word"} for part in split("word " * 200))


@pytest.mark.parametrize("filling", [".", "!?", '."', ".)", "a. ", "e.g. "])
def test_no_answer_holds_the_other_conversations_up(filling: str) -> None:
    """Splitting runs on the event loop: the longest answer there may be takes milliseconds, whatever is in it."""
    text = (filling * 16_384)[:16_384]
    start = time.process_time()
    split(text)
    assert time.process_time() - start < 0.1
