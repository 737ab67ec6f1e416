"""Questions about the diary, the goal and foods. They change nothing that was eaten."""

from __future__ import annotations

import re
from collections.abc import Sequence

from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.correction_phrases import REMOVE
from receiver.assistants.diet.dialogue.finding import find, last_changed, located
from receiver.assistants.diet.dialogue.goals import FIGURE_OF, how_to_set, said_goal
from receiver.assistants.diet.dialogue.intents import DO_NOT_KNOW, Phrases
from receiver.assistants.diet.dialogue.question_phrases import (
    ADVICE,
    ASKED_OF_WHAT_WAS_TOLD,
    DID_I,
    HOW_MANY_OF_FOOD,
    IN_FOOD,
    IN_THAT,
    JUDGEMENT,
    LEFT,
    LIST,
    LOGGING,
    NOT_COUNTED,
    ON_GOAL,
    QUESTION,
    TOLD,
    TOTAL_ALONE,
    TOTALS,
)
from receiver.assistants.diet.dialogue.question_phrases import WEEK as WEEK_ASKED
from receiver.assistants.diet.dialogue.turn import Turn
from receiver.assistants.diet.diary import WEEK, items_of, last_days
from receiver.assistants.diet.items import Item, make_item, totals_of
from receiver.assistants.diet.parser.numbers import say_number

_IN_UNKNOWN = re.compile(
    r"(?:calories|protein|carbs|fat) (?:is |are |does |do )?(?:in )(?:an? |the |one |some )?"
    r"(?P<food>(?!that|this|it|those|these|them|total|all|my|today|yesterday|here|there)\w.*)$"
)
_MINE = Phrases("(was|were|did) (the|my|that|those)|in (my|the)")


def asks(turn: Turn) -> bool:
    """The sentence is a question, and tells of nothing that was eaten."""
    if LOGGING.lead(turn.said):
        return False
    if ASKED_OF_WHAT_WAS_TOLD.lead(turn.command):
        return True
    return QUESTION.lead(turn.command) and not TOLD.within(turn.said.split(" what ")[0])


def questions(turn: Turn) -> str | None:
    told = [mention for mention in turn.eaten if not mention.planned]
    if told and not asks(turn):
        return None
    for answer in (_judgement, _how_many_of, _did_i, _in_food, _left, _on_goal, _week, _totals, _list):
        said = answer(turn)
        if said is not None:
            return said
    return None


def other_question(turn: Turn) -> str | None:
    """Advice is not given, and a food in a question that is not understood was not eaten."""
    if REMOVE.lead(turn.command):
        return None
    if ADVICE.within(turn.said) and asks(turn):
        return f"What to eat I leave to you; I can tell you what is in it. {turn.ask_again()}"
    if NOT_COUNTED.within(turn.said) and asks(turn):
        return f"I only keep count of calories, protein, carbs and fat. {turn.ask_again()}"
    known = [mention for mention in turn.utterance.mentions if mention.food is not None]
    if known and asks(turn):
        return f"I can tell you what is in food, and what you have had. {turn.ask_again()}"
    ahead = "tomorrow" in turn.said.split() and not TOLD.within(turn.said)
    planned = [mention for mention in turn.eaten if mention.planned or ahead]
    if planned and len(planned) == len(turn.eaten):
        names = phrases.join([mention.name for mention in planned])
        turn.ask(turn.asking)
        return turn.choose(
            (
                f"Tell me once you have had the {names}, and I write it down.",
                f"I wait with the {names} until you have had it.",
            )
        )
    return None


def _judgement(turn: Turn) -> str | None:
    if not JUDGEMENT.are(turn.command):
        return None
    return turn.choose(
        (
            "I only keep count; what is right for you, a doctor or a dietitian can tell you best.",
            "That depends on you, and a doctor or a dietitian knows best. I keep the count.",
        )
    )


def figures_named(turn: Turn) -> list[str]:
    return list(dict.fromkeys(FIGURE_OF[word] for word in turn.said.split() if word in FIGURE_OF))


def _say(turn: Turn, items: Sequence[Item]) -> str:
    """The figures that were asked for: one, several, or all."""
    totals = totals_of(items).model_dump()
    named = figures_named(turn)
    if len(named) == 1:
        return phrases.say_figure(named[0], totals[named[0]])
    if named and len(named) < len(totals):
        return phrases.join([phrases.say_figure(figure, totals[figure]) for figure in named])
    return phrases.say_totals(totals_of(items))


def _nothing(turn: Turn, when: str) -> str:
    return f"Nothing is written down {when} yet. {turn.ask_again()}"


def _asked_for(turn: Turn) -> tuple[list[Item], str]:
    """The items of the day or the meal that a question is about, and when that was."""
    turn.show(turn.date)
    if not turn.utterance.meals and "this morning" in turn.said:
        return [item for item in turn.items if item["meal"] == "breakfast"], "this morning"
    if not turn.utterance.meals:
        return turn.items, turn.day()
    meal = turn.utterance.meals[-1]
    when = "as snacks" if meal == "snack" else f"for {meal}"
    if turn.date != turn.today:
        when += f" {turn.day()}"
    return [item for item in turn.items if item["meal"] == meal], when


