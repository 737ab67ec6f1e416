"""What the notes assistant knows, and how effects change it. Pure functions.

`state["notes"]` is the person's, and shared by all their sessions (`notebook`):

    {"reminders": [reminder, ...], "todos": [todo, ...], "notes": [note, ...], "next": 4,
     "gone": [gone, ...], "more": 0, "merges": 0}

    reminder  id        "reminder-4"; `next` counts the ids of all three kinds
              text      what to be reminded of, as it was said
              how       "to" | "about" | "that" | "not to": how it goes on from "remind me"
              at        the instant, ISO 8601 in UTC, to the minute; of what repeats the next one
              zone      IANA name of the time zone that it was said in
              repeat    null, or {unit, interval, weekdays, day, nth, month} as in `times.recurrence.Repeat`
              time      null, or of what repeats the wall time in `zone`, "09:00": it stays when clocks change
              from      null, or of what repeats its first date there, from which every second week is counted
              made      the instant at which it was said
    todo      id, text, made, done (null, or the instant at which it was ticked off)
    note      id, text, made
    gone      a reminder that went out and that the person has not been told of since: key, text, how, at;
              `more` counts the older ones for which there was no room
    merges    how often items of another notebook came in under new ids (`merging`)

Reminders are in the order of their time, the others in that of their making. The other keys of the state are
the session's own:

    pending   null, or the question that waits for its answer, by `about`:
              {"about": "when", "text", "how", "when", "tries", "id"}      when to remind; `id`: of which, or null
              {"about": "what", "when"}                                    of what to remind then
                of both, "more": the other times for the same
              {"about": "note"} {"about": "todo"}                          what to write down
              {"about": "which", "do", "ids", "change"}                    which of several was meant
              {"about": "clear", "kind", "ids"}                            whether to take out these, or all of them
              {"about": "offer", "text"}                                   whether to put that on the list
    last      null, or the id of what was talked about last: "make that ten"
    reading   null, or the ids of what the last list that was read out had no room for: "what else?"
    undo      [[effect, ...], ...]: what takes the last changes back, the newest last
    ids_of    `merges` of the notebook whose ids these four name; of another one they are void

Effects, by `do`. The first three change what is kept, and all of one turn are taken back by one `undo`:

    add       items, now        put in, with ids from `next` on; `now` is what has gone by may make room for
    replace   items             put items in the place of those with their ids
    remove    ids
    undo      now               take the last change back; what repeats goes on from `now`
    ask       pending           what the next words are expected to answer, or null
    last      id
    reading   ids, or null
    told      key               the reminders that went out, up to this one, have been told
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from datetime import datetime
from datetime import time as Time
from typing import Any
from zoneinfo import ZoneInfo

from receiver.assistants.assistant import Effect, State
from receiver.assistants.notes.times.recurrence import Repeat

Item = dict[str, Any]
"""A reminder, a to-do or a note."""

MAX_REMINDERS = 500
MAX_TODOS = 1000
MAX_NOTES = 1000
"""More are not put in, and the dialogue says so. Reminders gone by and to-dos done make room, the oldest first."""

MAX_TEXT_CHARS = 500
"""A longer text is cut, and the dialogue says so."""

MAX_UNDO = 20
MAX_UNDO_BYTES = 32 * 1024
"""As JSON. Beyond either, the oldest changes can no longer be taken back; the newest always can."""

MAX_ADD_BYTES = 384 * 1024
MAX_CHANGE_BYTES = 448 * 1024
"""Of a notebook as JSON, beyond which nothing is put in, and nothing is made longer: a store takes 512 KiB."""

MAX_GONE = 20
MAX_GONE_CHARS = 200
"""Of the reminders that went out and are still to be told, and of the text of each."""

LISTS = {"reminder": "reminders", "todo": "todos", "note": "notes"}
LIMITS = {"reminder": MAX_REMINDERS, "todo": MAX_TODOS, "note": MAX_NOTES}


def empty_notebook() -> dict[str, Any]:
    return {"reminders": [], "todos": [], "notes": [], "next": 1, "gone": [], "more": 0, "merges": 0}


def empty_state() -> dict[str, Any]:
    return {
        "notes": empty_notebook(),
        "pending": None,
        "last": None,
        "reading": None,
        "undo": [],
        "ids_of": 0,
    }


def notebook(shared: Any) -> dict[str, Any]:
    """What the sessions of a user share, with all its keys."""
    return empty_notebook() | dict(shared or {})


def complete(state: State) -> dict[str, Any]:
    """A state that may lack keys, with all of them; without what names items of another notebook."""
    after = empty_state() | dict(state)
    after["notes"] = notebook(after["notes"])
    if after["ids_of"] != after["notes"]["merges"]:
        pending = after["pending"]
        if pending is not None and (pending.get("id") or "ids" in pending):
            after["pending"] = None
        after |= {"last": None, "reading": None, "undo": [], "ids_of": after["notes"]["merges"]}
    return after


def size_of(notes: Mapping[str, Any]) -> int:
    """Bytes of a notebook as JSON."""
    return len(json.dumps(notes))


def kind_of(item_id: str) -> str:
    return item_id.rpartition("-")[0]


def number_of(item_id: str) -> int:
    return int(item_id.rpartition("-")[2])


def items_of(state: State, kind: str) -> list[Item]:
    items: list[Item] = state["notes"][LISTS[kind]]
    return items


def find(state: State, item_id: str | None) -> Item | None:
    if item_id is None or kind_of(item_id) not in LISTS:
        return None
    return next((item for item in items_of(state, kind_of(item_id)) if item["id"] == item_id), None)


def instant_of(reminder: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(reminder["at"])


def next_after(reminder: Mapping[str, Any], moment: datetime) -> Item | None:
    """What repeats, at its next time after `moment`; None if it does not, or never again."""
    if reminder["repeat"] is None:
        return None
    at = Repeat.from_json(reminder["repeat"]).after(
        moment, Date.fromisoformat(reminder["from"]), Time.fromisoformat(reminder["time"]), ZoneInfo(reminder["zone"])
    )  # fmt: skip
    return None if at is None else dict(reminder) | {"at": at.isoformat()}


def is_spent(item: Mapping[str, Any], now: datetime) -> bool:
    """A reminder gone by or a to-do done: it makes room where there is none."""
    if kind_of(item["id"]) == "reminder":
        return item["repeat"] is None and instant_of(item) <= now
    return item.get("done") is not None


def room_for(state: State, kind: str, now: datetime) -> int:
    """How many more of a kind can be put in."""
    if size_of(state["notes"]) >= MAX_ADD_BYTES:
        return 0
    return LIMITS[kind] - sum(not is_spent(item, now) for item in items_of(state, kind))


def apply(state: State, effects: Sequence[Effect]) -> State:
    after = complete(state)
    after["notes"] = dict(after["notes"])
    inverse: list[Effect] = []
    for effect in effects:
        match effect["do"]:
            case "undo":
                changes = after["undo"][-1] if after["undo"] else []
                after["undo"] = after["undo"][:-1]
                now = datetime.fromisoformat(effect["now"])
                for change in changes:
                    _change(after["notes"], _from_now(change, now))
            case "ask":
                after["pending"] = effect["pending"]
            case "last":
                after["last"] = effect["id"]
            case "reading":
                after["reading"] = effect["ids"]
            case "told":
                _told(after["notes"], effect["key"])
            case _:
                inverse = [*_change(after["notes"], effect), *inverse]
    if inverse:
        after["undo"] = _bounded([*after["undo"], inverse])
    return after


def _change(notes: dict[str, Any], effect: Effect) -> list[Effect]:
    """Make one change; gives the effects that take it back."""
    match effect["do"]:
        case "add":
            return _add(notes, effect["items"], datetime.fromisoformat(effect["now"]))
        case "replace":
            new = {item["id"]: _cut(item) for item in effect["items"]}
            old = [item for item in _all(notes) if item["id"] in new]
            if size_of(notes) + sum(map(size_of, new.values())) - sum(map(size_of, old)) > MAX_CHANGE_BYTES:
                return []
            for kind in LISTS:
                items = [new.get(item["id"], item) for item in notes[LISTS[kind]]]
                notes[LISTS[kind]] = ordered(kind, items)
            return [{"do": "replace", "items": old}] if old else []
        case "remove":
            gone = [item for item in _all(notes) if item["id"] in effect["ids"]]
            for name in LISTS.values():
                notes[name] = [item for item in notes[name] if item["id"] not in effect["ids"]]
            return [{"do": "add", "items": gone, "now": max(item["made"] for item in gone)}] if gone else []
        case other:
            raise ValueError(f"no effect '{other}'")


def _add(notes: dict[str, Any], items: Iterable[Item], now: datetime) -> list[Effect]:
    known = {item["id"] for item in _all(notes)}
    added: list[str] = []
    for item in items:
        kind = kind_of(item["id"])
        there: list[Item] = notes[LISTS[kind]]
        if item["id"] in known or kind not in LISTS:
            continue
        if len(there) >= LIMITS[kind]:
            spent = next((one for one in there if is_spent(one, now)), None)
            if spent is None:
                continue
            there = [one for one in there if one is not spent]
        notes[LISTS[kind]] = ordered(kind, [*there, _cut(item)])
        notes["next"] = max(notes["next"], number_of(item["id"]) + 1)
        added.append(item["id"])
    return [{"do": "remove", "ids": added}] if added else []


def _told(notes: dict[str, Any], key: str) -> None:
    keys = [one["key"] for one in notes["gone"]]
    if key in keys:
        notes["gone"], notes["more"] = notes["gone"][keys.index(key) + 1 :], 0


def _from_now(change: Effect, now: datetime) -> Effect:
    """What repeats is put back at its next time, not at one that has gone by."""
    if "items" not in change:
        return change
    items = [
        (next_after(item, now) or item) if item.get("repeat") and instant_of(item) <= now else item
        for item in change["items"]
    ]
    return dict(change) | {"items": items}


def _all(notes: Mapping[str, Any]) -> list[Item]:
    return [item for name in LISTS.values() for item in notes[name]]


def ordered(kind: str, items: list[Item]) -> list[Item]:
    if kind == "reminder":
        return sorted(items, key=lambda item: (instant_of(item), number_of(item["id"])))
    return sorted(items, key=lambda item: number_of(item["id"]))


def _cut(item: Mapping[str, Any]) -> Item:
    return dict(item) | {"text": item["text"][:MAX_TEXT_CHARS]}


def _bounded(undo: list[list[Effect]]) -> list[list[Effect]]:
    undo = undo[-MAX_UNDO:]
    sizes = [len(json.dumps(change)) for change in undo]
    while len(undo) > 1 and sum(sizes) > MAX_UNDO_BYTES:
        undo, sizes = undo[1:], sizes[1:]
    return undo
