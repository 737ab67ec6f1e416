"""What a sentence does not say: foods nobody knows, foods not eaten, and amounts that are of something else."""

from __future__ import annotations

import pytest

from receiver.assistants.diet.items import make_item
from receiver.assistants.diet.parser.parser import parse
from receiver.assistants.diet.utterance import Mention


def eaten(said: str) -> list[Mention]:
    return [each for each in parse(said).mentions if not each.negated and not each.planned]


def names(said: str) -> list[str]:
    return [each.food.name if each.food is not None else each.name.upper() for each in eaten(said)]


def grams(said: str) -> dict[str, float]:
    """Of each known food, by its name in the table."""
    return {
        each.food.name: make_item(1, each, "lunch")["grams"] for each in eaten(said) if each.food is not None
    }


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("a bowl of gromlish stew", ["GROMLISH STEW"]),
        ("a plate of gromlish stew pie", ["GROMLISH STEW PIE"]),
        ("a frobish sandwich and a coffee", ["FROBISH SANDWICH", "coffee"]),
        ("grandma's soup", ["soup"]),
        ("a rustic bread roll", ["roll"]),
        ("a homemade lentil soup", ["lentil soup"]),
        ("a refreshing lemonade", ["lemonade"]),
        ("a Brooklyn style pizza", ["pizza"]),
    ],
)
def test_a_word_nobody_knows_makes_a_food_unknown_and_an_adjective_does_not(
    said: str, expected: list[str]
) -> None:
    assert names(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("not gonna lie I had four cookies", ["cookie"]),
        ("can't complain, I had a steak", ["steak"]),
        ("I couldn't resist a slice of cheesecake", ["cheesecake"]),
        ("I wasn't hungry so I just had toast", ["toast"]),
        ("didn't eat any bread, only the soup", ["soup"]),
        ("I nearly had a muffin but had an apple", ["apple"]),
        ("I would have had pizza but we had salad", ["salad"]),
        ("I was going to have a burger but I had a salad", ["salad"]),
        ("I swapped the fries for a salad", ["salad"]),
        ("in place of rice I had quinoa", ["quinoa"]),
        ("I ordered a steak but sent it back and had the fish", ["fish"]),
        ("I gave half the muffin to my colleague", []),
        ("we chose the salmon", ["salmon"]),
        ("she brought cookies and I had two", ["cookie"]),
    ],
)
def test_what_was_only_wished_for_or_denied_is_told_from_what_was_eaten(
    said: str, expected: list[str]
) -> None:
    assert names(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("for strips of bacon", [("bacon", 4.0, "strip")]),
        ("steak, ate ounces", [("steak", 8.0, "ounce")]),
        ("a cap of coffee", [("coffee", 1.0, "cup")]),
        ("a bole of oatmeal", [("oatmeal", 1.0, "bowl")]),
        ("a pair and an apple", [("pear", 1.0, None), ("apple", 1.0, None)]),
        ("a do nut", [("doughnut", 1.0, None)]),
        ("a bagel and a half", [("bagel", 1.5, None)]),
        ("large fries", [("french fries", None, "large")]),
        ("two pepperoni pizza slices", [("pepperoni pizza", 2.0, "slice")]),
        ("a 500 ml bottle of coke", [("coke", 500.0, "milliliter")]),
        ("two tablespoons of Aunt Jemima syrup", [("maple syrup", 2.0, "tablespoon")]),
        ("a glass of rosé", [("rose wine", 1.0, "glass")]),
    ],
)
def test_amounts_are_heard_as_they_were_meant(
    said: str, expected: list[tuple[str, float | None, str | None]]
) -> None:
    found = [(each.food.name if each.food else "", each.quantity, each.unit) for each in eaten(said)]
    assert found == expected


def test_a_count_is_of_what_can_be_counted_and_toppings_are_not_multiplied() -> None:
    assert grams("three tacos with guacamole")["guacamole"] == grams("a taco with guacamole")["guacamole"]
    marshmallows = grams("a hot chocolate with marshmallows, four of them")
    assert marshmallows["hot chocolate"] < 400
    assert "marshmallow" in marshmallows
    mugs = grams("tea with milk and sugar, three mugs")
    assert mugs.get("sugar", 0) < 50


