"""How words sound: a rough spelling by sound for English, and how far two sounds are apart."""

from __future__ import annotations

import re
from functools import lru_cache

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"[^a-z]", ""), (r"^(kn|gn|pn)", "n"), (r"^wr", "r"), (r"^ps", "s"), (r"^x", "z"), (r"^chr", "kr"),
        (r"tch", "C"), (r"sch", "sk"), (r"ch", "C"), (r"(sh|ti(?=o)|si(?=o)|ci(?=[ao]))", "S"), (r"th", "t"),
        (r"ph", "f"), (r"(?<=[aeiou])gh(?=t)", ""), (r"gh", "g"), (r"dg(?=[eiy])", "J"), (r"ck", "k"),
        (r"c(?=[eiy])", "s"), (r"c", "k"), (r"qu?", "k"), (r"x", "ks"), (r"j", "J"), (r"g(?=[ei][^t])", "J"),
        (r"(?<=[ao])ll?(?=m)", ""),
        (r"(?<=[dt])illa", "ia"), (r"(?<=i)ng$", "n"), (r"mb$", "m"), (r"(?<=[aeiou])w", ""), (r"wh", "w"),
        (r"(?<!^)h", ""),
        (r"(?<=[^aeiou])y$", "i"), (r"(?<!^)y", "i"), (r"z", "s"), (r"(.)\1+", r"\1"), (r"(?<=[^aeiou])e$", ""),
        (r"([aeiou])[aeiou]+", r"\1"),
    )
)  # fmt: skip

_CLASSES = str.maketrans("bvdgzCSJqwy", "pftksXXX" + "kww")
_VOWELS = frozenset("aeiou")


def sound_of(text: str) -> str:
    """The text spelt by sound, without spaces, vowels kept: "cereal" and "serial" are alike."""
    return re.sub(r"(.)\1+", r"\1", "".join(map(_sound_of_word, text.split())))


@lru_cache(maxsize=16384)
def _sound_of_word(word: str) -> str:
    sound = word.lower()
    for pattern, becomes in _RULES:
        sound = pattern.sub(becomes, sound)
    return sound


def skeleton(sound: str) -> str:
    """The consonants of a sound, voiced and voiceless ones as one, for finding candidates."""
    bare = "".join(letter for letter in sound.translate(_CLASSES) if letter not in _VOWELS)
    bare = re.sub(r"(.)\1+", r"\1", bare)
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
