"""One more reminder like the last: "and again on Friday", "the same tomorrow", "and also to buy wine"."""

from __future__ import annotations

import re

from receiver.assistants.notes.dialogue.setting import set_at
from receiver.assistants.notes.dialogue.turn import Turn, is_kind
from receiver.assistants.notes.state import Item
from receiver.assistants.notes.times.coordination import following
from receiver.assistants.notes.times.reader import read_when
from receiver.assistants.notes.times.when import When
from receiver.assistants.notes.times.words import Words, word_set

_MORE = word_set("and also again same another too plus once more as well")
_AROUND = _MORE | word_set(
    "then the thing time one reminder do remind me please for it that set can you could make"
)
"""What may be said besides the time, and what of it must be."""

_OTHER_THING = re.compile(r"(?:and |also |plus |then )+(?P<how>to|about|that|of) (?P<what>.+)")
_HOWS = {"to": "to", "about": "about", "that": "that", "of": "about"}


def another(turn: Turn) -> str | None:
    last = turn.last
    if last is None or not is_kind(last, "reminder"):
        return None
    return _at_another_time(turn, last) or _of_another_thing(turn, last)


def _at_another_time(turn: Turn, last: Item) -> str | None:
    words = turn.words
    start, end = 0, len(words)
    while words.at(start) in _AROUND:
        start += 1
    while end > start and words.at(end - 1) in _AROUND:
        end -= 1
    around = {*words[:start], *words[end:]}
    if start == end or not around & _MORE:
        return None
    reading = read_when(words.part(start, end), turn.scene, expected=True, several=True)
    if not reading.when or len(reading.used) < end - start:
        return None
    when = following(_when_of(turn, last), reading.when)
    return set_at(turn, last["text"], last["how"], [when, *(following(when, one) for one in reading.more)])


def _of_another_thing(turn: Turn, last: Item) -> str | None:
    said = " ".join(turn.words)
    found = _OTHER_THING.fullmatch(said)
    if found is None:
        return None
    what = turn.words.part(said.count(" ", 0, found.start("what")))
    when, text = _time_and_text(turn, what)
    return set_at(turn, text, _HOWS[found["how"]], [following(_when_of(turn, last), when)]) if text else None


def _time_and_text(turn: Turn, what: Words) -> tuple[When, str]:
    reading = read_when(what, turn.scene)
    return reading.when, what.source(reading.used)


def _when_of(turn: Turn, reminder: Item) -> When:
    return When.of(turn.moment_of(reminder).wall, turn.moment_of(reminder).repeat)
