"""What one turn works on: what was said, by whom and when, and what has been decided about it so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Date
from datetime import datetime, timedelta
from typing import Any

from protocol.diary import Meal
from receiver.assistants.assistant import Context, Effect, State
from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.asides import as_meant
from receiver.assistants.diet.dialogue.hours import with_half_of_day
from receiver.assistants.diet.dialogue.intents import Phrases, command, plain
from receiver.assistants.diet.dialogue.slang import without_interjections
from receiver.assistants.diet.diary import DAYS_KEPT, MEAL_ORDER, apply, complete, items_of, shown_date
from receiver.assistants.diet.items import Item, totals_of
from receiver.assistants.diet.utterance import Mention, Utterance

MORE = "more"
"""What is asked for when no meal is."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GOES_ON = frozenset({"and", "also", "plus"})
_GOES_ON_WITH = Phrases(
    """
    [yes|no|oh]* (and|also|plus|with|then another)
    [oh|and|no|yes|sorry|i forgot|well]* (i forgot|i also|and also|another|one more|two more|some more)
    [oh|and|no|yes|sorry|well]* (i|we) [have|just]* (also (had|ate)|(had|ate) (another|one more|two more|some more))
    """
)
_GOES_WITH_IT = Phrases("with|on it|on (them|that)|in (it|them|that)")
""" "With ketchup" belongs to what it is on, also where snacks are asked about."""


@dataclass(slots=True)
class Turn:
    """Made by `begin_turn`. What answers appends effects, and says the words."""

    state: State
    context: Context
    text: str
    utterance: Utterance
    said: str
    """Plain words, for phrases."""
    command: str
    """The same without courtesies."""
    date: str
    """The day that is talked about: today, or the one that was named."""
    effects: list[Effect] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.context.local_now

    @property
    def today(self) -> str:
        return self.now.date().isoformat()

    @property
    def asking(self) -> str | None:
        """The meal that was asked about last, `MORE`, or None. A question of yesterday no longer stands."""
        asking: str | None = self.state["asking"] if self.state["asked_on"] == self.today else None
        return asking

    @property
    def pending(self) -> Mapping[str, Any]:
        """The question about what was written down that waits for an answer; empty if there is none."""
        return self.state["pending"] or {} if self.state["asked_on"] == self.today else {}

    @property
    def gentle(self) -> bool:
        """No figures unless they are asked for."""
        return bool(self.state["gentle_on"] == self.today)

    @property
    def goal(self) -> Mapping[str, float]:
        goal: Mapping[str, float] = self.state["diary"]["goal"] or {}
        return {figure: goal[figure] for figure in phrases.FIGURES if goal.get(figure)}

    @property
    def next_item(self) -> int:
        number: int = self.state["diary"]["next_item"]
        return number

    @property
    def items(self) -> list[Item]:
        return items_of(self.state, self.date)

    @property
    def eaten(self) -> list[Mention]:
        """The foods that were named and not denied."""
        return [mention for mention in self.utterance.mentions if not mention.negated]

    def date_of(self, days_ago: int) -> str:
        return (self.now.date() - timedelta(days=max(0, days_ago))).isoformat()

    def day(self, date: str | None = None) -> str:
        """A day, as it is said: "today", "yesterday", "on Tuesday"."""
        date = self.date if date is None else date
        days = (self.now.date() - Date.fromisoformat(date)).days
        names = {0: "today", 1: "yesterday"}
        # A week back, the weekday's name alone would mean another day.
        return names.get(days) or (f"on {Date.fromisoformat(date):%A}" if days < 7 else f"{days} days ago")

    def choose(self, wordings: Sequence[str]) -> str:
        turns = self.context.history[-1].turn if self.context.history else 0
        chosen = phrases.choose(wordings, self.text, self.next_item, len(self.items), turns)
        before = self.context.history[-1].message if self.context.history else ""
        if before.startswith(chosen) and len(chosen.split()) > 3:
            # Not the same sentence twice in a row.
            return wordings[(wordings.index(chosen) + 1) % len(wordings)]
        return chosen

    def change(self, do: str, **effect: Any) -> None:
        self.effects.append({"do": do, **effect})

    def show(self, date: str) -> None:
        """Show this day in the diary from now on."""
        if date != shown_date(self.state, self.today):
            self.change("show", date=date, on=self.today)

    def calories(self, items: Sequence[Item]) -> str:
        """Words like ", about 215 calories", or none where they would not do good."""
        known = [item for item in items if item["known"]]
        return f", about {phrases.calories(totals_of(known).kcal)}" if known and not self.gentle else ""

    def say_changed(self, changed: Sequence[tuple[str, Item]]) -> str:
        """Put items, with their dates, in the place of those with their ids, and say so."""
        for date, item in changed:
            self.change("replace", date=date, item=item)
        self.show(changed[-1][0])
        items = [item for _, item in changed]
        kcal = "" if self.gentle else f", {phrases.calories(totals_of(items).kcal)}"
        return f"{self.choose(phrases.OKAY)}, {phrases.say_items(items)}{kcal}. {self.ask_again()}"

    def ask(self, asking: str | None, **pending: Any) -> None:
        self.change("ask", asking=asking, on=self.today, pending=pending or None)

    def question(self, asking: str) -> str:
        """Ask it, and expect the answer."""
        self.ask(asking)
        if self.gentle:
            return self.choose(phrases.WHENEVER)
        if asking in MEAL_ORDER:
            return phrases.question_for(asking, self.now, self.text)
        return self.choose(phrases.ANYTHING_ELSE)

    def ask_again(self) -> str:
        """What was asked last, after something else came between."""
        if self.pending and self.asking in MEAL_ORDER:
            # What was asked was about that meal's foods; the meal itself is told.
            return self.ask_next(self.asking)
        if self.asking in self.done_meals() - self._done_before():
            # "That was today" told the very meal that was asked about.
            return self.ask_next(str(self.asking))
        return self.question(self.asking or self._open_meal())

    def ask_next(self, after: str) -> str:
        """The next meal's question: breakfast, lunch, dinner, snacks, then whether there is more."""
        if after not in MEAL_ORDER:
            return self.question(MORE)
        # What is written down in this very turn is not open any more either.
        done = self.done_meals() | {after}
        later = MEAL_ORDER[MEAL_ORDER.index(after) + 1 :]
        return self.question(next((meal for meal in later if meal not in done), MORE))

    def done_meals(self) -> set[str]:
        """Meals of today that are not asked about again, after what this turn has changed so far."""
        return self._done_in(apply(self.state, self.effects))

    def _done_before(self) -> set[str]:
        return self._done_in(self.state)

    def _done_in(self, state: State) -> set[str]:
        finished = state["finished"]
        meals = {item["meal"] for item in items_of(state, self.today)}
        return meals | (set(finished["meals"]) if finished["on"] == self.today else set())

    def meal(self) -> Meal:
        """The meal that foods belong to where none is named."""
        asking = next((meal for meal in MEAL_ORDER if meal == self.asking), None)
        last = next(reversed(self.items), None)
        goes_on = _GOES_WITH_IT.lead(self.said) or (asking != "snack" and _GOES_ON_WITH.lead(self.said))
        if last is not None and goes_on:
            # "And a coffee", "I also had a banana": more of the meal that was told last, not of the next.
            return next(meal for meal in MEAL_ORDER if meal == last["meal"])
        return asking or phrases.meal_at(self.now)

    def _open_meal(self) -> str:
        meal = phrases.meal_at(self.now)
        return MORE if meal in self.done_meals() else meal


