"""The receiver late, gone, slow, silent, another: every turn is answered once, and nobody else notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from protocol.link_messages import PING_SECONDS, STALE_SECONDS, Draft, Item, LinkPing, Open
from protocol.messages import Message
from relay import receiver_link, turn
from relay.receiver_link import ReceiverLink
from relay.server import Relay
from tests.relay.conftest import Join, StartRelay
from tests.relay.loop_clock import LoopClock
from tests.scripted_receiver import ScriptedReceiver, once
from tests.speech_doubles import TriggeredHearing
from tests.tcp_proxy import TcpProxy

Until = Callable[..., Awaitable[None]]


pytestmark = pytest.mark.usefixtures("quick_retries")


# Away


async def test_a_receiver_that_is_not_there_at_start_costs_a_wait_and_no_words(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    await receiver.stop()
    relay = await start_relay()
    client = await join(relay)
    await client.send("hello")
    await client.expect("status", state="waiting_for_receiver")
    await client.send("text", text="anybody there")
    assert relay.health()["receiver"] == "receiver_unavailable"
    await receiver.start()
    assert (await client.expect("server_response"))["message"] == "You said: anybody there."
    assert receiver.turns() == [("anybody there", "You said: anybody there.")]
    assert relay.health()["status"] == "ok"


async def test_a_receiver_gone_while_idle_is_told_and_the_next_turn_works(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    await client.hello()
    await client.ask("one")
    await receiver.stop()
    await client.expect("status", state="waiting_for_receiver")
    await client.send("text", text="two")
    await receiver.start()
    assert (await client.expect("server_response", turn=2))["message"] == "You said: two."
    assert [said for said, _ in receiver.turns()] == ["one", "two"]


def lose(receiver: ScriptedReceiver) -> bool:
    receiver.cut()
    return False


def cut_soon(receiver: ScriptedReceiver) -> None:
    """After the answer to this message has left."""
    asyncio.get_running_loop().call_later(0.02, receiver.cut)


CUTS = {
    "during the draft": ("draft", lose),
    "between draft and commit": ("draft", cut_soon),
    "before the commit arrives": ("commit", lose),
    "after the commit, before committed": ("commit", lambda receiver: receiver.cut()),
    "while the session is opened": ("open", lose),
}


@pytest.mark.parametrize("when", CUTS)
async def test_a_receiver_cut_off_in_mid_turn_answers_exactly_once(
    relay: Relay, join: Join, receiver: ScriptedReceiver, hearing: TriggeredHearing, when: str
) -> None:
    receiver.before = once(*CUTS[when])
    client, other = await join(relay), await join(relay)
    await client.hello()
    await other.hello()
    await client.speak()
    (await hearing.stream()).final("I had two eggs")
    answer = await client.expect("server_response")
    assert (answer["turn"], answer["message"]) == (1, "You said: I had two eggs.")
    assert (await client.ask("and tea"))["turn"] == 2
    assert len(client.of("server_response")) == 2
    assert client.of("error") == []
    said = [[words for words, _, _ in session.turns.values()] for session in receiver.sessions.values()]
    assert sorted(said) == [[], ["I had two eggs", "and tea"]]
    assert (await other.ask("hi"))["message"] == "You said: hi."


async def test_a_turn_that_comes_back_after_a_cut_is_not_twice_in_the_history(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    receiver.before = once("commit", lambda receiver: receiver.cut())
    client = await join(relay)
    ready = await client.hello()
    await client.ask("one")
    await client.vanish()
    again = await join(relay)
    assert [turn["turn"] for turn in (await again.resume(ready))["history"]] == [1]


async def test_three_lost_links_fail_the_turn_and_nothing_sends_it_again(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client, other = await join(relay), await join(relay)
    await client.hello()
    await other.hello()
    losses: list[str] = []

    def lose_it(message: dict[str, Any], receiver: ScriptedReceiver) -> object:
        if message["type"] == "commit" and message["items"][0]["text"] == "doomed":
            losses.append("commit")
            return lose(receiver)
        return None

    receiver.before = lose_it
    await client.send("text", text="doomed")
    error = await client.expect("error")
    assert (error["code"], error["turn"], error["retryable"]) == ("turn_failed", 1, False)
    assert await client.expect("turn", turn=1, text="doomed")
    assert len(losses) == 3
    answer = await client.ask("alive")
    assert (answer["message"], answer["turn"]) == ("You said: alive.", 1)
    assert (await other.ask("hi"))["message"] == "You said: hi."
    assert len(losses) == 3


async def test_words_that_failed_may_be_sent_again_under_the_same_id(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    client = await join(relay)
    await client.hello()
    receiver.before = lambda message, receiver: lose(receiver) if message["type"] == "commit" else None
    await client.send("text", text="doomed", id="t1")
    await client.expect("error", code="turn_failed")
    receiver.before = None
    assert (await client.ask("doomed", id="t1"))["message"] == "You said: doomed."


# Slow


async def test_a_receiver_that_does_not_answer_a_commit_is_asked_again(
    relay: Relay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "COMMIT_TIMEOUT_SECONDS", 0.15)
    receiver.before = once("commit", lambda receiver: False)
    client = await join(relay)
    await client.hello()
    await client.send("text", text="slow")
    error = await client.expect("error")
    assert (error["code"], error["turn"], error["retryable"]) == ("receiver_timeout", 1, True)
    assert (await client.expect("server_response"))["message"] == "You said: slow."
    assert receiver.turns() == [("slow", "You said: slow.")]


async def test_a_stalled_line_delivers_the_answer_when_it_flows_again(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "COMMIT_TIMEOUT_SECONDS", 0.15)
    async with TcpProxy(receiver.port) as proxy:
        relay = await start_relay(receiver=(proxy.address,))
        client = await join(relay)
        await client.hello()
        proxy.to_client.stall()
        await client.send("text", text="stuck")
        await client.expect("error", code="receiver_timeout")
        proxy.to_client.resume()
        await client.expect("server_response")
        assert (await client.ask("next"))["turn"] == 2
        assert len(client.of("server_response")) == 2
        assert [said for said, _ in receiver.turns()] == ["stuck", "next"]


async def test_a_line_that_delays_and_splits_everything_changes_nothing(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    async with TcpProxy(receiver.port) as proxy:
        proxy.to_client.delay = proxy.to_server.delay = 0.03
        relay = await start_relay(receiver=(proxy.address,))
        client = await join(relay)
        await client.hello()
        assert (await client.ask("far away"))["message"] == "You said: far away."


# Who it is


async def test_a_receiver_of_another_major_version_is_not_used(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, until: Until
) -> None:
    receiver.protocol = "2.0"
    relay = await start_relay()
    client = await join(relay)
    await client.send("hello")
    await client.expect("status", state="waiting_for_receiver")
    await until(lambda: relay.health()["receiver"] == "version_mismatch")
    assert receiver.of_type("open") == []
    receiver.protocol = "1.9"
    await client.expect("ready")


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_a_receiver_that_refuses_our_token_is_reported(
    start_relay: StartRelay, receiver: ScriptedReceiver, until: Until, token: str | None
) -> None:
    receiver.token = "right"
    relay = await start_relay(receiver_token=token)
    await until(lambda: relay.health()["receiver"] == "unauthorized")
    assert relay.health()["status"] == "degraded"


async def test_the_right_token_is_let_in(
    start_relay: StartRelay, receiver: ScriptedReceiver, join: Join
) -> None:
    receiver.token = "right"
    client = await join(await start_relay(receiver_token="right"))
    await client.hello()


async def test_sessions_move_to_a_receiver_of_the_same_store(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver
) -> None:
    async with ScriptedReceiver() as second:
        second.sessions = receiver.sessions
        relay = await start_relay(receiver=(receiver.address, second.address))
        client = await join(relay)
        await client.hello()
        await client.ask("one")
        await receiver.stop()
        assert (await client.ask("two"))["turn"] == 2
        assert [said for said, _ in second.turns()] == ["one", "two"]


async def test_sessions_never_move_to_a_receiver_of_another_store(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, until: Until
) -> None:
    async with ScriptedReceiver() as foreign:
        foreign.store_id = "store-2"
        relay = await start_relay(receiver=(receiver.address, foreign.address))
        client = await join(relay)
        await client.hello()
        await client.ask("one")
        await receiver.stop()
        await client.send("text", text="two")
        await until(lambda: relay.health()["receiver"] == "foreign_store")
        assert foreign.of_type("open") == []
        assert len(client.of("server_response")) == 1
        await receiver.start()
        assert (await client.expect("server_response", turn=2))["message"] == "You said: two."


# About to stop


async def test_a_receiver_that_says_goaway_gets_nothing_new_and_its_answer_still_counts(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, until: Until
) -> None:
    thought_out = asyncio.Event()

    async def think(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
        if message["type"] == "commit":
            receiver.go_away(close=False)
            await thought_out.wait()

    receiver.before = think
    async with ScriptedReceiver() as second:
        second.sessions = receiver.sessions
        second.mute = {"open"}  # so that what answers the first turn is the first receiver
        relay = await start_relay(receiver=(receiver.address, second.address))
        client, idle = await join(relay), await join(relay)
        await client.hello()
        await idle.hello()
        await client.send("text", text="one")
        await second.wait_for("open", 2)  # while the first one still commits
        thought_out.set()
        assert (await client.expect("server_response", turn=1))["message"] == "You said: one."
        assert len(receiver.of_type("commit")) == 1
        assert second.of_type("commit") == []
        second.mute = set()
        second.cut()
        receiver.before = None
        assert (await client.ask("two"))["turn"] == 2
        assert (await idle.ask("hi"))["message"] == "You said: hi."
        assert client.of("error") == []


async def test_a_turn_that_receivers_leave_when_they_stop_is_not_given_up(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    stops = 0

    def stop(message: dict[str, Any], receiver: ScriptedReceiver) -> object:
        nonlocal stops
        if message["type"] == "commit" and stops < 5:
            stops += 1
            receiver.go_away()
            return False
        return None

    receiver.before = stop
    client = await join(relay)
    await client.hello()
    assert (await client.ask("patience"))["message"] == "You said: patience."
    assert stops == 5
    assert client.of("error") == []


async def test_a_receiver_that_says_goaway_and_stays_is_left_after_a_while(
    relay: Relay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(receiver_link, "LEAVING_SECONDS", 0.1)
    client = await join(relay)
    await client.hello()
    receiver.go_away(close=False)
    assert (await client.ask("one"))["turn"] == 1
    await until(lambda: len(receiver._writers) == 1)


# The link by itself


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


async def test_a_relay_with_a_silent_receiver_loses_no_turn(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = partial(ReceiverLink, ping_seconds=0.05, stale_seconds=0.2)
    monkeypatch.setattr("relay.server.ReceiverLink", quick)
    relay = await start_relay()
    client = await join(relay)
    await client.hello()
    receiver.mute = {"ping", "commit"}
    await client.send("text", text="one")
    await client.expect("status", state="waiting_for_receiver")
    receiver.mute = set()
    assert (await client.expect("server_response"))["message"] == "You said: one."
    assert len(receiver.turns()) == 1


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
