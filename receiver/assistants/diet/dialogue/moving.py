"""Moving items to another meal or day: "that was yesterday", "the eggs were for lunch"."""

from __future__ import annotations

import re
from dataclasses import replace

from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.correction_phrases import MOVED, SWAP_MEALS, TOLD
from receiver.assistants.diet.dialogue.finding import Found, anywhere, last_changed
from receiver.assistants.diet.dialogue.intents import Phrases
from receiver.assistants.diet.dialogue.turn import Turn
from receiver.assistants.diet.diary import DAYS_KEPT
from receiver.assistants.diet.parser.vocabulary import MEALS

_TOLD_BEFORE = Phrases("(had|ate|drank) (that|those|these)")
_NOT_MEAL = re.compile(r"\b(?:not|instead of|from)(?: (?:for|at|my|was|the))* (\w+)")


def move(turn: Turn) -> str | None:
    days_ago = turn.utterance.days_ago
    if SWAP_MEALS.are(turn.command):
        return _swap_meals(turn, **SWAP_MEALS.named(turn.command))
    if not MOVED.within(turn.said) or (not turn.utterance.meals and days_ago is None):
        return None
    if days_ago is not None and days_ago >= DAYS_KEPT:
        return f"I can only write down the last two weeks. {turn.ask_again()}"
    found = _meant(turn)
    if not found:
        return None
    if len(found) > 1 and len({mention.meal for mention in turn.utterance.mentions} - {None}) > 1:
        return _each_to_its_own(turn, found)
    meal = _meal_meant(turn)
    to = turn.date_of(days_ago) if days_ago is not None else None
    if all((to or date) == date and (meal or item["meal"]) == item["meal"] for date, item in found):
        # "That was lunch", where it is: the meal is finished.
        turn.change("finish", meal=found[-1][1]["meal"], on=turn.today)
        return f"{turn.choose(phrases.OKAY)}. {turn.ask_next(found[-1][1]['meal'])}"
    for date in dict.fromkeys(date for date, _ in found):
        ids = [item["id"] for on, item in found if on == date]
        turn.change("move", date=date, ids=ids, to=to or date, meal=meal)
    turn.show(to or found[-1][0])
    where = phrases.say_meal(meal) if meal else ""
    if to is not None:
        where = f"{where} {turn.day(to)}" if where else turn.day(to).removeprefix("on ")
    names = phrases.join_some([item["food"] for _, item in found])
    return f"Okay, I moved the {names} to {where}. {_next_question(turn, found[-1])}"


def _each_to_its_own(turn: Turn, found: list[Found]) -> str:
    """ "The steak was lunch and the sandwich was dinner"."""
    said = []
    for (date, item), mention in zip(found, turn.utterance.mentions, strict=True):
        meal = mention.meal or item["meal"]
        turn.change("move", date=date, ids=[item["id"]], to=date, meal=meal)
        said.append(f"the {item['food']} to {phrases.say_meal(meal)}")
    turn.show(found[-1][0])
    return f"Okay, I moved {phrases.join_some(said)}. {turn.ask_again()}"


def _swap_meals(turn: Turn, one: str, other: str) -> str:
    meals = MEALS[one], MEALS[other]
    moved = False
    for meal, to in (meals, meals[::-1]):
        ids = [item["id"] for item in turn.items if item["meal"] == meal]
        if ids:
            moved = True
            turn.change("move", date=turn.date, ids=ids, to=turn.date, meal=to)
    if not moved:
        return f"Nothing is written down for {one} or {other}. {turn.ask_again()}"
    turn.show(turn.date)
    return f"Okay, I swapped {one} and {other}. {turn.ask_again()}"


def _next_question(turn: Turn, moved: Found) -> str:
    """The meal that stands empty now, where the next one had been asked about already."""
    date, item = moved
    emptied = date == turn.today and item["meal"] not in turn.done_meals()
    return turn.question(item["meal"]) if emptied else turn.ask_again()


def _meant(turn: Turn) -> list[Found]:
    """The foods that are named, or what was changed last; none if something else was eaten."""
    mentions = [replace(mention, meal=None) for mention in turn.utterance.mentions]
    if not mentions:
        return last_changed(turn)
    if TOLD.within(turn.said) and not _TOLD_BEFORE.within(turn.said):
        return []
    named = [entry for mention in mentions if (entry := anywhere(turn, mention)) is not None]
    return named if len(named) == len(mentions) else []


def _meal_meant(turn: Turn) -> str | None:
    """ "Lunch" of "for lunch, not breakfast" and of "not breakfast, lunch"."""
    meals = turn.utterance.meals
    unmeant = {MEALS.get(word) for word in _NOT_MEAL.findall(turn.said)}
    return next((meal for meal in meals if meal not in unmeant), meals[-1] if meals else None)
