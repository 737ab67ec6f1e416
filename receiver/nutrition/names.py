"""Plurals of what foods and units are called."""

from __future__ import annotations

_OES = frozenset({"potato", "tomato", "mango", "hero"})
_VES = {"loaf": "loaves", "half": "halves", "leaf": "leaves", "knife": "knives", "calf": "calves"}
_JOINTS = frozenset({"with", "of", "on", "in", "from", "without", "over"})
_SIBILANTS = ("s", "x", "z", "ch", "sh")


def plural_of(name: str) -> str:
    """The regular plural: of the last word, or of the one before "with", "of" and their like.

    "bagel with cream cheese" -> "bagels with cream cheese".
    """
    words = name.split()
    last = len(words) - 1
    if not _JOINTS.isdisjoint(words):
        last = next((at - 1 for at, word in enumerate(words) if at and word in _JOINTS), last)
    words[last] = _plural_word(words[last])
    return " ".join(words)


def _plural_word(word: str) -> str:
    if word in _VES:
        return _VES[word]
    if word in _OES or word.endswith(_SIBILANTS):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def is_plural_already(name: str) -> bool:
    """Whether a name reads as a plural: "french fries", but not "hummus" and "swiss"."""
    return name.endswith("s") and not name.endswith(("ss", "us"))
