"""Whether what a language model writes of a conversation was said in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from receiver.assistants.notes.times.words import word_set
from receiver.bank.number_words import normalise

MIN_WORDS = 2
"""A quote of fewer says nothing: "yes" is in every call."""

_TOKEN = re.compile(r"[^\W_]+(?:['’‘`][^\W_]+)*")
_APOSTROPHES = str.maketrans("’‘`", "'''")
_FILLERS = frozenset({"um", "uh", "uhm", "er", "erm", "ehm", "hmm", "hm", "mm", "ah", "eh"})
_STOP = re.compile(r"[.?!;](?=\s|$)")

_NOT = frozenset({"not", "never", "cannot", "cant", "dont", "wont", "didnt", "doesnt", "shouldnt", "nobody"})
_HARMLESS = frozenset({"forget", "worry", "mind", "only", "hesitate"})
""" "Don't forget to lock the door" asks for it all the same."""

_WORDS_BEFORE = 3
"""In which a "not" turns what follows: "I will not really send it"."""

_EMPTY = word_set(
    """
    about after also because been before being caller could does doing down from have having into just need needs only
    over person please said says should some still than that their them then there these they this those told until
    very want wants were what when where which while will with would your
    """
)
"""Words that a sentence may have whatever was said."""

_FIRST = _EMPTY | word_set(
    """
    a all an and any as at both but by each every for he her his how i if in it its my no not on one our she since so to
    we who you
    """
)
"""What a sentence may begin with, whatever was said. Anything else there may be a name."""

_WRITTEN = re.compile(r"[<>{}\[\]|#*_`\\]|://")
"""What is in no sentence that is said."""

_FIGURE = re.compile(r"\d+(?:[.:/-]\d+)*")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Of what was said in a turn."""

    text: str
    """As it was said."""
    start: int
    end: int

    def overlaps(self, other: Stretch) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int
    end: int


def find_quote(quote: str, said: str) -> Stretch | None:
    """Where the words of `quote` were said, one after another; None: nowhere, or only with a "not" before them.

    Capitals, marks and fillers such as "um" make no difference.
    """
    words = [token.word for token in _tokens(quote)]
    if len(words) < MIN_WORDS:
        return None
    tokens = list(_tokens(said))
    there = [token.word for token in tokens]
    for at in range(len(there) - len(words) + 1):
        if there[at : at + len(words)] == words and not _is_turned(tokens[:at], said, tokens[at].start):
            start, end = tokens[at].start, tokens[at + len(words) - 1].end
            return Stretch(said[start:end], start, end)
    return None


def bears_out(point: str, heard: str) -> bool:
    """Whether a sentence can be about `heard`: its figures, names and "not" are from there, and most of its words."""
    if _WRITTEN.search(point) or not point.isprintable():
        return False
    there = {token.word for token in _tokens(heard)}
    there |= {word.removesuffix("'s") for word in there}
    if not _figures(point) <= _figures(heard):
        return False
    tokens = list(_tokens(point))
    names = [
        token.word.removesuffix("'s")
        for token in tokens[1:]
        if point[token.start].isupper() and token.word.partition("'")[0] != "i"
    ]
    if not tokens or not _is_known_first(tokens[0].word.removesuffix("'s"), there):
        return False
    if not there.issuperset(names) or (_says_not(tokens) and not _says_not(_tokens(heard))):
        return False
    telling = [token.word for token in tokens if len(token.word) > 3 and token.word not in _EMPTY]
    known = sum(_is_known(word, there) for word in telling)
    return bool(telling) and known * 2 >= len(telling)


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        word = found.group().casefold().translate(_APOSTROPHES)
        if word not in _FILLERS:
            yield _Token(word, found.start(), found.end())


def _is_turned(before: list[_Token], said: str, start: int) -> bool:
    near = before[-_WORDS_BEFORE:]
    stops = [stop.end() for stop in _STOP.finditer(said, near[0].start, start)] if near else []
    near = [token for token in near if not stops or token.start >= stops[-1]]
    return _says_not(near) and not any(token.word in _HARMLESS for token in near)


def _says_not(tokens: Iterable[_Token]) -> bool:
    return any(token.word in _NOT or token.word.endswith("n't") for token in tokens)


def _figures(text: str) -> set[str]:
    """Numbers in digits, also those that were said in words."""
    return set(_FIGURE.findall(normalise(text)))


def _is_known_first(word: str, there: set[str]) -> bool:
    # Figures have been looked at.
    return word[0].isdigit() or word.partition("'")[0] in _FIRST or _is_known(word, there)


def _is_known(word: str, there: set[str]) -> bool:
    return any(_alike(word, other) for other in there)


def _alike(word: str, other: str) -> bool:
    """Forms of one word, as far as can be told: "moved", "moving"."""
    same = max(3, max(len(word), len(other)) - 3)
    return word[:same] == other[:same]
