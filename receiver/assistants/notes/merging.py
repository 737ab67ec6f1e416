"""Two notebooks become one: a session that was begun for nobody has turned out to be somebody's. Pure."""

from __future__ import annotations

from typing import Any

from receiver.assistants.notes.state import (
    LIMITS,
    LISTS,
    MAX_ADD_BYTES,
    MAX_GONE,
    Item,
    kind_of,
    notebook,
    number_of,
    ordered,
    size_of,
)


def merge(kept: Any, brought: Any) -> dict[str, Any]:
    """`kept` with what is in `brought`, which gets new ids, after what is there; at the bounds the later is left out.

    A session that knows the items of `brought` by their old ids knows nothing of them any more: it sees by `merges`
    that those are other items now, and its last changes cannot be taken back.
    """
    notes, others = notebook(kept), notebook(brought)
    if others["next"] == 1:
        return notes
    if notes["next"] == 1:
        return others
    if others["merges"] == notes["merges"]:
        notes["merges"] += 1
    size = size_of(notes)
    arrived = [item for name in LISTS.values() for item in others[name]]
    for item in sorted(arrived, key=lambda item: number_of(item["id"])):
        kind = kind_of(item["id"])
        size += size_of(item)
        if len(notes[LISTS[kind]]) >= LIMITS[kind] or size > MAX_ADD_BYTES:
            continue
        moved: Item = item | {"id": f"{kind}-{notes['next']}"}
        notes["next"] += 1
        notes[LISTS[kind]] = [*notes[LISTS[kind]], moved]
    for kind, name in LISTS.items():
        notes[name] = ordered(kind, notes[name])
    gone = [*notes["gone"], *others["gone"]]
    notes["more"] += others["more"] + max(0, len(gone) - MAX_GONE)
    notes["gone"] = sorted(gone, key=lambda one: str(one["at"]))[-MAX_GONE:]
    return notes
