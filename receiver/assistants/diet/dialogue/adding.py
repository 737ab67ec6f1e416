"""Writing down foods that were told, and the one question that this may leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from protocol.diary import Meal
from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.finding import last_changed
from receiver.assistants.diet.dialogue.flow import is_done, sum_up
from receiver.assistants.diet.dialogue.intents import Phrases
from receiver.assistants.diet.dialogue.turn import Turn
from receiver.assistants.diet.diary import DAYS_KEPT, MAX_ITEMS_A_DAY, items_of
from receiver.assistants.diet.items import Item, make_item
from receiver.assistants.diet.utterance import Mention

AMOUNT_VARIES = frozenset(
    {
        "rice", "pasta", "spaghetti", "noodles", "macaroni", "penne", "linguine", "fettuccine", "couscous",
        "quinoa", "chicken", "beef", "pork", "lamb", "turkey", "cheese", "cheddar", "nuts", "peanuts", "almonds",
        "cashews", "walnuts", "pistachios", "granola",
    }
)  # fmt: skip
"""Last words of foods of which people eat very different amounts."""

MIN_KCAL_TO_ASK = 60.0
MAX_AMOUNTS_A_DAY = 3
"""Asking often annoys more than the guess harms."""

_PIECES = frozenset({"", "tablespoon", "teaspoon", "stick", "bar"})
_TOLD = Phrases("(i|we) [just|only|also|have]* (had|ate|eaten|drank)|for MEAL")


def add(turn: Turn) -> str | None:
    mentions = [mention for mention in turn.eaten if not mention.planned]
    if not mentions:
        return None
    if any(_days_ago(turn, mention) >= DAYS_KEPT for mention in mentions):
        return f"I can only write down the last two weeks. {turn.ask_again()}"
    added = _add(turn, mentions)
    if added is None:
        return "That is more than I can write down for one day. Please remove something first."
    dates = [date for date, _ in added]
    items = [item for _, item in added]
    other = next((date for date in dates if date != turn.today), None)
    turn.show(other or turn.today)
    when = f" for {turn.day(other)}" if other and not turn.day(other).startswith("on ") else ""
    when = when or (f" {turn.day(other)}" if other else "")
    # Doubtful ones are not counted until they are confirmed.
    noted = f"Noted{when}" if when else turn.choose(phrases.NOTED)
    said = f"{noted}: {phrases.say_items(items)}{turn.calories(items)}."
    open_question = _open_question(turn, mentions, items)
    if open_question is not None:
        return f"{said} {open_question}"
    if is_done(turn):
        return f"{said} {sum_up(turn, [*items_of(turn.state, dates[-1]), *items], dates[-1])}"
    if other:
        return f"{said} {turn.ask_again()}"
    return f"{said} {turn.ask_next(items[-1]['meal'])}"


def add_quietly(turn: Turn) -> bool:
    """Write down the known foods of a sentence about something else, if it plainly says they were eaten."""
    if not _TOLD.within(turn.said):
        return False
    sure = [
        mention
        for mention in turn.eaten
        if mention.food is not None and not mention.doubtful and not mention.planned
        and _days_ago(turn, mention) < DAYS_KEPT
    ]  # fmt: skip
    return bool(sure) and _add(turn, sure) is not None


def _days_ago(turn: Turn, mention: Mention) -> int:
    if mention.days_ago is not None:
        return mention.days_ago
    return turn.utterance.days_ago or 0


def _add(turn: Turn, mentions: Sequence[Mention]) -> list[tuple[str, Item]] | None:
    """The items and their dates, or None when a day has no room for them."""
    added: list[tuple[str, Item]] = []
    for number, mention in enumerate(mentions, start=turn.next_item):
        date = turn.date if mention.days_ago is None else turn.date_of(mention.days_ago)
        sure = replace(mention, food=None) if mention.doubtful else mention
        added.append((date, make_item(number, sure, mention.meal or _meal_on(turn, date))))
    for date in dict.fromkeys(date for date, _ in added):
        items = [item for on, item in added if on == date]
        if len(items_of(turn.state, date)) + len(items) > MAX_ITEMS_A_DAY:
            return None
        turn.change("add", date=date, items=items)
    return added


def _meal_on(turn: Turn, date: str) -> Meal:
    """The meal that foods belong to where none is named: of another day, the one that was told last."""
    if date == turn.today:
        return turn.meal()
    last = next((item for on, item in reversed(last_changed(turn)) if on == date), None)
    return last["meal"] if last else phrases.meal_at(turn.now)


def _open_question(turn: Turn, mentions: Sequence[Mention], items: Sequence[Item]) -> str | None:
    """At most one: whether it was heard right, then what it is like, then how much it was."""
    asking = items[-1]["meal"]
    heard = [
        make_item(0, replace(mention, name=_name(mention), doubtful=False), item["meal"]) | {"id": item["id"]}
        for mention, item in zip(mentions, items, strict=True)
        if mention.doubtful and mention.food is not None
    ]
    if heard:
        turn.ask(asking, about="heard", items=heard)
        return turn.choose(phrases.HEARD).format(food=phrases.join([item["food"] for item in heard]))
    unknown = [item for item in items if not item["known"]]
    if unknown:
        turn.ask(asking, about="like", ids=[item["id"] for item in unknown])
        return ask_likeness(turn, unknown)
    if is_done(turn) or turn.gentle:
        return None
    uncertain = max(
        (item for mention, item in zip(mentions, items, strict=True) if _amount_matters(turn, mention, item)),
        key=lambda item: float(item["kcal"]), default=None,
    )  # fmt: skip
    if uncertain is None:
        return None
    turn.change("ask_amount", food=uncertain["food"], on=turn.today)
    turn.ask(asking, about="amount", id=uncertain["id"])
    if len(items) == 1:
        return turn.choose(phrases.HOW_MUCH)
    return turn.choose(phrases.HOW_MUCH_OF).format(amount=phrases.say_item(uncertain))


def ask_likeness(turn: Turn, unknown: Sequence[Item]) -> str:
    """One at a time, so that the answer is about one."""
    wordings = phrases.UNKNOWN_GENTLE if turn.gentle else phrases.UNKNOWN
    return turn.choose(wordings).format(food=unknown[0]["food"])


def _name(mention: Mention) -> str:
    if mention.food is None:
        return mention.name
    return mention.food.plural if mention.plural and mention.food.plural else mention.food.name


def _amount_matters(turn: Turn, mention: Mention, item: Item) -> bool:
    if mention.quantity is not None or mention.unit is not None or mention.food is None:
        return False
    amounts = turn.state["amounts"]
    asked = amounts["foods"] if amounts["on"] == turn.today else []
    if item["food"] in asked or len(asked) >= MAX_AMOUNTS_A_DAY or item["kcal"] < MIN_KCAL_TO_ASK:
        return False
    names = {item["food"].split()[-1], mention.food.name.split()[-1]}
    # "Mac and cheese", "spaghetti with meatballs": dishes, whose portions vary less.
    dish = bool({"and", "with"} & set(item["food"].split()))
    return bool(names & AMOUNT_VARIES) and mention.food.usual_unit not in _PIECES and not dish
