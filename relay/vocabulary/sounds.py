"""How much two stretches of letters sound and look alike.

Both count, half each: what an engine mishears has the consonants of what was said ("tilopia" for tilapia), and among
words with the same consonants the letters tell which is nearer.
"""

from __future__ import annotations

from collections.abc import Iterator

from jellyfish import levenshtein_distance, metaphone

_VOICELESS = str.maketrans("BVGZJD", "PFKSXT")


def letters_of(text: str) -> str:
    """The letters of a text alone, in lower case: what is said has neither spaces nor hyphens."""
    return "".join(filter(str.isalpha, text.lower()))


def sound_of(letters: str) -> str:
    """The consonants by Metaphone, voiced and voiceless ones as one, and a vowel only where it comes first."""
    return metaphone(letters).replace(" ", "").translate(_VOICELESS)


def near(sound: str) -> Iterator[str]:
    """The sound, and each with one consonant left out: two sounds that share one of these are one slip apart."""
    yield sound
    if len(sound) > 2:
        yield from {sound[:at] + sound[at + 1 :] for at in range(len(sound))} - {sound}


def likeness(one: str, one_sound: str, other: str, other_sound: str) -> float:
    """Of two stretches of letters and their sounds: 1.0 for the same, 0.0 for nothing in common."""
    return 0.5 * _share(one, other) + 0.5 * _share(one_sound, other_sound)


def _share(one: str, other: str) -> float:
    longest = max(len(one), len(other))
    return 1.0 - levenshtein_distance(one, other) / longest if longest else 1.0
