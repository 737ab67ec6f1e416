"""Taking out what was not eaten: "remove the toast", "I didn't have the coffee", "delete my lunch"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.amounts import with_amount
from receiver.assistants.diet.dialogue.correction_phrases import (
    DENIED,
    EVERYTHING,
    LAST,
    REMOVE,
    REMOVE_ALSO,
    REMOVE_MEAL,
    TOLD,
)
from receiver.assistants.diet.dialogue.finding import Found, find, is_part, last_changed, located
from receiver.assistants.diet.dialogue.turn import Turn
from receiver.assistants.diet.diary import items_of
from receiver.assistants.diet.items import make_item, totals_of
from receiver.assistants.diet.parser.parser import parse
from receiver.assistants.diet.parser.vocabulary import MEALS
from receiver.assistants.diet.utterance import Mention


def remove(turn: Turn) -> str | None:
    if not REMOVE.lead(turn.command) or (TOLD.within(turn.said) and "left" in turn.said.split()):
        return None
    if REMOVE_MEAL.are(turn.command):
        return _remove_meal(turn, MEALS[REMOVE_MEAL.named(turn.command)["meal"]])
    mentions = turn.utterance.mentions
    if not any(mention.food for mention in mentions):
        if EVERYTHING.within(turn.said) and turn.utterance.meals:
            return _remove_meal(turn, turn.utterance.meals[-1])
        if not mentions and LAST.within(turn.said):
            last = last_changed(turn)
            return _take_out(turn, last[-1:]) if last else _nothing(turn)
        mentions = mentions or _named_as_written(turn)
        if not mentions:
            return f"What should I take out? {_say_day(turn)}"
    return _remove_named(turn, mentions)


def _named_as_written(turn: Turn) -> tuple[Mention, ...]:
    """A food that nobody knows is found by its name alone."""
    said = turn.command.split()
    names = [item["food"] for item in reversed(turn.items)]
    return tuple(Mention(name, None) for name in dict.fromkeys(names) if set(name.split()) <= set(said[1:]))[
        :1
    ]


def remove_also(turn: Turn) -> str | None:
    """ "Or the salad", "and the toast too", after something was taken out."""
    last = turn.state["undo"][-1] if turn.state["undo"] else []
    if not last or any(change["do"] != "add" for change in last) or not REMOVE_ALSO.lead(turn.said):
        return None
    mentions = turn.utterance.mentions
    if not mentions or any(located(turn, mention) is None for mention in mentions):
        return None
    return _remove_named(turn, mentions)


def _remove_named(turn: Turn, mentions: Sequence[Mention]) -> str:
    found = [entry for mention in mentions if (entry := located(turn, mention)) is not None]
    if {"all", "both", "every"} & set(turn.said.split()):
        # "Remove all coffees": each of them, not the last.
        named = [item for item in turn.items if any(find([item], mention) for mention in mentions)]
        found = [(turn.date, item) for item in named] or found
    if (without := _without(turn, found)) is not None:
        return without
    if not found:
        names = phrases.join([mention.name for mention in mentions])
        return f"I have no {names} written down. {turn.ask_again()}"
    return _take_some(turn, found) or _take_out(turn, found)


def _remove_meal(turn: Turn, meal: str) -> str:
    items = [(turn.date, item) for item in turn.items if item["meal"] == meal]
    if not items:
        return f"Nothing is written down for {phrases.say_meal(meal)}. {turn.ask_again()}"
    return _take_out(turn, items)


def _take_some(turn: Turn, found: Sequence[Found]) -> str | None:
    """ "Remove one egg", of three."""
    mention = next(iter(turn.utterance.mentions), None)
    date, item = found[0]
    if (
        mention is None
        or len(found) > 1
        or mention.quantity is None
        or mention.unit is not None
        or item["unit"]
    ):
        return None
    if mention.quantity >= item["quantity"]:
        return None
    less = with_amount(item, f"{item['quantity'] - mention.quantity:g}")
    return None if less is None else turn.say_changed([(date, less)])


def _without(turn: Turn, found: Sequence[Found]) -> str | None:
    """ "Remove the butter", of toast with butter: the toast stays."""
    if len(found) != 1 or len(turn.utterance.mentions) != 1:
        return None
    date, item = found[0]
    name, joined, _ = item["food"].partition(" with ")
    if not joined or is_part(turn.utterance.mentions[0].name, name):
        return None
    plain = [mention for mention in parse(name, expecting=True).mentions if mention.food is not None]
    if len(plain) != 1:
        return None
    mention = replace(plain[0], quantity=item["quantity"], unit=item["unit"], meal=None)
    return turn.say_changed([(date, make_item(0, mention, item["meal"]) | {"id": item["id"]})])


def deny(turn: Turn) -> str | None:
    """ "I didn't have the coffee": taken out where it stands, and nothing is written down."""
    mentions = turn.utterance.mentions
    if not mentions or not all(mention.negated for mention in mentions) or not DENIED.lead(turn.said):
        return None
    found = [entry for mention in mentions if (entry := located(turn, mention)) is not None]
    if (without := _without(turn, found)) is not None:
        return without
    if found:
        return _take_out(turn, found)
    if not any(mention.food is not None for mention in mentions):
        return None
    return f"Okay, no {phrases.join([mention.name for mention in mentions])}. {turn.ask_again()}"


def _take_out(turn: Turn, found: Sequence[Found]) -> str:
    for date in dict.fromkeys(date for date, _ in found):
        turn.change("remove", date=date, ids=[item["id"] for on, item in found if on == date])
    date = found[-1][0]
    turn.show(date)
    gone = {item["id"] for _, item in found}
    left = totals_of([item for item in items_of(turn.state, date) if item["id"] not in gone])
    leaves = "" if turn.gentle else f" That leaves {phrases.calories(left.kcal)}."
    names = phrases.join_some(list(dict.fromkeys(item["food"] for _, item in found)))
    return f"Okay, I took out the {names}.{leaves} {turn.ask_again()}"


def _nothing(turn: Turn) -> str:
    return f"Nothing is written down yet {turn.day()}. {turn.ask_again()}"


def _say_day(turn: Turn) -> str:
    return f"You have {phrases.say_items(turn.items)}." if turn.items else _nothing(turn)
