"""Which words that are not known may be a food: few, and none that have another meaning."""

from __future__ import annotations

from collections.abc import Sequence

from receiver.assistants.diet.parser.talk import NOT_FOOD, PEOPLE_AND_PLACES

MAX_NAME_WORDS = 4
"""A longer run of words that are not known is talk, not the name of a food."""

_NO_NAMES = ("ly", "ing", "ed", "tion", "ness", "ment")
"""Endings of words that are seldom foods."""


def may_be_a_food(name: Sequence[str], strange: Sequence[str], measured: bool) -> bool:
    """`name`: all its words; `strange`: those not known; `measured`: a number or a unit stands before them."""
    if len(name) > MAX_NAME_WORDS:
        return False
    if any(word in NOT_FOOD or len(word) < 3 for word in strange):
        return False
    return measured or not any(word in PEOPLE_AND_PLACES or word.endswith(_NO_NAMES) for word in strange)
