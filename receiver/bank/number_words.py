"""Numbers as they are spoken, turned into digits: "twenty-five" -> "25", "the twenty first" -> "the 21st"."""

from __future__ import annotations

import re

_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
)  # fmt: skip

_SMALL = {word: value for value, word in enumerate(_UNITS)}
_MIDDLE = {word: value for value, word in enumerate(_TEENS, 10)}
_ROUND = {word: value for value, word in enumerate(_TENS, 2)} | {"fourty": 4}
_ORDINAL = {word: value for value, word in enumerate(_ORDINALS, 1)} | {"twentieth": 20, "thirtieth": 30}
_POWERS = {"thousand": 1_000, "million": 1_000_000}

_ENDINGS = {1: "st", 2: "nd", 3: "rd"}

_NUMBER_WORDS = {*_SMALL, *_MIDDLE, *_ROUND, *_ORDINAL, *_POWERS, "hundred"}

_BEFORE_ONE = (
    "the",
    "that",
    "this",
    "my",
    "our",
    "another",
    "over",
    "under",
    "about",
    "around",
    "than",
    "least",
    "most",
)
"""Words after which "hundred" alone is one hundred; "a few hundred" is none."""

_QUOTES = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-", "\u00a0": " "})


def normalise(text: str) -> str:
    """Lower case, one space between words, numbers as digits, no punctuation but `$`, `'`, `&`, `+` and what is within
    a number or a date: `$1,200.50` -> `$1200.50`, `2026-03-05`, `7:30`, `3/5`."""
    text = text.lower().translate(_QUOTES)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    text = re.sub(r"(?<=[a-z])-|-(?=[a-z])", " ", text)
    text = re.sub(r"(?<!\d)[.:/-]|[.:/-](?!\d)", " ", text)
    text = re.sub(r"[^\w\s$'&+.:/-]", " ", text)
    return " ".join(_with_digits(text.split()))


def _with_digits(words: list[str]) -> list[str]:
    result: list[str] = []
    at = 0
    while at < len(words):
        number, end = _number_at(words, at)
        if number is None:
            result.append(words[at])
            at += 1
        else:
            result.append(number)
            at = end
    return result


def _number_at(words: list[str], at: int) -> tuple[str | None, int]:
    """The number that begins at `at`, as digits, and the index behind it."""
    start = at
    total, current = 0, 0
    free = 1_000_000
    """The next word of the same number must be worth less than this: "twenty" takes a unit, a unit takes nothing."""
    if words[at] == "a" and at + 1 < len(words) and words[at + 1] in ("hundred", *_POWERS):
        current, free, at = 1, 1, at + 1
    elif (
        words[at] in ("hundred", "thousand")
        and at
        and words[at - 1] in _BEFORE_ONE
        and _is_sum(words, at + 1)
    ):
        current, free = 1, 1  # "the hundred and two dollar charge"
    while at < len(words):
        word = words[at]
        if (
            word == "and"
            and at > start
            and words[at - 1] in ("hundred", *_POWERS)
            and _is_number(words, at + 1)
        ):
            at += 1
            continue
        if word in _ORDINAL and _ORDINAL[word] < free:
            return ordinal(total + current + _ORDINAL[word]), at + 1
        if word in _SMALL and free > 9:
            current, free = current + _SMALL[word], 1
        elif word in _MIDDLE and free > 19:
            current, free = current + _MIDDLE[word], 1
        elif word in _ROUND and free > 90:
            current, free = current + 10 * _ROUND[word], 10
        elif word == "hundred" and 0 < current < 100:
            current, free = 100 * current, 100
        elif word in _POWERS and 0 < current < 1_000:
            total, current, free = total + current * _POWERS[word], 0, 1_000
        else:
            break
        at += 1
    if at == start or (words[start] == "a" and at == start + 1):
        return None, start
    return str(total + current), at


def _is_sum(words: list[str], at: int) -> bool:
    return at < len(words) and words[at] in {*_NUMBER_WORDS, "and", "dollar", "dollars", "buck", "bucks"}


def _is_number(words: list[str], at: int) -> bool:
    return at < len(words) and words[at] in _NUMBER_WORDS


def ordinal(value: int) -> str:
    """In digits: 21 -> `21st`."""
    if value % 100 in (11, 12, 13):
        return f"{value}th"
    return f"{value}{_ENDINGS.get(value % 10, 'th')}"
