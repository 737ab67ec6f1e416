"""kill -9 at each point of a turn: afterwards the stored day is that of a run in which nothing happened."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import pytest

from tests.receiver.forked import forked_receiver
from tests.receiver.raw_relay import Closed, RawRelay, items

DAY = [
    ("I had two eggs and a slice of toast",),
    ("a turkey sandwich", "and a coffee with milk"),
    ("that's all",),
]
TURN = 2
"""The turn in which the receiver is killed."""


async def commit(relay: RawRelay, epoch: int, turn: int, reply: dict[str, Any] | None) -> dict[str, Any]:
    draft = {"attempt": reply["attempt"], "plan": reply["plan"]} if reply else {}
    relay.send(type="commit", session="s-1", epoch=epoch, turn=turn, items=items(*DAY[turn - 1]), **draft)
    return await relay.until("committed", "error")


async def draft(relay: RawRelay, turn: int) -> dict[str, Any]:
    relay.send(type="draft", session="s-1", turn=turn, attempt=1, items=items(*DAY[turn - 1]))
    return await relay.until("reply", "error")


async def go_on(
    database: str, first: int, reply: dict[str, Any] | None = None
) -> tuple[list[str], dict[str, Any]]:
    """What a relay does with a new receiver: open, resend the turn that has no answer, go on."""
    answers = []
    async with forked_receiver(database) as receiver:
        relay = await RawRelay.connect(("127.0.0.1", receiver.port))
        opened = await relay.open(key="k" * 64)
        assert opened["next_turn"] in (first, first + 1)
        for turn in range(first, len(DAY) + 1):
            if turn != first:
                reply = await draft(relay, turn)
            committed = await commit(relay, opened["epoch"], turn, reply)
            assert committed["type"] == "committed", committed
            answers.append(committed["text"])
            if turn == first:
                # Whoever resends once more gets the very same bytes.
                assert (await commit(relay, opened["epoch"], turn, None))["text"] == committed["text"]
        diary = (await relay.open(key="k" * 64))["history"], committed["diary"]
        await relay.close()
    return answers, {"history": diary[0][1:], "diary": diary[1]}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], dict[str, Any]]:
    return asyncio.run(go_on(f"sqlite:///{tmp_path_factory.mktemp('calm') / 'receiver.db'}", 1))


@pytest.mark.parametrize("point", ["idle", "draft", "between", "commit", "before-committed"])
async def test_the_day_is_the_same_as_if_the_receiver_had_not_been_killed(
    either_database: str, undisturbed: tuple[list[str], dict[str, Any]], point: str
) -> None:
    database = either_database
    reply = None
    answers = []
    async with forked_receiver(database) as receiver:
        relay = await RawRelay.connect(("127.0.0.1", receiver.port))
        opened = await relay.open(key="k" * 64)
        for turn in range(1, TURN):
            answers.append((await commit(relay, opened["epoch"], turn, await draft(relay, turn)))["text"])
        await relay.close()

    async with forked_receiver(database, point) as dying:
        relay = await RawRelay.connect(("127.0.0.1", dying.port))
        opened = await relay.open(key="k" * 64)
        if point == "idle":
            dying.kill()
        elif point == "draft":
            with pytest.raises(Closed):
                await draft(relay, TURN)
        else:
            reply = await draft(relay, TURN)
            if point == "between":
                dying.kill()
            else:
                with pytest.raises(Closed):
                    await commit(relay, opened["epoch"], TURN, reply)
        assert await dying.wait() == -signal.SIGKILL
        await relay.close()

    rest, stored = await go_on(database, TURN, reply)
    assert (answers + rest, stored) == undisturbed


async def test_two_receivers_of_one_database_write_the_same_commit_once(either_database: str) -> None:
    async with forked_receiver(either_database) as first, forked_receiver(either_database) as second:
        one = await RawRelay.connect(("127.0.0.1", first.port))
        two = await RawRelay.connect(("127.0.0.1", second.port))
        assert one.store_id == two.store_id
        for turn in range(1, 11):
            await one.open()
            epoch = (await two.open())["epoch"]
            answers = await asyncio.gather(
                *(link.commit(turn, "one egg", epoch=epoch) for link in (one, two))
            )
            assert [answer["type"] for answer in answers] == ["committed", "committed"], answers
            assert answers[0]["text"] == answers[1]["text"]
        diary = (await one.open())["diary"]
        assert sum(len(meal["items"]) for meal in diary["meals"]) == 10
        await one.close()
        await two.close()
