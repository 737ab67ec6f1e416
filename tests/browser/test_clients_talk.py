"""The pages of the other clients against a real relay: each does what its wire is for."""

from __future__ import annotations

import asyncio
import re
import wave

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import keep_titles, only_by_hand, showed, type_in
from tests.browser.conftest import OpenPage
from tests.browser.live_relay import LiveRelay
from tests.browser.scripted_relay import WAIT_SECONDS
from tests.speech_doubles import TriggeredStream
from tests.twilio_caller import TwilioCaller, silence

pytestmark = pytest.mark.asyncio(loop_scope="session")

BREAKFAST = "I had two eggs and a slice of toast"


NO_SOCKETS = """
() => {
  window.WebSocket = class {
    constructor() { setTimeout(() => this.onclose?.({ code: 1006, reason: "" })); }
    close() {}
  };
}
"""
"""As behind a proxy that lets no WebSocket through."""


async def ready(page: Page, title: str = "Ready") -> None:
    await expect(page.get_by_test_id("state-title")).to_have_text(title)


async def start_speaking(page: Page, live: LiveRelay) -> TriggeredStream:
    """Sound has come out of the recording when this returns."""
    number = len(live.hearing.streams)
    await page.get_by_test_id("record").click()
    stream = await live.hearing.stream(number)
    await heard_sound(stream)
    return stream


async def heard_sound(stream: TriggeredStream) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not stream.samples:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("name", ["diet", "bank"])
async def test_typed_and_spoken_words_are_answered_and_the_answer_is_heard(
    open_page: OpenPage, live: LiveRelay, name: str
) -> None:
    page = await open_page(live.url(name))
    await ready(page)
    await keep_titles(page)
    await type_in(page, BREAKFAST)
    first = page.locator("[data-turn='1']")
    await expect(first.locator(".you .words")).to_have_text(BREAKFAST)
    await expect(first.locator(".assistant .words")).to_have_text(f"You said: {BREAKFAST}.")
    await showed(page, "Speaking")
    await ready(page)

    stream = await start_speaking(page, live)
    await ready(page, "Listening")
    stream.partial("and a")
    await expect(page.get_by_test_id("open").locator("em")).to_have_text("and a")
    stream.final("and a cup of tea")
    second = page.locator("[data-turn='2']")
    await expect(second.locator(".you .words")).to_have_text("and a cup of tea")
    await expect(second.locator(".assistant .words")).to_have_text("You said: and a cup of tea.")
    await expect(page.get_by_test_id("open")).to_be_empty()
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("record")).to_have_text("Start recording")
    await expect(page.get_by_test_id("wire")).to_contain_text(re.compile(r"\d+ pieces? of sound"))


async def test_the_diet_page_tells_what_it_ate_as_a_summary(open_page: OpenPage, live: LiveRelay) -> None:
    page = await open_page(live.url("diet"))
    await ready(page)
    await page.get_by_role("button", name="Are you ready?").click()
    await expect(page.get_by_test_id("wire")).to_contain_text('"status":"ready"')
    await page.get_by_test_id("summary").click()
    await expect(page.get_by_test_id("summary-panel")).to_contain_text("Nothing has been written down yet.")
    await type_in(page, BREAKFAST)
    await page.get_by_test_id("completed").click()
    await expect(page.get_by_test_id("wire")).to_contain_text('"status":"completed"')
    await expect(page.locator("[data-turn='1'] .assistant")).to_be_visible()


async def test_a_new_session_of_the_diet_page_begins_from_nothing(
    open_page: OpenPage, live: LiveRelay
) -> None:
    page = await open_page(live.url("diet"))
    await ready(page)
    await type_in(page, BREAKFAST)
    await expect(page.locator("[data-turn='1'] .assistant")).to_be_visible()
    await page.get_by_test_id("renew").click()
    await ready(page)
    await type_in(page, "a cup of tea")
    await expect(page.locator(".divider")).to_have_text("New session")
    await expect(page.locator("[data-turn='1'] .you .words")).to_have_text([BREAKFAST, "a cup of tea"])
    assert len(live.receiver.sessions) == 2


