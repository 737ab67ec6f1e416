"""The main path in real Chromium: record, read along, hear the answer."""

from __future__ import annotations

import asyncio
import math
import struct
from collections.abc import Callable

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import TONE_HZ, keep_titles, showed
from tests.browser.scripted_relay import ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


def strongest_hz(pcm: bytes, candidates: range) -> int:
    """The candidate frequency with the most energy in 16 kHz PCM."""
    samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)

    def energy(hz: int) -> float:
        step = 2 * math.pi * hz / 16_000
        real = sum(sample * math.cos(step * n) for n, sample in enumerate(samples))
        imaginary = sum(sample * math.sin(step * n) for n, sample in enumerate(samples))
        return real * real + imaginary * imaginary

    return max(candidates, key=energy)


async def test_hello_says_how_the_page_wants_its_answers(page: Page, relay: ScriptedRelay) -> None:
    hello = (await relay.client()).hello
    assert hello is not None
    assert hello.replies == "sentences"
    assert hello.timezone
    assert hello.session_id is None
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")


async def test_recording_sends_the_microphone_at_16_khz_in_100_ms_chunks_and_then_flush(
    page: Page, relay: ScriptedRelay
) -> None:
    client = await relay.client()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await page.get_by_role("button", name="Start recording").click()
    await client.until(lambda: len(client.audio) >= 15)
    elapsed = loop.time() - began
    await expect(page.get_by_test_id("state-title")).to_have_text("Listening")
    await page.get_by_role("button", name="Stop recording").click()
    await client.until(lambda: client.sent("flush"))

    assert {len(chunk) for chunk in client.audio[:-1]} == {3200}
    assert 0 < len(client.audio[-1]) <= 3200
    assert elapsed > 1.4, "15 chunks of 100 ms were not there before they were recorded"
    # Echo cancellation takes its time to settle; a wrong rate would shift the tone to 147 or 1320 Hz.
    assert strongest_hz(b"".join(client.audio[5:10]), range(100, 1500, 20)) == TONE_HZ
    await expect(page.get_by_role("button", name="Start recording")).to_be_visible()
    sent = len(client.audio)
    await page.wait_for_timeout(250)
    assert len(client.audio) == sent, "audio was sent after the stop"


async def test_the_level_meter_moves_and_is_no_business_of_a_screen_reader(
    page: Page, relay: ScriptedRelay
) -> None:
    meter = page.get_by_test_id("meter")
    await page.get_by_test_id("record").click()
    await page.wait_for_function(
        "() => Number(document.getElementById('meter').style.getPropertyValue('--level')) > 0.3"
    )
    await expect(meter).to_have_attribute("aria-hidden", "true")
    await page.get_by_test_id("record").click()
    await expect(meter).to_be_hidden()


