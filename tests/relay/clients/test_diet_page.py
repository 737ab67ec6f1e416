"""The diet bot's page, by a client written from the table of `protocol/CLIENTS.md`."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock
from urllib.parse import quote

import pytest
from websockets.exceptions import InvalidStatus

from protocol.audio import seconds
from protocol.errors import SttUnavailable
from relay.clients.diet import page as diet_page
from relay.clients.diet import sound as diet_sound
from relay.server import Relay
from relay.stt.scripted import ScriptedEngine
from relay.tts.none import NoVoice
from tests.relay.access import real_receiver
from tests.relay.conftest import Join, StartRelay
from tests.relay.loop_clock import LoopClock
from tests.relay.webm_recording import one_second_pieces, pieces
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing
from tests.tokens import CHECKED, shown
from tests.wire_client import WireClient

Until = Callable[[Callable[[], object]], Awaitable[None]]

ANN = "Ann@Example.com"


def path(session: str | None = "s-1", email: str | None = ANN, **fields: str) -> str:
    named = {"sessionId": session, "userEmail": email, **fields}
    return "/ws/diet?" + "&".join(
        f"{name}={quote(value)}" for name, value in named.items() if value is not None
    )


async def opened(join: Join, relay: Relay, *named: str | None, **options: Any) -> WireClient:
    """A page whose session is open."""
    page = await join(relay, path=path(*named), **options)
    await page.expect("status", status="connected")
    await page.expect("status", status="ready")
    return page


async def asked(page: WireClient, text: str) -> dict[str, Any]:
    """The answer to typed words, once it has been spoken too."""
    count = len(page.of("tts_response"))
    await page.send("user_message", text=text)
    await page.expect("tts_response", after=count)
    return page.of("ai_response")[-1]


# Who talks


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


# What is said


@pytest.mark.parametrize("field", ["text", "message", "content"])
async def test_typed_words_are_answered_in_text_and_then_in_sound(
    relay: Relay, join: Join, field: str
) -> None:
    page = await opened(join, relay)
    await page.send("user_message", **{field: "two eggs"})
    spoken = await page.expect("tts_response")
    (answer,) = page.of("ai_response")
    assert answer["text"] == answer["message"] == spoken["text"] == "You said: two eggs."
    assert answer["turn"] == spoken["turn"] == 1
    assert spoken["format"] == "mp3"
    assert base64.b64decode(spoken["audio"])[:2] in (b"\xff\xfb", b"\xff\xf3")
    kinds = [message["type"] for message in page.messages]
    assert kinds.index("ai_response") < kinds.index("tts_response")
    (working,) = page.of("status", status="processing")
    assert (working["turn"], working["text"]) == (1, "two eggs")
    assert page.of("status", status="thinking")


async def test_an_answer_that_cannot_be_voiced_comes_all_the_same(
    start_relay: StartRelay, join: Join
) -> None:
    relay = await start_relay(tts=NoVoice())
    page = await opened(join, relay)
    await page.send("user_message", text="two eggs")
    spoken = await page.expect("tts_response")
    assert (spoken["audio"], spoken["text"]) == (None, "You said: two eggs.")
    assert len(page.of("ai_response")) == 1


async def test_a_greeting_is_an_answer_too(relay: Relay, join: Join, receiver: ScriptedReceiver) -> None:
    receiver.greeting = "Good morning, Ann."
    page = await opened(join, relay)
    await page.expect("tts_response")
    (greeting,) = page.of("ai_response")
    assert (greeting["text"], greeting["turn"]) == ("Good morning, Ann.", 0)


async def test_a_recording_is_heard_and_answered(start_relay: StartRelay, join: Join) -> None:
    relay = await start_relay(stt=ScriptedEngine("I had two eggs", 3.9))
    page = await opened(join, relay)
    for piece in one_second_pieces():
        await page.socket.send(piece)
    final = await page.expect("status", status="transcript", final=True)
    assert final["text"] == final["message"] == "I had two eggs"
    assert page.of("status", status="transcript", final=False)
    await page.expect("tts_response")
    assert page.of("ai_response")[0]["text"] == "You said: I had two eggs."
    assert page.of("error") == []


async def test_each_page_gets_its_own_answers(relay: Relay, join: Join) -> None:
    pages = [await opened(join, relay, f"s-{number}") for number in range(5)]
    answers = await asyncio.gather(*(asked(page, f"food {number}") for number, page in enumerate(pages)))
    assert [answer["text"] for answer in answers] == [f"You said: food {number}." for number in range(5)]
    assert {len(page.of("ai_response")) for page in pages} == {1}


BAD: list[tuple[str | bytes, str]] = [
    ("no JSON", "malformed_message"),
    ("[1, 2]", "malformed_message"),
    ('{"type": "user_message"}', "malformed_message"),
    ('{"type": "user_message", "text": "  ", "content": ""}', "malformed_message"),
    ('{"type": "user_message", "text": {"words": "eggs"}}', "malformed_message"),
    ('{"type": "user_message", "text": "\\ud800"}', "malformed_message"),
    ('{"type": "dance"}', "unknown_type"),
    (json.dumps({"type": "user_message", "text": "x" * 70_000}), "message_too_large"),
    (json.dumps({"type": "user_message", "text": "x" * 20_000}), "malformed_message"),
    (b"odd", "bad_audio"),
    (one_second_pieces()[1], "bad_audio"),
]


@pytest.mark.parametrize(("sent", "code"), BAD)
async def test_bad_input_gets_one_error_and_loses_nothing_else(
    relay: Relay, join: Join, sent: str | bytes, code: str
) -> None:
    page = await opened(join, relay)
    await page.socket.send(sent)
    error = await page.expect("error")
    assert (error["code"], error["retryable"]) == (code, False)
    await asked(page, "still here")
    assert len(page.of("error")) == 1


# The page's own requests


async def test_a_page_is_told_when_it_may_begin(relay: Relay, join: Join, receiver: ScriptedReceiver) -> None:
    receiver.mute.add("open")
    page = await join(relay, path=path())
    await page.send("client_ready_request")
    await page.expect("status", status="waiting")
    assert page.of("status", status="ready") == []
    (opening,) = await receiver.wait_for("open")
    receiver.say(type="opened", session=opening["session"], epoch=1, next_turn=1, history=[])
    assert (await page.expect("status", status="ready"))["sessionId"] == "s-1"
    await page.send("client_ready_request")
    await page.expect("status", status="ready", after=1)


async def test_the_day_is_summed_up_in_the_pages_own_fields(
    start_relay: StartRelay, join: Join, tmp_path: Path
) -> None:
    async with real_receiver(tmp_path) as address:
        relay = await start_relay(receiver=(address,))
        page = await opened(join, relay)
        await page.send("conversation_summary_request")
        empty = await page.expect("ai_response", turn=None)
        assert empty["summary"]["entries"] == []
        assert empty["text"] == empty["message"] == "Nothing has been written down yet."
        answer = await asked(page, "For breakfast I had two eggs")
        await page.send("conversation_summary_request")
        summed = await page.expect("ai_response", turn=None, after=1)
        assert answer["diary"] == summed["summary"]
        (entry,) = summed["summary"]["entries"]
        (item,) = entry["items"]
        assert entry["mealType"] == "breakfast"
        assert set(item) == {"name", "quantity", "unit", "calories", "protein", "carbs", "fat"}
        assert (item["quantity"], item["calories"]) == (2, entry["totals"]["calories"])
        assert summed["summary"]["totals"]["calories"] == item["calories"] > 100
        assert "breakfast" in summed["text"]
        assert "kcal" in summed["text"]
        await page.send("conversation_completed")
        completed = await page.expect("status", status="completed")
        assert completed["summary"] == summed["summary"]
        assert completed["message"] == summed["text"]
        await page.leave()
        again = await opened(join, relay)
        await again.send("conversation_summary_request")
        assert (await again.expect("ai_response", turn=None))["summary"] == summed["summary"]


async def test_completing_commits_what_was_said_at_once(
    start_relay: StartRelay, join: Join, hearing: TriggeredHearing, receiver: ScriptedReceiver
) -> None:
    relay = await start_relay(silence_seconds=60)
    page = await opened(join, relay)
    for piece in one_second_pieces():
        await page.socket.send(piece)
    (await hearing.stream()).final_on_drain = "two eggs"
    await page.send("conversation_completed")
    await page.send("conversation_completed")
    await page.expect("status", status="completed")
    kinds = [message.get("status", message["type"]) for message in page.messages]
    assert kinds.index("ai_response") < kinds.index("tts_response") < kinds.index("completed")
    assert receiver.turns() == [("two eggs", "You said: two eggs.")]
    await asked(page, "and one more")
    assert len(page.of("status", status="completed")) == 1


async def test_completing_with_nothing_said_is_complete(relay: Relay, join: Join) -> None:
    page = await opened(join, relay)
    await page.send("conversation_completed")
    completed = await page.expect("status", status="completed")
    totals = {"calories": 0, "protein": 0, "carbs": 0, "fat": 0}
    assert completed["summary"] == {"date": None, "entries": [], "totals": totals}


async def test_completing_without_the_receiver_is_told_and_loses_nothing(
    relay: Relay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diet_page, "COMPLETE_SECONDS", 0.1)
    page = await opened(join, relay)
    receiver.mute.add("commit")
    await page.send("user_message", text="two eggs")
    await page.send("conversation_completed")
    assert (await page.expect("error"))["code"] == "receiver_timeout"
    assert page.of("status", status="completed") == []
    commit = receiver.of_type("commit")[0]
    receiver.say(type="committed", session=commit["session"], turn=1, text="Written down.")
    assert (await page.expect("ai_response"))["text"] == "Written down."


# Limits


async def test_a_long_piece_is_told_once_a_recording_and_heard(
    relay: Relay, join: Join, hearing: TriggeredHearing, until: Until
) -> None:
    page = await opened(join, relay)
    for number in range(2):
        for piece in one_second_pieces():
            await page.socket.send(piece)
        await page.send("conversation_completed")
        await page.expect("status", status="completed", after=number)
    assert [told["limit"] for told in page.of("status", status="listening") if "limit" in told] == [5120] * 2
    stream = await hearing.stream()
    assert seconds(2 * stream.samples) == pytest.approx(2 * 3.96, abs=0.2)
    assert relay.services.diet_pages.counters.long_pieces == 8


@pytest.fixture
def by_the_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece is judged when the next one comes, also when that is less than a second later."""
    monkeypatch.setattr(diet_sound, "SECOND", 0.0)


