"""The call screen: what is said in a user's calls, as it is said, and nobody else's."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import jwt
import pytest
from websockets.exceptions import InvalidStatus

from relay import calls as calls_module
from relay.calls import Call, Calls, Watcher
from relay.server import Relay
from tests.relay.conftest import Join, StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing
from tests.twilio_caller import TwilioCaller, silence

Until = Callable[..., Awaitable[None]]
Dial = Callable[..., Awaitable[TwilioCaller]]

SECRET = "a secret of thirty-two characters or more"
FIGURES = {"audioChunksReceived", "bytesReceived", "transcriptLinesReceived", "duration", "bufferSize"}


@pytest.fixture
async def dial() -> AsyncIterator[Dial]:
    """A call of `user`, which has begun."""
    async with AsyncExitStack() as stack:

        async def dial(relay: Relay, user: str | None = "ann") -> TwilioCaller:
            caller = await stack.enter_async_context(TwilioCaller(relay.port))
            await caller.start({"userId": user} if user else {})
            return caller

        yield dial


def bearer(user: str) -> dict[str, Any]:
    token = jwt.encode({"sub": user, "exp": time.time() + 60}, SECRET, "HS256")
    return {"additional_headers": {"Authorization": f"Bearer {token}"}}


async def test_both_sides_of_a_call_are_shown_as_they_are_said(
    relay: Relay, join: Join, dial: Dial, hearing: TriggeredHearing, receiver: ScriptedReceiver
) -> None:
    receiver.greeting = "Good morning."
    screen = await join(relay, path="/ws/calls?userId=ann")
    assert (await screen.expect("calls"))["calls"] == []
    caller = await dial(relay)
    started = await screen.expect("call_started")
    assert (started["callSid"], started["streamSid"]) == (caller.call_sid, caller.stream_sid)
    assert (started["userId"], started["active"]) == ("ann", True)
    greeting = await screen.expect("transcript")
    await caller.say(silence(0.2))
    stream = await hearing.stream()
    stream.partial("I had")
    stream.final("I had two eggs")
    await screen.expect("transcript", after=3)
    shown = [
        (line["speaker"], line["text"], line["isFinal"], line["confidence"])
        for line in screen.of("transcript")
    ]
    assert shown == [
        ("assistant", "Good morning.", True, None),
        ("caller", "I had", False, None),
        ("caller", "I had two eggs", True, 0.9),
        ("assistant", "You said: I had two eggs.", True, None),
    ]
    assert greeting["callSid"] == caller.call_sid
    assert greeting["timestamp"].endswith("Z")
    await caller.stop()
    ended = await screen.expect("call_ended")
    assert ended["callSid"] == caller.call_sid
    assert (ended["audioChunksReceived"], ended["bytesReceived"]) == (10, 1_600)
    assert (ended["transcriptLinesReceived"], ended["bufferSize"], ended["active"]) == (1, 0, False)
    assert 0 < ended["duration"] < 10


async def test_a_screen_that_is_opened_in_a_call_shows_it(
    relay: Relay, join: Join, dial: Dial, until: Until
) -> None:
    caller = await dial(relay)
    await until(lambda: len(relay.services.calls) == 1)
    screen = await join(relay, path="/ws/calls?userId=ann")
    (call,) = (await screen.expect("calls"))["calls"]
    assert call["callSid"] == caller.call_sid
    assert set(call) >= FIGURES


async def test_figures_are_told_by_call_and_by_user_also_when_it_is_over(
    relay: Relay, join: Join, dial: Dial, until: Until
) -> None:
    screen = await join(relay, path="/ws/calls?userId=ann")
    first, second, other = await dial(relay), await dial(relay), await dial(relay, "bob")
    await first.say(silence(0.1))
    await second.say(silence(0.2))
    await other.say(silence(0.5))
    await until(lambda: sum(call.chunks for call in relay.services.calls) == 40)
    await first.stop()
    await screen.expect("call_ended")
    await screen.send("get_stats")
    stats = await screen.expect("stats")
    by_call = {call["callSid"]: call for call in stats["calls"]}
    assert set(by_call) == {first.call_sid, second.call_sid}
    assert by_call[first.call_sid]["bytesReceived"] == 800
    assert not by_call[first.call_sid]["active"]
    assert set(stats["user"]) >= FIGURES
    assert stats["user"]["audioChunksReceived"] == 15
    assert stats["user"]["bytesReceived"] == 2_400
    assert stats["user"]["duration"] >= max(call["duration"] for call in stats["calls"])


async def test_a_screen_may_show_one_call_alone(
    relay: Relay, join: Join, dial: Dial, hearing: TriggeredHearing
) -> None:
    screen = await join(relay, path="/ws/calls?userId=ann")
    first, second = await dial(relay), await dial(relay)
    await screen.expect("call_started", after=1)
    await screen.send("subscribe", callSid=second.call_sid)
    (shown,) = (await screen.expect("calls", after=1))["calls"]
    assert shown["callSid"] == second.call_sid
    for caller in (first, second):
        await caller.press("1", "#")
    await screen.expect("transcript", after=1)
    assert {line["callSid"] for line in screen.of("transcript")} == {second.call_sid}
    await screen.send("subscribe")
    assert len((await screen.expect("calls", after=2))["calls"]) == 2


async def test_a_call_may_be_waited_for(relay: Relay, join: Join) -> None:
    screen = await join(relay, path="/ws/calls?userId=ann")
    caller = TwilioCaller(relay.port)
    await screen.send("subscribe", callSid=caller.call_sid)
    await screen.expect("calls", after=1)
    async with caller:
        await caller.start({"userId": "ann"})
        assert (await screen.expect("call_started"))["callSid"] == caller.call_sid


async def test_another_users_calls_are_not_shown(relay: Relay, join: Join, dial: Dial, until: Until) -> None:
    screen = await join(relay, path="/ws/calls?userId=ann")
    others = await dial(relay, "bob")
    await dial(relay, None)
    await until(lambda: len(relay.services.calls) == 2)
    await screen.send("get_stats")
    stats = await screen.expect("stats")
    assert stats["calls"] == []
    assert stats["user"]["calls"] == 0
    assert screen.of("call_started") == []
    await screen.send("subscribe", callSid=others.call_sid)
    assert (await screen.expect("error"))["code"] == "session_refused"
    assert await screen.closed() == (4403, "session_refused")


async def test_this_machine_may_see_all_calls(relay: Relay, join: Join, dial: Dial) -> None:
    screen = await join(relay, path="/ws/calls")
    await dial(relay, "ann")
    await dial(relay, None)
    await screen.expect("call_started", after=1)
    assert {call["userId"] for call in screen.of("call_started")} == {"ann", None}


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}])
async def test_nobody_else_may_see_all_calls(relay: Relay, join: Join, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        await join(relay, path="/ws/calls", additional_headers=headers)
    await join(relay, path="/ws/calls?userId=ann", additional_headers=headers)


async def test_with_tokens_a_screen_shows_the_calls_of_its_own_user(
    start_relay: StartRelay, join: Join, until: Until
) -> None:
    relay = await start_relay(auth="jwt", jwt_secret=SECRET)
    screen = await join(relay, path="/ws/calls", **bearer("ann"))
    await screen.expect("calls")
    mine, others, nobodys = (
        Call(f"CA{number}", f"MZ{number}", user) for number, user in enumerate(("ann", "bob", None))
    )
    for call in (mine, others, nobodys):
        relay.services.calls.begin(call)
        relay.services.calls.say(call, "caller", "hello", final=True, confidence=0.5)
    await screen.send("ping")
    await screen.expect("pong")
    assert [call["callSid"] for call in screen.of("call_started")] == ["CA0"]
    assert [line["callSid"] for line in screen.of("transcript")] == ["CA0"]
    for call in (others, nobodys):
        other = await join(relay, path="/ws/calls", **bearer("ann"))
        await other.send("subscribe", callSid=call.call_sid)
        assert await other.closed() == (4403, "session_refused")


async def test_with_tokens_nobody_elses_user_can_be_named(start_relay: StartRelay, join: Join) -> None:
    relay = await start_relay(auth="jwt", jwt_secret=SECRET)
    for path, options, status in (
        ("/ws/calls", {}, "401"),
        ("/ws/calls?userId=ann", {}, "401"),
        ("/ws/calls?userId=bob", bearer("ann"), "403"),
    ):
        with pytest.raises(InvalidStatus, match=status):
            await join(relay, path=path, **options)
    await join(relay, path="/ws/calls?userId=ann", **bearer("ann"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "malformed_message"),
        ("[]", "malformed_message"),
        ('{"type": "listen"}', "unknown_type"),
        ('{"type": "subscribe", "callSid": 5}', "malformed_message"),
        ('{"type": "subscribe", "callSid": "' + "x" * 5_000 + '"}', "message_too_large"),
        (b"\x00", "unsupported"),
    ],
)
async def test_an_odd_message_gets_an_error_and_the_screen_goes_on(
    relay: Relay, join: Join, text: str | bytes, code: str
) -> None:
    screen = await join(relay, path="/ws/calls?userId=ann")
    await screen.socket.send(text)
    assert (await screen.expect("error"))["code"] == code
    await screen.send("ping")
    await screen.expect("pong")


# The book of calls


def test_figures_of_calls_that_are_over_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_module, "MAX_KEPT", 3)
    calls = Calls(10)
    for number in range(5):
        call = Call(f"CA{number}", f"MZ{number}", "ann")
        calls.begin(call)
        calls.end(call)
        calls.end(call)  # twice does nothing
    watcher = Watcher(lambda event: None, "ann")
    assert [call["callSid"] for call in calls.stats(watcher)["calls"]] == ["CA2", "CA3", "CA4"]
    monkeypatch.setattr(calls_module, "KEPT_SECONDS", -1.0)
    assert calls.stats(watcher)["calls"] == []


async def test_screens_are_bounded(relay: Relay, join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_module, "MAX_WATCHERS", 1)
    first = await join(relay, path="/ws/calls?userId=ann")
    await first.expect("calls")
    second = await join(relay, path="/ws/calls?userId=bob")
    assert await second.closed() == (1013, "at_capacity")
    await first.leave()
    third = await join(relay, path="/ws/calls?userId=bob")
    await third.expect("calls")


def test_two_streams_of_one_call_are_counted_apart() -> None:
    calls = Calls(10)
    streams = [Call("CA1", stream, "ann") for stream in ("MZ1", "MZ2")]
    for call in streams:
        calls.begin(call)
    calls.end(streams[0])
    assert calls.find("CA1") == streams
    assert [call.stream_sid for call in calls] == ["MZ2"]
