"""What a model writes for a page, and what of it is said."""

from __future__ import annotations

import time

import pytest

from receiver.assistants.chat.speech import MAX_SENTENCE_CHARS, Speech
from tests.emulators.model_server import pieces


def heard(text: str, length: int = 1_000_000) -> list[str]:
    """The sentences that are said where `text` comes in pieces of this length."""
    speech = Speech()
    said = [sentence for piece in pieces(text, length) for sentence in speech.feed(piece)]
    return said + speech.flush()


PAGES = {
    "plain": ("Yes. It is, at 3.5 percent! Is it?", ["Yes.", "It is, at 3.5 percent!", "Is it?"]),
    "one word": ("Yes", ["Yes"]),
    "bold and italic": (
        "It is **very** *good*, __really__ _so_. **All of it. Twice.**",
        ["It is very good, really so.", "All of it.", "Twice."],
    ),
    "headings and lists": (
        "# Fruit\n\nThere are **three**:\n\n1. Apples\n2. *Pears*, which are soft. Very.\n3. Plums\n\n- one;\n* two\n",
        ["Fruit.", "There are three:", "Apples.", "Pears, which are soft.", "Very.", "Plums.", "one;", "two."],
    ),
    "a number that is the answer": ("42. That is all.\n2 plus 2 is 4.", ["42.", "That is all.", "2 plus 2 is 4."]),
    "a minus and a dash": ("-5 degrees. Cold - very.", ["-5 degrees.", "Cold - very."]),
    "times and names of variables": (
        "2 * 3 is 6, and 2*3 too, my_own_name.",
        ["2 * 3 is 6, and 2*3 too, my_own_name."],
    ),
    "links and addresses": (
        "See [the page](https://a.b/c_d) or https://www.example.com/x?y=1. Or ![a cat](cat.png) on http://b.org!",
        ["See the page or example.com.", "Or a cat on b.org!"],
    ),
    "code": ("Try this:\n```python\nprint('a. b')\n1. x\n```\nThat is `all`.", ["Try this:", "That is all."]),
    "code without an end": ("So:\n```\nfor x in y:\n  pass\n", ["So:"]),
    "a table": ("| day | hours |\n|---|:--:|\n| Monday | 3 |\n", ["day, hours.", "Monday, 3."]),
    "a quotation and a rule": ("> To be.\n\n---\n\nNot to be.", ["To be.", "Not to be."]),
    "emoji": ("Great 🎉! 👍🏽 ✅ See you ❤️", ["Great!", "See you"]),
    "tags": ("<said>Hello <b>you</b></said>. 1 < 2 and 3 > 2.", ["Hello you.", "1 < 2 and 3 > 2."]),
    "closing marks": (
        'He said "Stop." Then (he left.) „Gut.“ Fine.',
        ['He said "Stop."', "Then (he left.)", "„Gut.“", "Fine."],
    ),
    "another script": ("你好。再见！Ça va ?", ["你好。", "再见！", "Ça va?"]),
    "nothing to say": ("...\n***\n🎈", []),
}  # fmt: skip


@pytest.mark.parametrize("length", [1, 2, 3, 7, 1_000])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_said_as_speech_wherever_its_pieces_are_cut(page: str, length: int) -> None:
    text, said = PAGES[page]
    assert heard(text, length) == said


def test_a_sentence_is_said_as_soon_as_the_next_begins() -> None:
    speech = Speech()
    assert speech.feed("It is noon.") == []
    assert speech.feed(" And") == ["It is noon."]
    assert speech.flush() == ["And"]
    assert speech.flush() == []


def test_a_sentence_without_an_end_is_said_in_parts_and_no_word_is_lost() -> None:
    text = "and then " * 300
    said = heard(text, 10)
    assert len(said) > 5
    assert max(map(len, said)) <= MAX_SENTENCE_CHARS
    assert " ".join(said).split() == text.split()
    assert "".join(heard("x" * 3_000, 10)) == "x" * 3_000


@pytest.mark.parametrize(
    "text",
    ["*", "_", "`", "[", "![", "[a](", "http://", "https://a.", "<a ", "| ", "1. ", ".", '."', " ", "\n", "a\n", "# "],
)  # fmt: skip
def test_marks_without_end_take_no_longer_than_their_length(text: str) -> None:
    long = (text * 20_000)[:20_000]
    began = time.process_time()
    heard(long)
    heard(long, 5)
    assert time.process_time() - began < 2
