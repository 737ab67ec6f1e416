"""Foods that sound like what was heard: "crambled eggs" is scrambled eggs, "toes" may be toast.

Names are found by their consonants with at most one left out on either side, so that a look-up takes some
microseconds however many foods there are, and then ranked by how much they sound alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache

from receiver.assistants.diet.parser.phonetics import likeness, skeleton, sound_of
from receiver.nutrition.foods import Food, by_name

SURE = 0.85
"""As alike as this, and nothing else near: what was meant is taken to be clear."""

SPELT_ALIKE = 0.6
"""Letters in common that what is taken to be clear must have: a speech engine mishears, it does not rewrite."""

POSSIBLE = 0.66
"""As alike as this: worth a question back."""

RARE = 0.78
"""As alike as this a name must be that only some know a food by ("Blue Moon" for beer)."""

_CLEARLY = 0.04
"""By so much the best of two foods has to be better to be the one that was meant."""


@dataclass(frozen=True, slots=True)
class Heard:
    food: Food
    name: str
    likeness: float
    sure: bool


@dataclass(frozen=True, slots=True)
class _Index:
    names: dict[str, list[tuple[str, str, Food]]]
    """Skeleton -> (name, its sound, food)."""
    longer: dict[str, list[str]]
    """Skeleton with a consonant left out -> the whole ones."""

    def near(self, bones: str) -> Iterator[tuple[str, str, Food]]:
        """The names with this skeleton, or one that is the same with a consonant left out on either side or both."""
        keys = [bones, *_shorter(bones)]
        found = dict.fromkeys(keys)
        for key in keys:
            found.update(dict.fromkeys(self.longer.get(key, ())))
        for known in found:
            yield from self.names.get(known, ())


@cache
def _index() -> _Index:
    names: defaultdict[str, list[tuple[str, str, Food]]] = defaultdict(list)
    for words, food in by_name().items():
        name = " ".join(words)
        if len(name) >= 3 and len(words) <= 3:
            sound = sound_of(name)
            names[skeleton(sound)].append((name, sound, food))
    longer: defaultdict[str, list[str]] = defaultdict(list)
    for bones in names:
        for key in _shorter(bones):
            longer[key].append(bones)
    return _Index(dict(names), dict(longer))


def _shorter(bones: str) -> list[str]:
    """A skeleton with each of its consonants left out, if enough are left; no two are alike."""
    return [bones[:at] + bones[at + 1 :] for at in range(len(bones))] if len(bones) >= 3 else []


@lru_cache(maxsize=4096)
def sounds_like(said: str) -> Heard | None:
    """The food whose name sounds the most like what was said, if any does."""
    sound = sound_of(said)
    if not 2 <= len(sound) <= 40:
        return None
    best: dict[str, tuple[float, str, Food]] = {}
    for name, known, food in _index().near(skeleton(sound)):
        alike = likeness(sound, known)
        if alike >= POSSIBLE and alike > best.get(food.name, (0.0,))[0]:
            best[food.name] = (alike, name, food)
    if not best:
        return None
    ranked = sorted(best.values(), key=lambda found: (-found[0], found[1]))
    alike, name, food = ranked[0]
    if alike < RARE and food.name.split()[-1] not in name:
        return None
    alone = len(ranked) == 1 or ranked[1][0] < alike - _CLEARLY
    spelt = SequenceMatcher(None, said.replace(" ", ""), name.replace(" ", ""), autojunk=False).ratio()
    sure = alike >= SURE and spelt >= SPELT_ALIKE and alone and len(sound) >= 4
    return Heard(food, name, alike, sure)
