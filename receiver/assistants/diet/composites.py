"""Foods told in parts that are one: "a bacon and egg sandwich", "a sandwich with turkey", "a burger on a bun"."""

from __future__ import annotations

from receiver.assistants.diet.drafts import Draft
from receiver.assistants.diet.food_index import food_named
from receiver.assistants.diet.vocabulary import FILLED, TOPPED_BREADS

_COUNTED_FILLINGS = frozenset(
    {"egg", "tomato", "onion", "mushroom", "pepper", "potato", "avocado", "olive", "sausage"}
)
"""Counted, but in a sandwich no one by itself."""


def merge_parts(drafts: list[Draft]) -> list[Draft]:
    merged: list[Draft] = []
    for draft in drafts:
        last = merged[-1] if merged else None
        if last is None or last.denied != draft.denied or not _merge(last, draft):
            merged.append(draft)
        else:
            last.without += draft.without
    return merged


def _merge(last: Draft, draft: Draft) -> bool:
    """Take the second up into the first, where it is a part of it."""
    if draft.food is None or (draft.quantity is not None and not draft.article):
        return False
    if draft.link == "and":
        return draft.quantity is None and _named_by_both(last, draft)
    filled = last.said[-1] in FILLED or (last.food is not None and last.food.name.split()[-1] in FILLED)
    if draft.link in ("on", "in") and (filled or last.said[-1] in ("dog", "dogs", "hotdog")):
        return bool({*draft.said} & TOPPED_BREADS)
    if draft.link == "with" and draft.quantity is None and draft.unit is None and last.said[-1] in FILLED:
        food = food_named([*draft.said, last.said[-1]])
        if food is not None and len(last.said) == 1:
            last.food, last.said = food, [*draft.said, last.said[-1]]
            return True
    return False


def _named_by_both(last: Draft, draft: Draft) -> bool:
    """ "A bacon and egg sandwich": nobody counts one bacon."""
    if (
        draft.food is None
        or last.food is None
        or draft.said[-1] not in FILLED
        or len(draft.modifiers + draft.said) < 2
    ):
        return False
    if not last.article or last.unit is not None or last.plural:
        return False
    counted = "" in last.food.portions and last.food.name not in _COUNTED_FILLINGS
    if counted or last.said[-1] in FILLED:
        return False
    both = [*last.said, "and", *draft.modifiers, *draft.said]
    last.food = food_named(both) or draft.food
    last.said, last.end, last.doubtful = both, draft.end, last.doubtful or draft.doubtful
    return True
