"""Goals of a day: set, cleared and asked for by voice.

A goal of too few calories is never set: the answer is a careful one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from receiver.assistants.diet.dialogue import care, phrases
from receiver.assistants.diet.dialogue.intents import Phrases
from receiver.assistants.diet.dialogue.turn import Turn
from receiver.assistants.diet.parser.numbers import read_number
from receiver.assistants.diet.parser.tokens import word_set

BOUNDS: dict[str, tuple[int, int]] = {
    "kcal": (1000, 10_000), "protein_g": (10, 500), "carbs_g": (10, 1500), "fat_g": (10, 500),
}  # fmt: skip
"""Lowest and highest goals that are set: kilocalories, grams. Below the lowest in kilocalories, a doctor is due."""

FIGURE_OF = {"calories": "kcal", "protein": "protein_g", "carbs": "carbs_g", "fat": "fat_g"}

_CLEAR = Phrases(
    """
    (clear|remove|delete|forget|drop|cancel|reset|erase|unset|get rid of|turn off) [all|of]* [my|the|
        that] [daily] [<figure: FIGURE>] (goal|target|limit)
    [i] (do not (want|need|have)|want|need) [no|any|a] [more] [FIGURE] (goal|
        target) anymore|no [more] (goal|target)
    i do not (want|need) [any|a] [more] [FIGURE] (goal|target)
    """
)
_ASK = Phrases(
    """
    (what|which) (is|are|was) (my|the|our) [daily|current] [FIGURE] (goal|target|limit)|my goal $
    (what|which) [FIGURE] goal (do i have|did i set|have i [set|got])|(do|did) i (have|set) (a|an|
        any) [FIGURE] (goal|target)
    (tell me|read|say|remind me (of|about)) (my|the) [FIGURE] (goal|target)
    """
)
_WANTED = Phrases(
    """
    (set [up]|change|update|add|make|adjust|have|create|give|need|want|new) [me] [a|an|my|the|some] [new|
        daily|FIGURE]* (goal|target)
    my [daily] goal is [to] (lose|gain|eat|be|get|build|maintain|keep|stay|drop) ...
    """
)
_SET = Phrases(
    r"""
    (goal|target|limit|allowance|budget|macros) [for|of|in|on|is|to|at|should be|be|as|now|will be|about|around|
        FIGURE|a day|today]* NUMBER
    ... calories (is|as|for) (my|the) [new|daily] (goal|target|limit)
    (want|like|trying|need|plan|have|supposed) to (hit|get|reach|eat|have|consume) [to] NUMBER ... (a day|daily|
        per day|each day|every day)
    set [my|the] FIGURE [goal|target] (to|at) NUMBER
    (aim|shoot|go|aiming|shooting|going) for NUMBER|(stay|keep|be|remain) (under|below|within|at|around) NUMBER
    \d\d\d+ [calories] (a|per|each|every) day
    (FIGURE|grams) [of FIGURE] (a|per|each|every) day|FIGURE (goal|target|limit)|(limit|restrict) (me|myself) to
    """.replace(
        "NUMBER",
        r"(\d\S*|a|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|zero|minus|\w+teen|\w+ty)",
    )
)
_QUESTION = Phrases("how|what|why|is|am|are|did|do i|does|should|have i|can i")
_TOLD = Phrases("(i|we) [just|only|also|have]* (had|ate|drank|eaten)")

_AROUND_FIGURES = word_set(
    """
    and also plus no sorry wait actually i mean meant said make it that change to set of a the for with daily day
    per gram grams g instead rather better please okay then goal target about let us say
    """
)
_HOW_TO = 'Say, for example, "set my goal to 2000 calories" or "120 grams of protein a day".'
_MAX_NUMBER = 100_000.0


def goals(turn: Turn) -> str | None:
    if _CLEAR.are(turn.command):
        return _cleared(turn)
    if _ASK.are(turn.command) or (_ASK.lead(turn.command) and not _numbers(turn.said.split())):
        return f"{said_goal(turn)}." if turn.goal else f"You have no goal yet. {_HOW_TO}"
    if _WANTED.are(turn.command) and not _numbers(turn.said.split()):
        return _which(turn)
    answered = turn.pending.get("about") == "goal" and not any(mention.food for mention in turn.eaten)
    answered = answered or _just_set(turn)
    if answered and _numbers(turn.said.split()):
        return _set(turn)
    if not _SET.within(turn.said) or _QUESTION.lead(turn.command) or _TOLD.within(turn.said):
        return None
    return _set(turn)


def _just_set(turn: Turn) -> bool:
    """The goal was changed last, and nothing is said but figures: "and 120 of protein", "make it 2000"."""
    last = turn.state["undo"][-1] if turn.state["undo"] else []
    if not last or any(change["do"] != "goal" for change in last):
        return False
    words = turn.said.split()
    numbers = {at for _, start, end in _numbers(words) for at in range(start, end)}
    rest = {word for at, word in enumerate(words) if at not in numbers}
    return bool(_figures(words)) and rest <= _AROUND_FIGURES | FIGURE_OF.keys()


def said_goal(turn: Turn) -> str:
    said = [phrases.say_figure(figure, value) for figure, value in turn.goal.items()]
    return f"Your goal is {phrases.join(said)} a day"


def how_to_set(figure: str) -> str:
    example = "2000 calories" if figure == "kcal" else f"120 grams of {phrases.FIGURES[figure]}"
    return (
        f'You have no goal for {phrases.FIGURES[figure]} yet. Say, for example, "set my goal to {example}".'
    )


def _cleared(turn: Turn) -> str:
    named = _CLEAR.named(turn.command).get("figure")
    figure = FIGURE_OF[named] if named else None
    if not turn.goal or (figure is not None and figure not in turn.goal):
        return f"There is no such goal. {turn.ask_again()}"
    rest = {key: value for key, value in turn.goal.items() if figure is not None and key != figure}
    turn.change("goal", goal=rest or None)
    return f"Okay, the goal is cleared. {turn.ask_again()}"


def _set(turn: Turn) -> str:
    wanted = _figures(turn.said.split())
    if not wanted:
        return _which(turn)
    if wanted.get("kcal", BOUNDS["kcal"][0]) < BOUNDS["kcal"][0]:
        care.be_gentle(turn)
        turn.ask(turn.asking)
        return care.LOW_GOAL_ANSWER
    for figure, value in wanted.items():
        lowest, highest = BOUNDS[figure]
        if not lowest <= value <= highest:
            turn.ask(turn.asking, about="goal")
            unit = "calories" if figure == "kcal" else f"grams of {phrases.FIGURES[figure]}"
            return f"I can set a goal from {lowest} to {highest} {unit}. What should it be?"
    turn.change("goal", goal={**turn.goal, **wanted})
    said = phrases.join([phrases.say_figure(figure, value) for figure, value in wanted.items()])
    return f"Okay, your goal is {said} a day. {turn.ask_again()}"


def _which(turn: Turn) -> str:
    turn.ask(turn.asking, about="goal")
    return f"What should the goal be? {_HOW_TO}"


def _figures(words: Sequence[str]) -> dict[str, float]:
    """The figures of "2000 calories and 120 grams of protein"; a number alone is calories if it is large."""
    wanted: dict[str, float] = {}
    numbers = _numbers(words)
    for value, start, end in numbers:
        after = [word for word in words[end : end + 4] if word not in ("grams", "gram", "g", "of")]
        before = [word for word in words[max(0, start - 6) : start] if word in FIGURE_OF]
        if after and after[0] in FIGURE_OF:
            wanted[FIGURE_OF[after[0]]] = value
        elif before and not wanted:
            wanted[FIGURE_OF[before[-1]]] = value
        elif (
            len(numbers) == 1 and value >= 500 and not set(words) & {"grams", "gram", "g", "pounds", "kilos"}
        ):
            wanted["kcal"] = value
    return wanted


def _numbers(words: Sequence[str]) -> list[tuple[float, int, int]]:
    """Numbers and where they begin and end: "two thousand", "1,800", "eighteen hundred"."""
    found = []
    at = 0
    while at < len(words):
        number = _number(words, at)
        if number is None:
            at += 1
        else:
            found.append((number[0], at, number[1]))
            at = number[1]
    return found


def _number(words: Sequence[str], at: int) -> tuple[float, int] | None:
    digits = words[at].replace(",", "")
    read: tuple[float, int] | None
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", digits):
        read = float(digits), at + 1
    elif words[at] in ("a", "an") and words[at + 1 : at + 2] not in (["thousand"], ["hundred"]):
        return None
    elif words[at : at + 2] == ["a", "thousand"]:
        read = 1.0, at + 1
    else:
        read = read_number(words, at)
    if read is None:
        return None
    value, end = read
    if words[end : end + 1] == ["thousand"]:
        value, end = value * 1000, end + 1
        more = _number(words, end + (words[end : end + 1] == ["and"])) if end + 1 < len(words) else None
        if more is not None and more[0] < 1000:
            value, end = value + more[0], more[1]
    return (value, end) if value <= _MAX_NUMBER else None
