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
CARDINALS = {word: number for number, word in enumerate(_UNITS.split())} | {
    word: 10 * number for number, word in enumerate(_TENS.split(), start=2)
}
_FRACTIONS = {
    "half": 1 / 2, "halves": 1 / 2, "quarter": 1 / 4, "quarters": 1 / 4, "third": 1 / 3, "thirds": 1 / 3,
    "fourth": 1 / 4, "fourths": 1 / 4, "fifth": 1 / 5, "eighth": 1 / 8,
}  # fmt: skip
_VAGUE = {"couple": 2.0, "pair": 2.0, "few": 3.0, "several": 3.0}
_MULTIPLES = {"dozen": 12.0, "hundred": 100.0, "thousand": 1000.0}
_DIGIT = re.compile("[0-9.]*[0-9]")
_METRIC = ("grams", "g", "gram", "ml", "mils", "milliliters", "millilitres")
_ARTICLES = ("a", "an")
_ONES = ("another",)

MAX_QUANTITY = 5000.0
"""More of anything (a number misheard, or of grams) is no quantity of a meal."""


def read_number(words: Sequence[str], start: int) -> tuple[float, int] | None:
    """The number that begins at `start` and the index after it, or None.

    A bare article counts as one. The "of" and "a" that belong to it ("half of a", "a couple of") are taken too.
    "Two or three" and "two to three" are the mean of the two.
    """
    first = _read_one(words, start)
    if first is None or _at(words, start) in _ARTICLES or _at(words, first[1]) not in ("or", "to"):
        return first
    second = _plain(words, first[1] + 1)
    if second is None or not first[0] < second[0] <= 3 * first[0] or _is_ratio(words, first[1], second[1]):
        return first
    return (first[0] + second[0]) / 2, second[1]


def _is_ratio(words: Sequence[str], joint: int, end: int) -> bool:
    """ "Ten to eleven" of a clock, or a second number that goes on: "two or three quarters"."""
    return _at(words, end) in ("am", "pm", "o'clock") or _at(words, end) in _FRACTIONS


def _read_one(words: Sequence[str], start: int) -> tuple[float, int] | None:
    at = start
    article = _at(words, at) in _ARTICLES or _at(words, at) in _ONES
    if article:
        at += 1
    word = _at(words, at)
    if word in _VAGUE and (word != "pair" or (article and _at(words, at + 1) == "of")):
        return _multiplied(words, _VAGUE[word], at + 1)
    if word in _MULTIPLES and article:
        return _scaled(words, 1.0, at)
    if word in _FRACTIONS and (article or word in ("half", "quarter", "third")):
        return _fraction(words, at)
    value = _plain(words, at)
    if value is not None and not (article and _at(words, at) == "one"):
        return _scaled(words, *value)
    return (1.0, at) if article else None


def _fraction(words: Sequence[str], at: int) -> tuple[float, int]:
    word = words[at]
    after = _skip(words, at + 1, *_ARTICLES)
    if word == "half" and _at(words, after) == "dozen":
        return 6.0, _skip(words, after + 1, "of")
    return _FRACTIONS[word], _skip(words, at + 1, "of", *_ARTICLES, "the")


def _multiplied(words: Sequence[str], value: float, at: int) -> tuple[float, int]:
    """ "A couple of", "a couple dozen", "a few hundred"."""
    if _at(words, at) in _MULTIPLES:
        value *= _MULTIPLES[words[at]]
        at += 1
    return value, _skip(words, at, "of")


def _plain(words: Sequence[str], at: int) -> tuple[float, int] | None:
    """Digits or cardinals below a hundred, with decimals."""
    word = _at(words, at)
    if _DIGIT.fullmatch(word) or "/" in word or "," in word:
        value = _digits(word)
        if value is None:
            return None
        at += 1
        if "/" in _at(words, at) and "/" not in word:
            value += _digits(words[at]) or 0.0
            at += 1
        return value, at
    if word == "point":
        return _decimals(words, 0.0, at)
    if word not in CARDINALS:
        return None
    value = float(CARDINALS[word])
    at += 1
    if value >= 20 and 0 < CARDINALS.get(_at(words, at), 0) < 10:
        value += CARDINALS[words[at]]
        at += 1
    tens = CARDINALS.get(_at(words, at), 0)
    if value < 10 and tens >= 20 and _at(words, at + 1) in _METRIC:
        return value * 100 + tens, at + 1  # "One fifty grams".
    return _decimals(words, value, at) or (value, at)


