"""The scorer of the spoken meals, and the files' own consistency."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import pytest

from tests.receiver.diet.spoken_meals import Sentence, load, score

HALVES = (load("tuning"), load("held_back"))
EVERY = HALVES[0] + HALVES[1]


def _sentence(id: str) -> Sentence:
    return next(sentence for sentence in EVERY if sentence.id == id)


def _diary(sentence: Sentence) -> list[dict[str, Any]]:
    return [{**dataclasses.asdict(item), "known": True} for item in sentence.items]


def test_both_halves_hold_the_same_mix_of_unique_sentences() -> None:
    tuning, held_back = (Counter(sentence.kind for sentence in half) for half in HALVES)
    assert tuning == held_back
    assert len(EVERY) == len({sentence.id for sentence in EVERY}) == len({s.said for s in EVERY}) >= 200
    assert sum(sentence.expects_question for sentence in EVERY) <= 0.1 * len(EVERY)


@pytest.mark.parametrize("sentence", EVERY, ids=lambda sentence: sentence.id)
def test_the_expected_diary_is_right_and_an_empty_one_is_missed(sentence: Sentence) -> None:
    full = score(sentence, _diary(sentence), asked=sentence.expects_question)
    assert full.verdict == "right", full.why
    assert full.kcal_right
    assert score(sentence, []).verdict == "missed"


def test_plurals_and_other_names_are_the_same_food() -> None:
    diary = _diary(_sentence("several-05"))
    diary[0]["food"], diary[1]["food"] = "pepperoni pizzas", "Beers"
    assert score(_sentence("several-05"), diary).verdict == "right"


def test_a_food_that_was_not_said_is_wrong_but_logged_as_unknown_it_is_not() -> None:
    sentence = _sentence("plain-01")
    other = {"food": "waffle", "quantity": 1, "unit": "", "grams": 75.0, "kcal": 231.0, "known": True}
    assert score(sentence, [*_diary(sentence), other]).verdict == "wrong"
    assert score(sentence, [*_diary(sentence), {**other, "known": False}]).verdict == "right"


def test_an_unknown_or_a_question_where_the_food_was_plain_is_a_miss() -> None:
    sentence = _sentence("plain-01")
    assert score(sentence, [{**_diary(sentence)[0], "known": False, "kcal": 0}]).verdict == "missed"
    assert score(sentence, [], asked=True).verdict == "missed"


def test_an_amount_counts_by_grams_or_by_quantity_and_unit() -> None:
    sentence = _sentence("units-17")  # three rashers of bacon and a fried egg
    diary = _diary(sentence)
    diary[0].update(quantity=1, unit="serving", grams=28.0)
    assert score(sentence, diary).verdict == "right"
    diary[0].update(quantity=3, unit="slices", grams=60.0)
    assert score(sentence, diary).verdict == "right"
    diary[0].update(quantity=1)
    assert score(sentence, diary).verdict == "wrong"


def test_a_usual_portion_that_differs_is_a_miss_not_an_error() -> None:
    sentence = _sentence("several-05")  # ... and a beer
    diary = _diary(sentence)
    diary[1].update(quantity=1, unit="pint", grams=568.0)
    assert score(sentence, diary).verdict == "missed"


def test_another_meal_or_day_is_a_miss() -> None:
    meals = _diary(_sentence("meals-05"))
    meals[0]["meal"] = "dinner"
    assert score(_sentence("meals-05"), meals).verdict == "missed"
    days = _diary(_sentence("time-01"))
    del days[0]["days_ago"]
    assert score(_sentence("time-01"), days).verdict == "missed"


def test_a_denied_food_is_wrong_even_as_an_unknown() -> None:
    sentence = _sentence("negation-01")  # a cup of coffee no sugar
    sugar = {"food": "sugar", "quantity": 1, "unit": "teaspoon", "grams": None, "kcal": 0, "known": False}
    assert score(sentence, [*_diary(sentence), sugar]).verdict == "wrong"


def test_a_good_guess_passes_where_a_question_is_due_and_nonsense_does_not() -> None:
    sentence = _sentence("misheard-21")
    guess = dataclasses.asdict(sentence.could_be[0])
    assert score(sentence, [guess]).verdict == "right"
    assert score(sentence, [], asked=True).verdict == "right"
    assert score(sentence, [{**guess, "food": "bagel"}], asked=True).verdict == "wrong"


def test_calories_are_compared_as_a_sum() -> None:
    sentence = _sentence("plain-01")
    item = {**_diary(sentence)[0], "kcal": 61.1}
    result = score(sentence, [item])
    assert result.kcal_ratio == pytest.approx(0.5)
    assert not result.kcal_right
