"""Text as a voice should read it: without what is meant for the eye alone."""

from __future__ import annotations

import re
import unicodedata

_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_BREAK = re.compile(r"</?(?:br|p|li|ul|ol|div|tr|td|h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_FENCE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)
_LINE_MARK = re.compile(r"^[ \t]*(?:#{1,6}|>+|[-*+•])[ \t]+", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*([-*_])(?:[ \t]*\1){2,}[ \t]*$", re.MULTILINE)
# A mark of emphasis touches a word on the inside; "2 * 3" and "snake_case" stay.
_EMPHASIS = re.compile(r"(?<![\w*_~`])(\*{1,3}|_{1,3}|~~|`+)(?=\S)(.+?)(?<=\S)\1(?![\w*_~`])", re.DOTALL)

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9'.,;:!?%-]| (?=[A-Za-z0-9]))*")
"""What most sentences of an answer are: nothing in them to take out."""

_READ_ALOUD = frozenset("°©®™№℃℉")
"""Symbols of the same category as emoji that voices do read."""

_EMOJI_PARTS = frozenset("\u200d\u20e3\ufe0e\ufe0f")
"""Joiner, keycap and the two variation selectors."""


def speakable(text: str) -> str:
    """`text` without markup, emoji and control characters, on one line. Empty when nothing is left to say.

    Words, figures and punctuation stay as they are: "2 * 3", "5 < 6" and "20 °C" are read, not cleaned.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = _FENCE.sub("", text)
    text = _RULE.sub("", text)
    text = _LINE_MARK.sub("", text)
    text = _LINK.sub(r"\1", text)
    text = _TAG.sub("", _BREAK.sub(" ", text))
    for _ in range(3):  # "***a***" and "**a _b_**" lose one layer at a time.
        text = _EMPHASIS.sub(r"\2", text)
    text = "".join(_spoken(character) for character in text)
    text = re.sub(r"\s+([.,;:!?])(?=\s|$)", r"\1", " ".join(text.split()))
    return text if any(character.isalnum() for character in text) else ""


def _spoken(character: str) -> str:
    """The character, or what takes its place: a space for what stood between words."""
    if character in _READ_ALOUD:
        return character
    if character in _EMOJI_PARTS:
        return ""
    category = unicodedata.category(character)
    if category in ("So", "Cc", "Co", "Cs", "Cn") or "\U0001f3fb" <= character <= "\U0001f3ff":
        return " "
    return "" if category == "Cf" else character