async def test_silence_is_told_and_heard_all_the_same(
    relay: Relay, join: Join, hearing: TriggeredHearing, by_the_piece: None, until: Until
) -> None:
    """A muted microphone sends pieces that are as good as any, of zeros."""
    page = await opened(join, relay)
    for _ in range(4):
        await page.socket.send(bytes(32_000))
    told = await page.expect("status", status="audio_silent")
    assert "muted" in told["message"]
    stream = await hearing.stream()
    stream.final("in spite of it")
    await page.expect("ai_response")
    assert len(page.of("status", status="audio_silent")) == 1, "told again after a while only"
    await until(lambda: stream.samples == 4 * 16_000)
    assert relay.services.diet_pages.counters.silent == 3


async def test_a_piece_that_decodes_to_nothing_is_told(
    relay: Relay, join: Join, by_the_piece: None, until: Until
) -> None:
    page = await opened(join, relay)
    header, *rest = one_second_pieces()
    await page.socket.send(header[:150])
    await page.socket.send(header[150:160])
    pages = relay.services.diet_pages
    await until(lambda: pages.counters.pieces == 2 and pages.waiting(0) == 0)
    await page.socket.send(header[160:])
    await page.expect("status", status="audio_empty")
    for piece in rest:
        await page.socket.send(piece)
    await page.send("conversation_completed")
    await page.expect("status", status="completed")
    assert page.of("error") == []
    assert pages.counters.empty >= 1


