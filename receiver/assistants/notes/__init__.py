"""The phone assistant: reminders at spoken times, a to-do list, notes; it talks by rules alone.

`times` reads and works out what is said of a time, `dialogue` decides what to say and change, `state` applies the
change. `due` gives the reminders whose time has come, which go out by `receiver.hook`. `summary` is a call in a few
lines, by rules, and `secretary` makes that better with a language model, where there is one.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from protocol.client_messages import PastTurn
from protocol.link_messages import Item, Summary, spoken_text
from receiver.assistants.assistant import Assistant, Beginning, Context, Effect, Outgoing, State
from receiver.assistants.care import urgent_answer
from receiver.assistants.notes import state as notes
from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.away import while_away
from receiver.assistants.notes.dialogue.dialogue import respond
from receiver.assistants.notes.due import due, next_due
from receiver.assistants.notes.merging import merge
from receiver.assistants.notes.secretary.secretary import Secretary
from receiver.assistants.notes.summary import summarize
from receiver.assistants.phrase_tables import plain
from receiver.hook import Hook
from receiver.llm import LanguageModel
from receiver.llm.recall import CONTEXT_TOKENS


class NotesAssistant(Assistant):
    name = "notes"
    version = 2
    shared = "notes"

    def __init__(
        self,
        hook: Hook | None = None,
        model: LanguageModel | None = None,
        *,
        context_tokens: int = CONTEXT_TOKENS,
    ) -> None:
        """`hook` sends due reminders out; without one they are noted in the log. `model` sums calls up, of which it is
        shown about `context_tokens`; the rules do without one."""
        self._hook = hook or Hook()
        self._secretary = None if model is None else Secretary(model, context_tokens=context_tokens)

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
        news, told = while_away(state, context)
        answer, effects = respond(state, context, text)
        for effect in (*told, *effects):
            yield effect
        yield f"{news} {answer}" if news else answer

    def apply(self, state: State, effects: Sequence[Effect]) -> State:
        return notes.apply(state, effects)

    async def summarize(self, turns: Sequence[PastTurn], context: Context) -> Summary:
        said = [turn for turn in turns if turn.text.strip()]
        found = summarize([(turn.text, turn.message) for turn in said])
        if self._secretary is not None:
            found = await self._secretary.sum_up(said, found)
        return found.told([turn.turn for turn in said])

    # What the sessions of a user share

    def merge(self, kept: Any, brought: Any) -> Any:
        return merge(kept, brought)

    def next_due(self, shared: Any) -> datetime | None:
        return next_due(shared)

    def due(self, shared: Any, now: datetime) -> tuple[Sequence[Outgoing], Any]:
        found, after = due(shared, now)
        return [Outgoing(one.to_json(), one.key) for one in found], after

    async def deliver(self, body: Mapping[str, Any], context: Context) -> None:
        """Raises `HookError`."""
        # Two people may have a reminder with the same id and time.
        whose = hashlib.sha256(context.user.encode()).hexdigest()[:16]
        key = f"{whose}-{body['key']}"
        told = {name: body[name] for name in ("text", "how", "at", "zone", "repeats", "missed")}
        await self._hook.send({"type": "reminder", "key": key, "user": context.user, **told}, key)