async def test_the_bank_page_goes_on_in_its_session_after_a_restart(
    open_page: OpenPage, live: LiveRelay
) -> None:
    page = await open_page(live.url("bank"))
    await ready(page)
    await type_in(page, BREAKFAST)
    await expect(page.locator("[data-turn='1'] .assistant")).to_be_visible()
    await only_by_hand(page)
    await live.stop()
    await ready(page, "Connection lost")
    await live.start()
    await page.get_by_role("button", name="Try now").click()
    await ready(page)
    await type_in(page, "a cup of tea")
    await expect(page.locator("[data-turn='2'] .assistant .words")).to_have_text("You said: a cup of tea.")
    assert len(live.receiver.sessions) == 1


async def test_a_recording_goes_on_over_a_restart_with_a_header_of_its_own(
    open_page: OpenPage, live: LiveRelay
) -> None:
    """The middle of a recording is of no use to a relay that has not heard its beginning."""
    page = await open_page(live.url("bank"))
    await ready(page)
    await start_speaking(page, live)
    await only_by_hand(page)
    await live.stop()
    await ready(page, "Connection lost")
    before = len(live.hearing.streams)
    await live.start()
    await page.get_by_role("button", name="Try now").click()
    await ready(page, "Listening")
    stream = await live.hearing.stream(before)
    await heard_sound(stream)
    await expect(page.get_by_test_id("notices")).to_be_empty()


async def test_the_person_interrupts_a_bank_answer_by_voice(open_page: OpenPage, live: LiveRelay) -> None:
    """The page says how far it has played: only then does speech stop an answer."""
    live.receiver.answer = lambda said: " ".join(["All right."] * 40)
    page = await open_page(live.url("bank"))
    await ready(page)
    stream = await start_speaking(page, live)
    await page.wait_for_timeout(100)
    stream.final("tell me everything")
    await ready(page, "Speaking")
    await expect(page.get_by_test_id("wire")).to_contain_text('"audioPlayed"')
    stream.partial("stop")
    await expect(page.locator("[data-turn='1'] .note")).to_have_text("Cut off.")
    await expect(page.get_by_test_id("wire")).to_contain_text('42["stopAudio",{"turn":1}]')


async def test_captions_are_shown_as_they_come_and_the_last_words_after_a_stop(
    open_page: OpenPage, live: LiveRelay
) -> None:
    page = await open_page(live.url("captions"))
    await ready(page)
    stream = await start_speaking(page, live)
    await ready(page, "Listening")
    stream.partial("good")
    await expect(page.get_by_test_id("partial")).to_have_text("good")
    stream.final("Good morning.")
    await expect(page.get_by_test_id("partial")).to_be_empty()
    stream.final_on_drain = "Good night."
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("lines").locator("p")).to_have_text(["Good morning.", "Good night."])
    await ready(page)
    again = await start_speaking(page, live)
    again.final("Hello.")
    await expect(page.get_by_test_id("lines").locator("p").last).to_have_text("Hello.")
    await page.get_by_role("button", name="Clear").click()
    await expect(page.get_by_test_id("lines")).to_be_empty()


async def test_questions_are_answered_over_the_socket_and_over_http_in_one_session(
    open_page: OpenPage, live: LiveRelay
) -> None:
    page = await open_page(live.url("answers"))
    await ready(page)
    await keep_titles(page)
    await type_in(page, "what about lunch")
    first = page.locator("[data-turn='1'] .assistant")
    await expect(first.locator(".words")).to_have_text("You said: what about lunch.")
    await expect(first.locator(".note")).to_have_text("Over the socket.")
    await showed(page, "Speaking")
    await page.get_by_test_id("post").check()
    await type_in(page, "and dinner")
    second = page.locator("[data-turn='2'] .assistant")
    await expect(second.locator(".words")).to_have_text("You said: and dinner.")
    await expect(second.locator(".note")).to_have_text("Over HTTP.")
    await expect(page.get_by_test_id("wire")).to_contain_text('"chat_history"')
    assert len(live.receiver.sessions) == 1
    await page.get_by_test_id("renew").click()
    await type_in(page, "and supper")
    await expect(page.locator("[data-turn='3'] .assistant .words")).to_have_text("You said: and supper.")
    opened = [message for _, message in live.receiver.seen if message["type"] == "open"]
    assert len({message["session"] for message in opened}) == 2
    assert [turn["text"] for turn in opened[-1]["history"]] == ["what about lunch", "and dinner"]


