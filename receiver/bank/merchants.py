"""Merchants by their spoken names: "woolies", "seven eleven", "jay bee hi fi" and what a recogniser makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from receiver.bank.first_names import formal
from receiver.bank.number_words import normalise

SIMILAR = 0.8
"""Ratio of letters in common from which two spellings may be one name ("wool worths", "netflicks")."""

NEARLY = 0.04
"""Names within this of the most similar one are found too."""

MIN_FUZZY_CHARS = 4
"""Shorter names have to be said as they are: "BP" and "BWS" differ by a letter."""

NICKNAMES = {
    "woolies": "woolworths",
    "woollies": "woolworths",
    "maccas": "mcdonalds",
    "mackers": "mcdonalds",
    "macdonalds": "mcdonalds",
    "hungry jack": "hungry jacks",
    "jay bee": "jb",
    "jay bee hi fi": "jb hi fi",
    "jb": "jb hi fi",
    "dan murphy": "dan murphys",
    "dans": "dan murphys",
    "bottle o": "bws",
    "gyg": "guzman y gomez",
    "guzman": "guzman y gomez",
    "officies": "officeworks",
    "chemist": "chemist warehouse",
    "servo": "7 11",
    "dominos pizza": "dominos",
    "the age newspaper": "the age",
}
"""What Australians call their shops. Only whole names are replaced."""

_SOUNDS = (
    ("ph", "f"), ("c(?=[eiy])", "s"), ("ck|c|q", "k"), ("ks", "x"), ("z", "s"), ("y", "i"), ("(.)\\1+", r"\1"),
)  # fmt: skip

_FILLERS = frozenset(
    {"the", "a", "my", "pty", "ltd", "australia", "au", "com", "www", "store", "shop", "supermarket"}
)


def match_merchants(words: str, names: Iterable[str]) -> list[str]:
    """Those of `names` that `words` mean, in alphabetical order; none where nothing comes near.

    A name said in full excludes longer ones: "uber" is not "Uber Eats" as long as there is an "Uber". Only where no
    name is said in full or in part does likeness decide.
    """
    said = _words(words)
    said = tuple(NICKNAMES.get(" ".join(said), " ".join(said)).split())
    if not said:
        return []
    known = sorted(set(names))
    whole = [name for name in known if _joined(_words(name)) == _joined(said)]
    if whole:
        return whole
    partly = [name for name in known if _contains(_words(name), said) or _contains(said, _words(name))]
    if partly:
        return partly
    people = [name for name in known if _is_called(_words(name), said)]
    if people:
        return people
    ratios = {name: _likeness(said, _words(name)) for name in known}
    best = max(ratios.values(), default=0.0)
    if best < SIMILAR:
        return []
    return [name for name, ratio in ratios.items() if ratio >= best - NEARLY]


@lru_cache(maxsize=4_096)
def _words(name: str) -> tuple[str, ...]:
    """Its words without fillers, unless there is nothing else."""
    words = normalise(name.replace("&", " and ").replace("+", " plus ")).replace("'", "").split()
    if len(words) > 1 and all(len(word) == 1 for word in words):
        return ("".join(words),)  # spelt out: "a g l"
    return tuple(word for word in words if word not in _FILLERS) or tuple(words)


def _joined(words: tuple[str, ...]) -> str:
    return "".join(word for word in words if word != "and")


def _contains(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    """Whether the words of one are in the other, side by side."""
    if not shorter or len(shorter) >= len(longer):
        return False
    return any(longer[at : at + len(shorter)] == shorter for at in range(len(longer) - len(shorter) + 1))


def _is_called(name: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether it is somebody with the first name that was said in short: "Dave", "Dave Taylor"."""
    return len(name) > 1 and name[0] in formal(said[0]) and said[1:] in ((), name[1 : len(said)])


def _likeness(said: tuple[str, ...], name: tuple[str, ...]) -> float:
    """0 to 1: of the whole, or of what was said and as many of the name's first words."""
    heads = {_joined(name), _joined(name[: len(said)]), _joined(name[:1])}
    return max(_ratio(_joined(said), head) for head in heads)


def _ratio(one: str, other: str) -> float:
    if min(len(one), len(other)) < MIN_FUZZY_CHARS:
        return 0.0
    return max(_similar(one, other), _similar(_by_sound(one), _by_sound(other)))


def _similar(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= SIMILAR else 0.0


@lru_cache(maxsize=4_096)
def _by_sound(word: str) -> str:
    """One letter for what sounds the same: "netflicks" and "Netflix", "spotty fi" and "Spotify"."""
    for spelt, sounds in _SOUNDS:
        word = re.sub(spelt, sounds, word)
    return word
