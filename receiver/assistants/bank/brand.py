"""What can be said about the bank itself: passages of a text that a deployer replaces, found by a spoken question.

The text is Markdown; the head of `about_the_bank.md` says how it is read. Ranking is BM25 (Robertson and Zaragoza, "The
Probabilistic Relevance Framework: BM25 and Beyond", 2009) over each passage's title, other ways to ask for it, and
text. It always finds something, so what it finds is an answer only where the question's words are mostly the passage's.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import log
from pathlib import Path

from protocol.errors import SettingsError
from receiver.assistants.bank.brand_words import asks_about_own_money, stems
from receiver.assistants.chat.speech import Speech

SETTING = "RECEIVER_BANK_ABOUT"
OURS = "about_the_bank.md"

MAX_BYTES = 256 * 1024
"""Of all files together. Every question is compared with every passage."""

MAX_FILES = 50
MAX_PASSAGES = 500
MAX_PASSAGE_CHARS = 600
"""About 40 s of speech."""

MAX_QUESTION_CHARS = 500
"""More of what was said is not looked at."""

KNOWN = 0.5
"""Part of a question's words, by their weight, that the passage must have."""

ASKED = 0.45
"""The same of the words that its title and its other ways to ask have alone: a word in passing is no subject."""

SUBJECT = 4
"""What a question has of a passage must be as rare as a word that is in every fourth one: "money" alone means none."""

_K1, _B = 1.2, 0.75
_TITLE, _ALSO, _TEXT = 3, 2, 1
"""How often a word counts, by where it is."""

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*")
_LINE = re.compile(r"(also asked as|source):\s*(.*)", re.IGNORECASE)

_UNKNOWN = "I do not know that about the bank."


@dataclass(frozen=True, slots=True)
class Passage:
    title: str
    text: str
    """To be said."""
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Section:
    passage: Passage
    asked: frozenset[str]
    """Stems of its title and of the other ways to ask."""
    ways: frozenset[frozenset[str]]
    """The same, each way by itself."""
    counts: Counter[str]
    length: int


class BrandBase:
    """Made by `load`; does not change."""

    def __init__(self, name: str, unknown: str, sections: Sequence[_Section]) -> None:
        self.name = name
        """Of the bank."""
        self.unknown = unknown
        """What to say where `find` finds nothing."""
        self._sections = sections
        frequency = Counter(stem for section in sections for stem in section.counts)
        self._weights = {stem: _weight(count, len(sections)) for stem, count in frequency.items()}
        # A word that is nowhere counts as much as one that is in a single passage.
        self._new = _weight(1, len(sections))
        self._least = _weight(max(1, len(sections) // SUBJECT), len(sections))
        self._usual_length = sum(section.length for section in sections) / len(sections)

    @classmethod
    def load(cls, path: Path | None = None) -> BrandBase:
        """Of a file or of the `*.md` in a folder, in the order of their names; None: the one that comes with this.

        Raises `SettingsError` for one that cannot be read, has nothing to say, or is more than can be said.
        """
        return cls._parse(_read(path))

    @classmethod
    @functools.lru_cache(maxsize=4)
    def _parse(cls, text: str) -> BrandBase:
        name, unknown = "the bank", ""
        sections: list[_Section] = []
        for title, level, lines in _headings(text):
            asked, source, text = _parts(lines)
            if level == 1:
                name, unknown = title, unknown or text
            elif text:
                if len(text) > MAX_PASSAGE_CHARS:
                    raise SettingsError(
                        f"{SETTING}: the passage '{title[:60]}' has {len(text)} characters, too many to be said; "
                        f"at most {MAX_PASSAGE_CHARS}."
                    )
                sections.append(_section(Passage(title, text, source), asked))
        if not sections:
            raise SettingsError(
                f"{SETTING}: there is nothing to say; a passage is a heading '## ...' and a text."
            )
        if len(sections) > MAX_PASSAGES:
            raise SettingsError(
                f"{SETTING}: there are {len(sections)} passages; at most {MAX_PASSAGES} are searched."
            )
        return cls(name, unknown or _UNKNOWN, sections)

    @property
    def passages(self) -> list[Passage]:
        return [section.passage for section in self._sections]

    def find(self, text: str) -> Passage | None:
        """The passage that answers what was said; None where none does, or where it is about one's own money."""
        said = text[:MAX_QUESTION_CHARS]
        words = list(dict.fromkeys(stems(said)))
        if not words or asks_about_own_money(said):
            return None
        exactly = frozenset(words)
        best = max(self._sections, key=lambda section: (exactly in section.ways, self._score(words, section)))
        if exactly in best.ways:
            return best.passage
        whole = sum(map(self._weight, words))
        known = sum(self._weight(word) for word in words if word in best.counts)
        asked = sum(self._weight(word) for word in words if word in best.asked)
        if known < max(KNOWN * whole, self._least) or asked < ASKED * whole:
            return None
        # "Can I turn round-ups off" is not about what else can be turned off.
        subjects = [self._weight(word) for word in words if word in best.asked]
        elsewhere = [
            self._weights[word] for word in words if word in self._weights and word not in best.counts
        ]
        return best.passage if max(subjects) > max(elsewhere, default=0.0) else None

    def _score(self, words: Iterable[str], section: _Section) -> float:
        relative = section.length / self._usual_length
        score = 0.0
        for word in words:
            count = section.counts[word]
            score += self._weight(word) * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * relative))
        return score

    def _weight(self, word: str) -> float:
        return self._weights.get(word, self._new)