async def test_captions_tell_a_partial_from_a_final_without_colour(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    captions = page.get_by_test_id("captions")
    await client.send(type="transcript", text="two", final=False, turn=1)
    await client.send(type="transcript", text="two eggs", final=False, turn=1)
    partial = captions.locator("[data-state=partial]")
    await expect(partial).to_have_count(1)
    await expect(partial.locator("em")).to_have_text("two eggs")
    await expect(partial).to_contain_text("Hearing")
    assert await partial.evaluate("node => getComputedStyle(node).borderStyle") == "dashed"
    yellow = await partial.evaluate("node => getComputedStyle(node).backgroundColor")

    await client.send(type="transcript", text="Two eggs", final=True, turn=1, confidence=0.93)
    await client.send(type="transcript", text="and some ham", final=True, turn=1, confidence=0.4)
    await expect(partial).to_have_count(0)
    finals = captions.locator("[data-state=final]")
    await expect(finals.nth(0)).to_contain_text("Heard")
    await expect(finals.nth(0)).to_contain_text("93 %")
    await expect(finals.nth(1)).to_contain_text("not sure, 40 %")
    assert await finals.nth(0).evaluate("node => getComputedStyle(node).borderStyle") == "solid"
    assert await finals.nth(0).evaluate("node => getComputedStyle(node).backgroundColor") != yellow
    await expect(captions).to_have_attribute("aria-live", "off")


async def test_a_committed_turn_moves_from_the_captions_into_the_conversation(
    page: Page, relay: ScriptedRelay
) -> None:
    client = await relay.client()
    await client.send(type="transcript", text="two eggs", final=True, turn=1)
    await client.send(type="transcript", text="and then", final=False, turn=2)
    await client.send(type="turn", turn=1, text="two eggs", ids=[])
    conversation = page.get_by_test_id("conversation")
    await expect(conversation.locator(".bubble.you .words")).to_have_text("two eggs")
    await expect(page.get_by_test_id("captions").locator(".caption-words")).to_have_text(["and then"])
    await expect(conversation).to_have_attribute("aria-live", "polite")


async def test_sentences_play_in_order_and_what_was_heard_is_reported(
    page: Page, relay: ScriptedRelay, mp3: Callable[[float], str]
) -> None:
    client = await relay.client()
    await page.get_by_test_id("typed").click()  # a gesture, so that the browser allows sound
    await keep_titles(page)
    await client.send(type="turn", turn=1, text="two eggs", ids=[])
    await client.send(type="reply_audio", turn=1, seq=0, text="Noted.", audio=mp3(0.6))
    await client.send(type="reply_audio", turn=1, seq=1, text="Any drink?", audio=mp3(0.3))
    await showed(page, "Speaking")
    await client.send(type="server_response", turn=1, message="Noted. Any drink?", audio=None)
    await client.until(lambda: any(p.seq == 1 and p.at_ms > 250 for p in client.sent("played")))

    heard = [(p.turn, p.seq, p.at_ms) for p in client.sent("played")]
    assert heard == sorted(heard)
    assert max(at for _, seq, at in heard if seq == 0) == pytest.approx(600, abs=60)
    assert max(at for _, seq, at in heard if seq == 1) == pytest.approx(300, abs=60)
    assert len([seq for _, seq, _ in heard if seq == 0]) >= 2, "reported while it played, not only at its end"
    await expect(page.locator(".bubble.assistant .words")).to_have_text("Noted. Any drink?")
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")


async def test_an_answer_sent_whole_is_played_too(
    page: Page, relay: ScriptedRelay, mp3: Callable[[float], str]
) -> None:
    client = await relay.client()
    await page.get_by_test_id("typed").click()
    await client.send(type="server_response", turn=1, message="Noted.", audio=mp3(0.3))
    await client.until(lambda: any(p.at_ms >= 280 for p in client.sent("played")))
    assert {(p.turn, p.seq) for p in client.sent("played")} == {(1, 0)}


async def test_stop_silences_the_answer_at_once_and_for_good(
    page: Page, relay: ScriptedRelay, mp3: Callable[[float], str]
) -> None:
    client = await relay.client()
    await page.get_by_test_id("typed").click()
    await client.send(type="reply_audio", turn=1, seq=0, text="A long one.", audio=mp3(20))
    await client.until(lambda: client.sent("played"))
    await client.send(type="stop", turn=1)
    await client.send(type="reply_audio", turn=1, seq=1, text="More of it.", audio=mp3(20))
    await expect(page.get_by_text("Cut off.")).to_be_visible()
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    await page.wait_for_timeout(300)
    reports = len(client.sent("played"))
    await page.wait_for_timeout(400)
    assert len(client.sent("played")) == reports
    await client.send(type="reply_audio", turn=2, seq=0, text="The next one.", audio=mp3(0.2))
    await client.until(lambda: any(p.turn == 2 for p in client.sent("played")))


@pytest.mark.parametrize("way", ["button", "escape"])
async def test_the_person_can_stop_the_talking(
    page: Page, relay: ScriptedRelay, mp3: Callable[[float], str], way: str
) -> None:
    client = await relay.client()
    await page.get_by_test_id("typed").click()
    await client.send(type="reply_audio", turn=1, seq=0, text="A long one.", audio=mp3(20))
    await client.until(lambda: client.sent("played"))
    if way == "button":
        await page.get_by_role("button", name="Stop talking").click()
    else:
        await page.keyboard.press("Escape")
    await client.until(lambda: client.sent("interrupt"))
    kinds = [m.type for m in client.messages if m.type in ("played", "interrupt")]  # type: ignore[attr-defined]
    assert kinds[-1] == "interrupt", "how far it was heard is told before the interruption"
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")


async def test_an_answer_without_a_voice_is_shown_with_a_note(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    await client.send(
        type="server_response", turn=1, message="Noted.", audio=None, audio_error="tts_unavailable"
    )
    bubble = page.locator(".bubble.assistant")
    await expect(bubble).to_contain_text("Noted.")
    await expect(bubble).to_contain_text("could not be spoken")


async def test_audio_that_is_no_mp3_does_not_silence_what_follows(
    page: Page, relay: ScriptedRelay, mp3: Callable[[float], str]
) -> None:
    client = await relay.client()
    await page.get_by_test_id("typed").click()
    await client.send(type="reply_audio", turn=1, seq=0, text="Broken.", audio="bm90IGFuIG1wMw==")
    await client.send(type="reply_audio", turn=1, seq=1, text="Whole.", audio=mp3(0.2))
    await client.until(lambda: any(p.seq == 1 for p in client.sent("played")))
    await expect(page.locator(".bubble.assistant")).to_contain_text("could not be played")


async def test_an_answer_before_the_first_gesture_waits_for_it(
    page: Page, relay: ScriptedRelay, mp3: Callable[[float], str]
) -> None:
    client = await relay.client()
    await client.send(type="reply_audio", turn=0, seq=0, text="Good morning!", audio=mp3(0.2))
    await expect(page.get_by_test_id("state-title")).to_have_text("Answer ready")
    assert client.sent("played") == []
    await page.get_by_role("button", name="Play answer").click()
    await client.until(lambda: any(p.turn == 0 for p in client.sent("played")))


async def test_the_diary_and_the_latency_are_shown(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    diary = page.get_by_test_id("diary")
    await expect(diary).to_be_hidden()
    figures = {"kcal": 155, "protein_g": 13, "carbs_g": 1, "fat_g": 11}
    nothing = dict.fromkeys(figures, 0)
    egg = {"id": "a", "food": "Egg", "quantity": 2.0, "unit": "", "grams": 100.0, "known": True, **figures}
    odd = {
        "id": "b",
        "food": "Zorb",
        "quantity": 1.5,
        "unit": "cup",
        "grams": None,
        "known": False,
        **nothing,
    }
    meal = {"meal": "breakfast", "items": [egg, odd], "totals": figures}
    await client.send(type="diary", date="2020-02-03", meals=[meal], totals=figures, goal={"kcal": 2000})
    await expect(diary).to_be_visible()
    await expect(page.locator("[data-item=a]")).to_contain_text("2 · 100 g")
    await expect(page.locator("[data-item=a]")).to_contain_text("155 kcal")
    await expect(page.locator("[data-item=b]")).to_contain_text("1.5 cups")
    await expect(page.locator("[data-item=b]")).to_contain_text("no figures")
    await expect(page.locator("[data-part=title]")).to_contain_text("Feb")
    await expect(page.get_by_role("meter")).to_have_attribute("aria-valuenow", "155")

    await client.send(type="latency", turn=1, stages={"silence": 3000.0, "receiver": 200.0, "total": 640.0})
    latency = page.get_by_test_id("latency")
    await expect(latency).to_have_text("Answered in 0.6 s")
    assert "receiver: 200 ms" in (await latency.get_attribute("title") or "")


async def test_each_state_of_the_relay_has_its_words(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    for state, words in [
        ("thinking", "Thinking"),
        ("waiting_for_receiver", "One moment The assistant is not there right now."),
        ("reconnecting_stt", "One moment Hearing is being restored."),
        ("speaking", "Speaking"),
        ("listening", "Ready"),
    ]:
        await client.send(type="status", state=state)
        await expect(page.get_by_role("status")).to_contain_text(words)


@pytest.mark.parametrize("width", [390, 1200])
async def test_the_controls_stay_in_sight_below_a_long_conversation_without_a_diary(
    page: Page, relay: ScriptedRelay, width: int
) -> None:
    await page.set_viewport_size({"width": width, "height": 700})
    record = page.get_by_test_id("record")
    client = await relay.client()
    bottoms = []
    for turn in (0, 40):
        await client.send(type="server_response", turn=turn, message="Noted. " * 15 * (turn + 1), audio=None)
        await expect(page.locator(f".exchange[data-turn='{turn}']")).to_be_attached()
        box = await record.bounding_box()
        assert box is not None
        bottoms.append(box["y"] + box["height"])
    assert bottoms[0] == bottoms[1] < 700
    assert bottoms[0] > 550


async def test_debug_logs_the_messages_without_secrets_or_audio(
    page: Page, relay: ScriptedRelay, mp3: Callable[[float], str]
) -> None:
    await page.goto(relay.url + "?debug")
    client = await relay.client(1)
    audio = mp3(1)
    await client.send(type="reply_audio", turn=1, seq=0, text="Noted.", audio=audio)
    log = page.locator("#debug-log")
    await expect(log).to_contain_text('"reply_audio"')
    text = await log.inner_text()
    assert '"hello"' in text
    assert "secret" not in text
    assert audio not in text
