"""The phrases as the file that a custom vocabulary of Amazon Transcribe is made from.

"Creating a custom vocabulary using a table" of the Transcribe developer guide: UTF-8, four columns parted by tabs, of
which SoundsLike and IPA are to be empty. In Phrase, hyphens stand for spaces, and each letter of an acronym that is
spelt out has a full stop; DisplayAs is how it is written in a transcript.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from relay.vocabulary.ordinary import is_ordinary
from relay.vocabulary.phrases import own_list, read_phrases, words_of

MAX_TABLE_BYTES = 50_000
"""Transcribe's limit for one vocabulary ("50 Kb")."""

HEADER = "Phrase\tSoundsLike\tIPA\tDisplayAs\n"

_ACRONYM = re.compile(r"([A-Z]{2,})(s?)")


def table(phrases: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The file's text, and the phrases that found no more room in it: the last ones.

    Of two that are spoken alike ("follow up", "follow-up") the first is written.
    """
    rows: dict[str, str] = {}
    size = len(HEADER)
    for index, phrase in enumerate(phrases):
        spoken = _spoken(phrase)
        if spoken.casefold() in rows:
            continue
        row = f"{spoken}\t\t\t{'' if spoken == phrase and '-' not in phrase else phrase}\n"
        size += len(row.encode())
        if size > MAX_TABLE_BYTES:
            return HEADER + "".join(rows.values()), tuple(phrases[index:])
        rows[spoken.casefold()] = row
    return HEADER + "".join(rows.values()), ()


def phrases_to_tell(file: Path | None, language: str) -> tuple[str, ...]:
    """A deployer's phrases and, if `language` is an English, ours: of foods, those with a word that is no everyday one.

    The developer guide advises small vocabularies of words that are rendered wrongly, and "brown rice" is not.
    Raises `SettingsError`.
    """
    theirs = read_phrases(file) if file is not None else ()
    if language.partition("-")[0].lower() != "en":
        return theirs
    foods = (phrase for phrase in own_list("food") if not all(map(is_ordinary, words_of(phrase))))
    return tuple(dict.fromkeys((*theirs, *own_list("assistant"), *own_list("bank"), *foods)))


def _spoken(phrase: str) -> str:
    return "-".join(_spelt_out(word) for word in re.split("[ -]", phrase))


def _spelt_out(word: str) -> str:
    acronym = _ACRONYM.fullmatch(word)
    if acronym is None:
        return word
    letters, plural = acronym.groups()
    return "".join(f"{letter}." for letter in letters) + ("-s" if plural else "")
