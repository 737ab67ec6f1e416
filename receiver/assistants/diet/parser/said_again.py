"""A food that is said again more exactly: "the soup, it was tomato soup", "a sandwich, it was ham and cheese"."""

from __future__ import annotations

from collections.abc import Sequence

from receiver.assistants.diet.parser.drafts import Draft
from receiver.assistants.diet.parser.food_index import food_named
from receiver.assistants.diet.parser.numbers import CARDINALS
from receiver.assistants.diet.parser.stretches import Timed
from receiver.assistants.diet.parser.tokens import word_set
from receiver.assistants.diet.parser.vocabulary import FILLED, PREPARED, SIZES
from receiver.assistants.diet.parser.word_forms import stem
from receiver.nutrition.units import UNITS

_MARKERS = (
    ("it", "was"), ("they", "were"), ("it's",), ("that", "was"), ("this", "was"), ("which", "was"), ("these", "were"),
    ("those", "were"), ("well",), ("i", "mean"), ("that's",),
)  # fmt: skip
_BEFORE_THE_NAME = (
    word_set("a an the some just actually really of like um uh my this , half") | CARDINALS.keys() | PREPARED
) | (SIZES.keys() | UNITS.keys())
_MADE_OF_OTHERS = FILLED | {"omelets", "omelettes", "salads", "soups"}


def merge_said_again(drafts: list[Draft], times: Sequence[Timed], words: Sequence[str]) -> None:
    """Put what is said again in the place of what it was before, so that nothing counts twice."""
    for new in list(drafts):
        index = next((index for index, draft in enumerate(drafts) if draft is new), 0)
        if index == 0 or new.food is None or new.denied:
            continue
        before = drafts[index - 1]
        if not _is_marked(words[before.end : new.start]) and not _is_after_a_comma(before, new, words):
            continue
        earlier = [draft for draft in drafts[:index] if not draft.denied and draft.food is not None]
        if not earlier or any(earlier[-1].end <= time.start < new.start for time in times):
            continue  # "Soup for lunch, and for dinner it was tomato soup".
        old = next((draft for draft in reversed(earlier) if _is_a_kind_of(new, draft)), None)
        if old is not None:
            if new.quantity is None or (new.article and new.unit is None and not old.article):
                new.quantity, new.unit, new.article = old.quantity, old.unit or new.unit, old.article
            new.link = old.link
            drafts.remove(old)
        elif earlier[-1].said[-1] in _MADE_OF_OTHERS and not earlier[-1].modifiers:
            _fill(earlier[-1], drafts, index)


def _is_marked(between: Sequence[str]) -> bool:
    for start in range(len(between) - 1, -1, -1):
        for marker in _MARKERS:
            if tuple(between[start : start + len(marker)]) == marker:
                return all(
                    word in _BEFORE_THE_NAME or word[0].isdigit() for word in between[start + len(marker) :]
                )
    return False


def _is_after_a_comma(before: Draft, new: Draft, words: Sequence[str]) -> bool:
    """ "Juice, orange juice"."""
    bare = new.quantity is None and new.unit is None and len(before.said) == 1 and not before.modifiers
    return bare and list(words[before.end : new.start]) == [","] and before.said[-1] == new.said[-1]


def _is_a_kind_of(new: Draft, old: Draft) -> bool:
    if old.food is new.food:
        return True
    if len(old.said) > 1 or old.modifiers or new.food is None:
        return False
    general = stem(old.said[0])
    return general == stem(new.said[-1]) or any(
        stem(word) == general for word in new.food.usda.lower().replace(",", " ").split()
    )


def _fill(holder: Draft, drafts: list[Draft], index: int) -> None:
    """ "A sandwich, it was ham and cheese" is a ham and cheese sandwich."""
    end = index + 1
    while end < len(drafts) and drafts[end].link in ("and", ",", "with") and _is_bare(drafts[end]):
        end += 1
    parts = drafts[index:end]
    if not _is_bare(parts[0]) or len(holder.said) > 1:
        return
    names = [part.said for part in parts]
    joined = [word for name in names[:-1] for word in (*name, "and")] + names[-1]
    food = food_named([*joined, *holder.said]) or food_named([*names[0], *holder.said])
    if food is None:
        return
    holder.said, holder.food = [*joined, *holder.said], food
    del drafts[index:end]


def _is_bare(draft: Draft) -> bool:
    return draft.unit is None and (draft.quantity is None or draft.article) and not draft.denied
