"""Words and marks of a text, from a speech engine or a keyboard, in one spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from receiver.assistants.diet.parser.misspellings import RIGHT_SPELLINGS

MAX_WORDS = 400
"""Words of one turn that are looked at; a meal is told in fewer."""

MARKS = frozenset(",.;!?&")

_TOKEN = re.compile(
    r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+/[0-9]+|[0-9]*\.[0-9]+|[0-9]+|[^\W\d_]+(?:'[^\W\d_]+)*|[,.;!?&]"
)
_GLYPHS = str.maketrans(
    {
        "½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3", "’": "'", "‘": "'", "`": "'", "-": " ",
        "–": " ", "—": " , ", "…": " , ", ":": " , ", "(": " , ", ")": " , ", "%": " percent ", "+": " and ",
    }
)  # fmt: skip

_CONTRACTIONS = {
    "dont": "don't", "didnt": "didn't", "doesnt": "doesn't", "isnt": "isn't", "wasnt": "wasn't",
    "havent": "haven't", "hadnt": "hadn't", "couldnt": "couldn't", "wouldnt": "wouldn't", "cant": "can't",
    "thats": "that's", "whats": "what's", "im": "i'm", "ive": "i've", "lets": "let's", "theres": "there's",
    "hows": "how's", "oclock": "o'clock", "youre": "you're", "cannot": "can't",
}  # fmt: skip


_SPLIT_WORDS = {
    ("table", "spoon"): "tablespoon", ("tea", "spoon"): "teaspoon", ("hand", "full"): "handful",
    ("hand", "ful"): "handful", ("to", "day"): "today", ("to", "night"): "tonight",
}  # fmt: skip
"""Words that speech engines write as two: measures, and "to-day"."""


def word_set(text: str) -> frozenset[str]:
    """The words of a text, for lists of words in the code."""
    return frozenset(text.split())


def tokenize(text: str) -> list[str]:
    """Lower-case words, numbers and marks, at most `MAX_WORDS`."""
    tokens: list[str] = []
    for found in _TOKEN.finditer(_without_accents(text.lower().translate(_GLYPHS))):
        token = RIGHT_SPELLINGS.get(found.group(), found.group())
        whole = _SPLIT_WORDS.get((tokens[-1], token.removesuffix("s"))) if tokens else None
        if whole is not None:
            tokens[-1] = whole + ("s" if token.endswith("s") else "")
            continue
        is_some = token == "sum" and tokens[-1:] != ["dim"]  # noqa: S105 - a word, no secret
        tokens.append("some" if is_some else _CONTRACTIONS.get(token, token))
        if len(tokens) == MAX_WORDS:
            break
    return tokens


def _without_accents(text: str) -> str:
    """Letters as an English keyboard has them: "crème brûlée", "jalapeño"."""
    if text.isascii():
        return text
    return "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))


def at(words: Sequence[str], index: int) -> str:
    """The word there, or an empty one past either end."""
    return words[index] if 0 <= index < len(words) else ""
