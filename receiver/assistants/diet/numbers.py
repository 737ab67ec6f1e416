"""Numbers as people say them: "two", "a couple of", "half a", "one and a half", "1 1/2", "a hundred and fifty"."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_CARDINALS = {word: number for number, word in enumerate(_UNITS.split())} | {
    word: 10 * number for number, word in enumerate(_TENS.split(), start=2)
}
_FRACTIONS = {
    "half": 1 / 2, "halves": 1 / 2, "quarter": 1 / 4, "quarters": 1 / 4, "third": 1 / 3, "thirds": 1 / 3,
}  # fmt: skip
_DIGIT = re.compile("[0-9]")
_VAGUE = {"couple": 2.0, "few": 3.0, "several": 3.0}
_ARTICLES = ("a", "an")

MAX_QUANTITY = 5000.0
"""More of anything (a number misheard, or of grams) is no quantity of a meal."""


def read_number(words: Sequence[str], start: int) -> tuple[float, int] | None:
    """The number that begins at `start` and the index after it, or None.

    A bare article counts as one. The "of" and "a" that belong to it ("half of a", "a couple of") are taken too.
    """
    at = start
    article = words[at] in _ARTICLES
    if article:
        at += 1
    word = _at(words, at)
    if word in _VAGUE:
        return _VAGUE[word], _skip(words, at + 1, "of")
    if word in ("dozen", "hundred") and article:
        return _scaled(words, 1.0, at)
    if word in _FRACTIONS:
        if word == "half" and _at(words, _skip(words, at + 1, *_ARTICLES)) == "dozen":
            return 6.0, _skip(words, _skip(words, at + 1, *_ARTICLES) + 1, "of")
        return _FRACTIONS[word], _skip(words, at + 1, "of", *_ARTICLES, "the")
    if article:
        return 1.0, at
    value = _plain(words, at)
    return None if value is None else _scaled(words, *value)


def _plain(words: Sequence[str], at: int) -> tuple[float, int] | None:
    word = _at(words, at)
    if _DIGIT.match(word):
        value = _digits(word)
        if value is None:
            return None
        at += 1
        if "/" in _at(words, at) and _DIGIT.match(words[at]):
            value += _digits(words[at]) or 0.0
            at += 1
        return value, at
    if word not in _CARDINALS:
        return None
    value = float(_CARDINALS[word])
    at += 1
    if value >= 20 and 0 < _CARDINALS.get(_at(words, at), 0) < 10:
        value += _CARDINALS[words[at]]
        at += 1
    return value, at


def _scaled(words: Sequence[str], value: float, at: int) -> tuple[float, int]:
    """Go on after a plain number: "hundred and fifty", "dozen", "and a half", "quarters"."""
    if _at(words, at) == "hundred":
        value *= 100
        at += 1
        rest = _plain(words, _skip(words, at, "and"))
        if rest is not None and rest[0] < 100:
            value += rest[0]
            at = rest[1]
    elif _at(words, at) == "dozen":
        return value * 12, _skip(words, at + 1, "of")
    if _at(words, at) in ("quarters", "thirds", "halves") or (
        value == 1 and _at(words, at) in ("quarter", "third")
    ):
        return value * _FRACTIONS[words[at]], _skip(words, at + 1, "of", *_ARTICLES, "the")
    if _at(words, at) == "and":
        more = read_number(words, at + 1)
        follows = _at(words, at + 1) in _ARTICLES and _at(words, at + 2) in _FRACTIONS
        if more is not None and more[0] < 1 and (follows or _at(words, at + 2) in _FRACTIONS):
            return value + more[0], more[1]
    return value, at


def _digits(word: str) -> float | None:
    top, _, bottom = word.partition("/")
    value = float(top.replace(",", "")) / (float(bottom) if bottom and float(bottom) else 1.0)
    return value if math.isfinite(value) and value <= MAX_QUANTITY else None


def _at(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""


def _skip(words: Sequence[str], at: int, *unwanted: str) -> int:
    while _at(words, at) in unwanted:
        at += 1
    return at


_SMALL = tuple(_UNITS.split()[:13])


def say_number(value: float) -> str:
    """The number as one would say it: "two", "one and a half", "150"."""
    whole, part = divmod(value, 1)
    for fraction, words in ((0.5, "half"), (0.25, "a quarter"), (0.75, "three quarters")):
        if abs(part - fraction) < 0.01:
            if not whole:
                return words
            article = "a " if words == "half" else ""
            return f"{say_number(whole)} and {article}{words}"
    if part < 0.01 and whole < len(_SMALL):
        return _SMALL[int(whole)]
    return f"{value:.0f}" if part < 0.01 or value >= 10 else f"{value:.1f}"
