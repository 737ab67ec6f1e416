"""The answer to which of several was meant."""

from __future__ import annotations

from receiver.assistants.notes.dialogue.changing import changed
from receiver.assistants.notes.dialogue.matching import matching
from receiver.assistants.notes.dialogue.removing import remove
from receiver.assistants.notes.dialogue.reopening import put_back
from receiver.assistants.notes.dialogue.todos import tick
from receiver.assistants.notes.dialogue.turn import Turn
from receiver.assistants.notes.state import Item, find
from receiver.assistants.notes.times.words import words_of

_NUMBERED = {
    "first": 0,
    "one": 0,
    "former": 0,
    "second": 1,
    "two": 1,
    "third": 2,
    "three": 2,
    "fourth": 3,
    "last": -1,
}


def which_answered(turn: Turn) -> str | None:
    pending = turn.state["pending"]
    if pending is None or pending["about"] != "which":
        return None
    items = [item for item in (find(turn.state, one) for one in pending["ids"]) if item is not None]
    if not items:
        return None
    said = turn.words
    chosen: list[Item] = []
    if {"all", "both", "everything"} & set(said):
        chosen = items
    else:
        found = matching(said, items)
        if len(found) == 1:
            chosen = found
        elif not found:
            numbers = [
                _NUMBERED[word] for word in said if word in _NUMBERED and (word != "one" or len(said) < 3)
            ]
            chosen = [items[number] for number in numbers[:1] if number < len(items)]
    if not chosen:
        return None
    turn.change("ask", pending=None)
    if pending["do"] == "remove":
        return remove(turn, chosen)
    if pending["do"] == "reopen":
        return put_back(turn, chosen[0])
    if pending["do"] == "tick":
        return tick(turn, chosen)
    return changed(turn, chosen[0], words_of(pending["change"]))
