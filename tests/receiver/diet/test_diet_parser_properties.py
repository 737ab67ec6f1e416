"""What holds for the parser whatever is said."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.assistants.diet.items import make_item
from receiver.assistants.diet.parser.parser import MAX_WORDS, parse, tokenize
from receiver.nutrition.foods import FOODS

LONGEST_TEXT = 16_384

WORDS = """
a an the i had ate for of with and or on in no not without but then two half quarter dozen hundred 1/2
1/0 200 grams cup cups slice bowl large small eggs toast coffee milk sugar butter chicken rice soup
sandwich salad breakfast lunch dinner yesterday this morning last night at eleven pm wait sorry i mean
actually make that um like zorble kellogg's crambled instead hold , . ? !
"""


@given(st.text(max_size=300), st.booleans())
def test_no_text_breaks_the_parser(text: str, expecting: bool) -> None:
    for mention in parse(text, expecting=expecting, weekday=3).mentions:
        assert mention.name.strip()


@settings(max_examples=400)
@given(st.lists(st.sampled_from(WORDS.split()), max_size=30))
def test_no_order_of_the_parsers_own_words_breaks_it(words: list[str]) -> None:
    text = " ".join(words)
    utterance = parse(text, expecting=True)
    assert utterance == parse(text, expecting=True)
    assert utterance.words == tuple(tokenize(text))
    for number, mention in enumerate(utterance.mentions):
        assert mention.name.strip()
        assert mention.quantity is None or 0 <= mention.quantity < 10**8
        item = make_item(number, mention, mention.meal or "snack")
        assert item["known"] == (mention.food is not None)
        assert item["kcal"] >= 0


@pytest.mark.parametrize("size", ["small", "large", "bowl", "slice", "gram", "splash"])
def test_an_item_of_every_food_can_be_said_with_any_unit(size: str) -> None:
    for food in FOODS[::25]:
        for mention in parse(f"I had two {size} of {food.name}").mentions:
            assert make_item(1, mention, "lunch")["quantity"] > 0


def _rubbish() -> str:
    letters = random.Random(7)
    words = ("".join(letters.choices("abcdefghiklmnoprstuw", k=letters.randint(2, 9))) for _ in range(4000))
    return " ".join(words)[:LONGEST_TEXT]


@pytest.mark.parametrize(
    "text",
    [
        _rubbish(), "two eggs and toast " * 862, "no " * 5461, "eggs for lunch " * 1092, "a" * LONGEST_TEXT,
        "half and " * 1820,
        "1/2 " * 4096, "," * LONGEST_TEXT, "breakfast " * 1638, "'" * LONGEST_TEXT, "1" * LONGEST_TEXT,
    ],
    ids=["rubbish", "eggs", "no", "lunch", "a", "half", "fractions", "commas", "breakfast", "apostrophes", "digits"],
)  # fmt: skip
def test_the_longest_turn_is_parsed_in_bounded_time(text: str) -> None:
    parse("two crambled eggs")  # reads the table
    started = time.process_time()
    utterance = parse(text, expecting=True)
    assert time.process_time() - started < 2.0
    assert len(utterance.words) <= MAX_WORDS


def test_an_ordinary_sentence_takes_a_few_milliseconds() -> None:
    said = "for breakfast I had two eggs a slice of toast with butter and a cup of coffee no sugar"
    parse(said)
    started = time.process_time()
    for _ in range(20):
        parse(said)
    assert (time.process_time() - started) / 20 < 0.015
