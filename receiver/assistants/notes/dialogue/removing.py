"""Taking out reminders, to-dos and notes, one or all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.asking import NO, YES, which
from receiver.assistants.notes.dialogue.matching import matching
from receiver.assistants.notes.dialogue.todos import parts
from receiver.assistants.notes.dialogue.turn import Turn, is_kind
from receiver.assistants.notes.state import Item
from receiver.assistants.notes.times.reader import read_when
from receiver.assistants.notes.times.words import Words, words_of

_IT = re.compile(
    r"(?:that|it|this|the last one|that one|the last|(?:that|this|the last) (?:reminder|note|task|to do"
    r"|item))"
)
_DELETE = re.compile(
    r"(?:delete|remove|cancel|drop|erase|scrap|clear|forget|throw away|get rid of|take(?= .+ (?:off|out)))"
    r"(?: out| off)? (?P<what>.+?)(?: (?:off|from|out of|on)(?: of)?(?: (?:my|the|our))?(?: (?:to do"
    r"|to dos|todo|shopping|"
    r"grocery))?(?: (?P<list>list|notes|reminders))?| off| out)?"
)
_ALL = re.compile(
    r"(?:(?:all|everything|every)(?: of)?(?: (?:my|the|on my))?|my|the|my (?:whole|entire)|the (?:whole"
    r"|entire))"
    r" ?(?P<kind>reminders?|(?:to do |to dos |todo |shopping |grocery )?(?:list|tasks|items)|to dos?"
    r"|todos?|notes)?"
)
_NOUNS = {"reminder": "reminder", "todo": "to-do", "note": "note"}


_STOP = re.compile(
    r"(?:(?:stop|quit) reminding (?:me|us)"
    r"|(?:don't|do not|you don't have to|you needn't|no need to) remind (?:me|us)(?! if\b))"
    r"(?: (?:to|about|of|that))?(?: (?P<what>.+?))?(?: any ?more| any longer| again)?"
)


def stop_reminding(turn: Turn) -> str | None:
    """ "Stop reminding me about the tablets": that asks for none."""
    if not _STOP.fullmatch(turn.said):
        return None
    what = turn.named(_STOP, "what")
    reminders = [*turn.reminders, *turn.past_reminders]
    if what is None or _IT.fullmatch(" ".join(what)):
        last = turn.last
        return (
            remove(turn, [last])
            if last and is_kind(last, "reminder")
            else "I don't know which reminder you mean."
        )
    meant = matching(what, reminders)
    if not meant:
        return f"I have no reminder like {phrases.to_you(what.source())}."
    return remove(turn, meant) if len(meant) == 1 else which(turn, meant, "remove")


_UNNEEDED = re.compile(
    r"(?:i|we) (?:(?:don't|do not)(?: actually| really)? need|no longer need|won't need)(?: to be reminded)?"
    r" (?P<what>.+?)(?P<ever> any ?more| any longer| now| after all)?"
)


def unneeded(turn: Turn) -> str | None:
    """ "I don't need the reminder about the gym any more"."""
    what = turn.named(_UNNEEDED, "what")
    found = _UNNEEDED.fullmatch(turn.said)
    if what is None or found is None:
        return None
    if found["ever"] is None and "no longer" not in turn.said and "reminder" not in what:
        return None
    items = [*turn.reminders, *turn.open_todos]
    meant = matching(what, turn.reminders if "reminder" in what else items)
    if not meant:
        return None
    return remove(turn, meant) if len(meant) == 1 else which(turn, meant, "remove")


def delete(turn: Turn) -> str | None:
    what = turn.named(_DELETE, "what")
    if what is None:
        return None
    dated = _clear_of_day(turn, what)
    if dated is not None:
        return dated
    found = _DELETE.fullmatch(turn.said)
    listed = found.group("list") if found else None
    if _IT.fullmatch(" ".join(what)):
        return remove(turn, [turn.last]) if turn.last else "I don't know what you mean by that."
    whole = _ALL.fullmatch(" ".join(what))
    if whole is not None and (whole.group("kind") or listed):
        return _clear(turn, whole.group("kind") or str(listed))
    if whole is not None and set(what) & {"all", "everything"}:
        return "Do you mean all of your reminders, your whole list, or all of your notes?"
    items = [*turn.reminders, *turn.past_reminders, *turn.items("todo"), *turn.items("note")]
    for kind, word in (("reminder", "reminder"), ("note", "note"), ("todo", "task"), ("todo", "do")):
        if word in what or (listed or "").startswith(
            {"reminder": "reminder", "note": "note"}.get(kind, "list")
        ):
            items = [item for item in items if is_kind(item, kind)]
            break
    if not items:
        return None
    each = [matching(words_of(part), items) for part in parts(what)]
    several = {found[0]["id"]: found[0] for found in each if len(found) == 1}
    if len(several) == len(each) > 1:
        return remove(turn, list(several.values()))
    meant = matching(what, items) or _at_time(turn, what)
    if not meant:
        if len(items) == 1 and set(what) <= {"the", "my", "reminder", "note", "task"}:
            return remove(turn, items)
        return f"I have nothing like {phrases.to_you(what.source())}."
    return remove(turn, meant) if len(meant) == 1 else which(turn, meant, "remove")


def _at_time(turn: Turn, what: Words) -> list[Item]:
    """ "The one at six": the reminders at that time of day."""
    clock = read_when(what, turn.scene).when.clock
    walls = [(one, turn.moment_of(one).wall) for one in turn.reminders]
    return [] if clock is None else [one for one, wall in walls if (wall.hour, wall.minute) in clock.halves()]


_OF_DAY = re.compile(
    r"(?:all|every|everything|the|my)(?: of)?(?: (?:the|my))?(?: (?:reminders|alarms|things))?"
    r"(?: (?:that )?i(?: have|'ve got))?(?: (?:for|on|of|at|from))?"
)


def _clear_of_day(turn: Turn, what: Words) -> str | None:
    """ "All my reminders for tomorrow"."""
    reading = read_when(what, turn.scene)
    when = reading.when
    left = words_of(what.source(reading.used))
    if "day" not in when.slots or when.minutes is not None or not _OF_DAY.fullmatch(" ".join(left)):
        return None
    if not set(left) & {"all", "every", "everything", "reminders", "alarms", "things"}:
        return None
    first, last = when.within or (when.dates[0], when.dates[0])
    items = [one for one in turn.reminders if first <= turn.moment_of(one).wall.date() <= last]
    if not items:
        return "You have no reminders then."
    named = phrases.say_some([phrases.say_task(one) for one in items])
    asked = f"Shall I delete {phrases.count(len(items), 'reminder')}: {named}?"
    return turn.ask(asked, "clear", kind="reminder", ids=[one["id"] for one in items])


def _clear(turn: Turn, named: str) -> str:
    kind = "reminder" if named.startswith("reminder") else "note" if named.startswith("note") else "todo"
    items = turn.items(kind)
    if not items:
        return f"You have no {_NOUNS[kind]}s."
    noun = _NOUNS[kind]
    number = {1: f"your one {noun}", 2: f"both {noun}s"}.get(
        len(items), f"all {phrases.count(len(items), noun)}"
    )
    return turn.ask(f"Shall I delete {number}?", "clear", kind=kind)


def clear_answered(turn: Turn) -> str | None:
    pending = turn.state["pending"]
    if pending is None or pending["about"] != "clear":
        return None
    if not YES.fullmatch(" ".join(turn.words)):
        turn.change("ask", pending=None)
        return "All right, I left everything as it is." if NO.match(" ".join(turn.words)) else None
    turn.change("ask", pending=None)
    ids = pending.get("ids")
    items = [item for item in turn.items(pending["kind"]) if ids is None or item["id"] in ids]
    turn.change("remove", ids=[item["id"] for item in items])
    return (
        f"Done. I deleted {phrases.count(len(items), _NOUNS[pending['kind']])}. Say undo to have them back."
    )


def remove(turn: Turn, items: Sequence[Item]) -> str:
    turn.change("remove", ids=[item["id"] for item in items])
    turn.change("last", id=None)
    return f"I deleted {phrases.say_some([phrases.describe(item) for item in items])}."
