"""What is said on the diet bot's page, what it answers, and what the page asks for by itself."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import pytest

from relay.clients.diet import page as diet_page
from relay.server import Relay
from relay.stt.scripted import ScriptedEngine
from relay.tts.none import NoVoice
from tests.relay.access import real_receiver
from tests.relay.clients.diet_pages import asked, opened, path
from tests.relay.conftest import Join, StartRelay
from tests.relay.loop_clock import LoopClock
from tests.relay.webm_recording import one_second_pieces
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing


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
