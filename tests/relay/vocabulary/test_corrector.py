"""Phrases put right, and everything else left as it is."""

from __future__ import annotations

import statistics
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.vocabulary.corrector import MAX_TOKENS, Corrector
from relay.vocabulary.phrases import Topic, own_list, topics
from tests.relay.vocabulary.transcripts import load, word_error_rate


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("Can you add fried Tilopia to my breakfast?", "Can you add fried tilapia to my breakfast?"),
        ("A bowl of chili with corn bread.", "A bowl of chili with cornbread."),
        ("A bowl of chili with corn-breat.", "A bowl of chili with cornbread."),
        ("I ate a bowl of clan-chowder.", "I ate a bowl of clam chowder."),
        ("Two crambled eggs and toast.", "Two scrambled eggs and toast."),
        ("Crambled eggs for breakfast.", "Scrambled eggs for breakfast."),
        ("I had oat meal, and a peach coplier!", "I had oatmeal, and a peach cobbler!"),
        ("And then the gendu item about hiring.", "And then the agenda item about hiring."),
        ("What is my ratting number?", "What is my routing number?"),
        ("What's on my to do list?", "What's on my to-do list?"),
        ("Add a two do for the rent.", "Add a to-do for the rent."),
        ("Add it to do to renew my passport.", "Add a to-do to renew my passport."),
        ("Said a reminder for nine.", "Set a reminder for nine."),
        ("All right. Right a note for me.", "All right. Write a note for me."),
        ("I have my to dos and an e mail.", "I have my to-dos and an email."),
        ("Move it to the dead line of the project.", "Move it to the deadline of the project."),
    ],
)
def test_what_the_engine_mishears_is_put_right(corrector: Corrector, heard: str, meant: str) -> None:
    assert corrector.correct(heard) == meant


@pytest.mark.parametrize(
    "said",
    [
        "",
        "...",
        "What do I have to do today?",
        "I have a lot to do, and nothing new to do it with.",
        "Tell me what to do. List the meetings.",
        "It was good to be an actor.",
        "He said the reminder came late. Said the meeting was over.",
        "You are right a note would do. Did you add it to do for him?",
        "Meet me at the corner, so that we pass the bank.",
        "She put butter, milk and flour into the bowl.",
        "I won an auction item in town.",
        "What is the current amount?",
        "The rock star was led out of the back door.",
        "Remind me to call Berta and Sir Leifer.",
        "I had a bagel, sorry, I mean a muffin.",
        "I had dupes crambled eggs.",  # The word before was misheard as well; the receiver knows what to make of it.
        "I had six pirozhki and a karjalanpiirakka.",
        "Ich hätte gern ein Brötchen mit Käse.",
    ],
)
def test_what_may_have_been_said_is_left_alone(corrector: Corrector, said: str) -> None:
    assert corrector.correct(said) == said


def test_a_strange_word_is_no_food_where_nobody_talks_of_food(corrector: Corrector) -> None:
    assert corrector.correct("We met Tilopia at the station.") == "We met Tilopia at the station."
    assert corrector.correct("We ate Tilopia at the station.") == "We ate tilapia at the station."


def test_no_food_is_taken_for_another_one(corrector: Corrector) -> None:
    changed = {}
    for name in (*own_list("food"), *own_list("food_names")):
        said = f"I had {name} for lunch."
        corrected = corrector.correct(said)
        if corrected.replace(" ", "") != said.replace(" ", ""):
            changed[name] = corrected
    assert changed == {}


def test_no_phrase_of_ours_is_changed(corrector: Corrector) -> None:
    for phrase in (*own_list("assistant"), *own_list("bank")):
        said = f"Please add my {phrase} to the project."
        assert corrector.correct(said) == said


_PIECES = [
    "corn",
    "breat",
    "clan",
    "chowder",
    "to",
    "do",
    "I",
    "had",
    "'s",
    "’",
    "-",
    " ",
    "  ",
    ", ",
    ". ",
    "7",
    "\n",
    "é",
]

