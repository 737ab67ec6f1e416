"""Cuts an answer into what is voiced one call at a time, so that the first words can play early."""

from __future__ import annotations

import re

MAX_SENTENCE_CHARS = 300
"""Longer sentences are cut at a clause, or at a space: the voice takes a sentence at a time, and Polly bills and
limits (3,000 characters) by the call."""

_ABBREVIATIONS = frozenset(
    {"mr", "mrs", "ms", "dr", "st", "vs", "e.g", "i.e", "etc", "approx", "no", "oz", "lb"}
)
# From the first of a row of marks, and never back: a long row takes no longer than its length.
_END = re.compile(r"""(?<![.!?…])[.!?…]++["')\]]*+\s++""")
_CLAUSE = re.compile(r"[,;:—]\s+")


def split(text: str) -> list[str]:
    """The sentences of `text` in order, none empty, each at most `MAX_SENTENCE_CHARS` characters.

    Joined with spaces they are `text`, white space aside.
    """
    sentences = []
    start = 0
    for end in _END.finditer(text):
        last_word = text[start : end.start()].rsplit(maxsplit=1)[-1:] or [""]
        if text[end.start()] == "." and last_word[0].lower().lstrip("(\"'") in _ABBREVIATIONS:
            continue
        sentences.append(text[start : end.end()])
        start = end.end()
    sentences.append(text[start:])
    return [part for sentence in sentences if (s := " ".join(sentence.split())) for part in _shorten(s)]


def _shorten(sentence: str) -> list[str]:
    parts = []
    while len(sentence) > MAX_SENTENCE_CHARS:
        head = sentence[:MAX_SENTENCE_CHARS]
        clauses = [match.end() for match in _CLAUSE.finditer(head)]
        cut = clauses[-1] if clauses else head.rfind(" ") + 1 or MAX_SENTENCE_CHARS
        parts.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    return [*parts, sentence] if sentence else parts
