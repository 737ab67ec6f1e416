"""Which chips were meant: fried potatoes, or crisps."""

from __future__ import annotations

from collections.abc import Sequence

from receiver.assistants.diet.parser.drafts import Draft
from receiver.assistants.diet.parser.food_index import food_named
from receiver.assistants.diet.parser.tokens import at, word_set

_WITH_FRIES = word_set(
    "fish cod haddock plaice scampi hake pollock steak gammon saveloy pie calamari mussels"
)

_ALONE_WITH_FRIES = word_set("egg eggs sausage sausages")


def tell_chips(drafts: Sequence[Draft], words: Sequence[str]) -> None:
    """Chips beside a fish or a steak, or by the portion, are fried potatoes; by the bag they are crisps."""
    fries = food_named(["fries"])
    hot = any(
        draft.food is not None
        and (_WITH_FRIES & {*draft.said, *draft.food.name.split()} or draft.said[-1] in _ALONE_WITH_FRIES)
        for draft in drafts
    )
    for draft in drafts:
        if draft.said != ["chips"] or draft.modifiers or fries is None or draft.food is None:
            continue
        by_portion = at(words, draft.start - 1) == "of" and draft.unit in ("serving", "plate")
        if by_portion or (hot and draft.quantity is None and draft.unit is None):
            draft.food = fries