BEFORE_AND_AFTER = {
    ("tuning", "food"): (0.227, 0.205),
    ("tuning", "foods"): (0.268, 0.250),
    ("tuning", "work"): (0.192, 0.180),
    ("tuning", "bank"): (0.100, 0.098),
    ("held_back", "food"): (0.240, 0.228),
    ("held_back", "foods"): (0.281, 0.261),
    ("held_back", "work"): (0.163, 0.159),
    ("held_back", "bank"): (0.075, 0.073),
}
"""Word error rates: at least as heard, and at most as corrected."""


@pytest.mark.parametrize("half", ["tuning", "held_back"])
@pytest.mark.parametrize("kind", ["food", "foods", "work", "bank"])
def test_fewer_words_are_wrong_afterwards(corrector: Corrector, half: str, kind: str) -> None:
    transcripts = [each for each in load(half) if each.kind == kind]
    before = word_error_rate(transcripts)
    after = word_error_rate(transcripts, corrector.correct)
    least, most = BEFORE_AND_AFTER[half, kind]
    assert before >= least  # Else these are other transcripts.
    assert after <= most


@pytest.mark.parametrize("half", ["tuning", "held_back"])
def test_of_talk_about_other_things_no_word_is_changed(corrector: Corrector, half: str) -> None:
    transcripts = [each.heard for each in load(half) if each.kind == "control"]
    assert len(transcripts) == 120
    assert [heard for heard in transcripts if corrector.correct(heard) != heard] == []


@pytest.mark.parametrize("half", ["tuning", "held_back"])
def test_a_correction_makes_a_sentence_better_and_hardly_ever_worse(corrector: Corrector, half: str) -> None:
    better = worse = 0
    for each in load(half):
        before, after = word_error_rate([each]), word_error_rate([each], corrector.correct)
        better += after < before
        worse += after > before
    assert better >= 30
    assert worse <= 1


def test_a_text_is_corrected_once_and_for_all(corrector: Corrector) -> None:
    for each in load("held_back"):
        once = corrector.correct(each.heard)
        assert corrector.correct(once) == once


@given(text=st.text() | st.lists(st.sampled_from(_PIECES)).map("".join))
def test_nothing_that_is_heard_upsets_it(corrector: Corrector, text: str) -> None:
    corrected = corrector.correct(text)
    assert corrected.count("7") == text.count("7")
    assert corrected.count(".") == text.count(".")


def test_a_deployers_own_words_are_known_wherever_they_come_up() -> None:
    corrector = Corrector((Topic(("Zylotrex", "Priya Raman", "Kvarn Street"), None), *topics(None)))
    assert corrector.correct("Did the zilatrex come?") == "Did the Zylotrex come?"
    assert corrector.correct("Ask Preya Raman about it.") == "Ask Priya Raman about it."
    assert corrector.correct("It is in Quarn Street.") == "It is in Kvarn Street."


def test_a_final_takes_a_fifth_of_a_millisecond() -> None:
    """On the machine that it was measured on, where the control takes 0.06 ms."""
    corrector = Corrector(topics(None))  # New, so that nothing is in its cache.
    times, controls = [], []
    for each in load("held_back"):
        start = time.thread_time()
        corrector.correct(each.heard)
        times.append(time.thread_time() - start)
        start = time.thread_time()
        sorted(str(number) for number in range(500))
        controls.append(time.thread_time() - start)
    assert statistics.median(times) < 4 * statistics.median(controls)


def test_a_text_without_end_is_corrected_in_part(corrector: Corrector) -> None:
    text = "I had corn bread. " * 1000
    start = time.thread_time()
    corrected = corrector.correct(text)
    assert time.thread_time() - start < 0.5
    assert 0 < corrected.count("cornbread") <= MAX_TOKENS // 4
