"""Which known food's name stands at a place of a sentence: as written, in another form, or spelt apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from receiver.assistants.diet.parser.numbers import CARDINALS
from receiver.assistants.diet.parser.talk import NOT_FOOD
from receiver.assistants.diet.parser.tokens import word_set
from receiver.assistants.diet.parser.word_forms import stem
from receiver.nutrition.foods import Food, by_name

_JOINTS = word_set("a an and the of on in with to no at for or i my is as it be")
_RARELY = word_set("do go")
"""Halves of a name ("do nut") only after an amount."""
"""Words that are never half of a food's name spelt apart."""

_SAID = {str(number): word for word, number in CARDINALS.items()}


@dataclass(frozen=True, slots=True)
class Named:
    """A name of a food at a place. `cost` says how far what was said is from the name; longer names cost less."""

    food: Food
    words: int
    cost: float
    heard: str | None = None
    """The name that was meant, where what was said is only near to it."""


@dataclass(frozen=True, slots=True)
class _Index:
    names: dict[tuple[str, ...], Food]
    stems: dict[tuple[str, ...], tuple[Food, tuple[str, ...]]]
    glued: dict[str, tuple[Food, str]]
    starts: frozenset[str]
    longest: int


@cache
def _index() -> _Index:
    names = by_name()
    stems: dict[tuple[str, ...], tuple[Food, tuple[str, ...]]] = {}
    glued: dict[str, tuple[Food, str]] = {}
    for name, food in names.items():
        stems.setdefault(tuple(map(stem, name)), (food, name))
        joined = "".join(name)
        if len(joined) >= 5:
            key = stem(joined)
            if key not in glued or len(joined) < len("".join(glued[key][1].split())):
                glued[key] = (food, " ".join(name))
    starts = frozenset(name[0] for name in stems)
    return _Index(names, stems, glued, starts, max(map(len, names)))


@cache
def doubled_words() -> frozenset[str]:
    """Words that stand twice in a row in a name: "peri peri chicken"."""
    return frozenset(first for name in by_name() for first, second in pairwise(name) if first == second)


def words_to_look_up(words: Sequence[str]) -> list[str]:
    """The same words with small numbers written out: "7 up" is "seven up"."""
    return [_SAID.get(word, word) for word in words]


def names_at(words: Sequence[str], start: int) -> list[Named]:
    """Every known name that begins at `start`; `words` as `words_to_look_up` gives them."""
    index = _index()
    found = []
    if stem(words[start]) in index.starts:
        for count in range(min(index.longest, len(words) - start), 0, -1):
            if (named := _exact(index, words, start, count)) is not None:
                found.append(named)
        if (broken := _over_a_comma(index, words, start)) is not None:
            found.append(broken)
    for count in (2, 3):
        part = words[start : start + count]
        if part[0] in _RARELY and not (start and _is_amount(words[start - 1])):
            continue
        if len(part) == count and part[0].isalpha() and not _JOINTS.intersection(part):
            near = index.glued.get(stem("".join(part)))
            if near is not None:
                plural = near[0].plural if part[-1].endswith("s") and near[1] == near[0].name else ""
                found.append(Named(near[0], count, 1.05, plural or near[1]))
    joined = index.glued.get(stem(words[start])) if len(words[start]) >= 7 else None
    if joined is not None and " " in joined[1]:
        found.append(Named(joined[0], 1, 1.05, joined[1]))
    return found


def _is_amount(word: str) -> bool:
    return word in CARDINALS or word in ("a", "an", "of", "some", "couple", "half", "another", "few")


def _exact(index: _Index, words: Sequence[str], start: int, count: int) -> Named | None:
    said = tuple(words[start : start + count])
    cost = 1 - 0.9 * (count - 1)
    food = index.names.get(said)
    if food is not None:
        return Named(food, count, cost)
    near = index.stems.get(tuple(map(stem, said)))
    if near is None or (count == 1 and (len(said[0]) < 3 or said[0] in NOT_FOOD)):
        return None
    if any(
        word.endswith("ed") and not name.endswith(("ed", "d"))
        for word, name in zip(said, near[1], strict=True)
    ):
        return None  # "Toasted with butter" is not toast.
    # "Bake potatoes" are baked potatoes; in all else, people's own words stay.
    proper = [
        name if name.endswith("ed") and word != name else word
        for name, word in zip(near[1], said, strict=True)
    ]
    return Named(near[0], count, cost + 0.1, " ".join(proper))


def _over_a_comma(index: _Index, words: Sequence[str], start: int) -> Named | None:
    """A speech engine's comma inside of a name: "mac, and cheese"."""
    end = start + 1
    while end < len(words) and end - start < 3 and words[end].isalpha():
        end += 1
    if end + 1 >= len(words) or words[end] != "," or words[end + 1] not in ("and", "&", "n"):
        return None
    without = [*words[start:end], *words[end + 1 : end + 4]]
    for count in range(len(without), end - start + 1, -1):
        near = index.stems.get(tuple(map(stem, without[:count])))
        if near is not None:
            return Named(near[0], count + 1, 2.5 - 0.9 * (count - 1), " ".join(without[:count]))
    return None


def food_named(words: Sequence[str]) -> Food | None:
    """The food with exactly this name, in any form."""
    index = _index()
    near = index.stems.get(tuple(map(stem, words)))
    return index.names.get(tuple(words)) or (near[0] if near else None)
