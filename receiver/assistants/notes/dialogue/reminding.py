"""Setting a reminder: of what, when, and what has to be asked before it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.turn import Turn
from receiver.assistants.notes.state import MAX_TEXT_CHARS, Item, room_for
from receiver.assistants.notes.times.reader import read_when, timed
from receiver.assistants.notes.times.saying import (
    say_clock,
    say_day,
    say_moment,
    say_month,
    say_remark,
    say_repeat,
    say_weekday,
)
from receiver.assistants.notes.times.when import OTHER_REPEAT, When
from receiver.assistants.notes.times.words import Words, say_ordinal, word_set
from receiver.assistants.notes.times.working_out import Open, work_out

REQUEST = re.compile(
    r"\b(?:remind (?:me|us)(?: again)?|(?:set|make|create|add|schedule|put in|give me|need|want|have"
    r"|new)(?: up| me)?"
    r"(?: a| an| another)?(?: new)?(?: \S+){0,6}? (?:reminder|alarm|timer)|reminder|wake me(?: up)?|"
    r"(?:do not|don't) let me forget|remember)\b"
)
_REMEMBER = re.compile(
    r"(?:(?:i|we) (?:really )?(?:need|want|have|must) (?:to )?|help me (?:to )?)?remember to "
)
_THING = word_set("the my our a an his her their this that these those")
_HOWS = {"to": "to", "about": "about", "that": "that", "of": "about"}
_ALARM = {"alarm": "the alarm", "timer": "the timer", "wake": "wake up"}
_TAIL = word_set("please thanks thank you okay and for")


def remind(turn: Turn) -> str | None:
    asked = before_an_event(turn)
    if asked is not None:
        return asked
    found = REQUEST.search(turn.said)
    if found is None or (found.group() == "reminder" and found.start() > 0):
        return None
    if found.group() == "remember" and not _REMEMBER.match(turn.said):
        return None
    words = turn.command
    start = turn.said.count(" ", 0, found.end()) + 1
    begins = connector(words, start, turn)
    head = len(words) if begins is None else begins
    reading = read_when(words, turn.scene, head=head)
    how = "to"
    task_from = start
    if begins is not None:
        how = _HOWS[words.at(begins)]
        task_from = begins + 1
        if words.at(begins - 1) == "not" and how == "to":
            how = "not to"
    text = _text(words, reading.used | set(range(task_from)))
    if not text and found.group().startswith("wake"):
        how, text = "to", _ALARM["wake"]
    elif not text and found.group().endswith(("alarm", "timer")):
        how, text = "about", _ALARM[found.group().split()[-1]]
    if not text:
        before = _text(words, reading.used | set(range(turn.said.count(" ", 0, found.start()), len(words))))
        text = before if len(before.split()) > 1 else ""
    if not text:
        if not reading.when:
            return turn.ask("What should I remind you of, and when?", "what", when=When().to_json())
        return turn.ask("What should I remind you of?", "what", when=reading.when.to_json())
    when = reading.when
    if {words.at(index) for index in range(head) if index not in reading.used} & {"every", "each"}:
        when = replace(when, repeat=None, trouble=OTHER_REPEAT)
    return settle(turn, text, how, when)


_BEFORE = re.compile(
    r"remind (?:me|us) (?:(?:an?|one|two|three|four|five|ten|fifteen|twenty|thirty|half an|a quarter of an"
    r"|a couple of|the|\d+) (?:minutes?|hours?|days?|weeks?|nights?|evenings?|mornings?) (?:before|after))"
    r" (?!i\b|we\b|that\b)(?P<event>.+)"
)


def before_an_event(turn: Turn) -> str | None:
    """ "An hour before my flight": of which nobody has said when it is."""
    event = turn.named(_BEFORE, "event")
    if event is None or set(event) & set(_HOWS) or read_when(event, turn.scene).when:
        return None
    text = event.source()
    return turn.ask(
        f"I don't know when that is. When should I remind you about {phrases.to_you(text)}?",
        "when", text=text, how="about", when=When().to_json(), id=None, tries=0,
    )  # fmt: skip


def connector(words: Words, start: int, turn: Turn) -> int | None:
    """Where what to be reminded of begins: at the first "to" that is none of a time ("ten to nine")."""
    of_times = timed(words, turn.scene)
    for index in range(start, len(words)):
        if words.at(index) in _HOWS and index not in of_times:
            return index
    return None


def _text(words: Words, without: frozenset[int] | set[int]) -> str:
    kept = [index for index in range(len(words)) if index not in without]
    while kept and words.at(kept[-1]) in _TAIL:
        kept.pop()
    while kept and words.at(kept[0]) in ("and", "then", "for"):
        kept.pop(0)
    return words.source(set(range(len(words))) - set(kept))


def settle(turn: Turn, text: str, how: str, when: When, changed: Item | None = None, tries: int = 0) -> str:
    """Set the reminder, or give `changed` its new time, or ask for what is missing."""
    found = work_out(when, turn.now, turn.zone)
    if isinstance(found, Open):
        asked = question(found, {"text": text, "how": how}, turn)
        return turn.ask(
            asked, "when", text=text, how=how, when=found.when.to_json(),
            id=None if changed is None else changed["id"], tries=tries,
        )  # fmt: skip
    if changed is None and room_for(turn.state, "reminder", turn.now) < 1:
        return f"You have {len(turn.items('reminder'))} reminders, and I can keep no more. Delete one first."
    reminder: Item = {
        "id": turn.new_id("reminder") if changed is None else changed["id"],
        "text": text[:MAX_TEXT_CHARS], "how": how, "at": found.at.isoformat(), "zone": turn.zone.key,
        "repeat": None if found.repeat is None else found.repeat.to_json(),
        "time": None if found.repeat is None else found.time.isoformat("minutes"),
        "from": None if found.repeat is None else found.wall.date().isoformat(),
        "made": turn.stamp if changed is None else changed["made"],
    }  # fmt: skip
    if changed is None:
        turn.add([reminder])
    else:
        turn.change("replace", items=[reminder])
        turn.about(reminder["id"])
    if turn.state["pending"] is not None:
        turn.change("ask", pending=None)
    lead = "I'll remind you" if changed is None else "All right, I'll remind you"
    long = phrases.TOO_LONG if len(text) > MAX_TEXT_CHARS else ""
    said = say_moment(found, turn.now, turn.zone)
    return f"{lead} {phrases.say_task(reminder)} {said}.{say_remark(found, turn.zone)}{long}"


def question(open_: Open, reminder: Item, turn: Turn) -> str:
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


def when_answered(turn: Turn) -> str | None:
    """The answer to when a reminder should be, put together with what was known."""
    pending = turn.state["pending"]
    if pending is None or pending["about"] != "when":
        return None
    known = When.from_json(pending["when"])
    words = turn.command
    while words.at(0) in _ANSWER_LEADS:
        words = words.part(1)
    said = read_when(words, turn.scene, expected=True)
    if not said.when:
        if pending["tries"] or len(words) - len(said.used) > _MAX_ANSWER_WORDS:
            return None
        found = work_out(known, turn.now, turn.zone)
        asked = question(found if isinstance(found, Open) else Open("when", known), pending, turn)
        return turn.ask(f"Sorry, I did not catch a time. {asked}", **{**pending, "tries": 1})
    changed = next((one for one in turn.items("reminder") if one["id"] == pending["id"]), None)
    return settle(turn, pending["text"], pending["how"], known.with_(said.when), changed)


_MAX_ANSWER_WORDS = 6
"""An answer with more words that say nothing of a time is none."""

_ANSWER_LEADS = word_set(
    "the make that it let's say i think how about maybe no sorry actually wait meant mean rather well"
)


def what_answered(turn: Turn) -> str | None:
    """The answer to what to be reminded of."""
    pending = turn.state["pending"]
    if pending is None or pending["about"] != "what":
        return None
    words = turn.command
    how = "to"
    if words.at(0) in _HOWS:
        how, words = _HOWS[words.at(0)], words.part(1)
    elif words.at(0) in _THING:
        how = "about"
    reading = read_when(words, turn.scene)
    text = _text(words, set(reading.used))
    when = (
        When.from_json(pending["when"]).with_(reading.when)
        if reading.when
        else When.from_json(pending["when"])
    )
    if not text:
        return turn.ask("What should I remind you of?", "what", when=when.to_json())
    return settle(turn, text, how, when)
