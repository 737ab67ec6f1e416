"""Several requests in one turn, each by itself."""

from __future__ import annotations

import re

from receiver.assistants.notes.dialogue.matching import DOINGS
from receiver.assistants.notes.dialogue.reminding import REQUEST, connector
from receiver.assistants.notes.dialogue.turn import Turn, begin_turn
from receiver.assistants.notes.times.reader import read_when
from receiver.assistants.notes.times.words import Words

MAX_REQUESTS = 8
"""What is said beyond belongs to the last of them."""

_NEXT_REQUEST = re.compile(
    r"(?i)(?<![\s,.;!?])[\s,.;!?]++(?:and|then|also|and then|and also)?[\s,]*(?=(?:please )?(?:remind me"
    r"|set a reminder|note that|make a note|"
    r"take a note|tick off|(?:add|put) [^.?!]{1,200}\blist\b))"
)
_NO_END = re.compile(r"(?i)\b(?:please|and|then|you|to|uh|um|so|okay|ok|hey|hi|hello|maybe|just|not)$")
_VERBS = re.compile(
    r"(?i)\b(?:remind|reminder|note|list|tick|write|undo|delete|remove|cancel|done|finished|add|read)\b"
)
_MAX_ANDS = 4
"""Of one request; at later ones it is not parted."""


def requests(text: str) -> list[str]:
    """The parts of "add milk to my list and remind me to call mum at nine"."""
    text = " ".join(text.split())
    found: list[str] = []
    start = 0
    for begins in _NEXT_REQUEST.finditer(text):
        before = text[start : begins.start()]
        # "Tomorrow at nine, remind me": that is one.
        if len(found) + 1 < MAX_REQUESTS and not _NO_END.search(before) and _VERBS.search(before):
            found.append(before)
            start = begins.end()
    return [*found, text[start:]]


def parted(turn: Turn) -> list[str]:
    """With other words for what was said ("call Tom, no wait, Anna") as a request of their own."""
    words = turn.words
    said = " ".join(words)
    for found in _REPAIRING.finditer(said):
        at = said.count(" ", 0, found.start()) + 1
        # "On Wednesday, no wait, Thursday" is put right where times are read.
        if at > 2 and _VERBS.search(said[: found.start()]) and not read_when(words.part(at), turn.scene).when:
            first = two_reminders(begin_turn(turn.state, turn.context, words.part(0, at).source()))
            return [*first, words.part(at).source()]
    return two_reminders(turn)


_REPAIRING = re.compile(
    r" (?=(?:no wait|wait no|no actually|actually no|no sorry|sorry no|no i meant?|sorry i meant?) )"
)


def two_reminders(turn: Turn) -> list[str]:
    """ "Remind me to call mum at nine and dad at ten", as two requests; anything else as it is."""
    words = turn.words
    said = " ".join(words)
    found = REQUEST.search(said)
    if found is None or not found.group().startswith("remind"):
        return [turn.text]
    to = connector(words, said.count(" ", 0, found.end()) + 1, turn)
    at_another_time = None if to is None else _at_another_time(words, to + 2, turn)
    if at_another_time is not None:
        return at_another_time
    # "Remind me tomorrow to": the day would be that of the first alone.
    if to is None or words.at(to) != "to" or read_when(words.part(0, to), turn.scene).when:
        return [turn.text]
    ands = [at for at in range(to + 2, len(words)) if words.at(at) == "and"]
    for at in ands[:_MAX_ANDS]:
        first, second = words.part(to + 1, at), words.part(at + 1)
        readings = [read_when(part, turn.scene) for part in (first, second)]
        if all(
            reading.when.slots == {"clock"}
            and max(reading.used) == len(part) - 1
            and len(reading.used) < len(part)
            for part, reading in zip((first, second), readings, strict=True)
        ):
            verb = "" if second.at(0) in DOINGS or first.at(0) not in DOINGS else f"{first.at(0)} "
            others = begin_turn(turn.state, turn.context, f"remind me to {verb}{second.source()}")
            return [words.part(0, at).source(), *two_reminders(others)]
    return [turn.text]


def _at_another_time(words: Words, start: int, turn: Turn) -> list[str] | None:
    """ "Remind me at four to email Jo and at five to call Sam": the second as said after the first."""
    for at in range(start, len(words)):
        if words.at(at) != "and":
            continue
        rest = words.part(at + 1)
        used = read_when(rest, turn.scene, head=len(rest)).used
        end = next((index for index in range(len(rest)) if index not in used), len(rest))
        if end > 0 and rest.at(end) == "to" and end + 1 < len(rest):
            return [words.part(0, at).source(), f"and {rest.part(end).source()} {rest.part(0, end).source()}"]
    return None
