"""Slang of the young, taken out or put into plain words before a sentence is read."""

from __future__ import annotations

import re

_INTERJECTIONS = re.compile(
    r"(?i)\b(?:bruh|bro|dude|fam|lol|lmf?ao|rofl|omg|ngl|tbh|tho|(?:low|high)key|ha(?:ha)+|hehe|"
    r"fr(?: fr)?|no cap)\b(?!')"
)
"""Said to anybody, about anything; none of them is a food."""
_SLANG = {
    re.compile(r"(?i)\bidk\b"): "I don't know",
    re.compile(r"(?i)\bnvm\b"): "never mind",
    re.compile(r"(?i)^\W*(?:sup|wassup)\W*$"): "hello",
    re.compile(r"(?i)^\W*bet\W*$"): "okay",
    re.compile(r"(?i)^\W*gn\W*$"): "good night",
}


def without_interjections(text: str) -> str:
    """Without the slang that only colours a sentence: of "lol", nothing is left."""
    for slang, words in _SLANG.items():
        text = slang.sub(words, text)
    return " ".join(_INTERJECTIONS.sub(" ", text).split()).lstrip(" ,.!")
