"""The phrases themselves: ours, which ship with the relay, and a deployer's own, from a file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from protocol.errors import SettingsError
from relay.vocabulary.surroundings import SURROUNDINGS

OWN_LISTS = ("assistant", "bank", "food")
"""Those that ship with the relay, in English."""

MAX_FILE_BYTES = 20_000
"""A deployer's file; a longer one is refused. As a table it is about twice as long, and Transcribe takes 50 KB."""

MAX_PHRASE_CHARACTERS = 100

MAX_PHRASE_WORDS = 6


class Topic(NamedTuple):
    """Phrases of one field."""

    phrases: tuple[str, ...]
    surroundings: frozenset[str] | None
    """Words that tell that this is talked about; None for what may come up in any talk."""
    known: tuple[str, ...] = ()
    """More phrases that are taken as they are, and that nothing else is taken for."""


_PHRASE = re.compile(r"[^\W\d_]+(?:['.-]+[^\W\d_]+)*\.?(?: [^\W\d_]+(?:['.-]+[^\W\d_]+)*\.?)*")


@cache
def own_list(name: str) -> tuple[str, ...]:
    """One of the files beside this one: `OWN_LISTS`, or `food_names`."""
    text = resources.files("relay.vocabulary").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return tuple(dict.fromkeys(_lines(text)))


def read_phrases(path: Path) -> tuple[str, ...]:
    """A deployer's phrases: UTF-8, one a line, `#` before a remark. Raises `SettingsError` with the line at fault."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"RELAY_VOCABULARY_FILE={path}: {error.strerror}.") from None
    if len(content) > MAX_FILE_BYTES:
        raise SettingsError(f"RELAY_VOCABULARY_FILE={path}: it is longer than {MAX_FILE_BYTES:,} bytes.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"RELAY_VOCABULARY_FILE={path}: it is not UTF-8.") from None
    for number, line in enumerate(text.splitlines(), start=1):
        phrase = _without_remark(line)
        if phrase and (problem := _problem(phrase)):
            raise SettingsError(f"RELAY_VOCABULARY_FILE={path}, line {number}: {problem}.")
    return tuple(dict.fromkeys(_lines(text)))


def topics(file: Path | None) -> tuple[Topic, ...]:
    """A deployer's phrases, then our lists. Raises `SettingsError`."""
    known = {"food": own_list("food_names")}
    ours = (Topic(own_list(name), SURROUNDINGS[name], known.get(name, ())) for name in OWN_LISTS)
    return (Topic(read_phrases(file), None), *ours) if file is not None else tuple(ours)


def words_of(phrase: str) -> list[str]:
    """Its words in lower case, those that a hyphen joins apart."""
    return phrase.lower().replace("-", " ").split()


def _lines(text: str) -> Iterable[str]:
    return filter(None, map(_without_remark, text.splitlines()))


def _without_remark(line: str) -> str:
    return " ".join(line.partition("#")[0].replace("’", "'").split())


def _problem(phrase: str) -> str | None:
    if len(phrase) > MAX_PHRASE_CHARACTERS or len(phrase.split()) > MAX_PHRASE_WORDS:
        return f"a phrase has at most {MAX_PHRASE_WORDS} words and {MAX_PHRASE_CHARACTERS} characters"
    if re.search(r"\d", phrase):
        return "digits are not said; write numbers as words"
    if not _PHRASE.fullmatch(phrase):
        return "a phrase is of letters, with single spaces, hyphens, apostrophes and full stops inside"
    return None
