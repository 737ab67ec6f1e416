"""Numbers, amounts, merchants and categories as people say them, and as recognisers write them down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.bank.amounts import AmountBounds, find_bounds
from receiver.bank.category_words import find_category
from receiver.bank.client import BankClient
from receiver.bank.merchants import match_merchants
from receiver.bank.models import Category
from receiver.bank.number_words import normalise
from receiver.bank.secret import BankToken
from tests.emulators.up_bank import TODAY
from tests.emulators.up_bank_categories import NAMES, PARENTS
from tests.emulators.up_bank_history import SAM, ledger

MERCHANTS = sorted({movement.description for movement in ledger(TODAY).movements_of(SAM)})


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("Twenty-five dollars", "25 dollars"),
        ("the twenty first of March", "the 21st of march"),
        ("a hundred and twenty", "120"),
        ("two thousand three hundred and five", "2305"),
        ("one million", "1000000"),
        ("twenty twenty five", "20 25"),
        ("twelve fifty", "12 50"),
        ("$1,200.50 on 2026-03-05!", "$1200.50 on 2026-03-05"),
        ("a coffee and two teas", "a coffee and 2 teas"),
        ("rock and roll", "rock and roll"),
        ("7-Eleven", "7 11"),
        ("What’s up, Doc?", "what's up doc"),
        ("the hundred", "the hundred"),
        ("a thousand", "1000"),
        ("amazon.com.au", "amazon com au"),
    ],
)
def test_numbers_become_digits(spoken: str, written: str) -> None:
    assert normalise(spoken) == written


@given(st.text(max_size=80))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert once == " ".join(once.split())
    assert normalise(once) == once


@pytest.mark.parametrize(
    ("words", "least", "most"),
    [
        ("over fifty dollars", 5001, None),
        ("more than 100", 10001, None),
        ("at least a hundred and twenty dollars", 12000, None),
        ("bigger than two thousand dollars", 200001, None),
        ("over $2k", 200001, None),
        ("under twelve fifty", None, 1249),
        ("less than 5 dollars and 50 cents", None, 549),
        ("no more than twenty bucks", None, 2000),
        ("up to $1,200.50", None, 120050),
        ("between ten and twenty dollars", 1000, 2000),
        ("between $20 and $10", 1000, 2000),
        ("exactly $12.50", 1250, 1250),
        ("for 20 dollars 50", 2050, 2050),
        ("that thirty dollar payment", 3000, 3000),
        ("fifty cents", 50, 50),
        ("about thirty dollars", 2700, 3300),
    ],
)
def test_amounts_are_bounds_in_cents(words: str, least: int | None, most: int | None) -> None:
    found = find_bounds(f"show me what I bought {words} at Coles")
    assert found is not None
    assert found.bounds == AmountBounds(least, most)
    assert "coles" in found.rest
    assert not any(letter.isdigit() for letter in found.rest)


@pytest.mark.parametrize(
    "words",
    ["over the last 10 days", "my last five transactions", "more than 3 times", "in 2025", "on the 5th", "twenty",
     "over two weeks", "what about Coles", ""],
)  # fmt: skip
def test_what_counts_something_else_is_no_amount(words: str) -> None:
    assert find_bounds(words) is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("woolies", "Woolworths"),
        ("woolworths", "Woolworths"),
        ("wool worths", "Woolworths"),
        ("the Coles supermarket", "Coles"),
        ("coals", "Coles"),
        ("seven eleven", "7-Eleven"),
        ("maccas", "McDonald's"),
        ("mcdonalds", "McDonald's"),
        ("jay bee hi fi", "JB Hi-Fi"),
        ("J B hifi", "JB Hi-Fi"),
        ("netflicks", "Netflix"),
        ("spotty fi", "Spotify"),
        ("uber", "Uber"),
        ("uber eats", "Uber Eats"),
        ("dan murphy's", "Dan Murphy's"),
        ("guzman", "Guzman y Gomez"),
        ("aldi's", "Aldi"),
        ("bunnings warehouse", "Bunnings"),
        ("k mart", "Kmart"),
        ("amazon", "Amazon AU"),
        ("ray white", "Ray White"),
        ("market lane", "Market Lane Coffee"),
        ("git hub", "GitHub"),
        ("a g l", "AGL"),
    ],
)
def test_a_merchant_is_found_by_its_spoken_name(said: str, meant: str) -> None:
    assert match_merchants(said, MERCHANTS) == [meant]


@pytest.mark.parametrize("said", ["", "the", "Harvey Norman", "Myer", "something else", "BP"])
def test_a_merchant_that_is_not_there_is_not_made_up(said: str) -> None:
    assert match_merchants(said, MERCHANTS) == []


def test_branches_of_one_name_are_found_together() -> None:
    names = ["Woolworths Metro", "Woolworths Online", "Coles"]
    assert match_merchants("woolworths", names) == ["Woolworths Metro", "Woolworths Online"]
    assert match_merchants("h and m", ["H&M", "HMV"]) == ["H&M"]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("how much did I spend on groceries", ("groceries",)),
        ("food shopping", ("groceries",)),
        ("on food", ("groceries", "restaurants-and-cafes", "takeaway")),
        ("eating out", ("restaurants-and-cafes",)),
        ("what have my coffees cost", ("restaurants-and-cafes",)),
        ("take away", ("takeaway",)),
        ("petrol", ("fuel",)),
        ("the phone bill", ("mobile-phone",)),
        ("my electricity bill", ("utilities",)),
        ("my car insurance", ("car-insurance-and-maintenance",)),
        ("health insurance", ("health-and-medical",)),
        ("rent", ("rent-and-mortgage",)),
        ("public transport", ("public-transport",)),
        ("transport", ("transport",)),
        ("how much fun money went on the good life", ("good-life",)),
        ("Apps, Games and Software", ("games-and-software",)),
        ("maintenance and improvements", ("home-maintenance-and-improvements",)),
        ("subscriptions", ("tv-and-music", "games-and-software", "news-magazines-and-books")),
        ("tobacco & vaping", ("tobacco-and-vaping",)),
    ],
)
def test_a_category_is_found_by_its_spoken_name(words: str, ids: tuple[str, ...]) -> None:
    listed = [Category(category, name, PARENTS.get(category)) for category, name in NAMES.items()]
    found = find_category(words, listed)
    assert found is not None
    assert found.ids == ids
    assert set(ids) <= set(NAMES)


def test_words_for_no_category_find_none() -> None:
    for words in ("", "what is my balance", "home", "the last five transactions"):
        assert find_category(words) is None


async def test_every_category_of_the_bank_is_understood_by_its_own_name(
    bank_client: BankClient, sam: BankToken
) -> None:
    categories = await bank_client.categories(sam)
    for category in categories:
        if category.parent is not None:
            found = find_category(f"how much on {category.name} this week", categories)
            assert found is not None
            assert found.ids == (category.id,), category.name


def test_a_word_for_what_the_bank_does_not_have_is_not_understood() -> None:
    assert find_category("groceries", [Category("fuel", "Fuel", "transport")]) is None