def _decimals(words: Sequence[str], value: float, at: int) -> tuple[float, int] | None:
    """Go on after the whole part: "point two five"."""
    if _at(words, at) != "point":
        return None
    digits = ""
    at += 1
    while (number := CARDINALS.get(_at(words, at))) is not None or re.fullmatch("[0-9]+", _at(words, at)):
        digits += str(number) if number is not None else words[at]
        at += 1
        if len(digits) >= 3:
            break
    return (value + float(f"0.{digits}"), at) if digits else None


def _scaled(words: Sequence[str], value: float, at: int) -> tuple[float, int]:
    """Go on after a plain number: "hundred and fifty", "dozen", "and a half", "quarters"."""
    if _at(words, at) == "thousand":
        value *= 1000
        at += 1
    if _at(words, at) == "hundred":
        value = value * 100 if value < 100 else value + 100
        at += 1
    if _at(words, at - 1) in ("hundred", "thousand"):
        rest = _plain(words, _skip(words, at, "and"))
        fraction = _at(words, rest[1]) in _FRACTIONS if rest else False
        if rest is not None and rest[0] < 100 and not fraction:
            value += rest[0]
            at = rest[1]
            if _at(words, at) == "hundred":
                value += rest[0] * 99
                at += 1
    elif _at(words, at) == "dozen":
        return value * 12, _skip(words, at + 1, "of")
    follows = _at(words, at)
    if (follows.endswith("s") and follows in _FRACTIONS) or (value == 1 and follows in _FRACTIONS):
        return value * _FRACTIONS[follows], _skip(words, at + 1, "of", *_ARTICLES, "the")
    if follows == "and":
        return _and_a_fraction(words, value, at) or (value, at)
    return value, at


def _and_a_fraction(words: Sequence[str], value: float, at: int) -> tuple[float, int] | None:
    """ "And a half", "and one half", "and three quarters", after the whole part; `at` is the "and"."""
    start = at + 1
    if _at(words, start) == "half" and _at(words, start + 1) in (*_ARTICLES, "the", "of"):
        return None  # "Two and half a bagel" are two things.
    number = _read_one(words, start)
    if number is None or number[0] >= 1:
        return None
    if _at(words, start) in _ARTICLES and _at(words, number[1] - 1) in _ARTICLES:
        return None  # "One egg and a half of a bagel".
    if "of" in words[start : number[1]]:
        return None
    return value + number[0], number[1]


def _digits(word: str) -> float | None:
    top, _, bottom = word.partition("/")
    try:
        value = float(top.replace(",", "")) / (float(bottom) if bottom and float(bottom) else 1.0)
    except ValueError:
        return None
    return value if math.isfinite(value) and value <= MAX_QUANTITY else None


def _at(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""


def _skip(words: Sequence[str], at: int, *unwanted: str) -> int:
    while _at(words, at) in unwanted:
        at += 1
    return at


_SMALL = tuple(_UNITS.split()[:13])


def say_number(value: float) -> str:
    """The number as one would say it: "two", "one and a half", "150"."""
    whole, part = divmod(value, 1)
    for fraction, words in ((1 / 2, "half"), (1 / 4, "a quarter"), (3 / 4, "three quarters"), (1 / 3, "a third"),
                            (2 / 3, "two thirds")):  # fmt: skip
        if abs(part - fraction) < 0.01:
            if not whole:
                return words
            article = "a " if words == "half" else ""
            return f"{say_number(whole)} and {article}{words}"
    if part < 0.01 and whole < len(_SMALL):
        return _SMALL[int(whole)]
    return f"{value:.0f}" if part < 0.01 or value >= 10 else f"{value:.1f}"
