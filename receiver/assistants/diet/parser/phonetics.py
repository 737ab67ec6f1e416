"""How words sound: a rough spelling by sound for English, and how far two sounds are apart."""

from __future__ import annotations

import re
from functools import lru_cache

_RULES: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (letters, re.compile(pattern), sound)
    for letters, pattern, sound in (
        ("", r"[^a-z]", ""), ("n", r"^(kn|gn|pn)", "n"), ("wr", r"^wr", "r"), ("ps", r"^ps", "s"), ("x", r"^x", "z"),
        ("chr", r"^chr", "kr"), ("tch", r"tch", "C"), ("sch", r"sch", "sk"), ("ch", r"ch", "C"), ("sh", r"sh", "S"),
        ("i", r"([ts]i(?=o)|ci(?=[ao]))", "S"), ("th", r"th", "t"), ("ph", r"ph", "f"),
        ("gh", r"(?<=[aeiou])gh(?=t)", ""), ("gh", r"gh", "g"), ("dg", r"dg(?=[eiy])", "J"), ("ck", r"ck", "k"),
        ("c", r"c(?=[eiy])", "s"), ("c", r"c", "k"), ("q", r"qu?", "k"), ("x", r"x", "ks"), ("j", r"j", "J"),
        ("g", r"g(?=[ei][^t])", "J"), ("lm", r"(?<=[ao])ll?(?=m)", ""), ("illa", r"(?<=[dt])illa", "ia"),
        ("ng", r"(?<=i)ng$", "n"), ("mb", r"mb$", "m"), ("w", r"(?<=[aeiou])w", ""), ("wh", r"wh", "w"),
        ("h", r"(?<!^)h", ""), ("y", r"(?<=[^aeiou])y$", "i"), ("y", r"(?<!^)y", "i"), ("z", r"z", "s"),
        ("", r"(.)\1+", r"\1"), ("e", r"(?<=[^aeiou])e$", ""), ("", r"([aeiou])[aeiou]+", r"\1"),
    )
)  # fmt: skip
"""Letters without which a rule has nothing to do, which are looked for much quicker; the rule; what becomes of it."""

_DOUBLED = re.compile(r"(.)\1+")
_CLASSES = str.maketrans("bvdgzCSJqwy", "pftksXXX" + "kww")
_VOWELS = frozenset("aeiou")
_BARE = _CLASSES | dict.fromkeys(map(ord, _VOWELS))


def sound_of(text: str) -> str:
    """The text spelt by sound, without spaces, vowels kept: "cereal" and "serial" are alike."""
    return _DOUBLED.sub(r"\1", "".join(map(_sound_of_word, text.split())))


@lru_cache(maxsize=16384)
def _sound_of_word(word: str) -> str:
    sound = word.lower()
    for letters, pattern, becomes in _RULES:
        if letters in sound:
            sound = pattern.sub(becomes, sound)
    return sound


def skeleton(sound: str) -> str:
    """The consonants of a sound, voiced and voiceless ones as one, for finding candidates."""
    bare = _DOUBLED.sub(r"\1", sound.translate(_BARE))
    return bare if not sound or sound[0] not in _VOWELS else "a" + bare


def _weight(letter: str) -> float:
    return 0.4 if letter in _VOWELS else 1.0


def _exchange(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if one in _VOWELS and other in _VOWELS:
        return 0.25
    if one.translate(_CLASSES) == other.translate(_CLASSES):
        return 0.3
    if {one, other} == {"m", "n"}:
        return 0.5
    return 0.7 + 0.3 * (one not in _VOWELS and other not in _VOWELS)


def likeness(one: str, other: str) -> float:
    """1.0 for the same sound, 0.0 for nothing in common. An edit distance in which vowels weigh little."""
    if one == other:
        return 1.0
    row = [0.0]
    for letter in other:
        row.append(row[-1] + _weight(letter))
    for first in one:
        previous, row = row, [row[0] + _weight(first)]
        for column, second in enumerate(other, start=1):
            row.append(
                min(
                    previous[column - 1] + _exchange(first, second),
                    previous[column] + _weight(first),
                    row[-1] + _weight(second),
                )
            )
    longest = max(sum(map(_weight, one)), sum(map(_weight, other)), 1.0)
    return max(0.0, 1 - row[-1] / longest)
