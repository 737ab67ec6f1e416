"""What is to be done outside is done after the commit: in order, once, and by one at a time."""

from __future__ import annotations

import asyncio

from tests.receiver.errands import MORNING, ErrandAssistant, bug, passing, until
from tests.receiver.outbox.outbox_rows import all_done, waiting
from tests.receiver.raw_relay import RawRelay
from tests.receiver.stored import rows


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
