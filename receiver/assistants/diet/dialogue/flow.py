"""The way through the day: meals in order, skipping, going back, being done, undoing, starting over."""

from __future__ import annotations

from collections.abc import Sequence

from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.flow_phrases import (
    DONE,
    DONE_ALONE,
    DONE_WITH_MEAL,
    GO_BACK,
    GO_TO,
    HAD_MEAL,
    NO_MEAL,
    NO_THAT_DAY,
    NO_TO_MEAL,
    NOT_YET,
    PUT_BACK,
    REPEAT,
    SKIP,
    START_OVER,
    UNDO,
)
from receiver.assistants.diet.dialogue.intents import NO, YES
from receiver.assistants.diet.dialogue.turn import MORE, Turn
from receiver.assistants.diet.dialogue.undoing import undo
from receiver.assistants.diet.diary import MEAL_ORDER, items_of
from receiver.assistants.diet.items import Item, totals_of
from receiver.assistants.diet.parser.vocabulary import MEALS


def is_done(turn: Turn) -> bool:
    return DONE.end(turn.command) or DONE.end(turn.said)


def commands(turn: Turn) -> str | None:
    """Commands that are the whole sentence."""
    if REPEAT.are(turn.command):
        return _repeat(turn)
    if PUT_BACK.are(turn.command) and not _just_removed(turn):
        return f"Nothing was taken out last. {turn.ask_again()}"
    if UNDO.are(turn.command) and turn.pending.get("about") != "like":
        return undo(turn)
    if START_OVER.are(turn.command):
        return _start_over(turn)
    if SKIP.are(turn.command):
        named = next(iter(SKIP.named(turn.command).values()), None)
        return _skipped(turn, MEALS[named] if named else turn.asking or MORE)
    if GO_TO.are(turn.command):
        return turn.question(MEALS[next(iter(GO_TO.named(turn.command).values()))])
    if GO_BACK.are(turn.command):
        return turn.question(_before(turn))
    return None


def _repeat(turn: Turn) -> str:
    """The previous answer, word for word; the question in it still stands."""
    return turn.context.history[-1].message if turn.context.history else turn.ask_again()


def _start_over(turn: Turn) -> str:
    if not items_of(turn.state, turn.today):
        return f"Nothing is written down yet today, so we start afresh. {turn.question(phrases.meal_at(turn.now))}"
    turn.ask(turn.asking, about="start over")
    return "That takes out everything of today. Shall I?"


def start_over_answered(turn: Turn) -> str | None:
    if turn.pending.get("about") != "start over":
        return None
    if NO.are(turn.command) or (NO.lead(turn.said) and not turn.eaten):
        return f"Okay, everything stays as it is. {turn.ask_again()}"
    if not YES.are(turn.command) and not YES.are(turn.said) and not START_OVER.are(turn.command):
        return None
    turn.change("remove", date=turn.today, ids=[item["id"] for item in items_of(turn.state, turn.today)])
    turn.show(turn.today)
    question = turn.question(phrases.meal_at(turn.now))
    return f"Okay, today is empty again; say undo to bring it back. {question}"


def _skipped(turn: Turn, meal: str) -> str:
    if meal in MEAL_ORDER:
        turn.change("finish", meal=meal, on=turn.today)
        return f"{turn.choose(phrases.OKAY)}, no {phrases.say_meal(meal)}. {turn.ask_next(meal)}"
    return f"{turn.choose(phrases.OKAY)}. {turn.ask_next(meal)}"


def _before(turn: Turn) -> str:
    """The meal before the one that was asked about."""
    if turn.asking in MEAL_ORDER:
        return MEAL_ORDER[max(0, MEAL_ORDER.index(turn.asking) - 1)]
    return MEAL_ORDER[-1] if turn.asking == MORE else phrases.meal_at(turn.now)


def finish_meal(turn: Turn) -> str | None:
    """ "That was breakfast", "I'm done with lunch"."""
    if not turn.utterance.meals or not DONE_WITH_MEAL.are(turn.command):
        return None
    meal = turn.utterance.meals[-1]
    turn.change("finish", meal=meal, on=turn.today)
    return f"{turn.choose(phrases.OKAY)}. {turn.ask_next(meal)}"


