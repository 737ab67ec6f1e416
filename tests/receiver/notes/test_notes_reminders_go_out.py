"""Reminders by way of real receiver processes and a real webhook: each goes out, signed, and once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from receiver.hook import sign
from tests.processes import Process
from tests.receiver.errands import until
from tests.receiver.raw_relay import RawRelay
from tests.receiver.stored import rows
from tests.receiver.webhook import Webhook

Start = Callable[..., Process]
SECRET = "a-secret-of-the-hook"


def ago(minutes: float) -> str:
    """An item's timestamp: so long ago."""
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat(timespec="milliseconds")


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    async with Webhook() as running:
        yield running


@pytest.fixture
def start(tmp_path: Path, webhook: Webhook) -> Iterator[Start]:
    """Receiver processes on one database."""
    with ExitStack() as stack:

        def start(**settings: str) -> Process:
            process = Process(
                "receiver",
                Path(__file__).parents[3],
                **{
                    "RECEIVER_PORT": "0",
                    "RECEIVER_ASSISTANT": "notes",
                    "RECEIVER_DATABASE_URL": f"sqlite:///{tmp_path / 'receiver.db'}",
                    "RECEIVER_HOOK_URL": webhook.url,
                    "RECEIVER_HOOK_SECRET": SECRET,
                    **settings,
                },
            )
            stack.callback(process.kill)
            return process

        yield start


async def link(process: Process) -> RawRelay:
    port = await asyncio.to_thread(process.port)
    return await RawRelay.connect(("127.0.0.1", port))


async def opened(relay: RawRelay, session: str, user: str | None = "ann", **about: Any) -> dict[str, Any]:
    return await relay.ask(
        type="open", session=session, user=user, key="k", timezone="Europe/Dublin", **about
    )


async def said(
    relay: RawRelay, opening: dict[str, Any], turn: int, text: str, minutes_ago: float = 0.0
) -> str:
    answer = await relay.ask(
        type="commit", session=opening["session"], epoch=opening["epoch"], turn=turn,
        items=[{"text": text, "timestamp": ago(minutes_ago)}],
    )  # fmt: skip
    assert answer["type"] == "committed", answer
    told: str = answer["text"]
    return told


async def test_a_reminder_whose_time_has_come_goes_out_signed_and_is_told_at_the_next_call(
    start: Start, webhook: Webhook
) -> None:
    relay = await link(start())
    session = await opened(relay, "first")
    assert "to call your mum today" in await said(
        relay, session, 1, "remind me in two minutes to call my mum", 3
    )
    (taken,) = await webhook.wait_for(1)
    timestamp = taken.headers["X-Voice-Relay-Timestamp"]
    assert taken.headers["X-Voice-Relay-Signature"] == sign(SECRET, timestamp, taken.body)
    assert abs(datetime.now(UTC).timestamp() - int(timestamp)) < 30
    event = taken.event
    assert taken.headers["Idempotency-Key"] == event["key"]
    assert {name: event[name] for name in ("type", "user", "text", "how", "zone", "repeats", "missed")} == {
        "type": "reminder", "user": "ann", "text": "call my mum", "how": "to", "zone": "Europe/Dublin",
        "repeats": False, "missed": 0,
    }  # fmt: skip
    assert abs(datetime.fromisoformat(event["at"]) - (datetime.now(UTC) - timedelta(minutes=1))) < timedelta(
        minutes=1
    )
    later = await opened(relay, "second")
    told = await said(relay, later, 1, "what's on my list")
    assert told.startswith("While you were away, it was time for this: to call your mum, ")
    assert "it was time" not in await said(relay, later, 2, "what's on my list")
    await relay.close()


async def test_each_goes_out_once_with_two_receivers_also_when_one_is_killed(
    start: Start, webhook: Webhook
) -> None:
    first, second = start(), start()
    relays = [await link(first), await link(second)]
    for number in range(6):
        relay = relays[number % 2]
        session = await opened(relay, f"s-{number}", user=f"user-{number % 3}")
        await said(relay, session, 1, f"remind me in two minutes to do thing {number}", 3)
    await webhook.wait_for(6)
    first.kill()
    await relays[0].close()
    relay = relays[1]
    # Somebody else's: what the dead receiver was just sending holds up its own user until its lease ends.
    session = await opened(relay, "s-7", user="user-7")
    await said(relay, session, 1, "remind me in two minutes to do thing 7", 3)
    await webhook.wait_for(7)
    keys = Counter(taken.event["key"] for taken in webhook.requests)
    assert len(keys) == 7
    assert max(keys.values()) == 1
    assert sorted(taken.event["text"] for taken in webhook.requests) == [
        *(f"do thing {number}" for number in range(6)), "do thing 7",
    ]  # fmt: skip
    await relay.close()


async def test_one_that_was_not_taken_comes_again_under_its_key_by_way_of_another_receiver(
    start: Start, webhook: Webhook, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'receiver.db'}"
    webhook.answer = web.Response(status=503)
    process = start()
    relay = await link(process)
    session = await opened(relay, "first")
    await said(relay, session, 1, "every day at one minute past midnight remind me to write", 60 * 24 * 5)
    await webhook.wait_for(1)

    async def put_off() -> bool:
        """Else it would be thought to be under way for a minute."""
        return await rows(database, "SELECT id FROM outbox WHERE holder IS NULL AND attempts > 0") != []

    await until(put_off)
    process.kill()
    await relay.close()
    webhook.answer = web.Response(status=204)
    tried = len(webhook.requests)
    await asyncio.to_thread(start().port)
    first, again = webhook.requests[0], (await webhook.wait_for(tried + 1))[-1]
    assert first.event == again.event
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"]
    # Of five days one goes out, and how many there were.
    assert (again.event["text"], again.event["repeats"]) == ("write", True)
    assert 3 <= again.event["missed"] <= 5


async def test_what_was_said_before_signing_in_comes_along(serve: Any, connect: Any) -> None:
    relay = await connect(await serve(assistant="notes", clock=lambda: datetime.now(UTC)))
    mine = await opened(relay, "mine")
    await said(relay, mine, 1, "add bread to my list")
    stranger = await opened(relay, "stranger", user=None)
    await said(relay, stranger, 1, "add milk to my list")
    await said(relay, stranger, 2, "remind me in an hour to call Tom")
    signed_in = await opened(relay, "stranger", again=None)
    told = await said(relay, signed_in, 3, "what's on my list")
    assert told == "Two things on your list: bread and milk."
    assert "nothing to take back" in await said(relay, signed_in, 4, "undo")
    assert "to call Tom" in await said(relay, mine, 2, "what are my reminders")
    assert "to call Tom" in await said(relay, signed_in, 5, "delete the reminder about Tom")
