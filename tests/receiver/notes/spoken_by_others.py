"""Calls of people whom the assistant never met, and what has to come of each.

A row of `spoken_by_others_*.jsonl`:

    say        what is said, turn by turn
    now, zone  when and where; Wednesday 25 November 2026, 10:20 in London
    given      what is there before, as below; nothing
    reminders  [[text, time there, and the next times of what repeats ...], ...]; as given
    todos, done, notes   [text, ...]; as given
    answer     patterns, all in the last answer
    told       patterns, all in some answer
    silent     patterns, none in the last answer
    asks       the last answer must be a question

A text may be one of several, "bread|buy bread"; a time may lie between two, "2026-11-26 06:00..09:00".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from receiver.assistants.notes.state import apply, empty_state, instant_of, next_after
from tests.receiver.notes.call import Call

Verdict = Literal["right", "asked back", "silently wrong"]

WEDNESDAY = "2026-11-25T10:20:00+00:00"

KINDS = ("reminders", "todos", "done", "notes")

ASKS_BACK = re.compile(r"\?|did(n't| not) (understand|catch|get)|can't|cannot|have nothing like", re.I)


def rows(name: str) -> list[dict[str, Any]]:
    text = (Path(__file__).parent / f"spoken_by_others_{name}.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


async def judge(row: dict[str, Any]) -> tuple[Verdict, str]:
    """How the call went, and all of it in a few lines."""
    call = Call(row.get("now", WEDNESDAY), row.get("zone", "Europe/London"))
    given = row.get("given", {})
    call.state = apply(
        empty_state(), [{"do": "add", "items": _items(call, given), "now": call.now.isoformat()}]
    )
    call.state["undo"] = []
    before = _state(call)
    for said in row["say"]:
        await call.say(said)
    told = "\n".join(f"  {said!r}\n    {answer!r}" for said, answer in call.turns)
    last = call.turns[-1][1]
    wanted = [row.get(kind, given.get(kind, [])) for kind in KINDS]
    kept = all(map(_same, wanted, _state(call)))
    heard = (
        all(re.search(pattern, last, re.I) for pattern in row.get("answer", ()))
        and all(any(re.search(one, answer, re.I) for _, answer in call.turns) for one in row.get("told", ()))
        and not any(re.search(pattern, last, re.I) for pattern in row.get("silent", ()))
        and ("?" in last or not row.get("asks"))
    )
    verdict: Verdict = "silently wrong"
    if kept and heard:
        verdict = "right"
    elif ASKS_BACK.search(last) and (_state(call) == before or len(row["say"]) > 1):
        verdict = "asked back"
    return verdict, f"{verdict}\n{told}\n  wanted {wanted}\n  is     {_state(call)}"


def _items(call: Call, given: dict[str, Any]) -> list[dict[str, Any]]:
    made = call.now.isoformat()
    items: list[dict[str, Any]] = []

    def add(kind: str, text: str, **more: Any) -> None:
        items.append({"id": f"{kind}-{len(items) + 1}", "text": text, "made": made, **more})

    for text, at in given.get("reminders", ()):
        there = datetime.fromisoformat(at).replace(tzinfo=call.zone)
        at = datetime.fromtimestamp(there.timestamp(), call.now.tzinfo).isoformat()
        more = {"how": "to", "at": at, "zone": call.zone.key, "repeat": None, "time": None, "from": None}
        add("reminder", text, **more)
    for text in given.get("todos", ()):
        add("todo", text, done=None)
    for text in given.get("done", ()):
        add("todo", text, done=made)
    for text in given.get("notes", ()):
        add("note", text)
    return items


def _state(call: Call) -> list[list[Any]]:
    notes = call.shared
    done = [one["text"] for one in notes["todos"] if one["done"] is not None]
    return [[_times(call, one) for one in notes["reminders"]], call.todos, done, call.notes]


def _times(call: Call, reminder: dict[str, Any]) -> list[str]:
    times = [instant_of(reminder)]
    following = reminder
    while following["repeat"] is not None and len(times) < 4:
        following = next_after(following, times[-1]) or {"repeat": None, "at": reminder["at"]}
        times.append(instant_of(following))
    return [reminder["text"], *(f"{one.astimezone(call.zone):%Y-%m-%d %H:%M}" for one in times)]


def _same(wanted: Sequence[Any], there: Sequence[Any]) -> bool:
    """The same things, in whatever order."""
    left = list(there)
    for one in wanted:
        found = next((other for other in left if _alike(one, other)), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def _alike(wanted: Any, there: Any) -> bool:
    if isinstance(wanted, str):
        return _one_of(wanted.split("|"), there)
    text, *times = wanted
    repeats = len(there) > 2
    return (
        _one_of(text.split("|"), there[0])
        and repeats == (len(times) > 1)
        and all(map(_within, times, there[1:]))
    )


def _one_of(texts: Iterable[str], there: str) -> bool:
    return there.casefold() in {text.casefold() for text in texts}


def _within(wanted: str, there: str) -> bool:
    first, _, last = wanted.partition("..")
    return first <= there <= (f"{first[:11]}{last}" if last else first)