@pytest.mark.parametrize(
    "limit", [{"diet_queue": 1}, {"diet_buffer_bytes": 2000}, {"diet_total_bytes": 2000}]
)
async def test_a_full_queue_pushes_back_says_so_and_loses_nothing(
    start_relay: StartRelay, join: Join, hearing: TriggeredHearing, limit: dict[str, int]
) -> None:
    relay = await start_relay(**limit, silence_seconds=60)
    page = await opened(join, relay)
    for piece in pieces():
        await page.socket.send(piece)
    await page.send("conversation_completed")
    await page.expect("status", status="completed")
    assert "Nothing is lost" in (await page.expect("status", status="queue_full"))["message"]
    stream = await hearing.stream()
    assert seconds(2 * stream.samples) == pytest.approx(3.96, abs=0.1)
    assert relay.services.diet_pages.counters.queue_full >= 1
    assert page.of("error") == []


class Hoarder:
    """Another page, with a decoder that does not go on."""

    waiting = 600_000


async def test_a_page_is_not_held_back_for_ever_by_the_others(
    relay: Relay, join: Join, hearing: TriggeredHearing, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(diet_sound, "HOLD_SECONDS", 0.05)
    shared, other = relay.services.diet_pages, Hoarder()
    shared.add(other)
    shared.note(other)
    page = await opened(join, relay)
    for _ in range(3):
        await page.socket.send(bytes(3200))
    await page.expect("status", status="queue_full")
    stream = await hearing.stream()
    await until(lambda: stream.samples == 4800)
    shared.remove(other)
    assert shared.waiting(0) == 0
    held_back = shared.counters.queue_full
    await page.socket.send(bytes(3200))
    await until(lambda: stream.samples == 6400)
    assert shared.counters.queue_full == held_back


async def test_pieces_are_acknowledged_now_and_then(relay: Relay, join: Join, by_the_piece: None) -> None:
    page = await opened(join, relay)
    for _ in range(6):
        await page.socket.send(bytes(3200))
    acknowledged = await page.expect("audio", after=2)
    assert [message["received"] for message in page.of("audio")] == [6400, 12_800, 19_200]
    assert (acknowledged["buffered"], acknowledged["queue"]) == (0, 0)


async def test_a_turn_that_takes_too_long_is_told_once_and_answered_all_the_same(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, loop_clock: LoopClock
) -> None:
    relay = await start_relay(diet_stuck_seconds=8)
    page = await opened(join, relay)
    receiver.mute.add("commit")
    await page.send("user_message", text="two eggs")
    await receiver.wait_for("commit")
    await loop_clock.put_forward(8)
    reset = await page.expect("status", status="reset")
    assert reset["turn"] == 1
    assert relay.services.diet_pages.counters.resets == 1
    await page.send("user_message", text="and toast")
    receiver.mute.clear()
    receiver.sessions["s-1"].turns[1] = ("two eggs", "Two eggs, written down.", [])
    receiver.say(type="committed", session="s-1", turn=1, text="Two eggs, written down.")
    await page.expect("ai_response", turn=1)
    assert (await page.expect("ai_response", turn=2))["text"] == "You said: and toast."
    await page.expect("tts_response", turn=2)
    await loop_clock.put_forward(8)
    assert len(page.of("status", status="reset")) == 1


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


async def test_what_is_counted_shows_in_healthz(start_relay: StartRelay, join: Join) -> None:
    relay = await start_relay()
    page = await opened(join, relay)
    await page.socket.send(bytes(6400))
    await asked(page, "hello")
    counted = relay.health()["diet"]
    assert (counted["pages"], counted["pieces"], counted["long_pieces"]) == (1, 1, 1)
    await page.leave()


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


async def test_a_query_may_have_more_fields_than_anybody_reads(relay: Relay, join: Join) -> None:
    page = await join(relay, path=path() + "&x=1" * 1000)
    await page.expect("status", status="ready")
