"""Taking the last change back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.turn import Turn, is_kind
from receiver.assistants.notes.state import find, instant_of

_UNDO = re.compile(
    r"(?:no |wait )*(?:undo|revert|take back|scratch)(?: (?:that|it|this|the last one|the last thing|my last change"
    r"|the last change))?"
    r"(?: again| please)?|(?:take|put) (?:that|it|them) back|go back|that was (?:wrong|a mistake)"
    r"|i (?:did not|didn't) (?:mean|want) that"
)


def undo(turn: Turn) -> str | None:
    if not _UNDO.fullmatch(turn.said):
        return None
    stack = turn.state["undo"]
    if not stack:
        return phrases.NOTHING_TO_UNDO
    changes = stack[-1]
    back = [item for change in changes for item in change.get("items", ())]
    gone = [
        one
        for one in back
        if is_kind(one, "reminder") and one["repeat"] is None and instant_of(one) <= turn.now
    ]
    if gone:
        return f"I can't take that back: the time of the reminder {phrases.say_task(gone[0])} has gone by."
    named = [*(item["id"] for item in back), *(one for change in changes for one in change.get("ids", ()))]
    if all(find(turn.state, one) is None for one in named) and all(c["do"] != "add" for c in changes):
        return "I can't take that back: it is not there any more."
    turn.change("undo", now=turn.stamp)
    return f"All right. {_undone(turn, changes)}"


def _undone(turn: Turn, changes: Sequence[Mapping[str, Any]]) -> str:
    said: list[str] = []
    for change in changes:
        if change["do"] == "remove":
            items = [item for item in (find(turn.state, one) for one in change["ids"]) if item is not None]
            if items:
                said.append(f"I took out {phrases.say_some([phrases.describe(item) for item in items])}.")
            continue
        items = change["items"]
        described = phrases.say_some([phrases.describe(item) for item in items])
        if change["do"] == "add":
            said.append(f"I put back {described}.")
        elif len(items) == 1 and is_kind(items[0], "reminder"):
            said.append(f"The reminder {phrases.say_task(items[0])} is {turn.say_time(items[0])} again.")
        else:
            said.append(f"{phrases.sentence(described)} {'is' if len(items) == 1 else 'are'} as before.")
    return " ".join(said)
