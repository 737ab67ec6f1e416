"""One turn of the diet assistant: what was said and the state, to an answer and effects. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from protocol.diary import Meal
from receiver.assistants.assistant import Effect, State
from receiver.assistants.diet import phrases
from receiver.assistants.diet.diary import MAX_ITEMS_A_DAY, MEAL_ORDER, items_of
from receiver.assistants.diet.intents import Intent, wants
from receiver.assistants.diet.items import Item, make_item, scale_item, totals_of
from receiver.assistants.diet.numbers import read_number
from receiver.assistants.diet.parser import parse
from receiver.assistants.diet.utterance import Mention, Utterance

MORE = "more"
"""What is asked for when no meal is."""


@dataclass(slots=True)
class Turn:
    """What one turn works on."""

    state: State
    local_now: datetime
    text: str
    utterance: Utterance
    today: str
    date: str
    """The day that is talked about: today, or yesterday where that was said."""
    asking: str | None
    """The meal that was asked about last, `MORE`, or None."""
    effects: list[Effect] = field(default_factory=list)

    @property
    def items(self) -> list[Item]:
        return items_of(self.state, self.date)

    def choose(self, wordings: Sequence[str]) -> str:
        return phrases.choose(wordings, self.text, self.state["next_item"], len(self.items))

    def ask(self, asking: str | None, unclear: str | None = None) -> None:
        self.effects.append({"do": "ask", "asking": asking, "unclear": unclear, "on": self.today})

    def question(self, asking: str) -> str:
        """Ask it, and expect the answer."""
        self.ask(asking)
        if asking == MORE:
            return self.choose(phrases.ANYTHING_ELSE)
        return phrases.question_for(asking, self.local_now, self.text)  # type: ignore[arg-type]

    def ask_again(self) -> str:
        return self.question(self.asking or self._open_meal())

    def ask_next(self, after: Meal) -> str:
        """The next meal's question: breakfast, lunch, dinner, snacks, then whether there is more."""
        eaten = {item["meal"] for item in self.items}
        later = MEAL_ORDER[MEAL_ORDER.index(after) + 1 :]
        return self.question(next((meal for meal in later if meal not in eaten), MORE))

    def meal(self) -> Meal:
        """The meal that foods belong to where none is named."""
        for meal in MEAL_ORDER:
            if meal == self.asking:
                return meal
        return phrases.meal_at(self.local_now)

    def _open_meal(self) -> str:
        meal = phrases.meal_at(self.local_now)
        return MORE if any(item["meal"] == meal for item in self.items) else meal


def respond(state: State, local_now: datetime, text: str) -> tuple[str, list[Effect]]:
    """The answer and its effects."""
    today = local_now.date().isoformat()
    asking = state["asking"] if state["asked_on"] == today else None
    utterance = parse(text, expecting=asking is not None)
    yesterday = (local_now.date() - timedelta(days=1)).isoformat()
    date = yesterday if "yesterday" in utterance.words else today
    turn = Turn(state, local_now, text, utterance, today, date, asking)
    for answer in _ANSWERS:
        said = answer(turn)
        if said is not None:
            return said, turn.effects
    return f"{turn.choose(phrases.NOT_UNDERSTOOD)} {turn.ask_again()}", turn.effects


def _undo(turn: Turn) -> str | None:
    if not wants(turn.utterance, Intent.UNDO):
        return None
    if not turn.state["undo"]:
        return f"There is nothing to take back. {turn.ask_again()}"
    turn.effects.append({"do": "undo"})
    return f"Okay, I took the last change back. {turn.ask_again()}"


def _remove(turn: Turn) -> str | None:
    if not wants(turn.utterance, Intent.REMOVE):
        return None
    if not turn.utterance.mentions:
        return f"What should I take out? {_say_day(turn)}"
    return _take_out(turn, turn.utterance.mentions)


def _deny(turn: Turn) -> str | None:
    """ "I didn't have toast": takes it out where it stands, and writes nothing down."""
    mentions = turn.utterance.mentions
    if not mentions or not all(mention.negated for mention in mentions):
        return None
    if any(_find(turn.items, mention) for mention in mentions):
        return _take_out(turn, mentions)
    return f"Okay, no {phrases.join([mention.name for mention in mentions])}. {turn.ask_again()}"


