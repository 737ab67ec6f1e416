"""Which figures a sentence states, and which of them may be said."""

from __future__ import annotations

import pytest

from receiver.assistants.diet.coach.figures import Figures, claims


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("That is about 215 calories.", [("kcal", 215)]),
        ("Two eggs, 155 calories.", [("kcal", 155)]),
        ("That is two hundred and fifteen calories.", [("kcal", 215)]),
        ("You have 1,240 more calories today.", [("kcal", 1240)]),
        ("Your calories so far come to 640.", [("kcal", 640)]),
        ("Calories: 640", [("kcal", 640)]),
        ("It has zero calories.", [("kcal", 0)]),
        ("There are no calories in it.", [("kcal", 0)]),
        ("That is calorie-free.", [("kcal", 0)]),
        (
            "215 kcal, with 12 grams of protein, 30 of carbs and 9g fat.",
            [("kcal", 215), ("protein_g", 12), ("carbs_g", 30), ("fat_g", 9)],
        ),
        ("With two eggs, calories come to 143.", [("kcal", 143)]),
        ("You have 500 left of your 2,000 calories.", [("kcal", 2000), ("kcal", 500)]),
        ("A hundred calories.", [("kcal", 100)]),
        ("Protein: 12 g, fat: 10 g, carbs: 1 g", [("protein_g", 12), ("fat_g", 10), ("carbs_g", 1)]),
        ("320 cal, 12 protein, 30 carbs.", [("kcal", 320), ("protein_g", 12), ("carbs_g", 30)]),
        ("That leaves 40 grams of protein.", [("protein_g", 40)]),
        ("You had 2 eggs.", []),
        ("That is about half your calories, and one low calorie snack.", []),
        ("30 grams of fat free yogurt, 30 grams of low fat cheese, a 20 gram protein bar.", []),
        ("Two cups of fat free milk and two protein bars.", []),
        ("That is low in fat and carbs, and 3 eggs are fine.", []),
        ("What did you have for lunch at 12?", []),
        ("How many calories would you like to aim for?", []),
    ],
)
def test_the_figures_of_a_sentence(sentence: str, expected: list[tuple[str, float]]) -> None:
    assert list(claims(sentence)) == expected


def test_a_known_figure_may_be_said_rounded_and_no_other() -> None:
    figures = Figures()
    figures.learn({"items": [{"kcal": 143, "protein_g": 12}], "totals": {"kcal": 1857}})
    assert figures.bear_out("That is about 145 calories.")
    assert figures.bear_out("You are at 1,860 calories, with 12 grams of protein.")
    assert figures.bear_out("And what did you drink?")
    assert not figures.bear_out("That is about 180 calories.")
    assert not figures.bear_out("That is 143 calories, with 20 grams of protein.")
    assert not figures.bear_out("That has no calories.")
