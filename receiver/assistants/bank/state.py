"""The state of the bank assistant, and how effects change it.

    {"last": question | null, "pending": {...} | null, "undo": {...} | null, "failed": [{...}, ...]}

It holds nothing that the bank told: no amounts, no accounts, no names of merchants. `last` is what was asked, in the
words of who asked it. Only while a change waits for a yes does `pending` hold the identifier of its transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from receiver.assistants.assistant import Effect, State
from receiver.assistants.bank.question import Question

MAX_FAILED = 3
"""Changes that did not work, kept to be told; of more the latest."""


def empty_state() -> dict[str, Any]:
    return {"last": None, "pending": None, "undo": None, "failed": []}


def complete(state: State) -> dict[str, Any]:
    """With all keys, whichever of them a stored state lacks."""
    return {**empty_state(), **{key: value for key, value in state.items() if key in empty_state()}}


def apply(state: State, effects: Sequence[Effect]) -> dict[str, Any]:
    after = complete(state)
    for effect in effects:
        match effect["do"]:
            case "last":
                after["last"] = effect["question"]
            case "ask":
                after["pending"] = effect["pending"]
            case "change":
                after["pending"] = None
                after["undo"] = effect["undo"]
            case "failed":
                after["failed"] = [*after["failed"], {"doing": effect["doing"], "code": effect["code"]}][
                    -MAX_FAILED:
                ]
            case "told":
                after["failed"] = []
    return after


def asked(question: Question, today: date) -> Effect:
    """That this was asked last."""
    return {"do": "last", "question": {**question.as_json(), "on": today.isoformat()}}


def last_question(state: Mapping[str, Any], today: date) -> Question | None:
    """None where it was asked on another day, whose "yesterday" is not today's, or was written by a later version."""
    last = state["last"]
    try:
        return None if last is None or last.get("on") != today.isoformat() else Question.from_json(last)
    except ValueError:
        return None


def mark(transaction_id: str) -> str:
    """By which a transaction is known again, and which leads nobody to it."""
    return hashlib.sha256(transaction_id.encode()).hexdigest()[:16]
