"""The phone assistant: reminders at spoken times, a to-do list, notes; by rules alone.

`times` reads and works out what is said of a time, `dialogue` decides what to say and change, `state` applies the
change. `due` gives the reminders whose time has come to whoever sends them out, `summary` a call in a few lines.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from protocol.link_messages import Item, spoken_text
from receiver.assistants.assistant import Assistant, Beginning, Context, Effect, State
from receiver.assistants.care import urgent_answer
from receiver.assistants.notes import state as notes
from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.dialogue import respond
from receiver.assistants.phrase_tables import plain


class NotesAssistant(Assistant):
    name = "notes"
    version = 1

    def begin(self, context: Context) -> Beginning:
        return Beginning(notes.empty_state(), phrases.greeting(context.name))

    async def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect]:
        text = spoken_text(list(items))
        urgent = urgent_answer(plain(text), context.locale)
        if urgent is not None:
            yield urgent
            return
        answer, effects = respond(state, context, text)
        for effect in effects:
            yield effect
        yield answer

    def apply(self, state: State, effects: Sequence[Effect]) -> State:
        return notes.apply(state, effects)
