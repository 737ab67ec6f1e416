"""One turn of the notes assistant: what was said and the state, to an answer and effects. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from receiver.assistants.assistant import Context, Effect, State
from receiver.assistants.notes.dialogue import jotting, looking_ahead, phrases, reminding, todos
from receiver.assistants.notes.dialogue.another import another
from receiver.assistants.notes.dialogue.changing import change
from receiver.assistants.notes.dialogue.choosing import which_answered
from receiver.assistants.notes.dialogue.correcting import correct
from receiver.assistants.notes.dialogue.going_on import go_on
from receiver.assistants.notes.dialogue.parting import parted, requests
from receiver.assistants.notes.dialogue.removing import clear_answered, delete, stop_reminding, unneeded
from receiver.assistants.notes.dialogue.reopening import reopen
from receiver.assistants.notes.dialogue.small_talk import again, clock, offer, small_talk, sum_up
from receiver.assistants.notes.dialogue.turn import Turn, begin_turn
from receiver.assistants.notes.dialogue.undoing import undo
from receiver.assistants.notes.state import apply

_SHORT_ANSWERS: tuple[Callable[[Turn], str | None], ...] = (
    clear_answered, which_answered, todos.offer_answered, small_talk,
)  # fmt: skip
"""Yes, no, which one; and talk besides."""

_ANSWERS: tuple[Callable[[Turn], str | None], ...] = (
    *_SHORT_ANSWERS,
    clock, sum_up, go_on, looking_ahead.confirm, todos.is_there, jotting.search, looking_ahead.look_ahead, unneeded,
    stop_reminding, another, reminding.remind, reopen, todos.add, todos.read, jotting.read,
    jotting.jot, undo, delete, change, correct, todos.tick_off, todos.add_more, jotting.answer,
)  # fmt: skip
"""In this order; the first that has something to say answers."""

_OPEN_ANSWERS: tuple[Callable[[Turn], str | None], ...] = (
    reminding.when_answered, reminding.what_answered, todos.what_answered, jotting.what_answered,
)  # fmt: skip
"""Answers that may be any words: what is clearly another request comes before them."""

_REQUEST = re.compile(
    r"(?:(?:remind|ping|nudge|alert|notify) me"
    r"|(?:set|make|create|add) an? (?:new )?(?:reminder|note|to do|todo)|add .+ list\b"
    r"|put .+ list\b|note that"
    r"|take a note|write down|(?:what|read|tick|check off|cross|delete|remove|cancel|undo)\b)"
)
_NEVER_MIND = re.compile(
    r"(?:no |oh |okay |actually )*(?:never mind|nevermind|forget (?:it|that|about it)|leave it|stop"
    r"|cancel|cancel (?:it|that)"
    r"|nothing|don't bother|skip it|drop it|no|nope)(?: thanks| thank you| please)?"
)


def respond(state: State, context: Context, text: str) -> tuple[str, list[Effect]]:
    """The answer and its effects (`state`). Changes nothing."""
    answers: list[str] = []
    effects: list[Effect] = []
    asked: Turn | None = None
    question = ""
    said_of_each = [parted(begin_turn(state, context, one)) for one in requests(text)]
    for request in [part for parts in said_of_each for part in parts]:
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


def _answer(turn: Turn) -> str:
    repeated = again(turn)
    if repeated is not None:
        return repeated  # and a question that was asked still stands
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
    if _NEVER_MIND.fullmatch(" ".join(turn.words)):
        return "All right."
    return offer(turn) or phrases.NOT_UNDERSTOOD


def _left(turn: Turn) -> str:
    """A question that was not answered does not stand any longer; what hung on it is said."""
    pending = turn.state["pending"]
    if pending is None or (pending["about"] != "when" and any(one["do"] == "ask" for one in turn.effects)):
        return ""
    if not any(effect["do"] == "ask" for effect in turn.effects):
        turn.change("ask", pending=None)
    return f" I have not set the reminder {phrases.say_task(pending)}." if pending["about"] == "when" else ""
