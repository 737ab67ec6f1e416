"""What one turn works on: what was said, by whom and when, and what has been decided about it so far."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import time as Time
from typing import Any
from zoneinfo import ZoneInfo

from receiver.assistants.assistant import Context, Effect, State
from receiver.assistants.notes.dialogue.phrases import MAX_SAID
from receiver.assistants.notes.state import Item, complete, find, instant_of, items_of, kind_of, next_after
from receiver.assistants.notes.times.recurrence import Repeat
from receiver.assistants.notes.times.saying import say_again
from receiver.assistants.notes.times.when import Scene
from receiver.assistants.notes.times.words import Words, word_set, words_of
from receiver.assistants.notes.times.working_out import Moment, scene_at
from receiver.assistants.notes.times.zones import wall_at

_COURTESIES = re.compile(
    r"(?:(?:okay|ok|hey|hi|hello|so|well|right|all right|alright|please|and|then|also|oh|now|just|great"
    r"|thanks|thank"
    r" you|yes|yeah|actually|sorry|can you|could you|would you|will you|can i|could i|may i"
    r"|i want you to|i want to"
    r"|i would like you to|i'd like you to|i'd like to|i would like to|i need you to|let us|let's"
    r"|quickly|you know"
    r"|do me a favor and|do me a favour and|maybe) )+(?=\S)"
)
_ENDINGS = word_set("please thanks thank you okay ok then")


@dataclass(slots=True)
class Turn:
    """Made by `begin_turn`. What answers appends effects, and says the words."""

    state: State
    context: Context
    text: str
    words: Words
    """All that was said."""
    command: Words
    """The same without the courtesies before and after it."""
    effects: list[Effect] = field(default_factory=list)

    @property
    def said(self) -> str:
        """The command in lower case, without punctuation."""
        return " ".join(self.command)

    @property
    def now(self) -> datetime:
        return self.context.now.astimezone(UTC)

    @property
    def zone(self) -> ZoneInfo:
        return self.context.timezone

    @property
    def scene(self) -> Scene:
        return scene_at(self.now, self.zone, self.context.locale)

    @property
    def stamp(self) -> str:
        return self.now.isoformat()

    @property
    def last(self) -> Item | None:
        """What was talked about last, if it is still there."""
        return find(self.state, self.state["last"])

    def items(self, kind: str) -> list[Item]:
        return items_of(self.state, kind)

    @property
    def open_todos(self) -> list[Item]:
        return [todo for todo in self.items("todo") if todo["done"] is None]

    @property
    def reminders(self) -> list[Item]:
        """Those that lie ahead, the next first; what repeats at its next time."""
        ahead = [
            reminder if instant_of(reminder) > self.now else next_after(reminder, self.now)
            for reminder in self.items("reminder")
        ]
        return sorted((one for one in ahead if one is not None), key=instant_of)

    @property
    def past_reminders(self) -> list[Item]:
        """Those that have gone by and were not given out."""
        return [
            one for one in self.items("reminder") if one["repeat"] is None and instant_of(one) <= self.now
        ]

    def new_id(self, kind: str) -> str:
        added = sum(len(effect["items"]) for effect in self.effects if effect["do"] == "add")
        return f"{kind}-{self.state['notes']['next'] + added}"

    def change(self, do: str, **effect: Any) -> None:
        self.effects.append({"do": do, **effect})

    def add(self, items: Sequence[Item]) -> None:
        self.change("add", items=list(items), now=self.stamp)
        self.about(items[-1]["id"])

    def read_out(self, items: Sequence[Item], most: int = MAX_SAID - 1) -> None:
        """Remember which of them are left when the first `most` have been said, where not all are."""
        left = [item["id"] for item in items[most:]] if len(items) > MAX_SAID else []
        self.change("reading", ids=left)

    def about(self, item_id: str | None) -> None:
        """Remember that this was talked about last."""
        if item_id != self.state["last"] or self.effects:
            self.change("last", id=item_id)

    def ask(self, question: str, about: str, **pending: Any) -> str:
        """Ask it, and expect the answer."""
        self.change("ask", pending={"about": about, **pending})
        return question

    def named(self, pattern: re.Pattern[str], name: str) -> Words | None:
        """The words of a group of a pattern that matches the whole command."""
        found = pattern.fullmatch(self.said)
        if found is None or found.group(name) is None:
            return None
        start, end = found.span(name)
        return self.command.part(self.said.count(" ", 0, start), self.said.count(" ", 0, end) + 1)

    def moment_of(self, reminder: Item) -> Moment:
        """The next time of a reminder, as clocks show it where the person is now."""
        at = instant_of(reminder)
        repeat, time = None, Time()
        if reminder["repeat"] is not None:
            repeat, time = Repeat.from_json(reminder["repeat"]), Time.fromisoformat(reminder["time"])
        return Moment(at, wall_at(at, self.zone), repeat, time)

    def say_time(self, reminder: Item) -> str:
        return say_again(self.moment_of(reminder), self.now, self.zone)


def begin_turn(state: State, context: Context, text: str) -> Turn:
    words = words_of(text)
    return Turn(complete(state), context, text, words, _command(words))


def _command(words: Words) -> Words:
    said = " ".join(words)
    found = _COURTESIES.match(said)
    start = said.count(" ", 0, found.end()) if found else 0
    end = len(words)
    while end > start + 1 and words.at(end - 1) in _ENDINGS:
        end -= 1
    return words.part(start, end)


def is_kind(item: Item, kind: str) -> bool:
    return kind_of(item["id"]) == kind
