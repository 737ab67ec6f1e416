"""Which items of the diary are meant: "the toast", "that", "the last one".

They are looked for among what was changed last, then in the rest of the day.
"""

from __future__ import annotations

from collections.abc import Sequence

from receiver.assistants.diet.dialogue.amounts import food_of
from receiver.assistants.diet.dialogue.turn import Turn
from receiver.assistants.diet.diary import find_item, items_of, shown_date
from receiver.assistants.diet.items import Item
from receiver.assistants.diet.parser.word_forms import stem
from receiver.assistants.diet.utterance import Mention

Found = tuple[str, Item]
"""The date of an item, and the item."""


def find(items: Sequence[Item], mention: Mention) -> Item | None:
    """The item written down last that a food in a correction means."""
    if mention.meal is not None:
        items = [item for item in items if item["meal"] == mention.meal]
    names = {mention.name} | ({mention.food.name, mention.food.plural} - {""} if mention.food else set())
    for item in reversed(items):
        if item["food"] in names:
            return item
    for item in reversed(items):
        # "The toast" may be whole wheat toast, "the coffee" coffee with milk.
        if any(is_part(name, item["food"]) for name in names):
            return item
    if mention.food is not None and not mention.doubtful:
        for item in reversed(items):
            other = food_of(item)
            if other is not None and other.name == mention.food.name:
                return item
    return None


def is_part(name: str, whole: str) -> bool:
    """Whether all of a name's words stand in another, whatever their number: "egg", "fried eggs"."""
    part = [stem(word) for word in name.split()]
    words = [stem(word) for word in whole.split()]
    return any(words[at : at + len(part)] == part for at in range(len(words) - len(part) + 1))


def last_changed(turn: Turn) -> list[Found]:
    """What the last change wrote down or put right, else what is the last of the day."""
    ids: list[str] = []
    for change in turn.state["undo"][-1] if turn.state["undo"] else ():
        if change["do"] in ("remove", "move"):
            ids += change["ids"]
        elif change["do"] == "replace":
            ids.append(change["item"]["id"])
    found = [item for item_id in dict.fromkeys(ids) if (item := find_item(turn.state, item_id)) is not None]
    return found or [(turn.date, item) for item in turn.items[-1:]]


def anywhere(turn: Turn, mention: Mention) -> Found | None:
    """Where a food is written down, on the day that is shown or any other, the latest first."""
    days = turn.state["diary"]["days"]
    for date in dict.fromkeys((shown_date(turn.state, turn.today), turn.today, *sorted(days, reverse=True))):
        item = find(items_of(turn.state, date), mention)
        if item is not None:
            return date, item
    return None


def located(turn: Turn, mention: Mention) -> Found | None:
    """Where a food that is named is written down."""
    if turn.utterance.days_ago is None:
        for date, item in reversed(last_changed(turn)):
            if find([item], mention):
                return date, item
    dates = dict.fromkeys((turn.date, shown_date(turn.state, turn.today)))
    for date in dates if turn.utterance.days_ago is None else (turn.date,):
        item_found = find(items_of(turn.state, date), mention)
        if item_found is not None:
            return date, item_found
    return None
