"""What came due since the person last talked to us: told once, before the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from receiver.assistants.assistant import Context, Effect, State
from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.state import complete, instant_of
from receiver.assistants.notes.times.saying import say_clock, say_date
from receiver.assistants.notes.times.words import say_number
from receiver.assistants.notes.times.zones import wall_at

MAX_TOLD = 5
"""Reminders that are told; of more, how many."""

TOLD = re.compile(
    r"(?:While you were away|In the meantime), it was time for this: .+?[.](?:\s+|$)", re.DOTALL
)
"""How an answer begins that told of some."""

_STOPS = re.compile(r"[.?!;]+(?=\s|$)")


def while_away(state: State, context: Context) -> tuple[str, list[Effect]]:
    """The sentence and its effects; empty where nothing came due."""
    notes = complete(state)["notes"]
    gone = notes["gone"]
    if not gone:
        return "", []
    said = [f"{_task(one)}, {_when(one, context)}" for one in gone[-MAX_TOLD:]]
    more = len(gone) - len(said) + notes["more"]
    if more:
        said.append(f"{say_number(more)} more before that")
    # Within one call nobody was away.
    lead = "In the meantime" if any(turn.text for turn in context.history) else "While you were away"
    listed = said[0] if len(said) == 1 else f"{'; '.join(said[:-1])}; and {said[-1]}"
    return f"{lead}, it was time for this: {listed}.", [{"do": "told", "key": gone[-1]["key"]}]


def _task(one: Mapping[str, Any]) -> str:
    # In one sentence, whatever stops the words had.
    return _STOPS.sub("", phrases.say_task(one)).strip()


def _when(one: Mapping[str, Any], context: Context) -> str:
    wall = wall_at(instant_of(one), context.timezone)
    today = context.local_now.date()
    clock = f"at {say_clock(wall.time())}"
    days = (today - wall.date()).days
    if days == 0:
        return f"today {clock}"
    return f"yesterday {clock}" if days == 1 else f"on {say_date(wall.date())} {clock}"
