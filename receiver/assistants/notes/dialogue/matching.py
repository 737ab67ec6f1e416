"""Which reminder, to-do or note is meant by a few words of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from receiver.assistants.notes.state import Item
from receiver.assistants.notes.times.words import Words, word_set, words_of

_EMPTY = word_set(
    """
    a an the my our your his her their its this that these those to of for in on at with from about and or is are
    was were be been do did does have has had i i've you me it we us them they he she what when where who which how
    please reminder reminders note notes task tasks item items list todo todos one ones thing things entry also just
    not no will would should could can there say said tell told please all any some up off out done every
    """
)


DOINGS = word_set(
    """
    call ring phone email text write send buy get pick book make do fix clean wash pay ask tell meet see visit check
    read take bring drop return order cancel finish prepare plan talk speak move water feed put sort
    """
)
"""A to-do that begins with one of these is one, whatever "and" is in it; "milk and eggs" are two."""


def stem(word: str) -> str:
    """Without its usual endings, so that "dishes" is "dish" and "called" is "call"."""
    word = word.removesuffix("'s")
    for ending in ("ing", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def content(words: Iterable[str]) -> list[str]:
    """The stems of the words that say something, each once."""
    return list(dict.fromkeys(stem(word) for word in words if word not in _EMPTY))


def matching(wanted: Words, items: Sequence[Item]) -> list[Item]:
    """Those that go best with the words: at least half of what they say is in its text. Empty: none."""
    asked = content(wanted)
    if not asked:
        return []
    best: list[Item] = []
    most = 0.0
    for item in items:
        there = content(words_of(item["text"]))
        common = sum(word in there for word in asked)
        if common * 2 < len(asked):
            continue
        # Of two that have the words, the one that has little else is meant.
        score = common + (0.5 if common == len(there) == len(asked) else 0.0)
        if score > most:
            best, most = [item], score
        elif score == most:
            best.append(item)
    return best
