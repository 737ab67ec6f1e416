"""Whose session a diet bot's page has, and when it is let go."""

from __future__ import annotations

from typing import Any
from unittest.mock import AsyncMock

import pytest
from websockets.exceptions import InvalidStatus

from protocol.errors import SttUnavailable
from relay.server import Relay
from tests.relay.clients.diet_pages import ANN, asked, opened, path
from tests.relay.conftest import Join, StartRelay, Until
from tests.relay.loop_clock import LoopClock
from tests.relay.webm_recording import one_second_pieces
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing
from tests.tokens import CHECKED, shown


@pytest.mark.parametrize("session", [None, "", "two words", "ü", "x" * 129])
async def test_without_a_session_id_the_page_is_told_and_let_go(
    relay: Relay, join: Join, session: str | None
) -> None:
    page = await join(relay, path=path(session))
    error = await page.expect("error")
    assert "?sessionId=" in error["message"]
    assert await page.closed() == (4400, "malformed_message")
    assert len(relay.sessions) == 0


async def test_the_same_session_goes_on_in_the_next_connection(
    relay: Relay, join: Join, receiver: ScriptedReceiver
) -> None:
    page = await opened(join, relay)
    await asked(page, "two eggs")
    await page.leave()
    again = await opened(join, relay)
    assert again.of("status", status="ready")[0]["turns"] == 1
    await asked(again, "and toast")
    assert [said for said, _ in receiver.turns()] == ["two eggs", "and toast"]


async def test_a_second_connection_takes_the_session_over(relay: Relay, join: Join) -> None:
    first = await opened(join, relay)
    second = await opened(join, relay)
    assert await first.closed() == (4409, "session_moved")
    await asked(second, "still here")


@pytest.mark.parametrize("email", [None, "bob@example.com"])
async def test_whoever_names_another_user_does_not_get_the_session(
    relay: Relay, join: Join, email: str | None
) -> None:
    ann = await opened(join, relay)
    other = await join(relay, path=path("s-1", email))
    assert (await other.expect("error"))["code"] == "session_refused"
    assert await other.closed() == (4403, "session_refused")
    await asked(ann, "still mine")


async def test_the_session_of_a_page_is_not_that_of_another_kind_of_client(relay: Relay, join: Join) -> None:
    await opened(join, relay, "s-1", None)
    native = await join(relay)
    await native.send("hello", session_id="s-1")
    assert (await native.expect("error"))["code"] == "session_refused"


def bearer(user: str, **claims: Any) -> dict[str, Any]:
    return {"additional_headers": {"Authorization": f"Bearer {shown(user, **claims)}"}}


@pytest.mark.parametrize("named", ["bob", "bob@example.com", "ann@example.com.evil.example"])
async def test_with_tokens_nobody_names_another_user(start_relay: StartRelay, join: Join, named: str) -> None:
    relay = await start_relay(**CHECKED)
    for options in ({}, bearer("ann", email="ann@example.com")):
        with pytest.raises(InvalidStatus) as refused:
            await join(relay, path=path("s-1", named), **options)
        assert refused.value.response.status_code == (403 if options else 401)
    assert len(relay.sessions) == 0


@pytest.mark.parametrize("named", [None, "ann", ANN])
async def test_with_tokens_the_user_is_the_tokens(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, named: str | None
) -> None:
    relay = await start_relay(**CHECKED)
    await opened(join, relay, "s-1", named, **bearer("ann", email="ann@example.com"))
    assert [message["user"] for message in receiver.of_type("open")] == ["ann"]
    bob = await join(relay, path=path("s-1", None), **bearer("bob"))
    assert (await bob.expect("error"))["code"] == "session_refused"


async def test_a_query_may_have_more_fields_than_anybody_reads(relay: Relay, join: Join) -> None:
    page = await join(relay, path=path() + "&x=1" * 1000)
    await page.expect("status", status="ready")


# When it is let go


async def test_a_page_that_says_nothing_is_told_and_let_go(
    start_relay: StartRelay, join: Join, loop_clock: LoopClock
) -> None:
    relay = await start_relay(diet_idle_seconds=8)
    page = await opened(join, relay)
    for _ in range(20):
        await page.socket.send(bytes(3200))  # a microphone that is on is not yet somebody who talks
        await loop_clock.put_forward(0.3)
    await loop_clock.put_forward(2)
    await page.expect("status", status="idle")
    assert await page.closed() == (1000, "idle")
    assert relay.services.diet_pages.counters.idle == 1


async def test_a_page_is_not_idle_while_somebody_talks_or_waits(
    start_relay: StartRelay,
    join: Join,
    hearing: TriggeredHearing,
    receiver: ScriptedReceiver,
    loop_clock: LoopClock,
) -> None:
    relay = await start_relay(diet_idle_seconds=8, silence_seconds=60)
    page = await opened(join, relay)
    await page.socket.send(bytes(3200))
    stream = await hearing.stream()
    for number in range(6):
        await loop_clock.put_forward(4)
        stream.partial("word " * number + "word")
    receiver.mute.add("commit")
    await page.send("user_message", text="two eggs")
    await page.expect("status", status="processing")
    for _ in range(3):
        await loop_clock.put_forward(4)
    receiver.say(type="committed", session="s-1", turn=1, text="Written down.")
    await page.expect("tts_response")
    assert page.of("status", status="idle") == []
    await loop_clock.put_forward(8)
    assert await page.closed() == (1000, "idle")


async def test_a_page_is_not_idle_while_nobody_can_hear_it(
    start_relay: StartRelay,
    join: Join,
    hearing: TriggeredHearing,
    loop_clock: LoopClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    relay = await start_relay(diet_idle_seconds=8)
    page = await opened(join, relay)
    monkeypatch.setattr(hearing, "open_stream", AsyncMock(side_effect=SttUnavailable))
    await page.socket.send(bytes(3200))
    await page.expect("error", code="stt_unavailable")
    for _ in range(6):
        await loop_clock.put_forward(4)
        await page.socket.send(bytes(3200))
    assert page.of("status", status="idle") == []


async def test_a_page_that_vanishes_leaves_nothing_and_is_heard_to_its_last_word(
    start_relay: StartRelay,
    join: Join,
    hearing: TriggeredHearing,
    receiver: ScriptedReceiver,
    until: Until,
) -> None:
    relay = await start_relay()
    page = await opened(join, relay)
    for piece in one_second_pieces():
        await page.socket.send(piece)
    stream = await hearing.stream()
    stream.final("two eggs")
    await page.expect("status", status="transcript")
    await page.vanish()
    await until(lambda: relay.health()["diet"]["pages"] == 0)
    await until(lambda: stream.samples >= 3.8 * 16_000)
    await until(lambda: receiver.turns())
    assert receiver.turns()[0][0] == "two eggs"