async def test_a_question_is_posted_where_no_socket_can_be_had(open_page: OpenPage, live: LiveRelay) -> None:
    page = await open_page(live.url("answers"))
    await ready(page)
    await page.evaluate(NO_SOCKETS)
    await live.stop()
    await live.start()
    await ready(page, "Not let in")
    await expect(page.get_by_test_id("state-hint")).to_contain_text(
        "Questions are asked over HTTP meanwhile."
    )
    await type_in(page, "what about lunch")
    answer = page.locator("[data-turn='1'] .assistant")
    await expect(answer.locator(".words")).to_have_text("You said: what about lunch.")
    await expect(answer.locator(".note")).to_have_text("Over HTTP, as the socket is not there.")


@pytest.mark.parametrize("form", ["pieces", "pcm"])
async def test_a_recording_becomes_a_file(open_page: OpenPage, live: LiveRelay, form: str) -> None:
    page = await open_page(live.url("recorder"))
    await ready(page)
    await page.locator(f"[value={form}]").check()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await page.get_by_test_id("record").click()
    await ready(page, "Recording")
    replies = page.get_by_test_id("replies").locator("li")
    await expect(replies.first).to_contain_text("Started new recording session:")
    await expect(page.get_by_test_id("elapsed")).to_have_text(re.compile("0:0[1-9]"))
    await page.get_by_test_id("record").click()
    await expect(replies.last).to_contain_text("Audio saved: streamed_audio_")
    elapsed = loop.time() - began
    await ready(page)
    [file] = live.folder.glob("*.wav")
    with wave.open(str(file)) as recording:
        assert recording.getframerate() == 16_000
        assert 0.4 < recording.getnframes() / 16_000 < elapsed


async def test_the_echo_is_timed(open_page: OpenPage, live: LiveRelay) -> None:
    page = await open_page(live.url("echo"))
    await ready(page, "Connected")
    await type_in(page, "hello")
    await expect(page.get_by_test_id("trip")).to_contain_text("ms")
    await page.get_by_test_id("measure").click()
    await expect(page.get_by_test_id("trips")).to_contain_text("50 of 50 came back")
    await page.get_by_test_id("sound").click()
    await expect(page.get_by_test_id("wire").locator("[data-direction=received]").first).to_contain_text(
        "1 piece of sound, 32,000 bytes"
    )


async def test_a_call_is_shown_while_it_goes_on_with_its_figures(
    open_page: OpenPage, live: LiveRelay
) -> None:
    page = await open_page(live.url("calls"))
    await ready(page, "Connected")
    async with TwilioCaller(live.port) as caller:
        await caller.start({"userId": "ann"})
        await caller.say(silence(0.2))
        stream = await live.hearing.stream()
        await ready(page, "A call is going on")
        stream.partial("I had")
        line = page.locator(".call-line[data-speaker=caller]")
        await expect(line.locator(".call-words")).to_have_text("I had")
        stream.final("I had two eggs")
        await expect(line).to_have_text("Caller I had two eggs 90 %")
        await expect(page.locator(".call-line[data-speaker=assistant]")).to_contain_text("You said")
        await page.get_by_test_id("stats").click()
        await expect(page.get_by_test_id("figures").locator("tfoot")).to_contain_text("1,600")
        await page.get_by_test_id("call-sid").fill(caller.call_sid)
        await page.keyboard.press("Enter")
        await expect(page.locator(".call")).to_have_count(1)
        await page.get_by_test_id("user").fill("bob")
        await page.keyboard.press("Enter")
        await expect(page.locator(".call")).to_have_count(0)
        await page.get_by_test_id("user").fill("ann")
        await page.get_by_test_id("call-sid").fill("")
        await page.keyboard.press("Enter")
        await expect(page.locator(".call")).to_have_count(1)
        await caller.stop()
    await expect(page.locator(".call-light")).to_have_text("over")
    await ready(page, "Connected")