def finish(turn: Turn) -> str | None:
    """ "That's all": the day's sum."""
    if NO_THAT_DAY.are(turn.said) and _just_moved(turn):
        return None
    bare_no = NO.are(turn.command) or turn.command in ("nothing", "none")
    if bare_no and turn.asking in MEAL_ORDER:
        return None
    alone = DONE_ALONE.are(turn.command) or DONE_ALONE.are(turn.said)
    if not alone and (turn.eaten or not is_done(turn)):
        return None
    if not turn.items:
        return f"Nothing is written down yet {turn.day()}. {turn.ask_again()}"
    return sum_up(turn, turn.items, turn.date)


def sum_up(turn: Turn, items: Sequence[Item], date: str) -> str:
    turn.ask(None)
    if turn.gentle:
        return "Thank you for telling me. I am here whenever you want to add something."
    before = turn.context.history[-1].message if turn.context.history else ""
    makes = f"about {phrases.say_totals(totals_of(items))} {turn.day(date)}"
    if makes in before:
        return turn.choose(("Good, then that is it for now.", "All right, everything is written down."))
    return f"That makes {makes}.{phrases.uncounted(items)} Tell me whenever you have more."


def no_meal(turn: Turn) -> str | None:
    """ "I skipped lunch", "nothing", "not yet", or a "no" to a meal's question."""
    meals = turn.utterance.meals
    if NO_THAT_DAY.are(turn.said) and _just_moved(turn):
        return None
    if NOT_YET.are(turn.command):
        turn.ask(None)
        meal = meals[-1] if meals else turn.asking if turn.asking in MEAL_ORDER else None
        meal = "dinner" if "tonight" in turn.said.split() else meal
        had = f"had {phrases.say_meal(meal)}" if meal else "had something"
        return f"{turn.choose(phrases.OKAY)}, tell me when you have {had}."
    if NO_MEAL.are(turn.command) or NO.are(turn.command):
        if turn.date != turn.today:
            return f"{turn.choose(phrases.OKAY)}. {turn.ask_again()}"
        for meal in meals[:-1]:
            turn.change("finish", meal=meal, on=turn.today)
        if meals:
            return _told_otherwise(turn, meals[-1]) or _skipped(turn, meals[-1])
        if turn.asking in MEAL_ORDER:
            return _skipped(turn, str(turn.asking))
    return None


def _just_removed(turn: Turn) -> bool:
    return bool(turn.state["undo"]) and any(change["do"] == "add" for change in turn.state["undo"][-1])


def _just_moved(turn: Turn) -> bool:
    return bool(turn.state["undo"]) and all(change["do"] == "move" for change in turn.state["undo"][-1])


def _told_otherwise(turn: Turn, meal: str) -> str | None:
    """A meal that was not eaten, in the diary: foods were taken for it that belong elsewhere."""
    items = [item for item in turn.items if item["meal"] == meal]
    if not items or meal == "snack":
        # "No snacks" are no more of them.
        return None
    turn.ask(turn.asking)
    names = [item["food"] for item in items]
    to = "breakfast" if meal == "lunch" else "lunch"
    return (
        f"I have the {phrases.join_some(names)} down for {meal}. Say, for example, "
        f'"move the {phrases.join(names[:2])} to {to}", or "remove my {meal}".'
    )


def finish_skipped_besides(turn: Turn) -> None:
    """ "I skipped breakfast but had eggs for lunch": breakfast is not asked about again."""
    had = HAD_MEAL.within(turn.said)
    if turn.date != turn.today or not (turn.eaten or had) or not NO_TO_MEAL.within(turn.said):
        return
    told = {mention.meal for mention in turn.eaten}
    if had:
        told.add(MEALS[HAD_MEAL.named(turn.said)["meal"]])
    for word in NO_TO_MEAL.named(turn.said).values():
        if MEALS[word] not in told:
            turn.change("finish", meal=MEALS[word], on=turn.today)


def had_meal(turn: Turn) -> str | None:
    """ "I skipped lunch but had a big dinner": there was one, so what it was is asked."""
    if turn.utterance.mentions or turn.date != turn.today or not HAD_MEAL.within(turn.said):
        return None
    meal = MEALS[HAD_MEAL.named(turn.said)["meal"]]
    written = [item for item in turn.items if item["meal"] == meal]
    if written and meal != "snack":
        return f"I have {phrases.say_items(written)} down for {meal}. {turn.ask_again()}"
    turn.ask(meal)
    return "What was it?" if meal == "snack" else turn.choose(phrases.QUESTIONS[meal])
