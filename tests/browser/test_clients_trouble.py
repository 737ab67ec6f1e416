"""What goes wrong around the pages of the other clients: each says what state it is in and what to do about it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Playwright, expect

from protocol.errors import SttUnavailable
from tests.browser.chromium import FLAGS, chromium_path, only_by_hand
from tests.browser.conftest import OpenPage, StartLive
from tests.browser.live_relay import LiveRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAMES = ("diet", "bank", "captions", "answers", "recorder", "calls", "echo")


async def state(page: Page, title: str) -> None:
    await expect(page.get_by_test_id("state-title")).to_have_text(title)


async def idle(page: Page) -> None:
    await expect(page.get_by_test_id("state")).to_have_attribute("data-state", "idle")


async def test_a_lost_relay_is_said_and_its_return_is_noticed(open_page: OpenPage, live: LiveRelay) -> None:
    pages = [await open_page(live.url(name)) for name in NAMES]
    for page in pages:
        await idle(page)
        await only_by_hand(page)
    await live.stop()
    for page in pages:
        await state(page, "Connection lost")
        await expect(page.get_by_test_id("state")).to_contain_text("Trying again in")
    await live.start()
    for page in pages:
        await page.get_by_role("button", name="Try now").click()
        await idle(page)


async def test_a_page_comes_back_by_itself(open_page: OpenPage, live: LiveRelay) -> None:
    page = await open_page(live.url("echo"))
    await idle(page)
    await live.stop()
    await state(page, "Connection lost")
    await live.start()
    await idle(page)


@contextlib.asynccontextmanager
async def without_microphone(playwright: Playwright) -> AsyncIterator[Page]:
    flags = ("--use-fake-ui-for-media-stream", "--disable-audio-input")
    browser = await playwright.chromium.launch(executable_path=chromium_path(), args=[*FLAGS, *flags])
    try:
        yield await browser.new_page()
    finally:
        await browser.close()


async def test_no_microphone_is_said_with_what_to_do(playwright: Playwright, live: LiveRelay) -> None:
    async with without_microphone(playwright) as page:
        for name in ("diet", "bank", "captions", "recorder"):
            await page.goto(live.url(name))
            await idle(page)
            await page.get_by_test_id("record").click()
            await state(page, "No microphone found")
            hint = page.get_by_test_id("state-hint")
            await expect(hint).to_contain_text("Plug one in")
            can_type = await page.get_by_test_id("typed").count() > 0
            assert ("Typing works" in await hint.inner_text()) == can_type
            await page.get_by_role("button", name="Got it").click()
            await idle(page)


async def test_a_browser_without_a_recorder_says_so(open_page: OpenPage, live: LiveRelay) -> None:
    page = await open_page(live.url("diet"))
    await idle(page)
    await page.evaluate("() => { delete window.MediaRecorder; }")
    await page.get_by_test_id("record").click()
    await state(page, "This browser cannot record")
    await page.get_by_test_id("typed").fill("two eggs")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-turn='1'] .assistant")).to_contain_text("two eggs")


async def test_stopping_while_permission_is_asked_leaves_no_microphone_open(
    open_page: OpenPage, live: LiveRelay
) -> None:
    page = await open_page(live.url("diet"))
    await idle(page)
    await page.evaluate(
        """
        async () => {
          window.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
          navigator.mediaDevices.getUserMedia = () => new Promise((resolve) => { window.answer = resolve; });
        }
        """
    )
    await page.get_by_test_id("record").click()
    await state(page, "Microphone")
    await page.get_by_test_id("record").click()
    await idle(page)
    await page.evaluate("window.answer(window.stream)")
    await page.wait_for_function("() => window.stream.getAudioTracks()[0].readyState === 'ended'")
    await expect(page.get_by_test_id("wire")).not_to_contain_text("of sound")


@pytest.mark.parametrize("name", ["diet", "bank", "recorder"])
async def test_a_microphone_that_is_pulled_out_is_noticed_and_what_was_said_is_sent(
    open_page: OpenPage, live: LiveRelay, name: str
) -> None:
    page = await open_page(live.url(name))
    await idle(page)
    await page.evaluate(
        """
        () => {
          const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await ask(wanted));
        }
        """
    )
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("wire")).to_contain_text("of sound")
    await page.evaluate("window.stream.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    await state(page, "Microphone disconnected")
    await expect(page.get_by_test_id("record")).to_have_text("Start recording")


async def test_a_session_that_is_opened_elsewhere_is_left_to_it(open_page: OpenPage, live: LiveRelay) -> None:
    """Two tabs with one session would take it from each other for ever."""
    page = await open_page(live.url("diet"))
    await idle(page)
    kept = await page.evaluate("sessionStorage.getItem('voice-relay.diet')")
    other = await open_page(live.url("echo"))
    await other.evaluate("(id) => sessionStorage.setItem('voice-relay.diet', id)", kept)
    await other.goto(live.url("diet"))
    await idle(other)
    await state(page, "Not connected")
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
    await page.wait_for_timeout(700)
    await idle(other)


async def test_an_idle_diet_page_is_let_go_and_stays_so(open_page: OpenPage, start_live: StartLive) -> None:
    live = await start_live(diet_idle_seconds=0.3)
    page = await open_page(live.url("diet"))
    await state(page, "Not connected")
    await expect(page.get_by_test_id("state-hint")).to_contain_text("Nothing was said for a while")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_test_id("wire").get_by_text('"status":"idle"')).to_have_count(2)


async def test_an_answer_that_fails_is_said_and_can_be_asked_for_again(
    open_page: OpenPage, live: LiveRelay
) -> None:
    page = await open_page(live.url("answers"))
    await idle(page)
    live.receiver.mute.add("commit")
    await page.get_by_test_id("typed").fill("two eggs")
    await page.keyboard.press("Enter")
    await state(page, "Thinking")
    await only_by_hand(page)
    await live.stop()
    failure = page.locator("[data-turn='1'] .failure")
    await expect(failure).to_be_visible()
    live.receiver.mute.clear()
    await live.start()
    await page.get_by_role("button", name="Try now").click()
    await idle(page)
    await page.get_by_test_id("renew").click()
    await failure.get_by_role("button", name="Send again").click()
    await expect(page.locator("[data-turn='2'] .assistant .words")).to_contain_text("two eggs")


async def test_lost_recognition_is_told_by_the_captions(open_page: OpenPage, live: LiveRelay) -> None:
    page = await open_page(live.url("captions"))
    await idle(page)
    await page.get_by_test_id("record").click()
    stream = await live.hearing.stream()
    stream.fail(SttUnavailable())
    await expect(page.get_by_test_id("wire")).to_contain_text('"code":"stt_unavailable"')
    again = await live.hearing.stream(1)
    again.final("Good morning.")
    await expect(page.get_by_test_id("lines")).to_contain_text("Good morning.")


async def test_garbage_from_the_relay_breaks_nothing(open_page: OpenPage, live: LiveRelay) -> None:
    """Pages are shown what they do not expect: not JSON, no object, no known type."""
    page = await open_page(live.url("echo"))
    await idle(page)
    await page.evaluate(
        """
        async () => {
          const { parse } = await import("./client-socket.js");
          window.parsed = ["nonsense", "null", "[1]", "7", '{"type": "later"}'].map(parse);
        }
        """
    )
    assert await page.evaluate("window.parsed") == [None, None, None, None, {"type": "later"}]
