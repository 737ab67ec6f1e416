"""A conversation in a few lines: made once, and kept until there is more to sum up."""

from __future__ import annotations

from protocol.errors import Unsupported
from protocol.link_messages import Summary
from receiver.assistants.assistant import Assistant, Context
from receiver.clock import timestamp
from receiver.history import past_turn
from receiver.store import Snapshot, Store, StoredSummary

MAX_TURNS = 500
"""The latest turns that an assistant is shown; older ones are left out of the summary."""


async def sum_up(store: Store, assistant: Assistant, snapshot: Snapshot, context: Context) -> Summary:
    """The summary of a session as it is in `snapshot`.

    Raises `Unsupported` when the assistant sums nothing up, or nothing has been said.
    """
    kept = await store.read_summary(snapshot.session)
    if kept is None or kept.turns < snapshot.next_turn:
        stored = await store.read_history(snapshot.session, MAX_TURNS)
        if not any(turn.text.strip() for turn in stored):
            raise Unsupported("There is nothing to sum up yet.")
        summary = assistant.summarize([past_turn(turn) for turn in stored], context)
        kept = await store.keep_summary(
            snapshot.session,
            StoredSummary(stored[-1].turn + 1, summary.model_dump_json(exclude_none=True)),
            timestamp(context.now),
        )
    # Also what was just made, so that it is the same each time.
    return Summary.model_validate_json(kept.summary)
