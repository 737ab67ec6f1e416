"""What is heard as other ordinary words, and known by the words around it: "my to do list", "Right a note"."""

from __future__ import annotations

import re

_TO_SET = r"(?:reminder|alarm|timer|deadline|due date|priority)"
_TO_WRITE = r"(?:note|reminder|to-do|task|email|summary)"

_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), form)
    for pattern, form in (
        (r"\b(?:to|two|too)[ -](?:do|due)[ -](list|item)(s?)\b", r"to-do \1\2"),
        # "A lot to do", "something new to do": only what is owned or counted is a thing.
        (r"\b((?:a|my|your|our|another)(?: new)?) (?:to|two|too) (?:do|due)('?s)?\b", r"\1 to-do\2"),
        (r"(?<![^.!?] )\b(add|put) it to do (for|to|about)\b", r"\1 a to-do \2"),
        (r"\be[ -]mail(s|ed|ing)?\b", r"email\1"),
        # Where a sentence begins, and what follows is set or written, and hardly ever talks.
        (rf"(?<![^.!?] )\bSaid(?= (?:a|an|the|my|another|that) {_TO_SET}\b)", "Set"),
        (rf"(?<![^.!?] )\bRight(?= (?:a|an|another|my) {_TO_WRITE}\b)", "Write"),
    )
)


def in_written_form(text: str) -> str:
    """The text with these as they are written."""
    for pattern, form in _FORMS:
        text = pattern.sub(form, text)
    return text
