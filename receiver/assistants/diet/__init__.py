"""A diet coach: asks for each meal, keeps the day's diary, answers questions of it.

It works by rules alone: `parser` finds the foods in a sentence, `dialogue` decides what to say and change, `diary`
applies the change. With a language model, `coach` lets that talk, and the rules are there when it fails.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from protocol.diary import Diary
from protocol.link_messages import Item, spoken_text
from receiver.assistants.assistant import Assistant, Beginning, Context, Effect, Restart, State
from receiver.assistants.diet import actions, diary
from receiver.assistants.diet.coach.coach import Coach
from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.dialogue import respond
from receiver.assistants.diet.parser.parser import parse


class DietAssistant(Assistant):
    name = "diet"
    version = 2

    def __init__(self, coach: Coach | None = None) -> None:
        self._coach = coach

    def warm_up(self) -> None:
        # A known food, one that only sounds like one, and one of a strange kind: all indexes are made.
        parse("two eggs and crambled banans and a gromlish stew")

    def begin(self, context: Context) -> Beginning:
        local_now = context.local_now
        meal = phrases.meal_at(local_now)
        question = phrases.question_for(meal, local_now)
        state = diary.empty_state() | {"asking": meal, "asked_on": local_now.date().isoformat()}
        return Beginning(state, phrases.greeting(local_now, context.name, question))

    async def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect | Restart]:
        text = spoken_text(list(items))
        if self._coach is not None:
            async with aclosing(self._coach.think(state, context, text)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        answer, effects = respond(state, context, text)
        for effect in effects:
            yield effect
        yield answer

    def apply(self, state: State, effects: Sequence[Effect]) -> State:
        return diary.apply(state, effects)

    def act(self, state: State, context: Context, name: str, args: Mapping[str, Any]) -> list[Effect]:
        return actions.act(diary.complete(state), context, name, args)

    def diary(self, state: State, context: Context) -> Diary:
        today = context.local_now.date().isoformat()
        return diary.to_diary(state, diary.shown_date(state, today), today)
