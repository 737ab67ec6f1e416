"""The spoken-food test set: sentences as people say them, the foods in them, and how an answer is scored.

The sentences are in `tuning.jsonl` and `held_back.jsonl`; the README beside them says what each field means.
There is no parser here: a caller brings the diary that a sentence led to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent

TOLERANCE = 0.25
"""Share by which an amount or a sum of calories may be off."""

NEGLIGIBLE_KCAL = 10.0
"""Calories that may be off whatever the share: a black coffee has 2."""

_SAME_UNIT = {
    "": "piece",
    "g": "gram",
    "gramme": "gram",
    "oz": "ounce",
    "ml": "millilitre",
    "milliliter": "millilitre",
    "tbsp": "tablespoon",
    "tsp": "teaspoon",
    "rasher": "slice",
    "strip": "slice",
    "packet": "bag",
    "container": "pot",
}
"""Units that count the same thing, by their singular."""


@dataclass(frozen=True, slots=True)
class ExpectedItem:
    """One food of a sentence. `fdc_id` is None where the USDA row carries none or the food is a mix of rows."""

    food: str
    also: tuple[str, ...]
    quantity: float
    unit: str
    amount_said: bool
    grams: float
    kcal: float
    fdc_id: int | None
    usda: str
    meal: str | None = None
    days_ago: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        return (self.food, *self.also)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What was said and what the diary must hold afterwards."""

    id: str
    said: str
    kind: str
    items: tuple[ExpectedItem, ...]
    absent: tuple[str, ...]
    expects_question: bool
    could_be: tuple[ExpectedItem, ...]

    @property
    def kcal(self) -> float:
        return sum(item.kcal for item in self.items)


@dataclass(frozen=True, slots=True)
class Score:
    """How one sentence came out. `kcal_ratio` is the diary's calories over the expected; 1.0 is exact."""

    verdict: Literal["right", "missed", "wrong"]
    items_right: int
    items_missed: int
    items_wrong: int
    kcal_ratio: float
    kcal_right: bool
    why: tuple[str, ...] = ()


def load(name: Literal["tuning", "held_back"]) -> tuple[Sentence, ...]:
    """The sentences of one half, in the file's order."""
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(_sentence(json.loads(line)) for line in lines)


def _sentence(fields: dict[str, Any]) -> Sentence:
    return Sentence(
        **{
            **fields,
            "items": _expected(fields["items"]),
            "absent": tuple(fields["absent"]),
            "could_be": _expected(fields["could_be"]),
        }
    )


def _expected(items: list[dict[str, Any]]) -> tuple[ExpectedItem, ...]:
    return tuple(ExpectedItem(**{**item, "also": tuple(item["also"])}) for item in items)


def score(sentence: Sentence, diary: Iterable[Mapping[str, Any]], *, asked: bool = False) -> Score:
    """Scores the items that the sentence added to the diary.

    `diary` holds items as in the diary message (`food`, `quantity`, `unit`, `grams`, `kcal`, `known`), each with
    the `meal` it stands under and `days_ago`, 0 (today) where it is left out. `asked` says that the answer was a
    question about what was meant; an item with `known: false` counts as one too.
    """
    items = list(diary)
    known = [item for item in items if item.get("known", True)]
    asked = asked or len(known) < len(items)
    pairs = _pair(sentence.items, known)
    right = missed = wrong = 0
    why: list[str] = []
    for index, expected in enumerate(sentence.items):
        found = pairs.get(index)
        if found is None:
            missed += 1
            why.append(f"missed: {expected.food}")
        elif not _amount_right(expected, known[found]):
            if expected.amount_said:
                wrong += 1
            else:
                missed += 1
            why.append(f"amount: {expected.food}")
        elif not _placed_right(expected, known[found]):
            missed += 1
            why.append(f"meal or day: {expected.food}")
        else:
            right += 1
    extra = [item for index, item in enumerate(known) if index not in pairs.values()]
    guesses = [item for item in extra if any(_is_food(could, item) for could in sentence.could_be)]
    for item in extra:
        if item not in guesses:
            wrong += 1
            why.append(f"not said: {item['food']}")
    for item in items:
        # A known one is counted above unless its name also matches a food that was said ("burger" for "no burger").
        if _names(sentence.absent, item["food"]) and item not in extra:
            wrong += 1
            why.append(f"denied: {item['food']}")
    if sentence.expects_question and not asked and not guesses:
        missed += 1
        why.append("no question")
    total = sum(float(item["kcal"]) for item in known if item not in guesses)
    return Score(
        verdict="wrong" if wrong else "missed" if missed else "right",
        items_right=right,
        items_missed=missed,
        items_wrong=wrong,
        kcal_ratio=total / sentence.kcal if sentence.kcal else 1.0 + total,
        kcal_right=abs(total - sentence.kcal) <= max(TOLERANCE * sentence.kcal, NEGLIGIBLE_KCAL),
        why=tuple(why),
    )


def _pair(expected: Sequence[ExpectedItem], known: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Expected item -> diary item, each at most once; the exact name and then the right amount go first."""
    ranked = sorted(
        (
            -(2 * (_words(item["food"]) == _words(wanted.food)) + _amount_right(wanted, item)),
            row,
            column,
        )
        for row, wanted in enumerate(expected)
        for column, item in enumerate(known)
        if _is_food(wanted, item)
    )
    pairs: dict[int, int] = {}
    for _, row, column in ranked:
        if row not in pairs and column not in pairs.values():
            pairs[row] = column
    return pairs


def _is_food(expected: ExpectedItem, item: Mapping[str, Any]) -> bool:
    return _names(expected.names, item["food"])


def _names(names: Iterable[str], food: str) -> bool:
    """Whether any of the names stands in the food's name, whole words one after another."""
    words = _words(food)
    for name in names:
        wanted = _words(name)
        if any(words[i : i + len(wanted)] == wanted for i in range(len(words) - len(wanted) + 1)):
            return True
    return False


def _words(text: str) -> list[str]:
    return [_singular(word) for word in re.findall(r"[a-z]+", re.sub("['\u2019]", "", text.lower()))]


def _singular(word: str) -> str:
    """One spelling for singular and plural; it need not be the dictionary's ("cooky")."""
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("oes", "shes", "ches", "sses", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss") and len(word) > 2:
        word = word[:-1]
    return word[:-2] + "y" if word.endswith("ie") and len(word) > 3 else word


def _amount_right(expected: ExpectedItem, item: Mapping[str, Any]) -> bool:
    grams = item.get("grams")
    if grams is not None and abs(grams - expected.grams) <= TOLERANCE * expected.grams:
        return True
    same_unit = _unit(item.get("unit", "")) == _unit(expected.unit)
    return same_unit and abs(item["quantity"] - expected.quantity) <= 0.01 * expected.quantity


def _unit(unit: str) -> str:
    singular = " ".join(_words(unit))
    return _SAME_UNIT.get(singular, singular)


def _placed_right(expected: ExpectedItem, item: Mapping[str, Any]) -> bool:
    if item.get("days_ago", 0) != expected.days_ago:
        return False
    return expected.meal is None or item.get("meal") == expected.meal
