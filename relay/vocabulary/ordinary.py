"""Words of everyday English: what they say is taken to be what was said."""

from __future__ import annotations

from functools import cache
from importlib import resources


def is_ordinary(word: str) -> bool:
    """Whether a word in lower case, also with "'s", is in `ordinary.txt`."""
    return word.removesuffix("'s") in ordinary_words()


@cache
def ordinary_words() -> frozenset[str]:
    """SCOWL's English words of sizes 10 to 35, and names to size 50; `ordinary.txt` says whose work that is."""
    text = resources.files("relay.vocabulary").joinpath("ordinary.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))
