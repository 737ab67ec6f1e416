"""Answers to our questions about foods that are written down: heard right, like what, how much."""

from __future__ import annotations

from collections.abc import Sequence

from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.adding import ask_likeness
from receiver.assistants.diet.dialogue.amounts import bare_amount, counted, more_or_less, with_amount
from receiver.assistants.diet.dialogue.finding import is_part
from receiver.assistants.diet.dialogue.intents import DO_NOT_KNOW, NO, YES, Phrases
from receiver.assistants.diet.dialogue.turn import Turn
from receiver.assistants.diet.diary import find_item
from receiver.assistants.diet.items import Item, make_item
from receiver.assistants.diet.utterance import Mention

_MORE_FOOD = Phrases("had|ate|also|too|drank|as well|for MEAL")


def clarify(turn: Turn) -> str | None:
    match turn.pending.get("about"):
        case "heard":
            return _heard(turn, turn.pending["items"])
        case "like":
            return _like(turn, turn.pending["ids"])
        case "amount":
            return _amount(turn, turn.pending["id"])
    return None


def _put(turn: Turn, date: str, item: Item) -> None:
    turn.change("replace", date=date, item=item)


def _heard(turn: Turn, guesses: Sequence[Item]) -> str | None:
    standing = [(found[0], guess) for guess in guesses if (found := find_item(turn.state, guess["id"]))]
    if not standing:
        return None
    names = [item["food"] for _, item in standing]
    # "Yes, salmon" says it once more.
    again = [mention.food.name for mention in turn.eaten if mention.food is not None]
    confirmed = YES.lead(turn.said) and all(name in turn.said or not turn.eaten for name in names)
    if (
        YES.are(turn.said)
        or YES.are(turn.command)
        or confirmed
        or (len(again) == len(names) and turn.said in names)
    ):
        for date, item in standing:
            _put(turn, date, item)
        items = [item for _, item in standing]
        return f"Okay, {phrases.say_items(items)}{turn.calories(items)}. {turn.ask_next(items[-1]['meal'])}"
    date, guess = standing[0]
    if DO_NOT_KNOW.are(turn.command):
        return f"Okay, I leave it as you said it. {turn.ask_next(guess['meal'])}"
    if NO.are(turn.command) or NO.are(turn.said):
        turn.ask(turn.asking, about="like", ids=[item["id"] for _, item in standing])
        return turn.choose(("Sorry. What was it then?", "My mistake. What was it?"))
    if len(standing) == 1 and turn.said.startswith(("no ", "not ", "it was ", "i said ", "i meant ")):
        sure = [mention for mention in turn.eaten if mention.food is not None and not mention.doubtful]
        if len(sure) == 1:
            return _is(turn, date, guess, sure[0], named=True)
    return None


def _like(turn: Turn, ids: Sequence[str]) -> str | None:
    standing = [
        found for item_id in ids if (found := find_item(turn.state, item_id)) and not found[1]["known"]
    ]
    if not standing:
        return None
    date, unclear = standing[0]
    if DO_NOT_KNOW.are(turn.command) or NO.are(turn.command):
        return f"Okay, I leave it as it is. {_then(turn, standing[1:], unclear['meal'])}"
    mentions = turn.utterance.mentions
    if len(mentions) != 1 or mentions[0].food is None or mentions[0].negated or mentions[0].doubtful:
        return None
    if turn.utterance.meals or _MORE_FOOD.within(turn.said):
        return None
    return _is(turn, date, unclear, mentions[0], rest=standing[1:])


def _is(
    turn: Turn,
    date: str,
    unclear: Item,
    like: Mention,
    *,
    named: bool = False,
    rest: Sequence[tuple[str, Item]] = (),
) -> str:
    """Count what was not known like a food that is; `named`: that is what it was."""
    # "Like a potato" says what, not how many: the number that was said first holds.
    said_how_much = like.quantity is not None and (
        like.quantity != 1.0 or like.unit not in (None, "", "piece")
    )
    quantity = like.quantity if said_how_much else unclear["quantity"]
    unit = like.unit if said_how_much else (unclear["unit"] or None)
    name = like.name if named else unclear["food"]
    counted = Mention(name, like.food, quantity, unit, like.plural or (quantity or 0) > 1)
    item = make_item(0, counted, unclear["meal"]) | {"id": unclear["id"]}
    _put(turn, date, item)
    what = phrases.say_item(item) if named else f"I count {unclear['food']} like {like.name}"
    kcal = "" if turn.gentle else f", {phrases.calories(item['kcal'])}"
    return f"Okay, {what}{kcal}. {_then(turn, rest, unclear['meal'])}"


def _then(turn: Turn, rest: Sequence[tuple[str, Item]], meal: str) -> str:
    if not rest:
        return turn.ask_next(meal)
    turn.ask(turn.asking, about="like", ids=[item["id"] for _, item in rest])
    return ask_likeness(turn, [item for _, item in rest])


def _amount(turn: Turn, item_id: str) -> str | None:
    found = find_item(turn.state, item_id)
    if found is None:
        return None
    date, item = found
    if YES.are(turn.said) or YES.are(turn.command) or DO_NOT_KNOW.are(turn.command):
        return f"{turn.choose(phrases.OKAY)}. {turn.ask_next(item['meal'])}"
    said = bare_amount(turn.said) or _repeated(turn, item)
    if said is not None:
        new = with_amount(item, said)
    elif (factor := more_or_less(turn.command)) is not None:
        new = counted(item, item["quantity"] * factor)
    elif NO.are(turn.command) or NO.are(turn.said):
        turn.ask(turn.asking, about="amount", id=item_id)
        return f"About how much {item['food']} was it?"
    else:
        new = _more_exact(turn, item)
    if new is None:
        return None
    _put(turn, date, new)
    return f"Okay, {phrases.say_item(new)}{turn.calories([new])}. {turn.ask_next(item['meal'])}"


def _more_exact(turn: Turn, item: Item) -> Item | None:
    """ "A chicken breast", where chicken was told."""
    if len(turn.eaten) != 1 or turn.utterance.meals or _MORE_FOOD.within(turn.said):
        return None
    [mention] = turn.eaten
    if mention.food is None or mention.doubtful or mention.planned or mention.quantity is None:
        return None
    # A dish with it is another food: "chicken burrito bowl".
    if not is_part(item["food"], mention.name) or len(mention.name.split()) > 2:
        return None
    return make_item(0, mention, item["meal"]) | {"id": item["id"]}


def _repeated(turn: Turn, item: Item) -> str | None:
    """The amount of "it was two cups of rice", which names the food again."""
    said = turn.said
    for name in (item["food"], item["food"].split()[-1]):
        for ending in (f" of {name}", f" {name}"):
            if said.endswith(ending) and not _MORE_FOOD.within(said):
                return bare_amount(said.removesuffix(ending))
    return None
