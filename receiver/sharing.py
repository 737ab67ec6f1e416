"""What the store is told of an assistant whose sessions share a part of their state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from receiver.assistants.assistant import Assistant
from receiver.clock import timestamp
from receiver.store import Sharing

_LESS_THAN_A_MILLISECOND = timedelta(microseconds=999)


def sharing_of(assistant: Assistant) -> Sharing | None:
    if assistant.shared is None:
        return None

    def next_due(shared: Any) -> str | None:
        moment = assistant.next_due(shared)
        # Not before it: what is asked too early has nothing to give, and is as due as before.
        return None if moment is None else timestamp(moment + _LESS_THAN_A_MILLISECOND)

    return Sharing(assistant.shared, assistant.merge, next_due)


def sharing_by_name(assistants: Mapping[str, Assistant]) -> dict[str, Sharing]:
    found = {name: sharing_of(assistant) for name, assistant in assistants.items()}
    return {name: sharing for name, sharing in found.items() if sharing is not None}
