"""The engine's transcripts (README.md beside this file), and how far they are from what was said."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent


class Transcript(NamedTuple):
    kind: str
    voice: str
    meant: str
    heard: str


def load(half: str) -> list[Transcript]:
    with (FOLDER / f"{half}.tsv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    return [Transcript(*row) for row in rows]


def word_error_rate(transcripts: Iterable[Transcript], correct: Callable[[str], str] = str) -> float:
    """Words put in, left out and exchanged, as a share of those that were said."""
    pairs = [(_words(each.meant), _words(correct(each.heard))) for each in transcripts]
    return sum(word_errors(*pair) for pair in pairs) / sum(len(meant) for meant, _ in pairs)


def word_errors(meant: list[str], heard: list[str]) -> int:
    row = list(range(len(heard) + 1))
    for said in meant:
        previous, row = row, [row[0] + 1]
        for column, word in enumerate(heard, start=1):
            row.append(min(previous[column - 1] + (said != word), previous[column] + 1, row[-1] + 1))
    return row[-1]


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower().replace("’", "'").replace("-", " "))
