"""Corrections in the middle of a sentence: "two eggs, no wait, three eggs", "a bagel, sorry, I mean a muffin"."""

from __future__ import annotations

from collections.abc import Sequence

from receiver.assistants.diet.parser.drafts import Draft
from receiver.assistants.diet.parser.food_index import doubled_words

_WEAK = frozenset(
    {"", "no", "actually", "rather", "no no", "hang on", "hold on", "wait", "oops", "well actually"}
)
"""Said as often when nothing is corrected: these change only what is named again."""


def is_weak(marker: str) -> bool:
    return marker in _WEAK


def repaired(drafts: list[Draft], new: Draft, marker: str) -> bool:
    """Put `new` in the place of the food that it corrects; False where it corrects none."""
    for index in range(len(drafts) - 1, -1, -1):
        if _same(drafts[index], new):
            return _replace(drafts, index, new)
    if is_weak(marker) or not drafts:
        return False
    return _replace(drafts, len(drafts) - 1, new)


def _replace(drafts: list[Draft], index: int, new: Draft) -> bool:
    old = drafts[index]
    if new.quantity is None and new.unit is None:
        new.quantity, new.unit, new.article = old.quantity, old.unit, old.article
    new.link = old.link
    drafts[index] = new
    return True


def _same(one: Draft, other: Draft) -> bool:
    if one.food is not None and other.food is not None and one.food.name == other.food.name:
        return True
    return one.said[-1] == other.said[-1]


def without_restarts(words: Sequence[str]) -> list[str]:
    """The words with what was said twice in a row said once: "I had a I had a bagel"."""
    kept: list[str] = []
    at = 0
    while at < len(words):
        for length in (4, 3, 2, 1):
            again = list(words[at : at + length])
            if len(again) == length and again == kept[-length:] and _is_restart(again):
                at += length
                break
        else:
            kept.append(words[at])
            at += 1
    return kept


def _is_restart(again: Sequence[str]) -> bool:
    if len(again) == 1 and (again[0] == "ate" or again[0] in doubled_words()):
        return False
    return all(word[0].isalnum() for word in again)
