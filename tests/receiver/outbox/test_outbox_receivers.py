"""What one receiver leaves undone outside another does, and no two do the same: stops, leases, clocks and kill -9."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from receiver.assistants.assistant import Outgoing
from receiver.clock import timestamp
from receiver.store import SessionRequest
from receiver.store.sql_store import SqlStore
from tests.receiver.errands import MORNING, ErrandAssistant, Time, until
from tests.receiver.forked import ForkedReceiver
from tests.receiver.outbox.outbox_rows import all_done, waiting
from tests.receiver.raw_relay import Closed, RawRelay, items


async def test_a_stop_waits_for_what_is_under_way(
    relay: RawRelay, serve: Any, assistant: ErrandAssistant, database: str
) -> None:
    assistant.gate.clear()
    await relay.open()
    await relay.commit(1, "send letter")
    await until(lambda: assistant.under_way == 1)
    stopping = asyncio.create_task(serve.server.stop())
    await asyncio.sleep(0.05)
    assistant.gate.set()
    await stopping
    assert (assistant.sent, await waiting(database)) == (["letter"], [])


async def test_what_a_stop_cuts_short_is_done_by_the_next_receiver_at_once(
    relay: RawRelay, serve: Any, serve_errands: Any, assistant: ErrandAssistant, database: str
) -> None:
    assistant.gate.clear()
    await relay.open()
    await relay.commit(1, "send letter parcel")
    await until(lambda: assistant.under_way == 1)
    await serve.server.stop()
    assert (assistant.under_way, assistant.sent) == (0, [])
    following = ErrandAssistant()
    await serve_errands(following)
    await all_done(database)
    assert following.sent == ["letter", "parcel"]


async def test_two_receivers_do_not_do_the_same_at_once(
    relay: RawRelay,
    serve: Any,
    serve_errands: Any,
    connect: Any,
    assistant: ErrandAssistant,
    database: str,
) -> None:
    other_store = await SqlStore.open(database)
    other = await connect(await serve_errands(on=other_store))
    for user in range(6):
        link = (relay, other)[user % 2]
        await link.open(f"s-{user}", user=f"user-{user // 2}")
    for turn in range(1, 4):
        for user in range(6):
            await (relay, other)[user % 2].commit(turn, f"send {user}-{turn}", session=f"s-{user}")
    await all_done(database)
    assert sorted(assistant.sent) == sorted(f"{user}-{turn}" for user in range(6) for turn in range(1, 4))
    for user in range(3):
        mine = [word for word in assistant.sent if int(word[0]) // 2 == user]
        assert mine == [f"{session}-{turn}" for turn in range(1, 4) for session in (2 * user, 2 * user + 1)]
    await serve.server.stop()
    await other_store.close()


async def test_another_receiver_takes_over_when_the_lease_of_one_that_died_is_over(
    relay: RawRelay, serve: Any, assistant: ErrandAssistant, clock: Time, store: SqlStore, database: str
) -> None:
    await serve.server._outbox.stop()
    await relay.open()
    await relay.commit(1, "send letter")
    # Another one takes it, and is never heard of again.
    taken = await store.take_outgoing(["errands"], "2026-11-21T08:00:00", "2026-11-21T08:01:00", "dead", 8)
    assert len(taken) == 0  # it is there from eight o'clock on
    now, lease = "2026-11-21T08:00:00.000+00:00", "2026-11-21T08:01:00.000+00:00"
    assert len(await store.take_outgoing(["errands"], now, lease, "dead", 8)) == 1
    outbox = serve.server._outbox
    outbox.start()
    await asyncio.sleep(0.05)
    assert assistant.tries == []
    clock.later(61)
    outbox.wake()
    await all_done(database)
    assert assistant.sent == ["letter"]


async def test_a_clock_that_jumps_has_nothing_done_twice_at_once(
    relay: RawRelay, assistant: ErrandAssistant, clock: Time, database: str
) -> None:
    assistant.gate.clear()
    await relay.open(user="ann")
    await relay.commit(1, "send letter")
    await until(lambda: assistant.tries == ["letter"])
    clock.later(600)
    await relay.open("s-2", user="bob")
    await relay.commit(1, "send parcel", session="s-2")
    await until(lambda: "parcel" in assistant.tries)
    assistant.gate.set()
    await all_done(database)
    assert sorted(assistant.sent) == ["letter", "parcel"]


async def test_who_comes_late_to_drop_what_is_done_drops_nobody_elses(either_database: str) -> None:
    """Its lease was over, as it slept: another did it, and somebody else has asked for something since."""
    store = await SqlStore.open(either_database)

    async def ask(user: str) -> None:
        request = SessionRequest(
            session=user, user=user, assistant="errands", state={}, greeting=None, created=at(0)
        )
        snapshot = (await store.open_session(request)).snapshot
        await store.apply_action(snapshot, "a-1", snapshot.state, at(0), [Outgoing({"for": user})])

    def at(minute: int) -> str:
        return timestamp(MORNING + timedelta(minutes=minute))

    try:
        await ask("ann")
        (asleep,) = await store.take_outgoing(["errands"], at(1), at(2), "first", 8)
        (done,) = await store.take_outgoing(["errands"], at(3), at(4), "second", 8)
        await store.drop_outgoing(done)
        await ask("bob")
        await store.drop_outgoing(asleep)
        (left,) = await store.take_outgoing(["errands"], at(5), at(6), "second", 8)
        assert left.user == "bob"
    finally:
        await store.close()


async def test_a_receiver_without_such_an_assistant_leaves_it_to_the_others(
    relay: RawRelay, serve: Any, assistant: ErrandAssistant, clock: Time, database: str
) -> None:
    await serve.server._outbox.stop()
    await relay.open()
    await relay.commit(1, "send letter")
    await serve(clock=clock)
    await asyncio.sleep(0.05)
    assert len(await waiting(database)) == 1


# kill -9


@pytest.fixture
def delivered(tmp_path: Path) -> Callable[[], list[str]]:
    """What the processes below have delivered, which write it down in the file `delivered.txt`."""

    def read() -> list[str]:
        path = tmp_path / "delivered.txt"
        return path.read_text().split() if path.exists() else []

    return read


@pytest.mark.parametrize("point", ["committed", "delivering", "delivered"])
async def test_what_a_killed_receiver_had_promised_is_done_by_the_next_one(
    database: str, delivered: Callable[[], list[str]], tmp_path: Path, point: str
) -> None:
    file = tmp_path / "delivered.txt"
    dying = await ForkedReceiver.start_with_errands(database, file, point)
    relay = await RawRelay.connect(("127.0.0.1", dying.port))
    await relay.open(user="ann")
    relay.send(type="commit", session="s-1", epoch=1, turn=1, items=items("send one two three"))
    with pytest.raises(Closed):
        await relay.until("nothing more")
    assert await dying.wait() == -signal.SIGKILL
    await relay.close()
    assert delivered() == (["one"] if point == "delivered" else [])
    following = await ForkedReceiver.start_with_errands(database, file)
    try:
        await all_done(database)
    finally:
        following.kill()
        await following.wait()
    # Twice only what was done in the moment before the end.
    again = ["one"] if point == "delivered" else []
    assert delivered() == [*again, "one", "two", "three"]
