"""What only means something after the question before: "and today?", "ok, I had two of those"."""

from __future__ import annotations

from collections.abc import Callable

from receiver.assistants.diet.dialogue.adding import add
from receiver.assistants.diet.dialogue.amounts import bare_amount
from receiver.assistants.diet.dialogue.intents import Phrases, command, plain
from receiver.assistants.diet.dialogue.question_phrases import LEFT, LIST, QUESTION, TOTALS
from receiver.assistants.diet.dialogue.questions import questions
from receiver.assistants.diet.dialogue.turn import Turn, begin_turn
from receiver.assistants.diet.parser.parser import parse
from receiver.assistants.diet.parser.tokens import word_set
from receiver.assistants.diet.parser.vocabulary import MEALS

_OTHER_TIME = Phrases(
    "[and|or|but|then|okay]* [what about|how about] [for|at|on|my]* <time: (MEAL [DAY]|DAY)>"
)
_OTHER_FIGURE = Phrases("[and|or|but|then|okay]* [what about|how about] [the|my] <figure: FIGURE>")
_HAD_IT = Phrases("i [just|only|also|then]* (had|ate|drank) [<amount: ...>] $")


def follow_up(turn: Turn) -> str | None:
    """The question before once more, of something else."""
    return _other_time(turn) or _other_figure(turn)


def _other_figure(turn: Turn) -> str | None:
    """ "And protein?", after a question about what is left."""
    if not _OTHER_FIGURE.are(turn.said) or not turn.context.history:
        return None
    if not LEFT.within(plain(parse(turn.context.history[-1].text, expecting=False))):
        return None
    return _as_if(turn, f"how much {_OTHER_FIGURE.named(turn.said)['figure']} is left", questions)


def _other_time(turn: Turn) -> str | None:
    """ "And today?", "what about lunch", after a question about another day or meal: the question once more."""
    if not _OTHER_TIME.are(turn.said) or not turn.context.history:
        return None
    before = turn.context.history[-1].text
    asked = command(plain(parse(before, expecting=False)))
    if not (QUESTION.lead(asked) and (LIST.within(asked) or TOTALS.within(asked))):
        return None
    time = _OTHER_TIME.named(turn.said)["time"]
    words = [word for word in asked.split() if word not in _TIMES]
    while words and words[-1] in ("for", "at", "on", "the", "my"):
        words.pop()
    when = f"for {time}" if time.split()[0] in MEALS else time
    return _as_if(turn, f"{' '.join(words)} {when}", questions)


_TIMES = frozenset(MEALS) | word_set(
    "today yesterday tonight monday tuesday wednesday thursday friday saturday sunday"
)


def had_it(turn: Turn) -> str | None:
    """ "I had two of those", after a question of what is in a food."""
    if turn.eaten or not _HAD_IT.are(turn.command) or not turn.context.history:
        return None
    told = _HAD_IT.named(turn.command).get("amount", "it")
    asked = parse(turn.context.history[-1].text, expecting=False)
    foods = [mention for mention in asked.mentions if mention.food is not None and not mention.doubtful]
    if len(foods) != 1 or not QUESTION.lead(command(plain(asked))):
        return None
    amount = bare_amount(told)
    if amount is None and told not in ("it", "that", "some", "some of it", "this", "those", "them"):
        return None
    return _as_if(turn, f"I had {amount or ''} {foods[0].name}", add)


def _as_if(turn: Turn, text: str, answer: Callable[[Turn], str | None]) -> str | None:
    """The answer to what was meant by it."""
    meant = begin_turn(turn.state, turn.context, text)
    said = answer(meant)
    turn.effects += meant.effects
    return said
