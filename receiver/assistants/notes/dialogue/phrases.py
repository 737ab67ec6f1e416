"""How the notes assistant says things: short, for the ear."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from receiver.assistants.notes.state import kind_of
from receiver.assistants.notes.times.saying import join
from receiver.assistants.notes.times.words import say_number

HELP = (
    "I can remind you of things, keep your to-do list and take notes. Say for example: remind me to call the bank "
    "tomorrow at nine, add milk to my list, or note that the door code is blue."
)
NOT_UNDERSTOOD = "Sorry, I did not get that. I can set reminders, keep your to-do list and take notes."
LEFT = "Let us leave it then. Just say it again whenever you like."
TOO_LONG = " That was long, so I kept the first 500 characters."
NOTHING_TO_UNDO = "There is nothing to take back."

MAX_SAID = 6
"""Things that are read out one by one; of more, the first of them and how many others."""

_TO_YOU = {
    "my": "your", "mine": "yours", "i": "you", "me": "you", "myself": "yourself", "i'm": "you're", "i've": "you've",
    "i'll": "you'll", "i'd": "you'd", "am": "are", "our": "your", "ours": "yours", "us": "you", "ourselves":
    "yourselves",
}  # fmt: skip
_PRONOUN = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")


def to_you(text: str) -> str:
    """What somebody said of themselves, said to them: "call my mum" is "call your mum"."""

    def turned(found: re.Match[str]) -> str:
        word = found.group()
        other = _TO_YOU.get(word.lower())
        if other is None or (word.isupper() and len(word) > 1):  # "US" is a country.
            return word
        if word.lower() == "am" and not re.search(r"\b[Ii] $", text[: found.start()]):
            return word
        return other.capitalize() if word[:1].isupper() and word.lower()[0] != "i" else other

    return _PRONOUN.sub(turned, text)


def say_task(reminder: Mapping[str, Any]) -> str:
    """ "to call your mum", "about the meeting"."""
    return f"{reminder['how']} {to_you(reminder['text'])}"


def describe(item: Mapping[str, Any]) -> str:
    """ "the reminder to call your mum", "milk", "the note: the door code is blue"."""
    kind = kind_of(item["id"])
    if kind == "reminder":
        return f"the reminder {say_task(item)}"
    return f"the note: {to_you(item['text'])}" if kind == "note" else to_you(item["text"])


def say_some(parts: Sequence[str]) -> str:
    """All of them, or the first and how many more."""
    if len(parts) > MAX_SAID:
        parts = [*parts[: MAX_SAID - 1], f"{say_number(len(parts) - MAX_SAID + 1)} more"]
    return join(parts)


def count(number: int, noun: str) -> str:
    """ "one reminder", "three reminders"."""
    return f"{say_number(number)} {noun}{'' if number == 1 else 's'}"


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def greeting(name: str | None) -> str:
    first_name = name.split()[0] if name and name.split() else None
    return f"Hello{f', {first_name}' if first_name else ''}! What can I note or remind you of?"
