"""The words of what was said, without its fillers, each knowing where it stands in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import overload

MAX_WORDS = 400
"""Words of one turn that are looked at."""


def word_set(text: str) -> frozenset[str]:
    """The words of a text, for lists of words in the code."""
    return frozenset(text.split())


_TOKEN = re.compile(
    r"""
    [0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])                     # 2026-11-22
    | [0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})?(?![0-9])        # 11/22
    | [0-9]{1,2}[:.][0-9]{2}(?![0-9])                       # 9:30
    | [0-9]+\.[0-9]+                                        # 1.5
    | [0-9]+(?:st|nd|rd|th)\b                               # 22nd
    | [0-9]+
    | \b[ap]\.?\ ?m\b\.?(?!')                               # p.m.
    | [^\W\d_]+(?:'[^\W\d_]+)*
    """,
    re.VERBOSE,
)
_APOSTROPHES = str.maketrans("’‘`", "'" * 3)
_FILLERS = word_set("uh um uhm er erm ehm hmm hm mm ah eh")
_SPELLINGS = {
    "oclock": "o'clock", "tmrw": "tomorrow", "tomorow": "tomorrow", "tonite": "tonight", "wanna": "want",
    "thats": "that's", "whats": "what's", "dont": "don't", "im": "i'm", "ive": "i've", "ill": "i'll",
    "midday": "noon", "til": "till", "mins": "minutes", "min": "minute", "hrs": "hours", "hr": "hour",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    """In lower case and one spelling; "am" and "pm" for "a.m." and "P M"."""
    source: str
    """As it was written."""
    gap: str | None
    """What was written between the word before and this one; None where a filler stood there."""


class Words(Sequence[str]):
    """The words in lower case, as a sequence; `source` gives them back as they were written."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = tuple(words)
        self._texts = tuple(word.text for word in words)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        return self._texts[index]

    def __len__(self) -> int:
        return len(self._texts)

    def at(self, index: int) -> str:
        """The word there, or an empty one past either end."""
        return self._texts[index] if 0 <= index < len(self._texts) else ""

    def part(self, start: int, end: int | None = None) -> Words:
        return Words(self._words[start:end])

    def without(self, words: Collection[str]) -> Words:
        return Words([word for word in self._words if word.text not in words])

    def source(self, without: Collection[int] = ()) -> str:
        """As written, but for fillers and the words at these indices."""
        text, follows = "", False
        for index, word in enumerate(self._words):
            if index in without:
                follows = False
                continue
            gap = word.gap if follows and word.gap is not None else " "
            text += (
                " ".join(gap.split()) + " " if gap.strip() and gap != gap.rstrip() else gap
            ) + word.source
            follows = True
        return " ".join(text.split()).strip(" ,.;:!?-–—\"'")


def words_of(text: str) -> Words:
    text = _plain(text)
    lower = text.lower()
    if len(lower) != len(text):
        # A letter that is longer in lower case would shift what stands where.
        text = lower
    words: list[Word] = []
    end: int | None = 0
    for found in _TOKEN.finditer(lower):
        word = found.group()
        if word in _FILLERS:
            end = None
            continue
        if word[0] in "ap" and word[-1] in "m." and len(word) <= 5 and word.strip(".").endswith("m"):
            word = f"{word[0]}m" if re.fullmatch(r"[ap]\.? ?m\.?", word) else word
        if word.endswith("ish") and word.removesuffix("ish") in _CARDINALS:
            word = word.removesuffix("ish")
        gap = None if end is None else text[end : found.start()]
        words.append(Word(_SPELLINGS.get(word, word), text[found.start() : found.end()], gap))
        end = found.end()
        if len(words) == MAX_WORDS:
            break
    return Words(words)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(_APOSTROPHES)


_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_FIRST_TWENTY = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_CARDINALS = {word: number for number, word in enumerate(_UNITS.split())} | {
    word: 10 * number for number, word in enumerate(_TENS.split(), start=2)
}
_ORDINALS = {word: number for number, word in enumerate(_FIRST_TWENTY.split(), start=1)} | {"thirtieth": 30}
_SAID = {number: word for word, number in _CARDINALS.items()}
_MISSPELT = {"fourty": "forty", "ninteen": "nineteen", "fourtieth": "fortieth"}


def read_number(words: Words, at: int) -> tuple[int, int] | None:
    """A whole number below a thousand, in words or digits, and the index after it."""
    word = words.at(at)
    if word.isascii() and word.isdigit():
        return (int(word), at + 1) if len(word) <= 3 else None
    value = _CARDINALS.get(_MISSPELT.get(word, word))
    if value is None:
        return None
    at += 1
    if 0 < value < 10 and words.at(at) == "hundred":
        value, at = value * 100, at + 1
        after = at + 1 if words.at(at) == "and" else at
        rest = read_number(words, after)
        return (
            (value + rest[0], rest[1])
            if rest and rest[0] < 100 and words.at(after) in _CARDINALS
            else (value, at)
        )
    if value >= 20 and 0 < _CARDINALS.get(words.at(at), 0) < 10:
        return value + _CARDINALS[words.at(at)], at + 1
    return value, at


def read_ordinal(words: Words, at: int) -> tuple[int, int] | None:
    """ "Third", "3rd", "twenty second": 1 to 31, and the index after it."""
    word = words.at(at)
    if word[:1].isdigit() and word.endswith(("st", "nd", "rd", "th")):
        value = int(word[:-2]) if len(word) <= 4 else 0
        return (value, at + 1) if 1 <= value <= 31 else None
    if word in _ORDINALS:
        return _ORDINALS[word], at + 1
    tens = _CARDINALS.get(word, 0)
    ones = _ORDINALS.get(words.at(at + 1), 0)
    if tens in (20, 30) and 0 < ones < 10 and tens + ones <= 31:
        return tens + ones, at + 2
    return None


def read_year(words: Words, at: int) -> tuple[int, int] | None:
    """ "2028", "twenty twenty eight", "two thousand and twenty eight": of this century."""
    word = words.at(at)
    if re.fullmatch("20[0-9]{2}", word):
        return int(word), at + 1
    if word == "twenty":
        rest = read_number(words, at + 1)
        return (2000 + rest[0], rest[1]) if rest and 10 <= rest[0] < 100 else None
    if word == "two" and words.at(at + 1) == "thousand":
        at += 3 if words.at(at + 2) == "and" else 2
        rest = read_number(words, at)
        return (2000 + rest[0], rest[1]) if rest and rest[0] < 100 else (2000, at)
    return None


def say_number(value: int) -> str:
    """In words below a hundred."""
    if value in _SAID:
        return _SAID[value]
    return f"{_SAID[value // 10 * 10]} {_SAID[value % 10]}" if 20 < value < 100 else str(value)


def say_ordinal(value: int) -> str:
    """ "22nd"."""
    ending = "th" if 11 <= value % 100 <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"
