"""The link to the receiver by itself: silence, lines that swallow or stall, an end in good order, and no storm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from protocol.link_messages import PING_SECONDS, STALE_SECONDS, Draft, Item, LinkPing, Open
from protocol.messages import Message
from relay import receiver_link
from relay.receiver_link import ReceiverLink
from tests.relay.conftest import Until
from tests.relay.loop_clock import LoopClock
from tests.scripted_receiver import ScriptedReceiver, lose
from tests.tcp_proxy import TcpProxy

pytestmark = pytest.mark.usefixtures("quick_retries")


class Session:
    """A conversation, as far as the link knows."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.heard: list[str | Message] = []

    def on_link_up(self) -> None:
        self.heard.append("up")

    def on_link_down(self) -> None:
        self.heard.append("down")

    def on_link_message(self, message: Message) -> None:
        self.heard.append(message)


@asynccontextmanager
async def running(link: ReceiverLink) -> AsyncIterator[ReceiverLink]:
    task = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_receiver_that_falls_silent_is_given_up(
    receiver: ScriptedReceiver, records: list[dict[str, Any]], until: Until, loop_clock: LoopClock
) -> None:
    link = ReceiverLink([receiver.address])
    async with running(link):
        session = Session("s")
        link.attach(session)
        await until(lambda: link.up)
        for number in range(6):
            await loop_clock.put_forward(PING_SECONDS)
            await receiver.wait_for("ping", number + 1)
        assert link.up, "pongs keep it alive, although nothing else is said"
        receiver.mute = {"ping"}
        await loop_clock.put_forward(STALE_SECONDS)
        await until(lambda: session.heard.count("down") == 2)
        await until(lambda: session.heard[-1] == "up")
    assert any(record["event"] == "receiver is silent" for record in records)


async def test_a_network_that_swallows_everything_is_noticed(
    receiver: ScriptedReceiver, until: Until
) -> None:
    async with TcpProxy(receiver.port) as proxy:
        link = ReceiverLink([proxy.address], ping_seconds=0.05, stale_seconds=0.2)
        async with running(link):
            await until(lambda: link.up)
            proxy.to_client.drop = proxy.to_server.drop = True
            await until(lambda: not link.up)


async def test_a_receiver_that_never_reads_is_given_up_at_a_bound(
    receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(receiver_link, "MAX_UNSENT_BYTES", 256 * 1024)
    async with TcpProxy(receiver.port) as proxy:
        link = ReceiverLink([proxy.address])
        async with running(link):
            session = Session("s")
            link.attach(session)
            await until(lambda: link.up)
            proxy.to_server.stall()
            item = Item(text="a" * 16_000, timestamp="2026-11-21T00:00:00.000")
            draft = Draft(session="s", turn=1, attempt=1, items=[item])
            sent = 0
            while link.send(draft):
                sent += 1
                assert sent < 2_000, "the kernel takes some megabytes, not thirty"
                if sent % 16 == 0:
                    await asyncio.sleep(0)
            await until(lambda: session.heard.count("down") == 2)
            proxy.to_server.resume()
            await until(lambda: link.up)


async def test_pieces_of_answers_that_nobody_waits_for_are_not_counted_for_ever(
    receiver: ScriptedReceiver, until: Until
) -> None:
    link = ReceiverLink([receiver.address])
    async with running(link):
        session = Session("s")
        link.attach(session)
        await until(lambda: link.up)
        receiver.say(type="delta", session="s", turn=1, attempt=1, text="half an answer")
        await until(lambda: len(session.heard) == 3)
        assert link._answer_chars
        link.detach(session)
        assert not link._answer_chars


async def test_after_goaway_nothing_is_sent_until_there_is_another_connection(
    receiver: ScriptedReceiver, until: Until
) -> None:
    async with TcpProxy(receiver.port) as proxy:
        link = ReceiverLink([proxy.address])
        async with running(link):
            session = Session("s")
            link.attach(session)
            await until(lambda: link.up)
            proxy.refuse = True
            receiver.go_away(close=False)
            await until(lambda: not link.up)
            assert session.heard == ["down", "up", "down"]
            assert not link.send(LinkPing())
            proxy.refuse = False
            await until(lambda: link.up)
            assert link.send(LinkPing())
            assert session.heard[3:] == ["up"]


@pytest.mark.parametrize("steady", [False, True])
async def test_a_receiver_that_welcomes_and_closes_is_not_stormed(
    receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch, steady: bool
) -> None:
    monkeypatch.setattr(receiver_link, "FIRST_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(receiver_link, "LAST_RETRY_SECONDS", 10.0)
    monkeypatch.setattr(receiver_link, "STEADY_SECONDS", 0.0 if steady else 5.0)
    receiver.before = lambda message, receiver: lose(receiver) if message["type"] == "open" else None
    link = ReceiverLink([receiver.address])

    class Opening(Session):
        def on_link_up(self) -> None:
            link.send(Open(session="s"))

    async with running(link):
        link.attach(Opening("s"))
        await receiver.wait_for("hello", 8)
    times = [at for at, message in receiver.seen if message["type"] == "hello"]
    doubled = 0.5 * sum(0.01 * 2**wait for wait in range(7))  # with the least jitter
    assert (times[7] - times[0] < doubled) is steady
