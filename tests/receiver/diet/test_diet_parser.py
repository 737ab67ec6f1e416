"""Foods out of spoken sentences, as speech engines write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.assistants.diet.parser.numbers import read_number, say_number
from receiver.assistants.diet.parser.parser import Utterance, parse, tokenize
from receiver.nutrition.foods import by_name
from receiver.nutrition.units import UNITS

Found = tuple[str, float | None, str | None]


def found(text: str) -> list[Found]:
    """(food, quantity, unit) of each mention; what is not known in capitals."""
    mentions = parse(text, expecting=True).mentions
    return [
        (mention.food.name if mention.food else mention.name.upper(), mention.quantity, mention.unit)
        for mention in mentions
        if not mention.negated
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("I had two eggs and a slice of toast", [("egg", 2, None), ("toast", 1, "slice")]),
        ("Um, so I had like a couple of scrambled eggs, you know", [("scrambled egg", 2, None)]),
        ("eggs toast coffee", [("egg", None, None), ("toast", None, None), ("coffee", None, None)]),
        ("half a cup of oatmeal with a banana", [("oatmeal", 0.5, "cup"), ("banana", 1, None)]),
        ("one and a half cups of rice plus broccoli", [("rice", 1.5, "cup"), ("broccoli", None, None)]),
        ("a cup and a half of milk", [("milk", 1.5, "cup")]),
        ("200g of chicken breast", [("chicken breast", 200, "gram")]),
        ("a hundred and fifty grams of salmon", [("salmon", 150, "gram")]),
        ("six ounces of steak", [("steak", 6, "ounce")]),
        ("2 tablespoons of peanut butter", [("peanut butter", 2, "tablespoon")]),
        ("three quarters of a cup of yogurt", [("yogurt", 0.75, "cup")]),
        ("1 1/2 cups of pasta, ½ avocado", [("pasta", 1.5, "cup"), ("avocado", 0.5, None)]),
        ("half a dozen cookies", [("cookie", 6, None)]),
        ("twenty five almonds", [("almond", 25, None)]),
        ("mac and cheese and a beer", [("mac and cheese", None, None), ("beer", 1, None)]),
        ("a peanut butter and jelly sandwich", [("peanut butter and jelly", 1, None)]),
        ("fish and chips", [("fish and chips", None, None)]),
        ("black coffee", [("coffee", None, None)]),
        ("coffee with a bit of milk", [("coffee", None, None), ("milk", 1, "splash")]),
        ("a bowl of cereal with milk", [("cereal", 1, "bowl"), ("milk", 0.5, "cup")]),
        ("a can of coke and a bag of chips", [("coke", 1, "can"), ("potato chip", 1, "bag")]),
        ("banana bread", [("banana bread", None, None)]),
        ("eggs, scrambled, and orange juice", [("scrambled egg", None, None), ("orange juice", None, None)]),
        ("Two-and-a-half slices of pizza", [("pizza", 2.5, "slice")]),
        ("a few strawberries and some grapes", [("strawberry", 3, None), ("grape", None, None)]),
        ("I drank three bottles of water", [("water", 3, "bottle")]),
        ("coffee no sugar", [("coffee", None, None)]),
        ("I didn't have toast", []),
        ("two zorbles and toast", [("ZORBLES", 2, None), ("toast", None, None)]),
        ("a bowl of gozleme", [("GOZLEME", 1, "bowl")]),
        ("the weather is nice today", []),
        ("can you help me", []),
        ("", []),
        ("?!", []),
    ],
)  # fmt: skip
def test_what_was_said_is_what_is_found(said: str, expected: list[Found]) -> None:
    assert found(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("for lunch I had soup and for dinner rice", {"soup": "lunch", "rice": "dinner"}),
        ("soup for lunch and rice for dinner", {"soup": "lunch", "rice": "dinner"}),
        ("I had eggs and toast for breakfast", {"eggs": "breakfast", "toast": "breakfast"}),
        ("I had eggs and toast", {"eggs": None, "toast": None}),
        ("as a snack I had an apple", {"apple": "snack"}),
    ],
)
def test_each_food_goes_to_the_meal_it_was_named_with(said: str, expected: dict[str, str | None]) -> None:
    assert {mention.name: mention.meal for mention in parse(said).mentions} == expected


def test_a_word_that_is_not_known_is_kept_as_it_was_said() -> None:
    [mention] = parse("I had some gozleme").mentions
    assert (mention.name, mention.food) == ("gozleme", None)


def test_talk_is_no_food_unless_somebody_ate_it() -> None:
    assert parse("my dog sleeps all day").mentions == ()
    assert parse("purple monkey dishwasher elephant umbrella", expecting=True).mentions == ()


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text: str) -> None:
    assert isinstance(parse(text, expecting=True), Utterance)


NUMBER_WORDS = (
    "a an half and of two 1/2 1/0 0/0 quarter dozen hundred couple 99999999999 with no for lunch egg rice cup"
)


@given(st.lists(st.sampled_from([*UNITS, *NUMBER_WORDS.split()]), max_size=20))
def test_no_order_of_numbers_and_units_breaks_the_parser(words: list[str]) -> None:
    for mention in parse(" ".join(words), expecting=True).mentions:
        assert mention.quantity is None or 0 <= mention.quantity < 10**7


def test_a_turn_of_the_greatest_length_is_parsed_in_little_time() -> None:
    assert len(tokenize("two eggs and toast " * 5000)) == 400


NUMBERS_AND_TIMES = {"dessert", "ninety nine", "one bar", "one bars", "sunday dinner", "sunday lunch"}
"""Names that are more often something else."""


def test_every_food_is_found_by_its_names() -> None:
    missed = []
    for words, food in list(by_name().items())[::5]:
        said = [mention.food for mention in parse("I had " + " ".join(words)).mentions]
        # "Bagels and lox" and "a cup of coffee" may as well be a bagel and lox, and a cup of coffee.
        parts = bool({"and", "of", "on", "with"}.intersection(words)) and said and None not in said
        if said != [food] and not parts:
            missed.append(" ".join(words))
    assert set(missed) <= NUMBERS_AND_TIMES


@pytest.mark.parametrize(
    ("said", "value", "rest"),
    [
        ("two", 2, 0), ("a", 1, 0), ("a couple of eggs", 2, 1), ("a dozen eggs", 12, 1), ("half an apple", 0.5, 1),
        ("two and a half cups", 2.5, 1), ("one hundred and five grams", 105, 1), ("two hundred", 200, 0),
        ("three and toast", 3, 2), ("a quarter of a cup", 0.25, 1), ("1,200 calories", 1200, 1),
        ("two and three quarters", 2.75, 0), ("ninety nine", 99, 0),
    ],
)  # fmt: skip
def test_numbers_as_people_say_them(said: str, value: float, rest: int) -> None:
    words = said.split()
    assert read_number(words, 0) == (value, len(words) - rest)


@pytest.mark.parametrize(
    ("value", "said"),
    [(2, "two"), (0.5, "half"), (1.5, "one and a half"), (2.75, "two and three quarters"), (12, "twelve"),
     (13, "13"), (150, "150"), (1.3, "1.3"), (0, "zero")],
)  # fmt: skip
def test_numbers_are_said_as_people_say_them(value: float, said: str) -> None:
    assert say_number(value) == said
