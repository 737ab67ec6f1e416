"""Putting right what was eaten and how much: "no, three eggs", "not toast, a bagel", "make that two"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.amounts import (
    bare_amount,
    counted,
    food_of,
    measured,
    more_or_less,
    with_amount,
)
from receiver.assistants.diet.dialogue.correction_phrases import (
    CHANGE_TO,
    INSTEAD_OF_IT,
    IT_WAS,
    LAST,
    LEAD,
    MEANT,
    MORE_FOOD,
    NEW_NOT_OLD,
    NOT_BUT,
    OF_IT,
    TIMES,
    TOLD,
    WAS,
)
from receiver.assistants.diet.dialogue.finding import Found, is_part, last_changed, located
from receiver.assistants.diet.dialogue.intents import Phrases
from receiver.assistants.diet.dialogue.moving import move
from receiver.assistants.diet.dialogue.removing import deny, remove, remove_also
from receiver.assistants.diet.dialogue.sorts import completed, other_sort
from receiver.assistants.diet.dialogue.turn import MORE, Turn
from receiver.assistants.diet.items import Item, make_item
from receiver.assistants.diet.parser.parser import parse
from receiver.assistants.diet.utterance import Mention
from receiver.nutrition.units import UNITS

_THERE_WERE = Phrases("[no|actually|sorry|wait|and]* there (was|were)")


def corrections(turn: Turn) -> str | None:
    for answer in (move, remove, remove_also, _change, _instead, _was_so, deny, _put_right):
        said = answer(turn)
        if said is not None:
            return said
    return None


def _change(turn: Turn) -> str | None:
    """ "Change the eggs to three", "replace the toast with a bagel"."""
    found = CHANGE_TO.match(turn.command)
    if found is None:
        return None
    return _swap(turn, found.group("old"), found.group("new"))


def _instead(turn: Turn) -> str | None:
    """ "A bagel instead of toast", "it was a bagel, not toast", "three eggs, not two", "not toast, a bagel"."""
    unmeant = NOT_BUT.match(turn.text.lower().strip())
    if (
        unmeant is not None
        and bare_amount(unmeant.group("old"))
        and (said := bare_amount(unmeant.group("new")))
    ):
        # "Not a bowl, a mug".
        last = last_changed(turn)
        item = with_amount(last[-1][1], said) if last else None
        return turn.say_changed([(last[-1][0], item)]) if item is not None else None
    if unmeant is not None and (said := _swap(turn, unmeant.group("old"), unmeant.group("new"))) is not None:
        return said
    negated = [mention for mention in turn.utterance.mentions if mention.negated]
    old = next((entry for mention in negated if (entry := located(turn, mention))), None)
    # "I had a banana but skipped the toast" is about two foods.
    if (
        old is not None
        and turn.utterance.mentions[0].negated
        and len(turn.eaten) == 1
        and len(negated) == 1
        and not turn.eaten[0].planned
    ):
        return _put_in_place(turn, old, turn.eaten[0])
    found = NEW_NOT_OLD.match(turn.command)
    if found is None or not turn.items or MORE_FOOD.within(turn.said):
        return None
    new, old_words = found.group("new"), found.group("old")
    if bare_amount(new) is None and not parse(new, expecting=True).mentions:
        # "I don't take sugar": nothing stands before "not".
        return None
    if bare_amount(old_words) is not None and bare_amount(new) is None:
        # "Three eggs, not two": what it is not says nothing more.
        mentions = parse(new, expecting=True).mentions
        return _corrected(turn, [mention for mention in mentions if not mention.negated])
    return _swap(turn, old_words, new) if negated or found.group("how") != "not" else None


def _swap(turn: Turn, old: str, new: str) -> str | None:
    left = parse(old, expecting=True).mentions
    if left:
        target = located(turn, replace(left[0], negated=False, meal=None))
    elif LAST.within(old):
        target = next(iter(last_changed(turn)[-1:]), None)
    else:
        return None
    if target is None:
        return f"I have no {left[0].name} written down. {turn.ask_again()}" if left else None
    amount = bare_amount(new)
    if amount is not None:
        item = with_amount(target[1], amount)
        return turn.say_changed([(target[0], item)]) if item is not None else None
    right = [mention for mention in parse(new, expecting=True).mentions if not mention.negated]
    return _put_in_place(turn, target, right[0]) if len(right) == 1 else None


def _put_in_place(turn: Turn, old: Found, mention: Mention) -> str:
    date, item = old
    if mention.doubtful:
        mention = replace(mention, food=None, doubtful=False)
    food = food_of(item)
    same = food is not None and mention.food is not None and food.name == mention.food.name
    if same and mention.quantity is None and mention.unit is None:
        new = item | {"food": mention.name}
    else:
        new = _corrected_item(item, mention)
    said = turn.say_changed([(date, new)])
    if not new["known"]:
        turn.ask(turn.asking, about="like", ids=[new["id"]])
        wordings = phrases.UNKNOWN_GENTLE if turn.gentle else phrases.UNKNOWN
        return f"Okay, {phrases.say_item(new)}. {turn.choose(wordings).format(food=new['food'])}"
    return said


def _put_right(turn: Turn) -> str | None:
    """ "No, three eggs", "make it two", "actually it was a small bowl", "I meant a bagel"."""
    times = TIMES.match(turn.command)
    if times is not None and len(turn.eaten) == 1 and (old := located(turn, turn.eaten[0])) is not None:
        factor = {"double": 2.0, "triple": 3.0, "halve": 0.5}[times.group(1)]
        return turn.say_changed([(old[0], counted(old[1], old[1]["quantity"] * factor))])
    if (
        _THERE_WERE.lead(turn.said)
        and turn.eaten
        and all(mention.quantity is not None and located(turn, mention) for mention in turn.eaten)
    ):
        return _corrected(turn, turn.eaten)
    if OF_IT.lead(turn.said) and turn.eaten and all(located(turn, mention) for mention in turn.eaten):
        return _corrected(turn, turn.eaten)
    if OF_IT.lead(turn.said) and len(turn.eaten) == 1:
        # "The eggs were fried."
        kind = turn.eaten[0]
        old = located(turn, replace(kind, name=kind.name.split()[-1], food=None))
        return _put_in_place(turn, old, kind) if old is not None else None
    amount = bare_amount(turn.said) or bare_amount(turn.command)
    led = (amount is not None and not turn.eaten) or LEAD.lead(turn.said) or MEANT.lead(turn.command)
    led = led or turn.said.endswith(" actually")
    changed = last_changed(turn)
    more = more_or_less(turn.command)
    if changed and more is not None:
        date, item = changed[-1]
        return turn.say_changed([(date, counted(item, item["quantity"] * more))])
    if not changed or not (led or MEANT.within(turn.said)) or MORE_FOOD.within(turn.said):
        return None
    if amount is not None and not turn.eaten:
        date, item = _measured_so(changed, amount)
        new = with_amount(item, amount)
        return turn.say_changed([(date, new)]) if new is not None else None
    return _corrected(turn, turn.eaten)


def _was_so(turn: Turn) -> str | None:
    """ "The sandwich was tuna", "the coffee was a latte", "no, the eggs were three"."""
    found = WAS.match(turn.command)
    if found is None or TOLD.within(turn.said) or turn.utterance.meals:
        return None
    amount = bare_amount(found.group("new"))
    if amount is not None:
        named = parse(found.group("old"), expecting=True).mentions
        target = located(turn, named[0]) if len(named) == 1 else None
        new = with_amount(target[1], amount) if target is not None else None
        return turn.say_changed([(target[0], new)]) if target is not None and new is not None else None
    left, right = (parse(found.group(side), expecting=True).mentions for side in ("old", "new"))
    if len(left) != 1 or len(right) != 1 or right[0].food is None or right[0].doubtful or right[0].planned:
        return None
    old = located(turn, left[0])
    if old is None or is_part(right[0].name, old[1]["food"]):
        return None
    return _put_in_place(turn, old, completed(old, right[0]) or right[0])


def _measured_so(changed: Sequence[Found], amount: str) -> Found:
    """Which of several foods an amount is of: "three slices" after a pizza and a coke are of the pizza."""
    units = {UNITS[word] for word in amount.split() if word in UNITS}
    latest = list(reversed(changed))
    same = next((found for found in latest if found[1]["unit"] in units), None)
    fitting = (found for found in latest if (food := food_of(found[1])) and units & set(food.portions))
    return same or next(fitting, latest[0])


def _corrected(turn: Turn, mentions: Sequence[Mention]) -> str | None:
    """The foods of a correction in the place of those they mean, or None where they mean none."""
    changed: list[Found] = []
    last = last_changed(turn)
    for mention in mentions:
        if mention.planned or mention.doubtful:
            return None
        old = located(turn, mention) or other_sort(last, mention)
        if old is None and len(mentions) == 1 and not TOLD.within(turn.said):
            if len(last) == 1 and (sort := completed(last[0], mention)) is not None:
                return _put_in_place(turn, last[0], sort)
            old = other_sort([(turn.date, item) for item in turn.items], mention)
        if old is None and len(mentions) == 1 and _means_the_last(turn, last):
            return _put_in_place(turn, last[-1], mention)
        if old is None:
            return None
        date, item = old
        changed.append((date, _corrected_item(item, mention)))
    return turn.say_changed(changed) if changed else None


def _corrected_item(item: Item, mention: Mention) -> Item:
    if item["known"] and mention.quantity is not None and is_part(mention.name, item["food"]):
        # "Three eggs", of scrambled eggs: the kind stays.
        new = counted(item, mention.quantity)
        same_unit = mention.unit is None or mention.unit == item["unit"]
        return new if same_unit else measured(item, mention.quantity, str(mention.unit))
    bare = mention.quantity is None and mention.unit is None and mention.food is not None and item["known"]
    said, known = mention.name.split(), item["food"].split()
    if bare and said[-1].removesuffix("s") == known[-1].removesuffix("s"):
        if len(said) <= len(known):
            return item
        # "No, whole wheat toast": the amount stays.
        mention = replace(mention, quantity=item["quantity"], unit=item["unit"])
    return make_item(0, mention, mention.meal or item["meal"]) | {"id": item["id"]}


def _means_the_last(turn: Turn, last: Sequence[Found]) -> bool:
    """Whether one food that is not in the diary stands for the one that was written down last."""
    if INSTEAD_OF_IT.within(turn.said):
        return True
    if TOLD.within(turn.said) or turn.utterance.meals:
        return False
    # "No, a bagel": unless that "no" answers "Anything else?", or several were told.
    return IT_WAS.lead(turn.said) or (len(last) == 1 and turn.asking not in (MORE, "snack"))
