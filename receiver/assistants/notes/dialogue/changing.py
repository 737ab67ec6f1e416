"""Giving what is there another time or another text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.asking import which
from receiver.assistants.notes.dialogue.matching import DOINGS, matching
from receiver.assistants.notes.dialogue.setting import settle
from receiver.assistants.notes.dialogue.turn import Turn, is_kind
from receiver.assistants.notes.state import MAX_TEXT_CHARS, Item
from receiver.assistants.notes.times.durations import Duration, read_duration
from receiver.assistants.notes.times.reader import read_when
from receiver.assistants.notes.times.recurrence import Repeat
from receiver.assistants.notes.times.when import When
from receiver.assistants.notes.times.words import Words, say_number, word_set, words_of
from receiver.assistants.notes.times.working_out import Moment, work_out

_IT = r"(?:that|it|this|them|the last one|that one|the last|that reminder|the reminder|the last reminder)"
_CHANGE_IT = re.compile(rf"(?:make|move|change|set|push|shift|put|reschedule|switch|update) {_IT}(?: to| for|"
                        r" until| till| into| back to| back| off| be| by| say){0,2} (?P<to>.+)")  # fmt: skip
_MOVE = re.compile(r"(?:move|change|set|push|shift|reschedule|switch|update|postpone|delay) (?P<rest>.+)")
_LATER = re.compile(
    rf"(?:(?:make|move|push|shift|put|delay|postpone|bring|snooze) (?:{_IT}"
    rf"|(?P<what>.+?))(?: (?P<way>back|off|out|"
    r"forward|up))?(?: by| for)? )?(?P<by>(?:an?|half|\S+) .+?|half an hour)(?: (?P<late>later|earlier"
    r"|sooner))?"
)
_CORRECTION = re.compile(
    r"(?:no|i meant|i mean|rather|not .+ but|wrong|make) (?:i meant |i mean |make (?:it |that )?)?(?P<to>.+)"
)


def change(turn: Turn) -> str | None:
    """Another time or text for what was talked about last, or for what is named."""
    return _later(turn) or _change_named(turn) or _change_it(turn) or _moved(turn) or _corrected(turn)


def _later(turn: Turn) -> str | None:
    """ "An hour later", "push it back by ten minutes", "snooze it for an hour"."""
    by = turn.named(_LATER, "by")
    found = _LATER.fullmatch(turn.said)
    if by is None or found is None:
        return None
    way, late = found.group("way"), found.group("late")
    moves = turn.said.split()[0] in (
        "push",
        "shift",
        "move",
        "delay",
        "postpone",
        "bring",
        "snooze",
        "put",
        "make",
    )
    if late is None and not (
        moves and (way or " by " in turn.said or turn.said.startswith(("delay", "postpone", "snooze")))
    ):
        return None
    read = read_duration(by, 0)
    if read is None or read[1] != len(by):
        return None
    what = turn.named(_LATER, "what")
    item = turn.last if what is None else next(iter(matching(what, turn.reminders)), None)
    if item is None or not is_kind(item, "reminder"):
        return "I don't know which reminder you mean."
    earlier = late in ("earlier", "sooner") or way in ("forward", "up")
    if turn.said.startswith("snooze"):
        return settle(turn, item, _in(read[0], turn))
    return _shift(turn, item, read[0], earlier=earlier)


def _in(duration: Duration, turn: Turn) -> When:
    if duration.minutes:
        return When(minutes=duration.minutes)
    day = duration.after(turn.scene.today)
    return When(dates=() if day is None else (day,), same_time=True)


def _shift(turn: Turn, reminder: Item, by: Duration, *, earlier: bool) -> str:
    moment = turn.moment_of(reminder)
    if by.minutes:
        step = timedelta(minutes=-by.minutes if earlier else by.minutes)
        if moment.repeat is None:
            at = moment.at + step
            if at <= turn.now:
                return "That time has gone by, so I left it as it is."
            minutes = round((at - turn.now).total_seconds() / 60)
            return settle(turn, reminder, When(minutes=minutes))
        wall = datetime.combine(moment.wall.date(), moment.time) + step
        return settle(turn, reminder, _repeating_at(moment, wall))
    if moment.repeat is not None:
        return "That one repeats. Tell me the new day, for example: move it to Friday."
    sign = -1 if earlier else 1
    day = Duration(days=sign * by.days, months=sign * by.months).after(moment.wall.date())
    when = replace(When.of(moment.wall, moment.repeat), dates=() if day is None else (day,))
    return settle(turn, reminder, when)


def _repeating_at(moment: Moment, wall: datetime) -> When:
    return replace(When.of(moment.wall, moment.repeat), clock=When.of(wall).clock)


def _change_it(turn: Turn) -> str | None:
    to = turn.named(_CHANGE_IT, "to")
    if to is None or turn.last is None:
        return None
    return changed(turn, turn.last, to)


def _change_named(turn: Turn) -> str | None:
    """ "Move the reminder to call mum to eleven": the first "to" that leaves a time behind it, else any."""
    rest = turn.named(_MOVE, "rest")
    if rest is None:
        return None
    cuts = [at for at in range(1, len(rest) - 1) if rest.at(at) in ("to", "until", "till", "into", "for")]
    timed = [at for at in cuts if _is_time(turn, rest.part(at + 1))]
    for at in [*timed, *cuts]:
        what, to = rest.part(0, at), rest.part(at + 1)
        items = [*turn.reminders, *turn.open_todos, *turn.items("note")]
        if at in timed or "reminder" in what:
            items = turn.reminders
        found = matching(what, items)
        if len(found) > 1:
            return which(turn, found, "change", to.source())
        if found and (at in timed or turn.said.startswith(("change", "update"))):
            return changed(turn, found[0], to)
    return None


_MOVED = re.compile(
    r".+ (?:instead|rather)"
    r"|.+ (?:(?:has|have|was|were|is|are|got|it's) (?:now )?(?:been )?|been )"
    r"(?:moved|changed|rescheduled|pushed|shifted) .+"
    r"|(?:it's|that's)? ?(?:been )?(?:moved|changed|rescheduled|pushed|shifted) .+"
    r"|.+ (?:is|are|it's) now (?:at|on) .+|.+ (?:is|are|it's) (?:at|on) .+ now"
)


def _moved(turn: Turn) -> str | None:
    """ "Can we do the dentist on Friday instead", "the dentist has been moved to four"."""
    if not _MOVED.fullmatch(turn.said):
        return None
    to = 1 + max((at for at, word in enumerate(turn.command) if word == "to"), default=-1)
    start = to if _is_time(turn, turn.command.part(to)) else 0
    reading = read_when(turn.command.part(start), turn.scene, expected=start > 0)
    if not reading.when:
        return None
    used = {start + index for index in reading.used}
    named = words_of(turn.command.source(used)).without(_MOVING)
    found = matching(named, turn.reminders)
    if len(found) > 1:
        return which(turn, found, "change", turn.command.part(min(used), max(used) + 1).source())
    if found:
        return _at_other_time(turn, found[0], reading.when)
    last = turn.last
    if not named and last is not None and is_kind(last, "reminder"):
        return _at_other_time(turn, last, reading.when)
    return None


_MOVING = word_set(
    """
    it it's that that's this has have been was is are got now instead rather moved changed rescheduled pushed shifted
    to we can let's do make the
    """
)


def _is_time(turn: Turn, words: Words) -> bool:
    reading = read_when(words, turn.scene, expected=True)
    return bool(reading.when) and len(reading.used) == len(words)


def _corrected(turn: Turn) -> str | None:
    """ "No, at ten", "I meant Friday": of the reminder that was talked about last."""
    last = turn.last
    if last is None or not is_kind(last, "reminder") or "also" in turn.words:
        return None
    to = turn.named(_CORRECTION, "to") or (
        turn.words.part(1) if turn.words.at(0) in ("no", "actually", "sorry") else None
    )
    if to is None:
        to = turn.command
    while to.at(0) in ("sorry", "i", "mean", "meant", "make", "that", "it", "actually", "wait"):
        to = to.part(1)
    reading = read_when(to, turn.scene, expected=True)
    if not reading.when or len(to) - len(reading.used) > 0:
        return None
    return changed(turn, last, to)


_VALUE = re.compile(r"(?i)(.+? (?:is|are|was|were|costs?))(?= )")


_LEADS_TEXT = word_set("to about that")
"""Of a reminder, what begins with none of these, nor as a to-do does, is rather a time that was not understood."""


def changed(turn: Turn, item: Item, to: Words) -> str:
    if to.at(0) == "the" and len(to) > 1 and is_kind(item, "reminder"):
        to = to.part(1)  # "Make it the evening".
    if is_kind(item, "reminder"):
        reading = read_when(_with_hour(turn, item, to), turn.scene, expected=True)
        if reading.when and len(reading.used) >= len(to) - 1:
            return _at_other_time(turn, item, reading.when)
    if is_kind(item, "reminder") and not (to.at(0) in _LEADS_TEXT or to.at(0) in DOINGS):
        return f"I did not get that: {phrases.to_you(to.source())}. {settle(turn, item, When())}"
    text = to.source()
    value = _VALUE.match(item["text"])
    if is_kind(item, "note") and value is not None and _VALUE.match(text) is None:
        text = f"{value.group(1)} {text}"  # "The code is 4711", changed to "4712".
    if to.at(0) == "to" and is_kind(item, "reminder"):
        text = to.part(1).source()
    new = item | {"text": text[:MAX_TEXT_CHARS]}
    turn.change("replace", items=[new])
    turn.about(item["id"])
    if is_kind(item, "reminder"):
        return f"All right, I'll remind you {phrases.say_task(new)} {turn.say_time(new)}."
    return f"All right, {phrases.describe(item)} is now {phrases.describe(new)}."


def _with_hour(turn: Turn, reminder: Item, to: Words) -> Words:
    """ "Quarter past", of what is at five."""
    if to.at(len(to) - 1) != "past":
        return to
    hour = turn.moment_of(reminder).wall.hour
    return words_of(f"{to.source()} {say_number(hour % 12 or 12)}")


def _at_other_time(turn: Turn, reminder: Item, to: When) -> str:
    """What was not said anew stays as it was."""
    moment = turn.moment_of(reminder)
    before = When.of(moment.wall, moment.repeat)
    if to.minutes is not None or to.repeat is not None:
        clock = to.clock or (None if to.part else before.clock)
        return settle(turn, reminder, replace(to, clock=clock))
    if moment.repeat is not None and to.dates:
        repeat = _on_other_day(moment.repeat, to)
        if repeat is None:
            return "That one repeats every day; I can give it another time, or you can set another reminder."
        before = replace(before, repeat=repeat, dates=to.dates[:1])
        to = replace(to, dates=())
    if to.clock is not None and not to.clock.fixed and to.part is None and not to.dates:
        # "Make that ten", of what was at nine in the evening.
        hour = to.clock.hour % 12 + (12 if moment.wall.hour >= 12 else 0)
        to = replace(to, clock=replace(to.clock, hour=hour, fixed=True))
    when = before.with_(to)
    if moment.repeat is None and to.clock is not None and not to.dates:
        # Where that has gone by today, the other half of the day is meant, or the next day.
        found = work_out(when, turn.now, turn.zone)
        if not isinstance(found, Moment):
            when = replace(when, dates=(), clock=to.clock)
    return settle(turn, reminder, when)


def _on_other_day(repeat: Repeat, to: When) -> Repeat | None:
    if repeat.unit == "week" and len(repeat.weekdays) == 1:
        return replace(repeat, weekdays=(to.dates[0].weekday(),))
    if repeat.unit == "month" and repeat.nth is None:
        return replace(repeat, day=to.dates[0].day)
    if repeat.unit == "year":
        return replace(repeat, day=to.dates[0].day, month=to.dates[0].month)
    return None
