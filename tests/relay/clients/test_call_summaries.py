"""When a call is over it is summed up, and whoever may see the call is told: now, or whenever they ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from relay import call_summary
from relay import calls as calls_module
from relay.calls import Call, Calls, Watcher
from relay.server import Relay
from tests.relay.conftest import Join, StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing
from tests.twilio_caller import TwilioCaller, silence
from tests.wire_client import WireClient

Until = Callable[..., Awaitable[None]]
Dial = Callable[..., Awaitable[TwilioCaller]]
Turns = list[tuple[int, str, str]]


def sum_up(turns: Turns) -> dict[str, Any]:
    """Everything that was said is to be done."""
    items = [{"text": said, "turn": turn, "kind": "promise"} for turn, said, _ in turns if said]
    items = [item | {"answer": "Noted."} if item["turn"] == 1 else item for item in items]
    return {
        "key_points": ["all of it"],
        "action_items": items,
        "open_questions": [],
        "text": f"{len(items)} things.",
    }


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, receiver: ScriptedReceiver, quick_retries: None) -> None:
    monkeypatch.setattr(call_summary, "AGAIN_SECONDS", 0.02)
    receiver.summarize = sum_up


@pytest.fixture
async def dial() -> AsyncIterator[Dial]:
    """A call of `user`, which has begun."""
    async with AsyncExitStack() as stack:

        async def dial(relay: Relay, user: str | None = "ann") -> TwilioCaller:
            caller = await stack.enter_async_context(TwilioCaller(relay.port))
            await caller.start({"userId": user} if user else {})
            return caller

        yield dial


@pytest.fixture
async def screen(relay: Relay, join: Join) -> WireClient:
    found = await join(relay, path="/ws/calls?userId=ann")
    await found.expect("calls")
    return found


async def typed(caller: TwilioCaller, *digits: str) -> None:
    """One turn each, answered before the next."""
    for number, digit in enumerate(digits, start=1):
        await caller.press(digit, "#")
        await caller.expect("mark", number)


async def test_a_call_that_is_over_is_summed_up_and_told(
    relay: Relay, screen: WireClient, dial: Dial, until: Until
) -> None:
    caller = await dial(relay)
    await typed(caller, "1", "2")
    await caller.stop()
    told = await screen.expect("call_summary")
    assert told["summary"] == {
        "keyPoints": ["all of it"],
        "actionItems": [
            {"text": "1", "turn": 1, "kind": "promise", "answer": "Noted."},
            {"text": "2", "turn": 2, "kind": "promise"},
        ],
        "openQuestions": [],
        "text": "2 things.",
    }
    (ended,) = screen.of("call_ended")
    assert {**ended, "type": "call_summary", "summary": told["summary"]} == told
    assert len(relay.services.summaries) == 0


async def test_what_was_said_last_is_in_the_summary_though_the_caller_hung_up_on_it(
    relay: Relay, screen: WireClient, dial: Dial, hearing: TriggeredHearing
) -> None:
    caller = await dial(relay)
    await caller.say(silence(0.2))
    stream = await hearing.stream()
    stream.partial("and I will")
    stream.final_on_drain = "and I will call Tom"
    caller.socket.transport.abort()
    told = await screen.expect("call_summary")
    assert [item["text"] for item in told["summary"]["actionItems"]] == ["and I will call Tom"]


async def test_a_summary_leaves_no_session_open(
    relay: Relay, screen: WireClient, dial: Dial, receiver: ScriptedReceiver, until: Until
) -> None:
    caller = await dial(relay)
    await typed(caller, "1")
    await caller.stop()
    await screen.expect("call_summary")
    first, again = await receiver.wait_for("open", 2)
    assert (first.get("again"), again["again"]) == (None, True)
    assert (first["session"], first["key"], first["holder"]) == (
        again["session"],
        again["key"],
        again["holder"],
    )
    await receiver.wait_for("close", 2)
    assert [message["type"] for _, message in receiver.seen][-2:] == ["summarize", "close"]


async def test_a_call_that_ends_while_the_receiver_is_away_is_summed_up_when_it_is_back(
    relay: Relay, screen: WireClient, dial: Dial, receiver: ScriptedReceiver, until: Until
) -> None:
    caller = await dial(relay)
    await typed(caller, "1")
    await receiver.stop()
    await until(lambda: not relay.link.up)
    await caller.stop()
    await screen.expect("call_ended")
    await until(lambda: len(relay.services.summaries) == 1)
    assert len(relay.sessions) == 0, "no place is taken meanwhile"
    assert screen.of("call_summary") == []
    await receiver.start()
    told = await screen.expect("call_summary")
    assert told["summary"]["text"] == "1 things."


async def test_words_that_wait_for_the_receiver_when_the_call_ends_are_stored_and_summed_up(
    relay: Relay, screen: WireClient, dial: Dial, receiver: ScriptedReceiver, until: Until
) -> None:
    caller = await dial(relay)
    await typed(caller, "1")
    await receiver.stop()
    await until(lambda: not relay.link.up)
    await caller.press("2", "#")
    await caller.stop()
    await screen.expect("call_ended")
    await receiver.start()
    told = await screen.expect("call_summary")
    assert [item["text"] for item in told["summary"]["actionItems"]] == ["1", "2"]
    assert [said for said, _ in receiver.turns()] == ["1", "2"]


async def test_a_link_that_breaks_over_the_question_is_asked_again(
    relay: Relay, screen: WireClient, dial: Dial, receiver: ScriptedReceiver
) -> None:
    cuts = [2]

    def cut(message: dict[str, Any], receiver: ScriptedReceiver) -> object:
        if message["type"] == "summarize" and cuts[0]:
            cuts[0] -= 1
            receiver.cut()
            return False
        return None

    receiver.before = cut
    caller = await dial(relay)
    await typed(caller, "1")
    await caller.stop()
    assert (await screen.expect("call_summary"))["summary"]["text"] == "1 things."
    assert len(receiver.of_type("summarize")) == 3


@pytest.mark.parametrize("code", ["store_unavailable", "session_not_open", "at_capacity"])
async def test_a_receiver_that_cannot_now_is_asked_again(
    relay: Relay, screen: WireClient, dial: Dial, receiver: ScriptedReceiver, code: str
) -> None:
    refusals = [3]

    def refuse(message: dict[str, Any], receiver: ScriptedReceiver) -> object:
        if message["type"] == "summarize" and refusals[0]:
            refusals[0] -= 1
            about = {"session": message["session"], "id": message["id"]}
            receiver.say(type="error", **about, code=code, message="Not now.", retryable=True)
            return False
        return None

    receiver.before = refuse
    caller = await dial(relay)
    await typed(caller, "1")
    await caller.stop()
    assert (await screen.expect("call_summary"))["summary"]["text"] == "1 things."


async def test_an_assistant_that_sums_nothing_up_gives_none_and_no_noise(
    relay: Relay,
    screen: WireClient,
    dial: Dial,
    receiver: ScriptedReceiver,
    until: Until,
    records: list[dict[str, Any]],
) -> None:
    receiver.summarize = None
    caller = await dial(relay)
    await typed(caller, "1")
    await caller.stop()
    await receiver.wait_for("summarize")
    await until(lambda: len(relay.services.summaries) == 0 and len(relay.sessions) == 0)
    assert [record for record in records if record["log_level"] != "info"] == []
    await screen.send("get_summary", callSid=caller.call_sid)
    assert (await screen.expect("error"))["code"] == "no_summary"
    assert screen.of("call_summary") == []


async def test_a_session_that_has_moved_is_left_to_whoever_has_it(
    relay: Relay, dial: Dial, receiver: ScriptedReceiver, until: Until
) -> None:
    caller = await dial(relay)
    await typed(caller, "1")
    (session,) = receiver.sessions.values()
    session.holder = "another relay"
    await caller.stop()
    await receiver.wait_for("open", 2)
    await until(lambda: len(relay.services.summaries) == 0 and len(relay.sessions) == 0)
    assert receiver.of_type("summarize") == []


async def test_a_receiver_that_never_comes_back_is_given_up(
    relay: Relay, dial: Dial, receiver: ScriptedReceiver, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_summary, "GIVE_UP_SECONDS", 0.2)
    caller = await dial(relay)
    await typed(caller, "1")
    await receiver.stop()
    await until(lambda: not relay.link.up)
    await caller.stop()
    await until(lambda: len(relay.services.summaries) == 1)
    await until(lambda: len(relay.services.summaries) == 0)


async def test_no_more_than_so_many_are_asked_for_at_once(
    relay: Relay, dial: Dial, receiver: ScriptedReceiver, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_summary, "MAX_ASKED", 1)
    receiver.mute.add("summarize")
    callers = [await dial(relay) for _ in range(2)]
    for caller in callers:
        await typed(caller, "1")
        await caller.stop()
    await until(lambda: len(relay.sessions) == 0)
    assert len(relay.services.summaries) == 1
    assert len(receiver.of_type("summarize")) <= 1
    monkeypatch.setattr(call_summary, "STOP_SECONDS", 0.0)


async def test_a_call_in_which_the_receiver_was_never_there_has_none(
    relay: Relay, dial: Dial, receiver: ScriptedReceiver, until: Until
) -> None:
    await receiver.stop()
    await until(lambda: not relay.link.up)
    caller = await dial(relay)
    await until(lambda: len(relay.sessions) == 1)
    await caller.stop()
    await until(lambda: len(relay.sessions) == 0)
    assert len(relay.services.summaries) == 0


async def test_a_relay_that_stops_has_its_calls_summed_up(
    start_relay: StartRelay, dial: Dial, receiver: ScriptedReceiver
) -> None:
    relay = await start_relay()
    caller = await dial(relay)
    await typed(caller, "1")
    await relay.stop()
    assert len(receiver.of_type("summarize")) == 1
    assert len(relay.services.summaries) == 0


# Who is told


async def test_a_screen_that_comes_later_is_told_and_may_ask(
    relay: Relay, join: Join, dial: Dial, until: Until
) -> None:
    caller = await dial(relay)
    await typed(caller, "1")
    await caller.stop()
    await until(lambda: any(call.summary for call in relay.services.calls.find(caller.call_sid)))
    later = await join(relay, path="/ws/calls?userId=ann")
    assert (await later.expect("call_summary"))["callSid"] == caller.call_sid
    await later.send("subscribe", callSid=caller.call_sid)
    await later.expect("call_summary", after=1)
    await later.send("get_summary", callSid=caller.call_sid)
    assert (await later.expect("call_summary", after=2))["summary"]["text"] == "1 things."
    await later.send("subscribe", callSid="CA" + "0" * 32)
    await later.expect("calls", after=2)
    await later.send("get_summary", callSid="CA" + "0" * 32)
    assert (await later.expect("error"))["code"] == "no_summary"
    assert len(later.of("call_summary")) == 3


async def test_nobody_else_is_told(relay: Relay, join: Join, screen: WireClient, dial: Dial) -> None:
    bob = await join(relay, path="/ws/calls?userId=bob")
    caller = await dial(relay)
    await typed(caller, "1")
    await caller.stop()
    await screen.expect("call_summary")
    await bob.send("ping")
    await bob.expect("pong")
    assert bob.of("call_summary") == []
    await bob.send("get_summary", callSid=caller.call_sid)
    assert (await bob.expect("error"))["code"] == "session_refused"
    assert await bob.closed() == (4403, "session_refused")


@pytest.mark.parametrize("call_sid", [None, 5, "", "a b", "x" * 500])
async def test_an_odd_id_gets_an_error_and_the_screen_goes_on(screen: WireClient, call_sid: object) -> None:
    await screen.send("get_summary", callSid=call_sid)
    assert (await screen.expect("error"))["code"] == "malformed_message"
    await screen.send("ping")
    await screen.expect("pong")


# The book of calls


def summary(text: str = "All.") -> Any:
    return calls_module.Summary(text=text)


def test_only_the_latest_summaries_are_told_of_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_module, "MAX_TOLD", 2)
    calls = Calls(10)
    for number in range(4):
        call = Call(f"CA{number}", f"MZ{number}", "ann")
        calls.begin(call)
        calls.end(call)
        calls.sum_up(call, summary())
    watcher = Watcher(lambda event: None, "ann")
    assert [event["callSid"] for event in calls.summaries(watcher)] == ["CA2", "CA3"]
    monkeypatch.setattr(calls_module, "KEPT_SECONDS", -1.0)
    assert calls.summaries(watcher) == []


def test_a_summary_that_is_too_long_is_neither_told_nor_kept(
    monkeypatch: pytest.MonkeyPatch, records: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(calls_module, "MAX_SUMMARY_BYTES", 1_000)
    told: list[dict[str, Any]] = []
    calls, call = Calls(10), Call("CA1", "MZ1", "ann")
    calls.begin(call)
    calls.watch(Watcher(told.append, "ann"))
    calls.sum_up(call, summary("secret " * 1_000))
    assert (call.summary, told) == (None, [])
    assert [record["event"] for record in records] == ["summary too long"]
    assert "secret" not in str(records)
