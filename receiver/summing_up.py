"""A conversation in a few lines: made once, and kept until there is more to sum up."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

import structlog

from protocol.errors import AnswerFailed, Unsupported
from protocol.link_messages import Summary
from receiver.assistants.assistant import Assistant, Context
from receiver.clock import timestamp
from receiver.history import past_turn
from receiver.store import Snapshot, Store, StoredSummary

log = structlog.get_logger(__name__)

MAX_TURNS = 500
"""The latest turns that an assistant is shown; older ones are left out of the summary."""

SUMMARY_SECONDS = 20.0
"""Longest that an assistant takes; then `answer_failed`. A relay asks again after 30 s without an answer."""


class SummingUp:
    """Of one receiver. Who asks while a summary is being made waits for that one."""

    def __init__(self, seconds: float = SUMMARY_SECONDS) -> None:
        self._seconds = seconds
        self._under_way: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """By session, as long as somebody holds the lock or waits for it."""

    async def sum_up(
        self, store: Store, assistant: Assistant, snapshot: Snapshot, context: Context
    ) -> Summary:
        """The summary of a session as it is in `snapshot`.

        Raises `Unsupported` when the assistant sums nothing up, or nothing has been said, and `AnswerFailed` when it
        takes too long.
        """
        lock = self._under_way.setdefault(snapshot.session, asyncio.Lock())
        async with lock:
            kept = await store.read_summary(snapshot.session)
            if kept is None or kept.turns < snapshot.next_turn:
                made = await self._made(store, assistant, snapshot, context)
                kept = await store.keep_summary(snapshot.session, made, timestamp(context.now))
        # Also what was just made, so that it is the same each time.
        return Summary.model_validate_json(kept.summary)

    async def _made(
        self, store: Store, assistant: Assistant, snapshot: Snapshot, context: Context
    ) -> StoredSummary:
        stored = await store.read_history(snapshot.session, MAX_TURNS)
        if not any(turn.text.strip() for turn in stored):
            raise Unsupported("There is nothing to sum up yet.")
        try:
            async with asyncio.timeout(self._seconds):
                summary = await assistant.summarize([past_turn(turn) for turn in stored], context)
        except TimeoutError:
            log.warning("summary_too_slow", assistant=assistant.name, seconds=self._seconds)
            raise AnswerFailed("The assistant took too long to sum the conversation up.") from None
        return StoredSummary(stored[-1].turn + 1, summary.model_dump_json(exclude_none=True))
