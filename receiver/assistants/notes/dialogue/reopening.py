"""To-dos that are not done after all: "I haven't done the ironing yet", "untick the dishes"."""

from __future__ import annotations

import re

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.asking import which
from receiver.assistants.notes.dialogue.matching import matching
from receiver.assistants.notes.dialogue.turn import Turn
from receiver.assistants.notes.state import Item

_AFTER = r"(?: (?:yet|after all|actually|put (?:that|it|them) back(?: on(?: (?:my|the) list)?)?|just yet))*"
_NOT_DONE = (
    re.compile(
        r"(?:i|we) (?:haven't|have not|didn't|did not|never)(?: actually| really| yet)*"
        rf"(?: (?:do|done|did|finish|finished|manage|managed|get around to|got around to))? (?P<what>.+?){_AFTER}"
    ),
    re.compile(
        rf"(?P<what>.+?) (?:isn't|is not|aren't|are not|wasn't|weren't)(?: actually)? (?:done|finished){_AFTER}"
    ),
    re.compile(r"(?:untick|uncheck|unmark|reopen) (?P<what>.+?)(?: (?:again|on (?:my|the) list))?"),
    re.compile(r"(?:put|tick) (?P<what>.+?) back(?: (?:on|onto|to)(?: (?:my|the) (?:to do )?list)?)?"),
)
_IT = frozenset({"that", "it", "this", "them"})


def reopen(turn: Turn) -> str | None:
    """What was ticked off and is named is to do again; what is still to do stays so, and that is said."""
    for pattern in _NOT_DONE:
        what = turn.named(pattern, "what")
        if what is None:
            continue
        last = turn.last
        if set(what) <= _IT:
            return put_back(turn, last) if last is not None and last.get("done") is not None else None
        done = matching(what, [one for one in turn.items("todo") if one["done"] is not None])
        still = matching(what, turn.open_todos)
        if still:
            named = phrases.say_some([phrases.describe(one) for one in still])
            return f"{phrases.sentence(named)} {'is' if len(still) == 1 else 'are'} still on your list."
        if len(done) > 1:
            return which(turn, done, "reopen")
        return put_back(turn, done[0]) if done else None
    return None


def put_back(turn: Turn, todo: Item) -> str:
    turn.change("replace", items=[todo | {"done": None}])
    turn.about(todo["id"])
    return f"All right, {phrases.describe(todo)} is on your list again."