def _how_many_of(turn: Turn) -> str | None:
    """ "How many eggs did I have?" """
    mentions = turn.utterance.mentions
    if len(mentions) != 1 or not HOW_MANY_OF_FOOD.within(turn.said):
        return None
    return _say_found(turn)


def _did_i(turn: Turn) -> str | None:
    if not turn.utterance.mentions or not DID_I.lead(turn.command):
        return None
    return _say_found(turn)


def _say_found(turn: Turn) -> str:
    items, when = _asked_for(turn)
    names = phrases.join([mention.name for mention in turn.utterance.mentions])
    found = [item for item in items if any(find([item], mention) for mention in turn.utterance.mentions)]
    if not found:
        return f"No, I have no {names} written down {when}."
    return f"You had {phrases.say_items(found)} {when}."


def _in_food(turn: Turn) -> str | None:
    known = [
        mention for mention in turn.utterance.mentions if mention.food is not None and not mention.doubtful
    ]
    if not IN_FOOD.lead(turn.command) or ADVICE.within(turn.said):
        return None
    if not known:
        named = _IN_UNKNOWN.search(turn.command)
        asked = named is not None and not turn.utterance.meals and not _MINE.within(turn.said)
        return f"I have no figures for {named.group('food')}, sorry." if named and asked else None
    items = [make_item(0, mention, turn.meal()) for mention in known]
    eaten = [entry[1] for mention in known if (entry := located(turn, mention)) is not None]
    if _MINE.within(turn.said) and len(eaten) == len(known):
        items = eaten
    has = "has" if len(items) == 1 and items[0]["quantity"] <= 1 else "have"
    said = phrases.sentence(phrases.say_items(items))
    return f"{said} {has} about {_say(turn, items)}."


def _left(turn: Turn) -> str | None:
    if not LEFT.within(turn.said):
        return None
    turn.show(turn.today)
    figures = figures_named(turn) or list(turn.goal) or ["kcal"]
    missing = next((figure for figure in figures if figure not in turn.goal), None)
    if missing is not None:
        return how_to_set(missing)
    totals = totals_of(items_of(turn.state, turn.today)).model_dump()
    left: list[str] = []
    over: list[str] = []
    for figure in figures:
        rest = turn.goal[figure] - totals[figure]
        (left if rest >= 0 else over).append(phrases.say_figure(figure, abs(rest)))
    said = [f"You have about {phrases.join(left)} left today."] if left else []
    if over:
        said.append(
            f"You are about {phrases.join(over)} past your goal{' there' if left else ' today'}, and that is fine."
        )
    return " ".join(said)


def _on_goal(turn: Turn) -> str | None:
    if not ON_GOAL.within(turn.said):
        return None
    figures = figures_named(turn) or list(turn.goal) or ["kcal"]
    missing = next((figure for figure in figures if figure not in turn.goal), None)
    if missing is not None:
        return how_to_set(missing)
    turn.show(turn.date)
    totals = totals_of(turn.items).model_dump()
    had = phrases.join([phrases.say_figure(figure, totals[figure]) for figure in figures])
    past = phrases.join([phrases.FIGURES[figure] for figure in figures if totals[figure] > turn.goal[figure]])
    verdict = f"That is past your goal for {past}, and that is fine." if past else "That is within your goal."
    return f"{said_goal(turn)}, and you have had about {had} {turn.day()}. {verdict}"


def _week(turn: Turn) -> str | None:
    average = "average" in turn.said.split()
    if not WEEK_ASKED.within(turn.said) or not (figures_named(turn) or asks(turn) or average):
        return None
    days = [items for date in last_days(turn.today, WEEK) if (items := items_of(turn.state, date))]
    if not days:
        return _nothing(turn, "this week")
    totals = totals_of([item for items in days for item in items]).model_dump()
    figures = figures_named(turn) or ["kcal"]
    said = phrases.join([phrases.say_figure(figure, totals[figure] / len(days)) for figure in figures])
    count = "one day" if len(days) == 1 else f"{say_number(len(days))} days"
    return f"In the last seven days you wrote down {count}, about {said} a day on average."


def _totals(turn: Turn) -> str | None:
    of_that = bool(figures_named(turn)) and IN_THAT.end(turn.command)
    if not of_that and not TOTALS.within(turn.said) and not TOTAL_ALONE.are(turn.command):
        return None
    if of_that and not turn.utterance.meals:
        last = [item for _, item in last_changed(turn)]
        if last:
            return f"{phrases.sentence(phrases.say_items(last))}: about {_say(turn, last)}."
    items, when = _asked_for(turn)
    if not items:
        return _nothing(turn, when)
    said = f"You have had about {_say(turn, items)} {when}." if turn.date == turn.today else (
        f"You had about {_say(turn, items)} {when}."
    )  # fmt: skip
    return f"{said}{phrases.uncounted(items)}"


def _list(turn: Turn) -> str | None:
    if not LIST.within(turn.said) or DO_NOT_KNOW.are(turn.command):
        return None
    items, when = _asked_for(turn)
    if not items:
        return _nothing(turn, when)
    return f"You had {phrases.say_items(items)} {when}{turn.calories(items)}."