def _weekday_named(said: str, today: int) -> int | None:
    """How many days ago the weekday was that is named, if one is; today's name means a week ago."""
    named = {_WEEKDAYS.index(word) for word in said.split() if word in _WEEKDAYS}
    return (today - named.pop() - 1) % 7 + 1 if len(named) == 1 else None


def begin_turn(state: State, context: Context, text: str) -> Turn:
    state = complete(state)
    today = context.local_now.date().isoformat()
    expecting = state["asked_on"] == today and (state["asking"] or state["pending"]) is not None
    # "At eight", to what was for breakfast, is of the morning at any time of day.
    morning = expecting and state["asking"] == "breakfast"
    moment = context.local_now.replace(hour=11) if morning else context.local_now
    meant = with_half_of_day(without_interjections(text), moment)
    utterance = as_meant(meant, expecting=expecting)
    said = plain(utterance)
    if utterance.days_ago is None:
        utterance = replace(utterance, days_ago=_weekday_named(said, context.local_now.weekday()))
    turn = Turn(state, context, text, utterance, said, command(said), today)
    shown = shown_date(state, today)
    if utterance.days_ago is not None:
        turn.date = turn.date_of(min(utterance.days_ago, DAYS_KEPT))
    elif said.split(" ", 1)[0] in _GOES_ON and shown != today:
        # "And a coffee", after yesterday was talked about.
        turn.date = shown
    return turn
