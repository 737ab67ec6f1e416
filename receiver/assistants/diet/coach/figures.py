"""Figures in what a language model says: each has to be one that the table gave.

A model may add up wrongly, remember a wrong figure or be talked into one. So every number that a sentence puts
beside a word for calories or nutrients is compared with those that the tools gave in this turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from protocol.diary import Totals
from receiver.assistants.diet.parser.numbers import read_number
from receiver.assistants.diet.parser.tokens import word_set

FIGURES = tuple(Totals.model_fields)

FIGURE_WORDS = {
    "calorie": "kcal", "calories": "kcal", "kcal": "kcal", "kcals": "kcal", "kilocalories": "kcal",
    "cal": "kcal", "cals": "kcal", "protein": "protein_g", "proteins": "protein_g", "carb": "carbs_g",
    "carbs": "carbs_g", "carbohydrate": "carbs_g", "carbohydrates": "carbs_g", "fat": "fat_g", "fats": "fat_g",
}  # fmt: skip

_CALORIES = frozenset(word for word, figure in FIGURE_WORDS.items() if figure == "kcal")
_GRAMS = frozenset({"g", "gram", "grams", "of", "more", "left", "your", "total"})
_ENDS = frozenset(".,;:!?")
_JOINTS = word_set(
    ": is are was were at to of about around roughly only just total totals come comes now so far stand stands today "
    "up add adds left for that free"
)
"""Words that may stand between a figure's word and its number: "your calories so far come to 320"."""

_KINDS = word_set("free powder bar bars shake shakes")
"""After a nutrient they make a food of it: "30 grams of fat free yogurt"."""

_BEFORE, _AFTER = 4, 6
"""Words between a number and the word it counts: "320 more grams of protein", "calories come to 320"."""

_TOKEN = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?|[^\W\d_]+(?:'[^\W\d_]+)*|[.,;:!?]")
_ABSOLUTE = {"kcal": 6.0}
"""Calories are said rounded to 5 or 10; grams to whole ones."""
_RELATIVE = 0.03


class Figures:
    """The figures that may be said."""

    def __init__(self) -> None:
        self._known: dict[str, set[float]] = {figure: set() for figure in FIGURES}

    def learn(self, data: object) -> None:
        """Take in every figure in JSON, wherever it is.

        None of a food that is not known and none of an empty meal: that nothing is written down there does not
        mean that something has no calories. Only a food of the table can have none.
        """
        if isinstance(data, Mapping):
            for key, value in data.items():
                if key in self._known and isinstance(value, int | float):
                    if value or "food" in data:
                        self._known[key].add(float(value))
                else:
                    self.learn(value)
        elif isinstance(data, Sequence) and not isinstance(data, str):
            for part in data:
                self.learn(part)

    def bear_out(self, sentence: str) -> bool:
        """Whether every figure in the sentence is known, within rounding."""
        return all(self._knows(figure, value) for figure, value in claims(sentence))

    def _knows(self, figure: str, value: float) -> bool:
        return any(
            abs(value - known) <= max(_ABSOLUTE.get(figure, 1.0), _RELATIVE * known)
            for known in self._known[figure]
        )


def claims(sentence: str) -> Iterator[tuple[str, float]]:
    """The figures that a sentence states: `("kcal", 320.0)`."""
    tokens = _numbered(sentence)
    for at, token in enumerate(tokens):
        figure = FIGURE_WORDS.get(token) if isinstance(token, str) else None
        if figure is None:
            continue
        place = _number_before(tokens, at)
        if place is None:
            place = _number_after(tokens, at)
        if place is None:
            continue
        # "320 of your 2,000 calories" are two claims.
        for value in (tokens[place], *_counted_of(tokens, place)):
            assert isinstance(value, float)
            # "Half your calories", "one low calorie snack": nobody counts so few.
            if value == 0 or value > 1 or (value == 1 and figure != "kcal"):
                yield figure, value


def _numbered(sentence: str) -> list[str | float]:
    """Words and numbers; number words are numbers too."""
    words = _TOKEN.findall(sentence.lower().replace("’", "'").replace("-", " "))
    tokens: list[str | float] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word[0].isdigit():
            tokens.append(float(word.replace(",", "")))
        elif word == "zero" or (word == "no" and at + 1 < len(words) and words[at + 1] in _CALORIES):
            tokens.append(0.0)
        elif (number := _number_word(words, at)) is not None:
            tokens.append(float(number[0]))
            at = number[1]
            continue
        elif word == "free" and tokens and tokens[-1] in _CALORIES:  # "calorie-free"
            tokens.append(0.0)
        else:
            tokens.append(word)
        at += 1
    return tokens


def _number_word(words: list[str], at: int) -> tuple[float, int] | None:
    if words[at] in ("a", "an") and words[at + 1 : at + 2] not in (["hundred"], ["thousand"]):
        return None
    return read_number(words, at)


def _number_before(tokens: list[str | float], at: int) -> int | None:
    """The place of the number that counts the word there."""
    for place in range(at - 1, max(-1, at - 1 - _BEFORE), -1):
        token = tokens[place]
        if isinstance(token, float):
            return place if tokens[at] in _CALORIES or _are_grams(tokens, place, at) else None
        if token in FIGURE_WORDS or token in _ENDS:
            return None
    return None


def _are_grams(tokens: list[str | float], place: int, at: int) -> bool:
    """Not so in "two cups of fat free milk", "two protein bars" and "30 grams of fat free yogurt"."""
    between, after = tokens[place + 1 : at], tokens[at + 1 : at + 2]
    if not between:  # "12 protein, 30 carbs"
        return not after or after[0] in _ENDS or after[0] == "and"
    return all(word in _GRAMS for word in between) and not (after and after[0] in _KINDS)


def _number_after(tokens: list[str | float], at: int) -> int | None:
    for place in range(at + 1, min(len(tokens), at + 1 + _AFTER)):
        if isinstance(tokens[place], float):
            return place
        if tokens[place] not in _JOINTS:
            return None
    return None


def _counted_of(tokens: list[str | float], place: int) -> list[float]:
    """The number before one of which it says a part: "500 left of your 2,000"."""
    of = place - 2 if tokens[place - 1] in ("your", "the") else place - 1
    if of < 1 or tokens[of] != "of":
        return []
    return [token for token in tokens[max(0, of - 2) : of] if isinstance(token, float)][-1:]
