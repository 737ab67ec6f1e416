"""Setting a reminder: of what, when, and what has to be asked before it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.asking import question
from receiver.assistants.notes.dialogue.setting import set_at, settle
from receiver.assistants.notes.dialogue.turn import Turn
from receiver.assistants.notes.times.clock import MORNING
from receiver.assistants.notes.times.coordination import after_that
from receiver.assistants.notes.times.reader import read_when, timed
from receiver.assistants.notes.times.when import OTHER_REPEAT, When
from receiver.assistants.notes.times.words import Words, word_set
from receiver.assistants.notes.times.working_out import Open, work_out

REQUEST = re.compile(
    r"\b(?:(?:remind|ping|nudge|alert|notify|poke|prod|buzz|prompt) (?:me|us)(?: again)?"
    r"|be reminded|give (?:me|us) an? (?:shout|nudge|ping|buzz|poke|prod|heads up)"
    r"|tell (?:me|us)(?= to | (?:at|in) .* to )"
    r"|(?:set|make|create|add|schedule|put in|give me|need|want|have"
    r"|new)(?: up| me)?"
    r"(?: a| an| another)?(?: new)?(?: \S+){0,6}? (?:reminder|alarm|timer)|reminder|wake me(?: up)?|"
    r"(?:do not|don't) let (?:me|us) forget|make sure (?:i|we) (?:(?:do not|don't) forget|remember)"
    r"|(?:(?:i|we) )?(?:must not|mustn't|can't|cannot|better not) forget|remember)\b"
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
    request = turn.said.count(" ", 0, found.start())
    if begins is None and request > 0:
        told = _told_before(words.part(0, request), words.part(start), turn)
        if told is not None:
            return told
    head = len(words) if begins is None else begins
    reading = read_when(words, turn.scene, head=head, several=True)
    how = "to"
    task_from = start
    if begins is not None:
        how = _HOWS[words.at(begins)]
        task_from = begins + 1
        if words.at(begins - 1) == "not" and how == "to":
            how = "not to"
    when = reading.when
    ends = when.repeat is not None and bool(set(words) & _EXCEPTIONS)
    if ends or {words.at(index) for index in range(head) if index not in reading.used} & {"every", "each"}:
        when = replace(when, repeat=None, trouble=OTHER_REPEAT)
    unread = "" if ends else _unread(words, reading.used, start, start if begins is None else begins)
    text = _text(words, reading.used | set(range(task_from)))
    if text and unread:
        sorry = f"I did not get when that is: {phrases.to_you(unread)}."
        return f"{sorry} {set_at(turn, text, how, [When()])}"
    if not text and found.group().startswith("wake"):
        how, text = "to", _ALARM["wake"]
    elif not text and found.group().endswith(("alarm", "timer")):
        how, text = "about", _ALARM[found.group().split()[-1]]
    if not text:
        before = _ASKING.sub("", _text(words, reading.used | set(range(request, len(words)))))
        before, owed = _OWED.subn("", before)
        if not owed and _CLAUSE.search(before):
            how = "that"
        text = before if len(before.split()) > 1 else ""
        left = words.source(reading.used | set(range(start)))
        if text and left:
            return f"I did not get that: {phrases.to_you(left)}. {set_at(turn, text, how, [When()])}"
    if not text or (begins is None and set(text.lower().split()) <= _TIME_WORDS):
        if not reading.when:
            return turn.ask("What should I remind you of, and when?", "what", when=When().to_json())
        return _ask_what(turn, [reading.when, *reading.more])
    whens = [when, *reading.more]
    return set_at(
        turn, text, how, list(map(_on_waking, whens)) if found.group().startswith("wake") else whens
    )


def _on_waking(when: When) -> When:
    """In the morning, where nothing else is said."""
    open_ = when.clock is not None and not when.clock.fixed and when.part is None
    return replace(when, part=MORNING) if open_ else when


_TIME_WORDS = word_set(
    "in at on by for past half quarter ten five twenty twenty-five fifteen thirty forty an a o'clock"
)
"""Parts of a time, which are nothing to be reminded of."""

_EXCEPTIONS = word_set("except until till excluding")
"""Of what repeats, these say what no `Repeat` can."""

_CUES = word_set(
    """
    before after until since when while once if minute minutes hour hours day days night nights week weeks month months
    year years morning afternoon evening except
    """
)


def _unread(words: Words, used: frozenset[int], start: int, end: int) -> str:
    """What is said between the request and its task that must be of a time, and was not understood."""
    left = [index for index in range(start, end) if index not in used]
    told = any(words.at(index) in _CUES for index in left)
    return words.source(set(range(len(words))) - set(left)) if told else ""


_OWED = re.compile(
    r"(?i)^(?:(?:so|because|and|but) )?(?:i|we)(?:'ve| have)? (?:really )?(?:got to|gotta|have to|need to|must|should) "
)
_ASKING = re.compile(r"(?i)(?: (?:so|and|can|could|would|will|please|you))+$")
"""What leads to the request that follows."""

_CLAUSE = re.compile(
    r"(?i)^(?:i|we|you|he|she|it|there|they|the|my|our) .*\b(?:is|are|was|has|have|needs?|will)\b"
)
_HAVING = re.compile(r"(?:so |because |and )*(?:(?:i|we)(?:'ve| have)(?: got)?|there(?:'s| is)) (?P<what>.+)")


def _told_before(told: Words, words: Words, turn: Turn) -> str | None:
    """ "I've got the vet tomorrow at ten, remind me at nine": of the two times the second is the reminder's."""
    found = read_when(told, turn.scene), read_when(words, turn.scene, expected=True, several=True)
    if not all(one.when.slots & {"clock"} for one in found) or len(found[1].used) < len(words):
        return None
    event, when = found[0].when, found[1].when
    having = _HAVING.search(" ".join(told))
    start = 0 if having is None else " ".join(told).count(" ", 0, having.start("what"))
    text = _ASKING.sub("", _text(told, found[0].used | set(range(start))))
    if not text or event.minutes is not None:
        return None
    if "day" not in when.slots:
        when = replace(when, dates=event.dates, within=event.within)
    return set_at(turn, text, "about", [when, *found[1].more])


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
            if words.at(index) == "of" and not of_times.issuperset(range(start, index)):
                continue  # "The morning of my exam".
            return index
    return None


