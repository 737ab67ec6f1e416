"""Reading reminders back: all, those of a day, the next one, the one about something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.matching import matching
from receiver.assistants.notes.dialogue.turn import Turn, is_kind
from receiver.assistants.notes.state import Item
from receiver.assistants.notes.times.reader import read_when
from receiver.assistants.notes.times.saying import say_clock, say_day
from receiver.assistants.notes.times.words import Words

_NEXT = re.compile(
    r"(?:what(?: is|'s)|when(?: is|'s)|tell me|read me|read) (?:my|the) next (?:reminder|one|thing)"
    r"|what(?: is|'s) next"
    r"|what(?: is|'s) coming up(?: next)?|when will you remind me next"
)
_ALL = re.compile(
    r"(?:what|which|read|read me|read out|list|show me|tell me|give me|do i have|have i|are there|any|how many)\b"
    r".*\breminders?\b.*|my reminders"
    r"|what (?:will|do|are) you (?:going to )?remind(?:ing)? me (?:of|about).*"
    r"|(?:do i have|have i got|is there)(?: anything| something)(?: on| planned| up| coming up)?.*"
    r"|what(?: is|'s) (?:coming up|planned|up|on).*|what (?:do i have|have i got)(?: on| planned)?.*"
)
_DID_YOU = re.compile(
    r"(?:did you|have you|you)(?: already| now)?"
    r" (?:set|get|got|save|saved|add|added|make|made|note|noted|put|write|written)(?: down)?"
    r"(?: (?:that|it|this|the|my|a)(?: (?:reminder|note|alarm|timer|task|to do))?)?(?: set| down| yet| on| in)*"
    r"|is (?:that|it|the reminder|the alarm|my reminder|my alarm) (?:set|saved|noted|done|on|there|in)(?: now| then)?"
    r"|are you sure(?: about (?:that|it))?|is that right"
)
_WHEN = re.compile(
    r"(?:how (?:long|much time)(?: is| do i have| have i got)?(?: there)?(?: still)?(?: left| to go)?"
    r"(?: on| until| till| before| for)"
    r"|when(?: is|'s| are| was| do i (?:have|need) to| should i| must i| will you| are you going to"
    r"| did i want to)"
    r"|what time(?: is|'s| do i have to| will you)|at what time (?:is|will you|do i have to))"
    r"(?: remind me(?: to| about| of)?)?(?: (?:my|the))?(?: reminder)?(?: to| about| for)? ?(?P<what>.+)"
)


_SATURDAY = 5


def look_ahead(turn: Turn) -> str | None:
    if _NEXT.fullmatch(turn.said):
        return _next(turn)
    if _ALL.fullmatch(turn.said):
        return _of_day(turn)
    what = turn.named(_WHEN, "what")
    if what is None:
        return None
    found = matching(what, turn.reminders)
    if not found:
        return None
    return _read_out(turn, found, "") if len(found) > 1 else _one(turn, found[0])


def confirm(turn: Turn) -> str | None:
    """ "Did you set it?": what was talked about last, as it is."""
    if not _DID_YOU.fullmatch(turn.said):
        return None
    last = turn.last
    if last is None:
        return "I have nothing new from you. Please tell me again."
    if is_kind(last, "reminder"):
        return f"Yes. I'll remind you {phrases.say_task(last)} {turn.say_time(last)}."
    if is_kind(last, "note"):
        return f"Yes. You noted: {phrases.to_you(last['text'])}."
    return f"Yes, {phrases.describe(last)} is {'ticked off' if last['done'] else 'on your list'}."


def _next(turn: Turn) -> str:
    reminders = turn.reminders
    return _one(turn, reminders[0]) if reminders else "You have no reminders."


def _one(turn: Turn, reminder: Item) -> str:
    turn.about(reminder["id"])
    return f"I'll remind you {phrases.say_task(reminder)} {turn.say_time(reminder)}."


def _of_day(turn: Turn) -> str | None:
    when = read_when(turn.command, turn.scene).when
    if not when.dates and when.within is None and "remind" not in turn.said and turn.said.split()[-1] != "up":
        return None
    reminders = turn.reminders
    if when.dates or when.within is not None:
        first, last = when.within or (when.dates[0], when.dates[0])
        if "weekend" in turn.command and first.weekday() == _SATURDAY:
            last = first + timedelta(1)
        reminders = [one for one in reminders if first <= turn.moment_of(one).wall.date() <= last]
        return _read_out(
            turn, reminders, f" {_span(first, last, turn.scene.today)}", only_clock=first == last
        )
    about = _about(turn)
    if about is not None:
        found = matching(about, reminders)
        if found:
            return _read_out(turn, found, "")
    return _read_out(turn, reminders, "")


def _about(turn: Turn) -> Words | None:
    words = list(turn.command)
    for word in ("about", "for", "to"):
        if word in words[2:]:
            return turn.command.part(words.index(word, 2) + 1)
    return None


def _span(first: date, last: date, today: date) -> str:
    return say_day(first, today) if first == last else f"from {say_day(first, today).removeprefix('on ')} on"


def _read_out(turn: Turn, reminders: Sequence[Item], of: str, *, only_clock: bool = False) -> str:
    past = turn.past_reminders if not of else []
    gone = ""
    if past:
        gone = f" The time of {phrases.say_some([phrases.describe(one) for one in past])} has gone by."
    if not reminders:
        return f"You have no {'other ' if past else ''}reminders{of}.{gone}"
    if len(reminders) == 1:
        turn.about(reminders[0]["id"])
    turn.read_out(reminders, phrases.MAX_SAID)
    told = [
        f"{phrases.say_task(one)} "
        + (f"at {say_clock(turn.moment_of(one).wall.time())}" if only_clock else turn.say_time(one))
        for one in reminders
    ]
    said = "; ".join(told[: phrases.MAX_SAID])
    more = len(told) - phrases.MAX_SAID
    rest = f"; and {phrases.count(more, 'later one')}" if more > 0 else ""
    return f"You have {phrases.count(len(reminders), 'reminder')}{of}: {said}{rest}.{gone}"
