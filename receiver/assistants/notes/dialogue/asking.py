"""Questions of ours, and the short answers to them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.turn import Turn
from receiver.assistants.notes.state import Item
from receiver.assistants.notes.times.saying import say_clock, say_day, say_month, say_repeat, say_weekday
from receiver.assistants.notes.times.words import say_ordinal
from receiver.assistants.notes.times.working_out import Open

YES = re.compile(
    r"(?:yes|yeah|yep|yup|sure|okay|ok|please|do it|do that|do so|right|correct|exactly|of course|go ahead"
    r"|absolutely|definitely)(?: \S+){0,4}"
)
NO = re.compile(r"(?:no|nope|nah|don't|do not|never mind|not|stop|leave|keep)\b")


def which(turn: Turn, items: Sequence[Item], do: str, to: str | None = None) -> str:
    """Ask which of several is meant."""
    names = [phrases.describe(item) for item in items]
    ids = [item["id"] for item in items]
    return turn.ask(f"Which one: {_or(names)}?", "which", do=do, ids=ids, change=to)


def _or(names: Sequence[str]) -> str:
    names = [*names[: phrases.MAX_SAID - 1], "another"] if len(names) > phrases.MAX_SAID else names
    return f"{', '.join(names[:-1])} or {names[-1]}"


def question(open_: Open, reminder: Mapping[str, Any], turn: Turn) -> str:
    """What to ask, in one question."""
    when, task = open_.when, phrases.say_task(reminder)
    today = turn.scene.today
    match open_.question:
        case "time":
            if when.repeat is not None:
                return f"At what time should I remind you {task} {say_repeat(when.repeat)}?"
            named = phrases.sentence(say_day(when.dates[0], today))
            return f"{named}: at what time should I remind you {task}?"
        case "day":
            return f"On which day should I remind you {task}?"
        case "half":
            assert when.clock is not None
            first, second = (_say_half(hour, minute) for hour, minute in when.clock.halves())
            return f"Is that {first} or {second}?"
        case "passed":
            return f"That time has gone by. When should I remind you {task}?"
        case "far":
            return f"That is more than ten years away, further than I can keep it. When should I remind you {task}?"
        case "repeat":
            return (
                "I can repeat a reminder by the day, week, month or year, once on each of its days. "
                f"When should I remind you {task}?"
            )
        case "weekday":
            day = when.dates[0]
            return (
                f"The {say_ordinal(day.day)} of {say_month(day.month)} is a {say_weekday(day.weekday())}. "
                f"On which day should I remind you {task}?"
            )
        case "two times":
            return f"I heard two times. At which one should I remind you {task}?"
        case "when":
            return f"When should I remind you {task}?"


def _say_half(hour: int, minute: int) -> str:
    return say_clock(time(hour, minute))
