"""What is not to be counted: "without the rent", "not counting groceries", "apart from Woolworths"."""

from __future__ import annotations

import re

_WITHOUT = re.compile(
    r"(?:\b(?:and|but) )?\b(?:not (?:counting|including|with)|excluding|except(?: for)?|apart from|aside from|without"
    r"|leaving out|leave out|other than|minus|ignoring|if you (?:take|leave) (?:out|away|off)|less the|outside of) "
    r"(?:any |all |all of |my |the |our |that |those )*(?P<what>(?!from\b)\S+(?: (?!than\b|on\b|at\b"
    r"|in\b|for\b|did\b|do\b"
    r"|have\b|how\b|what\b)\S+){0,3})"
)


def without(said: str) -> tuple[str, str | None]:
    """The other words, and those for what is left out. `said` is without the days that it names."""
    found = _WITHOUT.search(said)
    if found is None:
        return said, None
    return " ".join(f"{said[: found.start()]} {said[found.end() :]}".split()), found["what"]