def _take_out(turn: Turn, mentions: Sequence[Mention]) -> str:
    found = [item for mention in mentions if (item := _find(turn.items, mention)) is not None]
    if not found:
        names = phrases.join([mention.name for mention in mentions])
        return f"I have no {names} written down. {turn.ask_again()}"
    turn.effects.append({"do": "remove", "date": turn.date, "ids": [item["id"] for item in found]})
    left = totals_of([item for item in turn.items if item not in found])
    names = phrases.join([item["food"] for item in found])
    return f"Okay, I took out the {names}. That leaves {phrases.calories(left.kcal)}. {turn.ask_again()}"


def _figures_of_food(turn: Turn) -> str | None:
    known = [mention for mention in turn.utterance.mentions if mention.food is not None]
    if not known or not wants(turn.utterance, Intent.HOW_MUCH_IN):
        return None
    items = [make_item(0, mention, turn.meal()) for mention in known]
    said = phrases.join([phrases.say_item(item) for item in items])
    has = "has" if len(items) == 1 and items[0]["quantity"] <= 1 else "have"
    return f"{said[:1].upper()}{said[1:]} {has} about {phrases.say_totals(totals_of(items))}."


def _totals(turn: Turn) -> str | None:
    if not wants(turn.utterance, Intent.HOW_MUCH):
        return None
    items, when = _items_asked_for(turn)
    if not items:
        return f"Nothing is written down {when} yet. {turn.ask_again()}"
    return f"You have had about {phrases.say_totals(totals_of(items))} {when}.{_uncounted(items)}"


def _list(turn: Turn) -> str | None:
    if not wants(turn.utterance, Intent.WHAT_WAS):
        return None
    items, when = _items_asked_for(turn)
    if not items:
        return f"Nothing is written down {when} yet. {turn.ask_again()}"
    had = phrases.join([phrases.say_item(item) for item in items])
    return f"You had {had} {when}, about {phrases.calories(totals_of(items).kcal)}."


def _correct(turn: Turn) -> str | None:
    """ "No, three eggs", "make it two", "I meant a bagel": about what was written down last."""
    items = turn.items
    if not items or not wants(turn.utterance, Intent.CORRECT):
        return None
    mentions = [mention for mention in turn.utterance.mentions if not mention.negated]
    if not mentions:
        quantity = _only_number(turn.utterance)
        if quantity is None:
            return None
        return _put_right(turn, [scale_item(items[-1], quantity)])
    corrected = []
    for mention in mentions:
        old = _find(items, mention)
        if old is None and wants(turn.utterance, Intent.REPLACE) and len(mentions) == 1:
            old = items[-1]
        if old is None:
            return None
        if mention.quantity is None and mention.unit is None and mention.food is not None and old["known"]:
            same = mention.name.split()[-1] == old["food"].split()[-1]
            corrected.append(old if same else make_item(0, mention, old["meal"]) | {"id": old["id"]})
        else:
            corrected.append(make_item(0, mention, old["meal"]) | {"id": old["id"]})
    return _put_right(turn, corrected)


def _put_right(turn: Turn, items: list[Item]) -> str:
    for item in items:
        turn.effects.append({"do": "replace", "date": turn.date, "item": item})
    said = phrases.join([phrases.say_item(item) for item in items])
    return f"Okay, {said}, {phrases.calories(totals_of(items).kcal)}. {turn.ask_again()}"


def _clear_up(turn: Turn) -> str | None:
    """The answer to "what is it most like?"."""
    unclear = next((item for item in turn.items if item["id"] == turn.state["unclear"]), None)
    if unclear is None or turn.asking is None:
        return None
    if wants(turn.utterance, Intent.LEAVE_IT):
        return f"Okay, I leave it as it is. {turn.ask_next(unclear['meal'])}"
    mentions = turn.utterance.mentions
    if len(mentions) != 1 or mentions[0].food is None or mentions[0].negated or turn.utterance.meals:
        return None
    if any(word in ("had", "ate", "also") for word in turn.utterance.words):
        return None
    like = mentions[0]
    # "Like a potato" says what, not how many: the number that was said first holds.
    said_how_much = like.quantity is not None and (like.quantity != 1.0 or like.unit is not None)
    quantity = like.quantity if said_how_much else unclear["quantity"]
    unit = like.unit if said_how_much else (unclear["unit"] or None)
    counted = Mention(unclear["food"], like.food, quantity, unit, like.plural or (quantity or 0) > 1)
    item = make_item(0, counted, unclear["meal"]) | {"id": unclear["id"]}
    turn.effects.append({"do": "replace", "date": turn.date, "item": item})
    kcal = phrases.calories(item["kcal"])
    return f"Okay, I count {unclear['food']} like {like.name}, {kcal}. {turn.ask_next(unclear['meal'])}"


