"""Putting reminders in once their times are known, or asking for what a time lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.asking import question
from receiver.assistants.notes.dialogue.turn import Turn
from receiver.assistants.notes.state import MAX_TEXT_CHARS, Item, room_for
from receiver.assistants.notes.times.saying import say_moment, say_remark
from receiver.assistants.notes.times.when import When
from receiver.assistants.notes.times.words import say_number
from receiver.assistants.notes.times.working_out import Moment, Open, work_out

MAX_TIMES = 8
"""Of one thing. With more nothing is set, and that is said."""


def set_at(turn: Turn, text: str, how: str, whens: Sequence[When], tries: int = 0) -> str:
    """Set a reminder for each of the times, or ask for what is missing in the first that lacks something."""
    if len(whens) > MAX_TIMES:
        return f"That is more than I can set at once. Please tell me up to {say_number(MAX_TIMES)} times."
    found = [work_out(when, turn.now, turn.zone) for when in whens]
    asked_at = next((at for at, one in enumerate(found) if isinstance(one, Open)), None)
    if asked_at is not None:
        known = [one.when if isinstance(one, Open) else when for one, when in zip(found, whens, strict=True)]
        first = found[asked_at]
        assert isinstance(first, Open)
        del known[asked_at]
        return _ask_when(turn, first, text, how, tries=tries, more=[when.to_json() for when in known])
    moments = list({one.at: one for one in found if isinstance(one, Moment)}.values())
    if room_for(turn.state, "reminder", turn.now) < len(moments):
        return f"You have {len(turn.items('reminder'))} reminders, and I can keep no more. Delete one first."
    number = int(turn.new_id("reminder").removeprefix("reminder-"))
    reminders = [
        _reminder(f"reminder-{at}", turn.stamp, text, how, moment, turn)
        for at, moment in enumerate(moments, start=number)
    ]
    turn.add(reminders)
    return _said("I'll remind you", reminders[0], text, moments, turn)


def settle(turn: Turn, reminder: Item, when: When, tries: int = 0) -> str:
    """Give a reminder its new time, or ask for what is missing."""
    found = work_out(when, turn.now, turn.zone)
    text, how = reminder["text"], reminder["how"]
    if isinstance(found, Open):
        return _ask_when(turn, found, text, how, id=reminder["id"], tries=tries)
    new = _reminder(reminder["id"], reminder["made"], text, how, found, turn)
    turn.change("replace", items=[new])
    turn.about(new["id"])
    return _said("All right, I'll remind you", new, text, [found], turn)


def _ask_when(
    turn: Turn,
    open_: Open,
    text: str,
    how: str,
    *,
    id: str | None = None,
    tries: int,
    more: Sequence[Any] = (),
) -> str:
    asked = question(open_, {"text": text, "how": how}, turn)
    more_said = {"more": list(more)} if more else {}
    return turn.ask(
        asked, "when", text=text, how=how, when=open_.when.to_json(), id=id, tries=tries, **more_said
    )  # fmt: skip


def _reminder(id: str, made: str, text: str, how: str, moment: Moment, turn: Turn) -> Item:
    repeats = moment.repeat is not None
    return {
        "id": id, "text": text[:MAX_TEXT_CHARS], "how": how, "at": moment.at.isoformat(), "zone": turn.zone.key,
        "repeat": None if moment.repeat is None else moment.repeat.to_json(),
        "time": moment.time.isoformat("minutes") if repeats else None,
        "from": moment.wall.date().isoformat() if repeats else None,
        "made": made,
    }  # fmt: skip


def _said(lead: str, reminder: Item, text: str, moments: Sequence[Moment], turn: Turn) -> str:
    if turn.state["pending"] is not None:
        turn.change("ask", pending=None)
    long = phrases.TOO_LONG if len(text) > MAX_TEXT_CHARS else ""
    times = ", and ".join(say_moment(moment, turn.now, turn.zone) for moment in moments)
    remarks = "".join(dict.fromkeys(say_remark(moment, turn.zone) for moment in moments))
    return f"{lead} {phrases.say_task(reminder)} {times}.{remarks}{long}"
