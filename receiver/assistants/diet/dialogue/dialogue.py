"""One turn of the diet assistant: what was said and the state, to an answer and effects. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from receiver.assistants.assistant import Context, Effect, State
from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.adding import add
from receiver.assistants.diet.dialogue.again import again
from receiver.assistants.diet.dialogue.breakdown import by_meal
from receiver.assistants.diet.dialogue.care import care
from receiver.assistants.diet.dialogue.clarifying import clarify
from receiver.assistants.diet.dialogue.corrections import corrections
from receiver.assistants.diet.dialogue.flow import (
    commands,
    finish,
    finish_meal,
    finish_skipped_besides,
    had_meal,
    no_meal,
    start_over_answered,
)
from receiver.assistants.diet.dialogue.flow_phrases import UNDO_FIRST
from receiver.assistants.diet.dialogue.follow_ups import follow_up, had_it
from receiver.assistants.diet.dialogue.goals import goals
from receiver.assistants.diet.dialogue.questions import other_question, questions
from receiver.assistants.diet.dialogue.small_talk import bare_word, small_talk
from receiver.assistants.diet.dialogue.turn import Turn, begin_turn
from receiver.assistants.diet.dialogue.undoing import put_back
from receiver.assistants.diet.diary import apply

_ANSWERS: tuple[Callable[[Turn], str | None], ...] = (
    start_over_answered, clarify, follow_up, commands, small_talk, goals, by_meal, questions, other_question, no_meal,
    finish_meal, finish, had_meal, bare_word, had_it, again, put_back, corrections, add,
)  # fmt: skip
"""After care, in this order; the first that has something to say answers.

What answers our own question comes before what would be a command without it, and
whole sentences that are commands or talk come before foods, so that no word of theirs is taken for a food.
"""


_AND_REMOVE = re.compile(
    r"(?i)[,.]? (?:and|but|then|also) (?=(?:please )?(?:remove|delete|take out|take off) )"
)
"""Where a sentence goes over from foods that were eaten to one that is to be taken out."""


def respond(state: State, context: Context, text: str) -> tuple[str, list[Effect]]:
    """The answer and its effects (`diary`). Changes nothing."""
    turn = begin_turn(state, context, text)
    careful = care(turn)
    if careful is not None:
        return careful, turn.effects
    rest = UNDO_FIRST.rest(turn.said)
    if rest and turn.eaten and turn.state["undo"] and put_back(begin_turn(state, context, rest)) is None:
        # "Scratch that, I had three eggs": the answer is to the rest, after the last change is taken back.
        undone: list[Effect] = [{"do": "undo"}]
        answer, effects = _answer(begin_turn(apply(turn.state, undone), context, rest))
        return answer, [*undone, *effects]
    if rest and turn.eaten and turn.state["undo"]:
        return _answer(begin_turn(state, context, rest))
    told = _AND_REMOVE.split(text, maxsplit=1)
    if len(told) == 2 and turn.eaten:
        first, effects = _answer(begin_turn(state, context, told[0]))
        second, more = _answer(begin_turn(apply(turn.state, effects), context, told[1]))
        return f"{first.split('. ')[0].rstrip('.')}. {second}", [*effects, *more]
    return _answer(turn)


def _answer(turn: Turn) -> tuple[str, list[Effect]]:
    finish_skipped_besides(turn)
    for answer in _ANSWERS:
        said = answer(turn)
        if said is not None:
            return said, turn.effects
    return f"{turn.choose(phrases.NOT_UNDERSTOOD)} {turn.ask_again()}", turn.effects