def test_a_latte_with_oat_milk_has_no_glass_of_milk_besides() -> None:
    assert [each.name for each in eaten("a latte with oat milk")] == ["latte with oat milk"]


def test_what_a_bowl_is_filled_with_is_part_of_it() -> None:
    assert names("a burrito bowl with chicken, rice and beans") == names("a burrito bowl")
    assert names("toast with butter and jam") == ["toast", "butter", "jam"]


@pytest.mark.parametrize(
    ("said", "meal"),
    [
        ("for tea I had beans", "dinner"),
        ("tea was shepherd's pie", "dinner"),
        ("around eight I had eggs", "breakfast"),
        ("I had pasta at half past six", "dinner"),
    ],
)
def test_the_meal_is_heard_in_the_time(said: str, meal: str) -> None:
    assert [each.meal for each in eaten(said)] == [meal]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("had the soup but not the bread it was tomato soup", ["tomato soup"]),
        ("I had the curry it was a chicken curry", ["curry"]),
        ("a sandwich, it was ham and cheese", ["ham and cheese sandwich"]),
        ("and juice, orange juice", ["orange juice"]),
        ("for lunch I had soup and for dinner it was tomato soup", ["soup", "tomato soup"]),
        ("bread then garlic bread", ["bread", "garlic bread"]),
    ],
)
def test_a_food_said_again_more_exactly_counts_once(said: str, expected: list[str]) -> None:
    assert names(said) == expected


def test_what_was_bought_or_denied_with_neither_is_not_eaten() -> None:
    assert [each.quantity for each in eaten("I bought six eggs and ate two")] == [2]
    assert names("neither bread nor butter just soup") == ["soup"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("a plum and sum all mends", ["plum", "almond"]),
        ("a can of die it coke", ["diet coke"]),
        ("a cup of black barry's and yo gurt", ["blackberry", "yogurt"]),
        ("a ham burger and on yun rings", ["hamburger", "onion ring"]),
        ("stake and mash potatoes", ["steak", "mashed potatoes"]),
        ("a bowl of ramming noodles", ["instant noodles"]),
    ],
)
def test_a_name_torn_into_small_words_is_heard_whole(said: str, expected: list[str]) -> None:
    assert names(said) == expected
    assert not any(each.doubtful for each in eaten(said))


def test_what_only_may_have_been_meant_is_asked_about() -> None:
    assert [each.doubtful for each in eaten("I had a chicken case a dear")] == [True]
    assert [each.doubtful for each in eaten("a can of diet code")] == [True]


def test_a_spread_is_taken_by_the_slice_and_a_glass_by_its_size() -> None:
    assert grams("peanut butter on two slices of toast")["peanut butter"] == 32
    assert grams("two sausage links")["breakfast sausage"] == 40
    assert grams("two biscuits and gravy")["biscuits and gravy"] == 440
    assert grams("a large glass of white wine")["white wine"] > grams("a glass of white wine")["white wine"]
    assert grams("small glass of milk")["milk"] < grams("a glass of milk")["milk"]


def test_chips_beside_fish_or_by_the_portion_are_fried_and_by_the_bag_crisps() -> None:
    assert names("a portion of chips") == ["french fries"]
    assert names("fish fingers and chips")[1:] == ["french fries"]
    assert names("a bag of chips") == ["potato chip"]
    assert names("a tuna sandwich with chips")[1:] == ["potato chip"]


def test_an_amount_of_what_goes_in_makes_it_a_food_of_its_own() -> None:
    assert names("cup of tea with a splash of milk and two sugars") == ["tea", "milk", "sugar"]


def test_today_in_two_words_is_no_food() -> None:
    """As a speech engine wrote it: "so far to" sounds like a soft tortilla."""
    assert parse("How many calories have I had so far to-day?").mentions == ()
