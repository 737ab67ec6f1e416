"""Lists in pieces that an ear can hold: what was left out is read out when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.turn import Turn, is_kind
from receiver.assistants.notes.state import Item, find

_GO_ON = re.compile(
    r"(?:go on|keep (?:going|reading)|carry on|continue|more|(?:and )?next(?: ones?)?"
    r"|(?:(?:read|tell|give|show) (?:me )?|what (?:is|are) |what's )?(?:the |some )?(?:rest|others|other ones|more)"
    r"(?: of (?:them|it|the list|my list))?)"
)
_ELSE = re.compile(r"(?:(?:is there|do i have|have i got) )?(?:what|anything|something) else(?: \S+){0,8}")  # fmt: skip


def go_on(turn: Turn) -> str | None:
    """ "What else?": what of the last list was not read out; where none was, how much there is."""
    said, reading = turn.said, turn.state["reading"]
    asks_else = _ELSE.fullmatch(said) is not None
    if not asks_else and (reading is None or not _GO_ON.fullmatch(said)):
        return None
    if reading is None:
        return _overview(turn)
    items = [item for item in (find(turn.state, one) for one in reading) if item is not None]
    if not items:
        turn.change("reading", ids=None)
        return "That is all."
    turn.read_out(items)
    return f"{phrases.sentence(phrases.say_some([_described(turn, item) for item in items]))}."


def _described(turn: Turn, item: Item) -> str:
    if is_kind(item, "reminder"):
        return f"{phrases.say_task(item)} {turn.say_time(item)}"
    return phrases.to_you(item["text"])


def _overview(turn: Turn) -> str:
    kinds: Sequence[tuple[Sequence[Item], str]] = (
        (turn.reminders, "reminder"), (turn.open_todos, "to-do"), (turn.items("note"), "note"),
    )  # fmt: skip
    counted = [phrases.count(len(items), noun) for items, noun in kinds if items]
    return f"You have {phrases.say_some(counted)}." if counted else "There is nothing else."
