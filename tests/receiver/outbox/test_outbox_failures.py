"""What cannot be done outside right now is tried again; what cannot be done at all is given up, and remembered."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from protocol.errors import BankBusy
from receiver.outbox import Patience
from receiver.store.sql_store import SqlStore
from tests.receiver.errands import ErrandAssistant, Time, bug, final, passing, until
from tests.receiver.outbox.outbox_rows import all_done
from tests.receiver.raw_relay import RawRelay
from tests.receiver.stored import rows


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
    serve_errands: Any, connect: Any, assistant: ErrandAssistant, database: str
) -> None:
    assistant.gate.clear()
    relay = await connect(await serve_errands(patience=Patience(first_pause=0.0, delivery=0.05)))
    await relay.open()
    await relay.commit(1, "send letter")
    await until(lambda: len(assistant.tries) >= 2)
    assistant.gate.set()
    await all_done(database)
    assert assistant.sent == ["letter"]


async def test_pauses_grow_and_another_side_that_asks_for_time_gets_it(
    serve: Any, serve_errands: Any, connect: Any, assistant: ErrandAssistant, clock: Time, database: str
) -> None:
    assistant.failures = {"letter": [passing(), passing(), passing(), BankBusy(retry_after=600.0), passing()]}
    relay = await connect(await serve_errands(patience=Patience(first_pause=2.0)))
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
    serve_errands: Any, connect: Any, assistant: ErrandAssistant, database: str
) -> None:
    assistant.failures = {"letter": [passing()]}
    relay = await connect(await serve_errands(patience=Patience(first_pause=1000.0)))
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