def _text(words: Words, without: frozenset[int] | set[int]) -> str:
    kept = [index for index in range(len(words)) if index not in without]
    while kept and words.at(kept[-1]) in _TAIL:
        kept.pop()
    while kept and words.at(kept[0]) in ("and", "then", "for"):
        kept.pop(0)
    return words.source(set(range(len(words))) - set(kept))


def when_answered(turn: Turn) -> str | None:
    """The answer to when a reminder should be, put together with what was known."""
    pending = turn.state["pending"]
    if pending is None or pending["about"] != "when":
        return None
    known = When.from_json(pending["when"])
    words = turn.command
    while words.at(0) in _ANSWER_LEADS:
        words = words.part(1)
    said = read_when(words, turn.scene, expected=True, several=pending["id"] is None)
    if not said.when:
        if pending["tries"] or len(words) - len(said.used) > _MAX_ANSWER_WORDS:
            return None
        found = work_out(known, turn.now, turn.zone)
        asked = question(found if isinstance(found, Open) else Open("when", known), pending, turn)
        return turn.ask(f"Sorry, I did not catch a time. {asked}", **{**pending, "tries": 1})
    changed = next((one for one in turn.items("reminder") if one["id"] == pending["id"]), None)
    if changed is not None:
        return settle(turn, changed, known.with_(said.when))
    whens = [known.with_(said.when), *(known.with_(when) for when in said.more)]
    for other in map(When.from_json, pending.get("more", ())):
        lacks = isinstance(work_out(other, turn.now, turn.zone), Open)
        other = other.with_(said.when) if lacks else other
        whens.append(after_that(whens[-1], other) if other.dates == whens[-1].dates else other)
    return set_at(turn, pending["text"], pending["how"], whens)


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
    when, *more = (When.from_json(one) for one in (pending["when"], *pending.get("more", ())))
    if reading.when:
        when, more = when.with_(reading.when), []
    if not text:
        return _ask_what(turn, [when, *more])
    return set_at(turn, text, how, [when, *more])


def _ask_what(turn: Turn, whens: Sequence[When]) -> str:
    first, *more = (when.to_json() for when in whens)
    return turn.ask("What should I remind you of?", "what", when=first, **({"more": more} if more else {}))
