"""Reminders whose time has come: each given out once, what repeats goes on, replays are recognised."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.assistants.notes.due import due, next_due
from receiver.assistants.notes.state import empty_notebook
from tests.receiver.notes.call import Call


async def test_a_reminder_is_given_out_once_and_not_before_its_time() -> None:
    call = Call()
    await call.say("remind me at one to eat")
    assert next_due(call.shared) == datetime(2026, 11, 21, 13, tzinfo=UTC)
    call.at("2026-11-21T12:59:59+00:00")
    assert call.due() == ()
    call.at("2026-11-21T13:00:00+00:00")
    (one,) = call.due()
    assert (one.text, one.how, one.at, one.missed) == ("eat", "to", "2026-11-21T13:00:00+00:00", 0)
    assert call.due() == ()
    assert call.reminders == []
    assert next_due(call.shared) is None


async def test_the_old_state_gives_the_same_keys_again() -> None:
    call = Call()
    await call.say("every day at one remind me to eat")
    before = copy.deepcopy(call.shared)
    now = datetime(2026, 11, 21, 13, 0, 30, tzinfo=UTC)
    first, after = due(call.shared, now)
    assert call.shared == before, "due is pure"
    assert due(before, now) == (first, after)
    assert [one.key for one in first] == ["reminder-1@2026-11-21T13:00:00+00:00"]
    assert due(after, now) == ((), after)


async def test_what_repeats_goes_on_at_its_wall_time() -> None:
    call = Call("2026-10-23T12:00:00+00:00", "Europe/London")
    await call.say("every day at nine remind me to write")
    given_out = []
    for day in range(24, 28):
        call.at(f"2026-10-{day}T09:30:00+00:00")
        given_out += [one.at for one in call.due()]
    assert given_out == [
        "2026-10-24T08:00:00+00:00", "2026-10-25T09:00:00+00:00", "2026-10-26T09:00:00+00:00",
        "2026-10-27T09:00:00+00:00",
    ]  # fmt: skip


async def test_after_a_week_away_what_repeats_comes_once_with_how_many_were_missed() -> None:
    call = Call()
    await call.say("every day at one remind me to eat")
    await call.say("remind me tomorrow at two to sing")
    call.at("2026-11-28T12:00:00+00:00")
    sung, eaten = call.due()
    assert (sung.text, sung.missed) == ("sing", 0)
    assert (eaten.text, eaten.at, eaten.missed) == ("eat", "2026-11-27T13:00:00+00:00", 6)
    assert call.reminders == [("eat", "Sat 28 Nov 2026 13:00")]


async def test_a_reminder_given_out_is_not_brought_back_by_undo() -> None:
    call = Call()
    await call.say("remind me at one to eat")
    await call.say("make that two")
    call.at("2026-11-21T14:00:00+00:00")
    assert len(call.due()) == 1
    assert "take that back" in await call.say("undo")
    assert call.reminders == []


async def test_a_reminder_that_nobody_gave_out_is_read_as_gone_by() -> None:
    call = Call()
    await call.say("remind me at one to eat")
    call.at("2026-11-21T14:00:00+00:00")
    assert "The time of the reminder to eat has gone by." in await call.say("what are my reminders")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=12))
def test_however_often_it_is_asked_each_time_of_it_is_given_out_or_counted_as_missed(
    steps: list[int],
) -> None:
    weekday = {"unit": "week", "interval": 1, "weekdays": [0, 2, 4], "day": None, "nth": None, "month": None}
    reminder = {
        "id": "reminder-1", "text": "run", "how": "to", "at": "2026-03-23T08:00:00+00:00", "zone": "Europe/Berlin",
        "repeat": weekday, "time": "09:00", "from": "2026-03-23", "made": "2026-03-20T08:00:00+00:00",
    }  # fmt: skip
    notes: Any = empty_notebook() | {"reminders": [reminder]}
    now = datetime(2026, 3, 23, tzinfo=UTC)
    keys: list[str] = []
    times = 0
    for step in steps:
        now = datetime.fromtimestamp(now.timestamp() + step * 60, UTC)
        found, notes = due(notes, now)
        keys += [one.key for one in found]
        times += sum(1 + one.missed for one in found)
    assert len(keys) == len(set(keys))
    days = (datetime.fromisoformat(notes["reminders"][0]["at"]).date() - datetime(2026, 3, 23).date()).days
    assert times == sum((day % 7) in (0, 2, 4) for day in range(days))
