"""Phrases of the vocabulary that were misheard, put right: "corn breat" is cornbread, "ratting number" routing number.

To leave a mishearing is better than to make one, so a stretch of words is only looked at when something is wrong with
it: a word that is none ("tilopia"), a compound that the engine made up ("corn-breat"), a phrase of several words of
which one was heard and another was not ("clan chowder"), or a word that was written as two ("meat loaf"). Then it has
to sound like one phrase, and like no other nearly as much; and where the talk is of something else, nothing is changed.

The bounds were found with the model's own transcripts of six voices; tests/relay/vocabulary has them, and figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from relay.vocabulary.ordinary import is_ordinary, ordinary_words
from relay.vocabulary.phrases import Topic, words_of
from relay.vocabulary.sounds import letters_of, likeness, near, sound_of
from relay.vocabulary.surroundings import SMALL_WORDS
from relay.vocabulary.written_forms import in_written_form

MAX_WORDS = 4
"""Words heard for one phrase."""

MAX_TOKENS = 200
"""Words of one text that are looked at, more than a minute of speech."""

STRANGE = 0.83
"""How alike words that are none have to be to a phrase."""

TORN = 0.76
"""The same of several words with a word among them that is none, or of a compound that nobody says."""

PARTLY_HEARD = 0.82
"""The same of a phrase of which one word was heard as it is; `PARTLY_STRANGE` if what is left is no word."""

PARTLY_STRANGE = 0.70

REST, REST_STRANGE = 0.70, 0.55
"""How alike at least has to be what was not heard of such a phrase, without the words that were."""

CLEARLY = 0.06
"""By so much another phrase has to be less alike."""

MIN_LETTERS, MIN_SOUNDS = 4, 3
"""Of what is shorter there is always something that sounds like it."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


class _Phrase(NamedTuple):
    text: str
    words: tuple[str, ...]
    letters: str
    sound: str
    topic: int


class _Meant(NamedTuple):
    text: str
    likeness: float
    lost: tuple[str, ...]
    """Words heard that are not in it."""
    support: frozenset[str] | None
    """It is only to be believed where one of these words is said, too."""


class _Token(NamedTuple):
    word: str
    start: int
    end: int
    joined: bool
    """By a hyphen to the one before."""
    alone: bool
    """Parted from the one before by more than a space or a hyphen."""


