"""Taking the last change back, and saying what that changed."""

from __future__ import annotations

from receiver.assistants.assistant import Effect
from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.finding import find, located
from receiver.assistants.diet.dialogue.intents import Phrases
from receiver.assistants.diet.dialogue.turn import Turn
from receiver.assistants.diet.diary import MEAL_ORDER, find_item
from receiver.assistants.diet.items import Item

_AFTER_ALL = Phrases(
    """
    (i|we) did (have|eat|drink)|after all|(put|add|bring) [the|my|that|those]* ... back|keep the
    """
)


def undo(turn: Turn) -> str:
    if not turn.state["undo"]:
        return f"There is nothing to take back. {turn.ask_again()}"
    changes: list[Effect] = turn.state["undo"][-1]
    dates = {change.get("date", turn.today) for change in changes}
    gone = _items(turn, changes, "remove")
    turn.change("undo")
    turn.show(max(dates, default=turn.today))
    emptied = {item["meal"] for item in gone} - turn.done_meals() if turn.today in dates else set()
    # What has gone was the answer to an earlier question than the one that stands.
    meal = next((meal for meal in MEAL_ORDER if meal in emptied), None)
    question = turn.question(meal) if meal else turn.ask_again()
    return f"Okay, I took the last change back{_outcome(turn, changes, gone)}. {question}"


def _outcome(turn: Turn, changes: list[Effect], gone: list[Item]) -> str:
    if gone:
        return f", so no {phrases.join_some([item['food'] for item in gone])}"
    back = [item for change in changes if change["do"] == "add" for item in change["items"]]
    back += [change["item"] for change in changes if change["do"] == "replace"]
    if back:
        return f", so it is {phrases.say_items(back)} again"
    if any(change["do"] == "goal" for change in changes):
        return " and your goal is as it was before"
    return ""


def _items(turn: Turn, changes: list[Effect], do: str) -> list[Item]:
    ids = [item_id for change in changes if change["do"] == do for item_id in change["ids"]]
    return [found[1] for item_id in ids if (found := find_item(turn.state, item_id)) is not None]


def put_back(turn: Turn) -> str | None:
    """ "I did have the coffee", after the coffee was taken out: as it was, not written down once more."""
    changes: list[Effect] = turn.state["undo"][-1] if turn.state["undo"] else []
    out = [item for change in changes if change["do"] == "add" for item in change["items"]]
    if not turn.eaten or not _AFTER_ALL.within(turn.said):
        return None
    if len(turn.eaten) == len(out) and all(find(out, mention) for mention in turn.eaten):
        turn.change("undo")
        turn.show(changes[-1]["date"])
        return f"Okay, {phrases.say_items(out)} again. {turn.ask_again()}"
    if all(located(turn, mention) for mention in turn.eaten) and not turn.utterance.meals:
        return f"Yes, {phrases.join([mention.name for mention in turn.eaten])} is written down. {turn.ask_again()}"
    return None
