"""Eating the same once more: "another one", "the same again", "the same as yesterday"."""

from __future__ import annotations

from collections.abc import Sequence

from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.finding import last_changed
from receiver.assistants.diet.dialogue.intents import Phrases
from receiver.assistants.diet.dialogue.turn import Turn
from receiver.assistants.diet.diary import MAX_ITEMS_A_DAY, items_of
from receiver.assistants.diet.items import Item

_ONE_MORE = Phrases(
    """
    [and|oh|yes|also|i had|i ate|i drank|then]* (another|one more) [one|of (those|them|that)]
    [and|oh|yes|also|i had|i ate|i drank|then]* (the|that) same [thing|one]* again|same again|again the same
    """
)
_SAME_AS = Phrases(
    "same [thing|breakfast|lunch|dinner|food|foods|meal]* as [on|for|at|my|i had]* (MEAL|DAY) ..."
)


def again(turn: Turn) -> str | None:
    if any(mention.food is not None for mention in turn.eaten):
        return None
    if _ONE_MORE.are(turn.command):
        last = [item for _, item in last_changed(turn)]
        return _copied(turn, last[-1:] if "one" in turn.said or "another" in turn.said else last, None)
    if _SAME_AS.within(turn.said):
        return _same_as(turn)
    return None


def _same_as(turn: Turn) -> str:
    """ "The same as yesterday", for the meal that is named or asked about; "the same as breakfast"."""
    meal = turn.meal()
    if turn.date != turn.today:
        meal = turn.utterance.meals[-1] if turn.utterance.meals else meal
        return _copied(turn, [item for item in turn.items if item["meal"] == meal], meal)
    like = turn.utterance.meals[-1] if turn.utterance.meals else meal
    items = [item for item in items_of(turn.state, turn.today) if item["meal"] == like]
    return _copied(turn, items, turn.utterance.meals[0] if len(turn.utterance.meals) > 1 else meal)


def _copied(turn: Turn, items: Sequence[Item], meal: str | None) -> str:
    """The items once more, today; to `meal`, or each to its own."""
    if not items:
        return f"I have nothing like that written down. {turn.ask_again()}"
    if len(items_of(turn.state, turn.today)) + len(items) > MAX_ITEMS_A_DAY:
        return "That is more than I can write down for one day. Please remove something first."
    copies = [
        item | {"id": f"item-{number}", "meal": meal or item["meal"]}
        for number, item in enumerate(items, start=turn.next_item)
    ]
    turn.change("add", date=turn.today, items=copies)
    turn.show(turn.today)
    said = f"{turn.choose(phrases.NOTED)}: {phrases.say_items(copies)}{turn.calories(copies)}."
    return f"{said} {turn.ask_next(copies[-1]['meal'])}"