def _weight(count: int, of: int) -> float:
    """Of a word that is in `count` passages: the rarer, the more. Never below zero."""
    return log(1 + (of - count + 0.5) / (count + 0.5))


def _section(passage: Passage, also: str) -> _Section:
    ways = [stems(way) for way in (passage.title, *also.split(";"))]
    title, other, text = ways[0], [word for way in ways[1:] for word in way], stems(passage.text)
    # A word of many wordings is not about them the more for it.
    counts = Counter[str]()
    for words, times in ((title, _TITLE), (other, _ALSO), (text, _TEXT)):
        counts += Counter(dict.fromkeys(words, times))
    asked = frozenset(title) | frozenset(other)
    return _Section(passage, asked, frozenset(map(frozenset, ways)), counts, counts.total())


def _read(path: Path | None) -> str:
    if path is None:
        return (files(__package__) / OURS).read_text(encoding="utf-8")
    try:
        found = sorted(path.glob("*.md")) if path.is_dir() else [path]
        if not found or len(found) > MAX_FILES:
            raise SettingsError(f"{SETTING}: {path} has {len(found)} files *.md; it takes 1 to {MAX_FILES}.")
        if sum(file.stat().st_size for file in found) > MAX_BYTES:
            raise SettingsError(f"{SETTING}: {path} has more than {MAX_BYTES // 1024} KiB.")
        return "\n".join(file.read_text(encoding="utf-8-sig") for file in found)
    except OSError as error:
        raise SettingsError(f"{SETTING}: {path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{SETTING}: {path} is not a text in UTF-8.") from error


def _headings(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """Each heading, its level, and the lines below it."""
    title, level, lines = "", 0, list[str]()
    for line in _COMMENT.sub("", text).splitlines():
        heading = _HEADING.fullmatch(line)
        if heading is None:
            lines.append(line)
            continue
        if level:
            yield title, level, lines
        title, level, lines = heading[2], len(heading[1]), []
    if level:
        yield title, level, lines


def _parts(lines: Iterable[str]) -> tuple[str, str, str]:
    """The other ways to ask, the source, and the text as it is spoken."""
    named: dict[str, str] = {}
    rest: list[str] = []
    for line in lines:
        found = _LINE.fullmatch(line.strip())
        if found is None:
            rest.append(line)
        else:
            key = found[1].lower()
            named[key] = f"{named[key]}; {found[2]}" if key in named else found[2]
    return named.get("also asked as", ""), named.get("source", ""), _spoken(rest)


def _spoken(lines: Iterable[str]) -> str:
    """Without the marks of a page, and lines joined: they end where the writer's editor ended them."""
    paragraphs = re.split(r"\n\s*\n", "\n".join(line.strip() for line in lines))
    speech = Speech()
    joined = "\n".join(re.sub(r"\n(?!\s*(?:[-*+]|\d+[.)])\s)", " ", paragraph) for paragraph in paragraphs)
    return " ".join([*speech.feed(joined), *speech.flush()])
