"""What is to be done outside is done after the commit: in order, by one at a time, and whatever happens."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from protocol.errors import BankBusy
from receiver.assistants.assistant import Outgoing
from receiver.clock import timestamp
from receiver.outbox import Patience
from receiver.store import SessionRequest
from receiver.store.sql_store import SqlStore
from tests.receiver.errands import ErrandAssistant, Time, bug, final, passing, until
from tests.receiver.forked import ForkedReceiver
from tests.receiver.raw_relay import Closed, RawRelay, items
from tests.receiver.stored import rows

MORNING = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
AT_ONCE = Patience(first_pause=0.0, delivery=5.0, drain=0.2)


@pytest.fixture
def database(either_database: str) -> str:
    return either_database


@pytest.fixture
def clock() -> Time:
    return Time(MORNING)


@pytest.fixture
def assistant() -> ErrandAssistant:
    return ErrandAssistant()


@pytest.fixture
async def relay(serve: Any, connect: Any, assistant: ErrandAssistant, clock: Time) -> RawRelay:
    address = await serve(assistant="errands", more={"errands": assistant}, clock=clock, patience=AT_ONCE)
    relay: RawRelay = await connect(address)
    return relay


async def waiting(database: str) -> list[Any]:
    return await rows(database, "SELECT id FROM outbox")


async def all_done(database: str) -> None:
    async def empty() -> bool:
        return not await waiting(database)

    await until(empty)


async def test_it_is_done_after_the_commit_and_not_for_a_draft(
    relay: RawRelay, assistant: ErrandAssistant, database: str
) -> None:
    await relay.open(user="ann", name="Ann", timezone="Asia/Tokyo", locale="en-AU")
    await relay.draft(1, "send never")
    assert (await relay.commit(1, "send letter"))["type"] == "committed"
    await all_done(database)
    assert assistant.sent == ["letter"]
    (context,) = assistant.contexts
    assert (context.user, context.name, context.timezone.key, context.locale, context.now) == (
        "ann", "Ann", "Asia/Tokyo", "en-AU", MORNING,
    )  # fmt: skip


async def test_somebody_with_an_email_address_is_known_by_it_outside(
    relay: RawRelay, assistant: ErrandAssistant, database: str
) -> None:
    """By our own id for them nobody could say whose token it is, or whom to remind."""
    await relay.open(user="Ann@Example.com", credentials={"bank": "s3cret"})
    assert (await relay.commit(1, "credentials"))["text"] == "ann@example.com: ['bank']"
    await relay.commit(2, "send letter")
    await all_done(database)
    (context,) = assistant.contexts
    assert context.user == "ann@example.com"
    assert sorted(context.credentials) == ["bank"]


async def test_a_turn_that_is_repeated_or_refused_does_nothing_twice(
    relay: RawRelay, assistant: ErrandAssistant, database: str
) -> None:
    await relay.open()
    await relay.commit(1, "send letter")
    assert (await relay.commit(1, "send letter"))["type"] == "committed"
    assert (await relay.commit(1, "send other"))["code"] == "turn_conflict"
    opened = await relay.open()
    assert (await relay.commit(2, "send late", epoch=opened["epoch"] - 1))["code"] == "session_moved"
    action = {"type": "action", "session": "s-1", "id": "a-1", "name": "parcel"}
    for _ in range(2):
        assert (await relay.ask(**action))["type"] == "action_done"
    await all_done(database)
    assert assistant.sent == ["letter", "parcel"]


async def test_two_with_one_key_are_one_as_long_as_it_waits(
    relay: RawRelay, assistant: ErrandAssistant, database: str
) -> None:
    assistant.gate.clear()
    await relay.open(user="ann")
    await relay.open("s-2", user="ann")
    await relay.open("s-3", user="bob")
    await relay.commit(1, "send first as key-1")
    await relay.commit(2, "send second as key-1")
    await relay.commit(1, "send third as key-1", session="s-2")
    await relay.commit(1, "send bobs as key-1", session="s-3")
    assert len(await waiting(database)) == 2
    assert await rows(database, "SELECT id FROM outbox WHERE key = 'key-1'") == [], "it may have words in it"
    assistant.gate.set()
    await all_done(database)
    assert sorted(assistant.sent) == ["bobs", "first"]


async def test_those_of_a_user_come_one_after_another_in_order_and_those_of_others_beside_them(
    relay: RawRelay, assistant: ErrandAssistant, database: str
) -> None:
    assistant.gate.clear()
    assistant.failures = {"0-1": [passing(), bug()]}
    for user in range(4):
        await relay.open(f"s-{user}", user=f"user-{user}")
        await relay.commit(
            1, f"send {' '.join(f'{user}-{number}' for number in range(4))}", session=f"s-{user}"
        )
    await until(lambda: assistant.under_way == 4)
    assistant.gate.set()
    await all_done(database)
    for user in range(4):
        mine = [word for word in assistant.sent if word.startswith(f"{user}-")]
        assert mine == [f"{user}-{number}" for number in range(4)]
    assert assistant.most_under_way == 4
    assert assistant.tries.count("0-1") == 3


async def test_at_most_so_many_deliveries_are_under_way(
    relay: RawRelay, assistant: ErrandAssistant, database: str
) -> None:
    assistant.gate.clear()
    for user in range(12):
        await relay.open(f"s-{user}", user=f"user-{user}")
        await relay.commit(1, f"send {user}", session=f"s-{user}")
    await until(lambda: assistant.under_way == 8)
    await asyncio.sleep(0.05)
    assert assistant.under_way == 8
    assistant.gate.set()
    await all_done(database)
    assert len(assistant.sent) == 12


async def test_no_failure_of_an_assistant_ends_the_deliveries_or_is_quoted(
    relay: RawRelay, assistant: ErrandAssistant, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assistant.failures = {"letter": [bug(), passing(), bug()]}
    await relay.open()
    await relay.commit(1, "send letter parcel")
    await all_done(database)
    assert assistant.sent == ["letter", "parcel"]
    out = "".join(capsys.readouterr())
    assert out.count("assistant_bug") == 2
    assert not [word for word in ("secret", "letter", "parcel") if word in out]


async def test_one_that_hangs_is_given_time_and_then_tried_again(
    serve: Any, connect: Any, assistant: ErrandAssistant, database: str
) -> None:
    assistant.gate.clear()
    patience = Patience(first_pause=0.0, delivery=0.05)
    address = await serve(assistant="errands", more={"errands": assistant}, patience=patience)
    relay = await connect(address)
    await relay.open()
    await relay.commit(1, "send letter")
    await until(lambda: len(assistant.tries) >= 2)
    assistant.gate.set()
    await all_done(database)
    assert assistant.sent == ["letter"]


async def test_pauses_grow_and_another_side_that_asks_for_time_gets_it(
    serve: Any, connect: Any, assistant: ErrandAssistant, clock: Time, database: str
) -> None:
    assistant.failures = {"letter": [passing(), passing(), passing(), BankBusy(retry_after=600.0), passing()]}
    address = await serve(
        assistant="errands", more={"errands": assistant}, clock=clock, patience=Patience(first_pause=2.0)
    )
    relay = await connect(address)
    await relay.open()
    await relay.commit(1, "send letter")
    pauses = []
    for number in range(1, 6):
        await until(lambda number=number: len(assistant.tries) == number)

        async def put_off() -> bool:
            return await rows(database, "SELECT id FROM outbox WHERE holder IS NULL") != []

        await until(put_off)
        ((next_at,),) = await rows(database, "SELECT next_at FROM outbox")
        pauses.append((datetime.fromisoformat(next_at) - clock()).total_seconds())
        clock.later(pauses[-1] - 0.1)
        serve.server._outbox.wake()
        await asyncio.sleep(0.02)
        assert len(assistant.tries) == number, "not before its time"
        clock.later(0.2)
        serve.server._outbox.wake()
    await all_done(database)
    for pause, expected in zip(pauses, (2, 4, 8, 600, 32), strict=True):
        assert expected * 0.74 <= pause <= expected * 1.26


@pytest.mark.parametrize("why", ["refused", "a day of failures"])
async def test_what_is_given_up_is_remembered_in_its_session_and_the_next_one_is_done(
    relay: RawRelay,
    serve: Any,
    assistant: ErrandAssistant,
    clock: Time,
    store: SqlStore,
    database: str,
    why: str,
) -> None:
    assistant.gate.clear()
    error = final() if why == "refused" else passing()
    assistant.failures = {"letter": [error]}
    await relay.open(user="ann")
    await relay.commit(1, "send letter parcel")
    await until(lambda: assistant.under_way == 1)
    await relay.commit(2, "add word")  # the session changes meanwhile
    if why != "refused":
        clock.later(86_401)
    assistant.gate.set()
    await all_done(database)
    assert assistant.sent == ["parcel"]
    assert (await store.read_session("s-1")).state["lost"] == [f"letter: {error.code}"]
    # And the session, which has seen none of that, goes on.
    assert (await relay.commit(3, "add word"))["text"] == "Now there are 2."


async def test_what_is_given_up_of_one_who_was_forgotten_is_let_go(
    relay: RawRelay, assistant: ErrandAssistant, store: SqlStore, database: str
) -> None:
    assistant.gate.clear()
    assistant.failures = {"letter": [final()], "other": [passing()]}
    await relay.open(user="ann")
    await relay.commit(1, "send letter")
    await relay.open("s-2", user="bob")
    await relay.commit(1, "send other", session="s-2")
    await until(lambda: assistant.under_way == 2)
    await store.forget_user("ann")
    await store.forget_user("bob")
    assistant.gate.set()
    await until(lambda: assistant.under_way == 0)
    await relay.open("s-3", user="carol")
    await relay.commit(1, "send parcel", session="s-3")
    await until(lambda: assistant.sent == ["parcel"])
    await all_done(database)


async def test_a_delivery_has_the_credentials_of_whoever_is_here_and_their_coming_hurries_it(
    serve: Any, connect: Any, assistant: ErrandAssistant, clock: Time, database: str
) -> None:
    assistant.failures = {"letter": [passing()]}
    patience = Patience(first_pause=1000.0)
    relay = await connect(
        await serve(assistant="errands", more={"errands": assistant}, clock=clock, patience=patience)
    )
    await relay.open(user="ann")
    await relay.commit(1, "send letter")

    async def put_off() -> bool:
        return await rows(database, "SELECT id FROM outbox WHERE holder IS NULL AND attempts = 1") != []

    await until(put_off)
    await relay.open("s-2", user="bob", credentials={"bank": "bobs"})
    await asyncio.sleep(0.05)
    assert len(assistant.tries) == 1, "that is nobody else's business"
    await relay.open("s-3", user="ann", credentials={"bank": "anns"})
    await all_done(database)
    (context,) = assistant.contexts
    assert {name: secret.get_secret_value() for name, secret in context.credentials.items()} == {
        "bank": "anns"
    }
    assert "anns" not in repr(context)


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
    relay: RawRelay, serve: Any, assistant: ErrandAssistant, clock: Time, database: str
) -> None:
    assistant.gate.clear()
    await relay.open()
    await relay.commit(1, "send letter parcel")
    await until(lambda: assistant.under_way == 1)
    await serve.server.stop()
    assert (assistant.under_way, assistant.sent) == (0, [])
    following = ErrandAssistant()
    await serve(assistant="errands", more={"errands": following}, clock=clock)
    await all_done(database)
    assert following.sent == ["letter", "parcel"]


async def test_two_receivers_do_not_do_the_same_at_once(
    relay: RawRelay, serve: Any, connect: Any, assistant: ErrandAssistant, clock: Time, database: str
) -> None:
    other_store = await SqlStore.open(database)
    other = await connect(
        await serve(
            assistant="errands", more={"errands": assistant}, on=other_store, clock=clock, patience=AT_ONCE
        )
    )
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
