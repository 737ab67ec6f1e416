"""Sorts of one thing: "a diet coke" after a coke, "ham" after a turkey sandwich."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from receiver.assistants.diet.dialogue.finding import Found
from receiver.assistants.diet.parser.word_forms import stem
from receiver.assistants.diet.utterance import Mention
from receiver.nutrition.foods import by_name


def other_sort(items: Sequence[Found], mention: Mention) -> Found | None:
    """The latest of the items that is the same thing by its last word: a ham sandwich, of a turkey sandwich."""
    last_word = stem(mention.name.split()[-1])
    return next((found for found in reversed(items) if stem(_thing(found)) == last_word), None)


def completed(item: Found, mention: Mention) -> Mention | None:
    """ "Ham", of a turkey sandwich: a ham sandwich, if there is such a food."""
    name = f"{mention.name} {_thing(item)}"
    food = by_name().get(tuple(name.split()))
    if food is None or mention.quantity is not None:
        return None
    return replace(mention, name=name, food=food, quantity=item[1]["quantity"], unit=item[1]["unit"] or None)


def _thing(found: Found) -> str:
    words: list[str] = found[1]["food"].partition(" with ")[0].split()
    return words[-1]
