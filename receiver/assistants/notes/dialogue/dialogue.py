"""One turn of the notes assistant: what was said and the state, to an answer and effects. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from receiver.assistants.assistant import Context, Effect, State
from receiver.assistants.notes.dialogue import jotting, looking_ahead, phrases, reminding, todos
from receiver.assistants.notes.dialogue.changing import change
from receiver.assistants.notes.dialogue.choosing import which_answered
from receiver.assistants.notes.dialogue.removing import clear_answered, delete
from receiver.assistants.notes.dialogue.small_talk import clock, offer, small_talk, sum_up
from receiver.assistants.notes.dialogue.turn import Turn, begin_turn
from receiver.assistants.notes.dialogue.undoing import undo
from receiver.assistants.notes.state import apply

_SHORT_ANSWERS: tuple[Callable[[Turn], str | None], ...] = (
    clear_answered, which_answered, todos.offer_answered, small_talk,
)  # fmt: skip
"""Yes, no, which one; and talk besides."""

_ANSWERS: tuple[Callable[[Turn], str | None], ...] = (
    *_SHORT_ANSWERS,
    clock, sum_up, looking_ahead.look_ahead, reminding.remind, todos.add, todos.read, jotting.read, jotting.search,
    jotting.jot, undo, delete, change, todos.tick_off, todos.add_more, jotting.answer,
)  # fmt: skip
"""In this order; the first that has something to say answers."""

_OPEN_ANSWERS: tuple[Callable[[Turn], str | None], ...] = (
    reminding.when_answered, reminding.what_answered, todos.what_answered, jotting.what_answered,
)  # fmt: skip
"""Answers that may be any words: what is clearly another request comes before them."""

_REQUEST = re.compile(
    r"(?:remind me|(?:set|make|create|add) an? (?:new )?(?:reminder|note|to do|todo)|add .+ list\b"
    r"|put .+ list\b|note that"
    r"|take a note|write down|(?:what|read|tick|check off|cross|delete|remove|cancel|undo)\b)"
)
_NEVER_MIND = re.compile(
    r"(?:no |oh |okay |actually )*(?:never mind|nevermind|forget (?:it|that|about it)|leave it|stop"
    r"|cancel|cancel (?:it|that)"
    r"|nothing|don't bother|skip it|drop it|no|nope)(?: thanks| thank you| please)?"
)
_NEXT_REQUEST = re.compile(
    r"(?i)(?<![\s,.;!?])[\s,.;!?]++(?:and|then|also|and then|and also)?[\s,]*(?=(?:please )?(?:remind me"
    r"|set a reminder|note that|make a note|"
    r"take a note|tick off|(?:add|put) [^.?!]{1,200}\blist\b))"
)
_NO_END = re.compile(r"(?i)\b(?:please|and|then|you|to|uh|um|so|okay|ok|hey|hi|hello|maybe|just|not)$")
_MAX_REQUESTS = 8


def respond(state: State, context: Context, text: str) -> tuple[str, list[Effect]]:
    """The answer and its effects (`state`). Changes nothing."""
    answers: list[str] = []
    effects: list[Effect] = []
    asked: Turn | None = None
    question = ""
    for request in _requests(text):
        turn = begin_turn(apply(state, effects) if effects else state, context, request)
        said = _answer(turn)
        if not _asks(turn.effects):
            answers.append(said)
            effects += turn.effects
        elif asked is None:
            asked, question = turn, said
        else:
            # One question at a time.
            answers.append(f"Tell me again, after this, what you said about: {request.strip()}.")
    if asked is not None:
        answers.append(question)
        effects += asked.effects
    return " ".join(answers), effects


def _asks(effects: Sequence[Effect]) -> bool:
    return any(effect["do"] == "ask" and effect["pending"] is not None for effect in effects)


def _requests(text: str) -> list[str]:
    """The parts of "add milk to my list and remind me to call mum at nine"."""
    text = " ".join(text.split())
    requests: list[str] = []
    start = 0
    for found in _NEXT_REQUEST.finditer(text):
        before = text[start : found.start()]
        # "Tomorrow at nine, remind me": that is one.
        if len(requests) + 1 < _MAX_REQUESTS and not _NO_END.search(before) and _is_request(before):
            requests.append(before)
            start = found.end()
    return [*requests, text[start:]]


_VERBS = re.compile(
    r"(?i)\b(?:remind|reminder|note|list|tick|write|undo|delete|remove|cancel|done|finished|add|read)\b"
)


def _is_request(text: str) -> bool:
    return _VERBS.search(text) is not None


def _answer(turn: Turn) -> str:
    pending = turn.state["pending"]
    if pending is not None:
        if _NEVER_MIND.fullmatch(" ".join(turn.words)) and pending["about"] not in ("clear", "offer"):
            turn.change("ask", pending=None)
            return "All right."
        if not _REQUEST.match(turn.said):
            for answer in _OPEN_ANSWERS:
                said = answer(turn)
                if said is not None:
                    return said
    for answer in _ANSWERS:
        said = answer(turn)
        if said is not None:
            return said + _left(turn)
    if pending is not None:
        turn.change("ask", pending=None)
        return phrases.LEFT
    return offer(turn) or phrases.NOT_UNDERSTOOD


def _left(turn: Turn) -> str:
    """A question that was not answered does not stand any longer; what hung on it is said."""
    pending = turn.state["pending"]
    if pending is None or (pending["about"] != "when" and any(one["do"] == "ask" for one in turn.effects)):
        return ""
    if not any(effect["do"] == "ask" for effect in turn.effects):
        turn.change("ask", pending=None)
    return f" I have not set the reminder {phrases.say_task(pending)}." if pending["about"] == "when" else ""