def _add(turn: Turn) -> str | None:
    mentions = [mention for mention in turn.utterance.mentions if not mention.negated]
    if not mentions:
        return None
    room = MAX_ITEMS_A_DAY - len(turn.items)
    if len(mentions) > room:
        return "That is more than I can write down for one day. Please remove something first."
    first = turn.state["next_item"]
    items = [
        make_item(first + index, mention, mention.meal or turn.meal())
        for index, mention in enumerate(mentions)
    ]
    turn.effects.append({"do": "add", "date": turn.date, "items": items})
    known = [item for item in items if item["known"]]
    unknown = [item for item in items if not item["known"]]
    noted = turn.choose(phrases.NOTED)
    said = f"{noted}: {phrases.join([phrases.say_item(item) for item in items])}"
    said += f", about {phrases.calories(totals_of(known).kcal)}." if known else "."
    if unknown:
        turn.ask(items[-1]["meal"], unclear=unknown[-1]["id"])
        names = phrases.join([item["food"] for item in unknown])
        return f"{said} {turn.choose(phrases.UNKNOWN).format(food=names)}"
    if wants(turn.utterance, Intent.DONE):
        return f"{said} {_sum_up(turn, [*turn.items, *items])}"
    return f"{said} {turn.ask_next(items[-1]['meal'])}"


def _finish(turn: Turn) -> str | None:
    if not wants(turn.utterance, Intent.DONE) or (_is_bare_no(turn) and turn.asking in MEAL_ORDER):
        return None
    if not turn.items:
        return f"Nothing is written down yet today. {turn.ask_again()}"
    return _sum_up(turn, turn.items)


def _no_meal(turn: Turn) -> str | None:
    """ "I skipped lunch", or a "no" to a meal's question."""
    if not wants(turn.utterance, Intent.NO_MEAL):
        return None
    if turn.utterance.meals or turn.asking in MEAL_ORDER:
        meal = turn.utterance.meals[-1] if turn.utterance.meals else turn.meal()
        return f"Okay, no {'snacks' if meal == 'snack' else meal}. {turn.ask_next(meal)}"
    return None


def _small_talk(turn: Turn) -> str | None:
    if wants(turn.utterance, Intent.HELLO):
        return f"Hello! {turn.ask_again()}"
    if wants(turn.utterance, Intent.THANKS):
        return "You are welcome. Tell me whenever you have had something."
    return None


_ANSWERS: tuple[Callable[[Turn], str | None], ...] = (
    _undo, _remove, _figures_of_food, _totals, _list, _deny, _correct, _clear_up, _add, _finish, _no_meal,
    _small_talk,
)  # fmt: skip
"""In this order; the first that has something to say answers."""


def _sum_up(turn: Turn, items: list[Item]) -> str:
    turn.ask(None)
    return (
        f"That makes about {phrases.say_totals(totals_of(items))} today.{_uncounted(items)} "
        "Tell me whenever you have more."
    )


def _uncounted(items: Sequence[Item]) -> str:
    names = [item["food"] for item in items if not item["known"]]
    return f" That is without {phrases.join(names)}, which I have no figures for." if names else ""


def _items_asked_for(turn: Turn) -> tuple[list[Item], str]:
    when = "today" if turn.date == turn.today else "yesterday"
    if not turn.utterance.meals:
        return turn.items, when
    meal = turn.utterance.meals[-1]
    said = "as snacks" if meal == "snack" else f"for {meal}"
    return [item for item in turn.items if item["meal"] == meal], said


def _say_day(turn: Turn) -> str:
    if not turn.items:
        return "Nothing is written down yet today."
    return f"You have {phrases.join([phrases.say_item(item) for item in turn.items])}."


def _find(items: Sequence[Item], mention: Mention) -> Item | None:
    """The item written down last that a food in a correction means."""
    names = {mention.name}
    if mention.food is not None:
        names |= {mention.food.name, mention.food.plural, *mention.food.aliases} - {""}
    for item in reversed(items):
        if item["food"] in names or any(item["food"].endswith(f" {name}") for name in names):
            return item
    return None


def _only_number(utterance: Utterance) -> float | None:
    words = [word for word in utterance.words if word not in (",", ".")]
    for at in range(len(words)):
        found = read_number(words, at)
        if found is not None:
            return found[0] if found[0] > 0 else None
    return None


def _is_bare_no(turn: Turn) -> bool:
    return turn.utterance.text in ("no", "nope", "nah", "no thanks", "no thank you")
