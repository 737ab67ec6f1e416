"""From a spoken sentence to the foods in it: how much of what, at which meal.

Speech has no reliable punctuation and words come misheard. So a food is the longest known name at a place;
what stands before it, back to the last separator, is its quantity, unit and kind; and words that are left
over where foods are being named are a food that is not known, kept as said. Nothing is guessed away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from protocol.diary import Meal
from receiver.assistants.diet.numbers import read_number
from receiver.assistants.diet.utterance import Mention, Utterance
from receiver.assistants.diet.vocabulary import (
    ATE,
    CLAUSE,
    COMPOUND_HEADS,
    DRINKS_WITH_A_SPLASH,
    FILLERS,
    MEALS,
    NEGATIONS,
    PREPARED,
    SEPARATORS,
    SPLASHES,
)
from receiver.nutrition.foods import Food, by_name
from receiver.nutrition.units import UNITS

MAX_WORDS = 400
"""Words of one turn that are looked at; a meal is told in fewer."""

MAX_NAME_WORDS = 4
"""A longer run of words that are not known is talk, not the name of a food."""

_TOKEN = re.compile(
    r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+/[0-9]+|[0-9]+(?:\.[0-9]+)?|[^\W\d_]+(?:'[^\W\d_]+)*|[,.;!?&]"
)
_GLYPHS = str.maketrans({"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3", "’": "'", "-": " "})


@dataclass(frozen=True, slots=True)
class _At:
    mention: Mention
    position: int


def tokenize(text: str) -> list[str]:
    return _TOKEN.findall(text.lower().translate(_GLYPHS))[:MAX_WORDS]


def parse(text: str, *, expecting: bool = False) -> Utterance:
    """`expecting`: a question about food was asked, so a bare name may be one that is not known."""
    words = tokenize(text)
    scan = _Scan(words)
    scan.run()
    known = any(found.mention.food is not None for found in scan.found)
    bare = expecting and not any(word in CLAUSE for word in words)
    naming = known or bare or any(word in ATE for word in words) or (bool(scan.meals) and expecting)
    found = [at for at in scan.found if at.mention.food is not None or naming]
    return Utterance(
        tuple(words), tuple(_with_meals(found, scan.meals)), tuple(meal for meal, _ in scan.meals)
    )


class _Scan:
    """One pass over the words, left to right."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.found: list[_At] = []
        self.meals: list[tuple[Meal, int]] = []
        self._joined_by = ""
        self._negated = False
        self._reset()

    def _reset(self) -> None:
        self._quantity: float | None = None
        self._unit: str | None = None
        self._kind: list[str] = []

    def run(self) -> None:
        words, at = self.words, 0
        while at < len(words):
            word = words[at]
            food = longest_food(words, at)
            if food is not None:
                at = self._food(food, at)
            elif word in MEALS:
                self._flush(at)
                self.meals.append((MEALS[word], at))
                at += 1
            elif self._is_unit(at):
                self._unit = UNITS[word]
                at += 1
                if words[at : at + 3] == ["and", "a", "half"]:
                    self._quantity = (self._quantity or 1.0) + 0.5
                    at += 3
                if at < len(words) and words[at] == "of":
                    at += 1
            elif (number := read_number(words, at)) is not None:
                if self._kind:
                    self._flush(at)
                self._quantity, at = number[0], number[1]
            elif word in NEGATIONS:
                self._flush(at)
                self._negated = True
                at += 1
            elif word in SEPARATORS:
                self._flush(at)
                self._joined_by = word
                self._negated = self._negated and word in ("or", "and")
                at += 1
            else:
                if word not in FILLERS:
                    self._kind.append(word)
                at += 1
        self._flush(at)

    def _is_unit(self, at: int) -> bool:
        word = self.words[at]
        if word not in UNITS or self._kind:
            return False
        follows = self.words[at + 1] if at + 1 < len(self.words) else ""
        # "can", "order" and the like are units only where something is counted, "a bit" only of something.
        return follows == "of" or (self._quantity is not None and word not in ("bit", "bits"))

    def _food(self, found: tuple[Food, int], at: int) -> int:
        food, length = found
        name = [*self._kind[-2:], *self.words[at : at + length]]
        end = at + length
        while (more := longest_food(self.words, end)) is not None and more[0].name in COMPOUND_HEADS:
            if _is_plural(food, self.words[at : at + length]):
                break
            food, length = more
            name += self.words[end : end + length]
            at, end = end, end + length
        unit, quantity = self._unit, self._quantity
        previous = self.found[-1].mention if self.found else None
        splash = (
            quantity is None
            and food.name in SPLASHES
            and self._joined_by == "with"
            and previous is not None
            and previous.food is not None
            and previous.food.name in DRINKS_WITH_A_SPLASH
        )
        if splash:
            quantity, unit = 1.0, "splash"
        plural = _is_plural(food, self.words[at:end])
        self.found.append(
            _At(Mention(" ".join(name), food, quantity, unit, plural, negated=self._negated), at)
        )
        self._reset()
        return end

    def _flush(self, at: int) -> None:
        """The run of words ends without a known food."""
        kind = self._kind
        if self.found and self._quantity is None and self._unit is None and self._joined_by == "":
            kind = [word for word in kind if word not in PREPARED]
        if kind and len(kind) <= MAX_NAME_WORDS and not all(word in PREPARED for word in kind):
            name = " ".join(kind)
            self.found.append(
                _At(Mention(name, None, self._quantity, self._unit, negated=self._negated), at - 1)
            )
        self._reset()
        self._joined_by = ""


@cache
def _names_by_first_word() -> dict[str, list[tuple[tuple[str, ...], Food]]]:
    index: dict[str, list[tuple[tuple[str, ...], Food]]] = {}
    for name, food in by_name().items():
        index.setdefault(name[0], []).append((name, food))
    for names in index.values():
        names.sort(key=lambda entry: -len(entry[0]))
    return index


def longest_food(words: Sequence[str], at: int) -> tuple[Food, int] | None:
    """The known food whose name is the longest at this place, and how many words it has."""
    if at >= len(words):
        return None
    for name, food in _names_by_first_word().get(words[at], ()):
        if tuple(words[at : at + len(name)]) == name:
            return food, len(name)
    return None


def _is_plural(food: Food, words: Sequence[str]) -> bool:
    return bool(food.plural) and words[-1].endswith("s") and words[-1] != food.name.split()[-1]


def _with_meals(found: list[_At], meals: list[tuple[Meal, int]]) -> list[Mention]:
    """Give each food its meal: "for lunch soup, for dinner rice" or "soup for lunch and rice for dinner"."""
    if not meals:
        return [at.mention for at in found]
    leads = not found or meals[0][1] < found[0].position
    mentions = []
    for at in found:
        before = [meal for meal, position in meals if position < at.position]
        after = [meal for meal, position in meals if position > at.position]
        chosen = (before[-1:] or after[:1]) if leads else (after[:1] or before[-1:])
        mentions.append(replace(at.mention, meal=chosen[0]))
    return mentions