class Corrector:
    """Knows some thousand phrases. Safe to share: it keeps nothing of what was said but a cache of short stretches."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._known: set[str] = set()
        self._words: set[str] = set()
        self._of_several: set[str] = set()
        self._single: set[str] = set()
        self._first: set[str] = set()
        self._by_letters: dict[str, _Phrase] = {}
        self._by_sound: dict[str, list[_Phrase]] = {}
        self._support = [
            None if topic.surroundings is None else topic.surroundings.union(map(str.lower, topic.phrases))
            for topic in topics
        ]
        for number, topic in enumerate(topics):
            for text in topic.phrases:
                self._add(text, number)
            for text in topic.known:
                self._know(words_of(text))
        ordinary_words()  # Read now, and not while somebody waits.
        self._meant = lru_cache(maxsize=8192)(self._find_meant)
        self._is_strange = lru_cache(maxsize=8192)(self._find_strange)

    def _know(self, words: Sequence[str]) -> None:
        self._known.add(" ".join(words))
        self._words.update(words)
        self._first.add(words[0])

    def _add(self, text: str, topic: int) -> None:
        words, letters = tuple(words_of(text)), letters_of(text)
        if " ".join(words) in self._known:
            return
        phrase = _Phrase(text, words, letters, sound_of(letters), topic)
        self._know(words)
        if len(words) > 1:
            self._of_several.update(words)
        else:
            self._single.add(words[0])
        self._by_letters.setdefault(letters, phrase)
        for sound in near(phrase.sound):
            self._by_sound.setdefault(sound, []).append(phrase)

    def correct(self, text: str) -> str:
        """The text with what was misheard in it put right; the rest of it stays as it is, to the last character."""
        text = in_written_form(text)
        tokens = _tokens(text)
        taken: set[int] = set()
        sure = self._heard_right(tokens)
        changes: list[tuple[int, int, str]] = []
        candidates = sorted(self._candidates(tokens), key=lambda each: (-each[0].likeness, -each[2]))
        for found, start, count in candidates:
            places = range(start, start + count)
            if any(at in sure and tokens[at].word in found.lost for at in places):
                continue
            if taken.isdisjoint(places) and _is_supported(found, tokens, places):
                taken.update(places)
                changes.append((tokens[start].start, tokens[start + count - 1].end, found.text))
        for start, end, phrase in sorted(changes, reverse=True):
            text = text[:start] + _as_written(phrase, text, start) + text[end:]
        return text

    def _heard_right(self, tokens: Sequence[_Token]) -> set[int]:
        """Places of the words that make up known phrases of several words, also in the plural."""
        sure: set[int] = set()
        for start, first in enumerate(tokens):
            words = first.word
            if words not in self._first:
                continue
            for end in range(start + 1, min(start + MAX_WORDS, len(tokens))):
                words += " " + tokens[end].word
                if any(form in self._known for form in _with_singulars(words)):
                    sure.update(range(start, end + 1))
        return sure

    def _candidates(self, tokens: Sequence[_Token]) -> Iterable[tuple[_Meant, int, int]]:
        strange = [self._is_strange(token.word) for token in tokens]
        for start, first in enumerate(tokens):
            if first.word in SMALL_WORDS:
                continue
            suspicious = joined = False
            for count in range(1, min(MAX_WORDS, len(tokens) - start) + 1):
                at = start + count - 1
                last = tokens[at]
                if count > 1 and last.alone:
                    break
                joined = joined or (count > 1 and last.joined)
                suspicious = suspicious or strange[at] or joined or last.word in self._of_several
                if last.word in SMALL_WORDS or not (suspicious or count > 1):
                    continue
                words = tuple(token.word for token in tokens[start : start + count])
                found = self._meant(words, joined) if suspicious else self._written_apart(words)
                if found is not None and not _begins_before(
                    found, words, tokens[start - 1].word if start else ""
                ):
                    yield found, start, count

    def _find_strange(self, word: str) -> bool:
        """Whether it is no word at all, as far as is known, nor the plural of one."""
        return not any(form in self._words or is_ordinary(form) for form in _with_singulars(word))

    def _written_apart(self, words: tuple[str, ...]) -> _Meant | None:
        """A word that was written as several: "corn bread". Of small parts anything could be made ("be an", bean)."""
        if len(words) < 2 or any(len(word) < 3 or word in SMALL_WORDS for word in words):
            return None
        phrase = self._by_letters.get("".join(words))
        return None if phrase is None or len(phrase.letters) < 6 else self._as_meant(phrase, 1.0, words)

    def _find_meant(self, words: tuple[str, ...], joined: bool) -> _Meant | None:
        """The phrase that was meant by these words, `joined` if a hyphen joins some of them."""
        if " ".join(words) in self._known:
            return None
        if (apart := self._written_apart(words)) is not None:
            return apart
        letters = letters_of("".join(words))
        sound = sound_of(letters)
        if len(letters) < MIN_LETTERS or len(sound) < MIN_SOUNDS:
            return None
        best = self._most_alike(letters, sound)
        if best is None or _is_same_but_for_number(words, letters, best[0]):
            return None
        phrase, alike = best
        lost = [word for word in words if word not in phrase.words]
        strange = [self._is_strange(word) for word in lost]
        if not lost or alike < self._needed(words, lost, strange, joined, phrase):
            return None
        told = len(lost) < len(words) and all(strange)  # By the rest of the phrase, which was heard.
        return _Meant(phrase.text, alike, tuple(lost), None) if told else self._as_meant(phrase, alike, lost)

    def _as_meant(self, phrase: _Phrase, alike: float, lost: Iterable[str]) -> _Meant:
        return _Meant(phrase.text, alike, tuple(lost), self._support[phrase.topic])

    def _most_alike(self, letters: str, sound: str) -> tuple[_Phrase, float] | None:
        """The nearest phrase, unless another one is nearly as near."""
        alike = {
            phrase: likeness(letters, sound, phrase.letters, phrase.sound)
            for key in near(sound)
            for phrase in self._by_sound.get(key, ())
        }
        if not alike:
            return None
        best = max(alike, key=lambda phrase: (alike[phrase], phrase.text))
        stem = best.letters.removesuffix("s")
        for other, its in alike.items():
            if other.letters.removesuffix("s") != stem and its > alike[best] - CLEARLY:
                return None
        return best, alike[best]

    def _needed(
        self,
        words: Sequence[str],
        lost: Sequence[str],
        strange: Sequence[bool],
        joined: bool,
        phrase: _Phrase,
    ) -> float:
        """How alike the words have to be to the phrase, which `lost` are not in; `_NEVER` if they say something."""
        if any(word in SMALL_WORDS or (word in self._single and word not in phrase.letters) for word in lost):
            return _NEVER
        same_sound = len(words) > 1 and sound_of("".join(words)) == phrase.sound
        if any(word in self._words for word in lost) and not joined and not same_sound:
            return _NEVER
        if len(lost) == len(words):
            return STRANGE if all(strange) else TORN if any(strange) or joined else _NEVER
        heard, meant = letters_of("".join(lost)), "".join(word for word in phrase.words if word not in words)
        if likeness(heard, sound_of(heard), meant, sound_of(meant)) < (
            REST_STRANGE if all(strange) else REST
        ):
            return _NEVER
        return PARTLY_STRANGE if all(strange) else PARTLY_HEARD


_NEVER = 2.0


def _begins_before(found: _Meant, words: Sequence[str], before: str) -> bool:
    """Whether its first letter went to the word before: in "dupes crambled eggs" that word was misheard as well."""
    return before[-1:] + "".join(words) == letters_of(found.text)


def _is_supported(found: _Meant, tokens: Sequence[_Token], places: range) -> bool:
    """Whether another word is of its topic, where it needs one."""
    return found.support is None or any(
        token.word in found.support for at, token in enumerate(tokens) if at not in places
    )


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    end = 0
    for found in _WORD.finditer(text):
        gap = text[end : found.start()]
        tokens.append(
            _Token(
                found.group().lower().replace("’", "'"),
                found.start(),
                found.end(),
                gap == "-",
                gap not in (" ", "-"),
            )
        )
        end = found.end()
        if len(tokens) == MAX_TOKENS:
            break
    return tokens


def _with_singulars(text: str) -> Iterator[str]:
    """The text itself, and what it is the plural of if it is one."""
    yield text
    if text.endswith("s"):
        yield text[:-1]
        if text.endswith("es"):
            yield text[:-2]
            if text.endswith("ies"):
                yield text[:-3] + "y"


def _is_same_but_for_number(words: tuple[str, ...], letters: str, phrase: _Phrase) -> bool:
    return len(words) == len(phrase.words) and letters.removesuffix("s") == phrase.letters.removesuffix("s")


def _as_written(phrase: str, text: str, at: int) -> str:
    """With a capital where a sentence begins."""
    before = text[:at].rstrip()
    return (
        phrase[0].upper() + phrase[1:]
        if text[at].isupper() and (not before or before[-1] in ".!?")
        else phrase
    )
