"""Reminders whose time has come, for whoever sends them out.

    reminders, notes = due(notes, now)
    # keep `notes`, then send each of `reminders`

A reminder that is given out is not given out again by the notebook that comes back: one that does not repeat is
taken out, one that repeats goes on to its next time. Called again on the *old* notebook (the new one was never
kept), it gives the same reminders with the same `key`, so that whoever receives them can drop the second.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from receiver.assistants.notes.state import MAX_GONE, MAX_GONE_CHARS, Item, instant_of, next_after, notebook


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder, to be sent out now."""

    key: str
    """The reminder's id and its time: the same whenever the same one is given out, and no other of the person's."""
    id: str
    text: str
    """As it was said: "call my mum"."""
    how: str
    """ "to", "about", "that" or "not to": how it goes on from "remind me"."""
    at: str
    """When it should have been: ISO 8601 in UTC. Of several that were missed the latest."""
    zone: str
    repeats: bool
    missed: int
    """Earlier times of it that were never given out, since nobody asked."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def due(shared: Any, now: datetime) -> tuple[tuple[Due, ...], Any]:
    """What is due at `now` (aware), in the order of its time, and the notebook without it. Pure.

    Of what repeats only the latest missed time is given out, however long nobody asked. The notebook is the
    same object where nothing is due. Changes of reminders that have been given out can no longer be undone.
    What was given out is kept in `gone` until the person has been told.
    """
    now = now.astimezone(UTC)
    notes = notebook(shared)
    found: list[Due] = []
    left: list[Item] = []
    for reminder in notes["reminders"]:
        if instant_of(reminder) > now:
            left.append(reminder)
            continue
        latest, missed, following = _latest(reminder, now)
        at = latest["at"]
        found.append(
            Due(
                key=f"{reminder['id']}@{at}", id=reminder["id"], text=reminder["text"], how=reminder["how"],
                at=at, zone=reminder["zone"], repeats=reminder["repeat"] is not None, missed=missed,
            )
        )  # fmt: skip
        if following is not None:
            left.append(following)
    if not found:
        return (), shared
    left.sort(key=instant_of)
    found.sort(key=lambda one: one.at)
    gone = [*notes["gone"], *map(_gone, found)]
    more = notes["more"] + max(0, len(gone) - MAX_GONE)
    return tuple(found), notes | {"reminders": left, "gone": gone[-MAX_GONE:], "more": more}


def _gone(one: Due) -> dict[str, Any]:
    return {"key": one.key, "text": one.text[:MAX_GONE_CHARS], "how": one.how, "at": one.at}


_MAX_MISSED = 10_000


def _latest(reminder: Item, now: datetime) -> tuple[Item, int, Item | None]:
    """The latest time that has come, how many before it were missed, and the next one."""
    latest, missed = reminder, 0
    following = next_after(latest, instant_of(latest))
    while following is not None and instant_of(following) <= now and missed < _MAX_MISSED:
        latest, missed = following, missed + 1
        following = next_after(latest, instant_of(latest))
    if following is not None and instant_of(following) <= now:
        following = next_after(latest, now)
    return latest, missed, following


def next_due(shared: Any) -> datetime | None:
    """When to ask again, in UTC: the time of the first reminder. None: there is none."""
    return min(map(instant_of, notebook(shared)["reminders"]), default=None)
