"""Other words for what was just noted: "no wait, room nine", "sorry, I meant oat milk"."""

from __future__ import annotations

import re

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.turn import Turn, is_kind
from receiver.assistants.notes.state import MAX_TEXT_CHARS
from receiver.assistants.notes.times.reader import read_when
from receiver.assistants.notes.times.words import Words, word_set, words_of

REPAIR = re.compile(
    r"(?:(?:oh |uh )?(?:no|wait|sorry|actually)(?: (?:no|wait|sorry|actually|rather|hang on|hold on))*"
    r"(?: (?:i mean|i meant|i said|make (?:that|it)|it's|it is))?|(?:i meant|i mean|make that|i said)) (?P<to>.+)"
)
_SURE = word_set("wait sorry mean meant actually rather make")
"""One of these besides a "no", or two of them: a "no" alone may be about anything."""

_NO_TEXT = word_set(
    """
    that that's it it's i i'm i've i'll i'd you this there there's is are was what not don't never thanks thank okay one
    ones other thing all fine stop cancel undo delete remove remind read
    """
)
_MAX_WORDS = 8
_SHORT = 3
"""A text of so few words is replaced as a whole."""


def correct(turn: Turn) -> str | None:
    """The last reminder, to-do or note with these words in the place of those that they correct."""
    last = turn.last
    said = " ".join(turn.words)
    found = REPAIR.fullmatch(said)
    if last is None or found is None or not set(said[: found.start("to")].split()) & _SURE:
        return None
    to = turn.words.part(said.count(" ", 0, found.start("to")))
    if len(to) > _MAX_WORDS or set(to) & _NO_TEXT or read_when(to, turn.scene, expected=True).when:
        return None
    text = _corrected(words_of(last["text"]), to, whole=not is_kind(last, "reminder"))
    if text is None:
        return None
    new = last | {"text": text[:MAX_TEXT_CHARS]}
    turn.change("replace", items=[new])
    turn.about(new["id"])
    return f"All right, {phrases.describe(new)}."


def _corrected(text: Words, to: Words, *, whole: bool) -> str | None:
    """From the word on that both have; or all of a short text."""
    if to.at(0) in text:
        start = len(text) - 1 - list(reversed(text)).index(to.at(0))
        kept = text.part(0, start).source(), to.source(), text.part(start + len(to)).source()
        return " ".join(part for part in kept if part)
    return to.source() if whole and len(text) <= _SHORT else None
