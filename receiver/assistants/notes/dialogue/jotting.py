"""Notes: written down, read out, searched."""

from __future__ import annotations

import re
from collections.abc import Sequence

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.matching import content, matching
from receiver.assistants.notes.dialogue.turn import Turn
from receiver.assistants.notes.state import MAX_TEXT_CHARS, Item, room_for
from receiver.assistants.notes.times.words import Words

_NOTE = (
    re.compile(
        r"(?:make|take|add|leave|write|create|keep|new)(?: me)?(?: a| another| one)?(?: new| quick"
        r"| little)? note"
        r"(?: down)?(?: (?:that says|that|saying|of|about|to self|to myself|to say))?(?: (?P<what>.+))?"
    ),
    re.compile(r"(?:take|make) (?:a )?note of (?:the fact that )?(?P<what>.+)"),
    re.compile(r"note(?: to self| to myself)?(?: down)?(?: that)? (?P<what>.+)"),
    re.compile(r"(?:write|jot|put) (?:(?:that|this) )?down(?: that)? (?P<what>.+)"),
    re.compile(r"(?:take|leave|write)(?: down)? (?:a |an? (?:quick )?)(?P<what>message (?:for|to|from) .+)"),
    re.compile(r"remember(?: that| this)? (?!to |where |what |when |if |who |how )(?P<what>.+)"),
)
_READ = re.compile(
    r"(?:read|read out|read me|show me|tell me|give me|what are|list"
    r"|go through)(?: back)?(?: me)?(?: out)?(?: all)?(?: of)?"
    r" (?:my|the|all) notes(?: back| out| again| to me)*|what notes do i have|what(?: is"
    r"|'s) in my notes|my notes"
    r"|do i have (?:any )?notes"
    r"|how many notes(?: (?:do i have|have i got|are there|i have))?(?: now| left| altogether)?"
    r"|what did i (?:note|write)(?: down)?(?: today| so far)?"
)
_SEARCH = re.compile(
    r"(?:what did i (?:say|tell you|note|write|write down|note down)|what (?:do|did) (?:my notes|i) say"
    r"|what have i (?:said|"
    r"noted|told you|written)(?: down)?|what do you (?:know|remember|have)|do i have (?:a|any) notes?"
    r"|have i (?:got )?(?:a|any)"
    r" notes?|find (?:my|the|a) notes?|search (?:my )?notes|read (?:me )?(?:my|the) notes?"
    r"|(?:did i|have i|is there|do i have|have i got)(?: ever)?"
    r"(?: (?:say|said|note|noted|write|written|put)(?: down)?)?"
    r" (?:anything|something)(?: down)?(?= (?:about|regarding)\b)"
    r"|what was (?:the|my) note|what(?: is|"
    r"'s) (?:the|my) note)(?: (?:about|on|of|for|regarding|with|down about))* (?P<what>.+)"
)
_QUESTION = re.compile(
    r"(?:what|what's|where|where's|when|when's|who|who's|which|how|is|are|does|do|did|was)\b.*"
)


def jot(turn: Turn) -> str | None:
    for pattern in _NOTE:
        if pattern.fullmatch(turn.said):
            what = turn.named(pattern, "what")
            return turn.ask("What should I note?", "note") if what is None else write(turn, what)
    return turn.ask("What should I note?", "note") if turn.said in ("note", "a note", "new note") else None


def what_answered(turn: Turn) -> str | None:
    pending = turn.state["pending"]
    if pending is None or pending["about"] != "note":
        return None
    turn.change("ask", pending=None)
    return write(turn, turn.words)


def write(turn: Turn, what: Words) -> str:
    if room_for(turn.state, "note", turn.now) < 1:
        return f"You have {len(turn.items('note'))} notes, and I can keep no more. Delete some first."
    text = what.source()
    note = {"id": turn.new_id("note"), "text": text[:MAX_TEXT_CHARS], "made": turn.stamp}
    turn.add([note])
    return f"Noted: {phrases.to_you(note['text'])}.{phrases.TOO_LONG if len(text) > MAX_TEXT_CHARS else ''}"


def read(turn: Turn) -> str | None:
    if not _READ.fullmatch(turn.said):
        return None
    notes = turn.items("note")
    if not notes:
        return "You have no notes."
    # The newest first: it is the one that is looked for most.
    if len(notes) == 1:
        turn.about(notes[0]["id"])
        return f"You have one note: {phrases.to_you(notes[0]['text'])}."
    return f"You have {phrases.count(len(notes), 'note')}, the newest first. {_said(turn, notes[::-1])}"


def search(turn: Turn) -> str | None:
    what = turn.named(_SEARCH, "what")
    if what is None:
        return None
    found = matching(what, turn.items("note"))
    return _found(turn, found) if found else f"I have no note about {phrases.to_you(what.source())}."


def answer(turn: Turn) -> str | None:
    """ "What is the code of the door?", where a note says it."""
    if not _QUESTION.fullmatch(turn.said) or not content(turn.command):
        return None
    found = matching(turn.command, turn.items("note"))
    return _found(turn, found) if found else None


def _found(turn: Turn, notes: Sequence[Item]) -> str:
    if len(notes) == 1:
        turn.about(notes[0]["id"])
        return f"You noted: {phrases.to_you(notes[0]['text'])}."
    return f"There are {phrases.count(len(notes), 'note')} of that. {_said(turn, notes[::-1])}"


def _said(turn: Turn, notes: Sequence[Item]) -> str:
    turn.read_out(notes, phrases.MAX_SAID)
    said = [f"{phrases.sentence(phrases.to_you(note['text']))}." for note in notes[: phrases.MAX_SAID]]
    more = len(notes) - phrases.MAX_SAID
    return " ".join(said) + (f" And {phrases.count(more, 'older note')}." if more > 0 else "")
