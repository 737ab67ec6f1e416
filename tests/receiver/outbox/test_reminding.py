"""What is due by itself is done at its time, once, by whichever receiver is there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from receiver.reminding import Reminding
from receiver.server import Server
from receiver.services import Services
from receiver.sharing import sharing_of
from receiver.store.sql_store import SqlStore
from tests.receiver.errands import ErrandAssistant, Time, until
from tests.receiver.outbox.outbox_rows import waiting
from tests.receiver.raw_relay import RawRelay
from tests.receiver.stored import rows

NINE, TEN = "2026-11-21T09:00:00.000+00:00", "2026-11-21T10:00:00.000+00:00"


def look(server: Server) -> None:
    """As if the time had come that it sleeps until."""
    server._reminding.wake()


async def test_a_reminder_goes_out_at_its_time_and_not_before(
    relay: RawRelay, serve: Any, assistant: ErrandAssistant, clock: Time, database: str
) -> None:
    await relay.open(user="ann", name="Ann", timezone="Asia/Tokyo")
    await relay.commit(1, f"remind me at {NINE} {TEN}")
    assert await rows(database, "SELECT next_due FROM user_states") == [(NINE,)]
    clock.later(3599)
    look(serve.server)
    await asyncio.sleep(0.05)
    assert assistant.sent == []
    clock.later(1)
    look(serve.server)
    await until(lambda: assistant.sent == [f"due {NINE}"])
    (context,) = assistant.contexts
    assert (context.user, context.name, context.timezone.key) == ("ann", "Ann", "Asia/Tokyo")
    assert await rows(database, "SELECT next_due FROM user_states") == [(TEN,)]
    clock.later(7200)
    look(serve.server)
    await until(lambda: assistant.sent == [f"due {NINE}", f"due {TEN}"])
    assert await rows(database, "SELECT next_due FROM user_states") == [(None,)]


async def test_a_reminder_for_soon_is_not_slept_over(relay: RawRelay, assistant: ErrandAssistant) -> None:
    """The worker sleeps for half a minute, and longer than is waited here; what is stored meanwhile wakes it."""
    await relay.open(user="ann")
    await relay.commit(1, "remind me at 2026-11-21T07:00:00Z")
    await until(lambda: len(assistant.sent) == 1, seconds=20)


async def test_ten_receivers_at_once_remind_once(
    relay: RawRelay, serve: Any, assistant: ErrandAssistant, clock: Time, database: str
) -> None:
    times = [f"2026-11-21T09:{minute:02}:00Z" for minute in range(10)]
    for number in range(5):
        await relay.open(f"s-{number}", user=f"user-{number}")
        await relay.commit(1, f"remind me at {' '.join(times)}", session=f"s-{number}")
    clock.later(7200)
    stores = [await SqlStore.open(database) for _ in range(10)]
    workers = [Reminding(Services(store, {"errands": assistant}, "errands", clock)) for store in stores]
    for worker in workers:
        worker.start()
    look(serve.server)

    async def all_asked() -> bool:
        return not await rows(database, "SELECT name FROM user_states WHERE next_due IS NOT NULL")

    await until(all_asked)
    for worker in workers:
        await worker.stop()
    serve.server._outbox.wake()
    await until(lambda: len(assistant.sent) >= 50)
    await until(lambda: not serve.server._outbox._delivering)
    for store in stores:
        await store.close()
    assert sorted(assistant.sent) == sorted([f"due {time}" for time in times] * 5)
    assert await waiting(database) == []


async def test_what_was_due_while_no_receiver_ran_is_done_by_the_next_one(
    relay: RawRelay, serve: Any, serve_errands: Any, clock: Time
) -> None:
    await relay.open(user="ann")
    await relay.commit(1, f"remind me at {NINE}")
    await serve.server.stop()
    clock.later(86_400)
    later = ErrandAssistant()
    await serve_errands(later)
    await until(lambda: later.sent == [f"due {NINE}"])


async def test_a_session_goes_on_from_the_state_without_the_reminder(
    relay: RawRelay, serve: Any, assistant: ErrandAssistant, clock: Time, store: SqlStore
) -> None:
    await relay.open(user="ann")
    await relay.commit(1, f"remind me at {NINE}")
    clock.later(3600)
    look(serve.server)
    await until(lambda: assistant.sent == [f"due {NINE}"])
    assert (await relay.commit(2, f"remind me at {TEN}"))["type"] == "committed"
    state = (await store.read_session("s-1", None)).state
    assert state == {"lost": [], "diary": state["diary"]}, "it is not in the session's own"
    clock.later(3600)
    look(serve.server)
    await until(lambda: len(assistant.sent) == 2)
    assert assistant.sent == [f"due {NINE}", f"due {TEN}"]


@pytest.mark.parametrize("way", ["fails", "leaves it as due as it was"])
async def test_one_whose_reminders_cannot_be_worked_out_keeps_nobody_else_waiting(
    relay: RawRelay,
    serve: Any,
    assistant: ErrandAssistant,
    clock: Time,
    capsys: pytest.CaptureFixture[str],
    way: str,
) -> None:
    if way == "fails":
        assistant.broken_due = {"bad"}
    else:
        assistant.idle_due = {"bad"}
    for number, word in enumerate(["bad", "fine"]):
        await relay.open(f"s-{number}", user=word)
        await relay.commit(1, f"add {word}", session=f"s-{number}")
        await relay.commit(2, f"remind me at {NINE}", session=f"s-{number}")
    clock.later(3600)
    look(serve.server)
    await until(lambda: assistant.sent == [f"due {NINE}"])
    for _ in range(5):
        look(serve.server)
        await asyncio.sleep(0.02)
    assert assistant.asked_due == 2, "it is not asked over and over"
    assert "secret reminder" not in "".join(capsys.readouterr())
    assistant.broken_due = assistant.idle_due = set()
    clock.later(60)
    look(serve.server)
    await until(lambda: assistant.sent == [f"due {NINE}"] * 2)


def test_nothing_is_asked_for_a_fraction_of_a_millisecond_too_early() -> None:
    sharing = sharing_of(ErrandAssistant())
    assert sharing is not None
    for moment, stored in (
        ("2026-11-21T09:00:00.000000Z", NINE),
        ("2026-11-21T10:00:00+01:00", NINE),
        ("2026-11-21T08:59:59.999001Z", NINE),
    ):
        assert sharing.next_due({"reminders": [moment]}) == stored
    assert sharing.next_due({"reminders": []}) is None
