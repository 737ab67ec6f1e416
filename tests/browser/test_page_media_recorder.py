"""Real recordings of Chromium's `MediaRecorder`, decoded while they come, understood and answered aloud."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import watch
from tests.browser.conftest import OpenPage
from tests.browser.deployment import ANSWER_MS, Deployment
from tests.browser.live_relay import LiveRelay
from tests.browser.scripted_relay import WAIT_SECONDS
from tests.relay.codecs.live_decoder import threads

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEEP_SOUND = """
window.pieces = [];
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (data) {
  if (data instanceof Blob) window.pieces.push(data);
  return send.call(this, data);
};
"""

FIRST_BYTES = "async () => [...new Uint8Array(await window.pieces[0].slice(0, 4).arrayBuffer())]"

EBML = [0x1A, 0x45, 0xDF, 0xA3]


async def speak(page: Page, url: str) -> None:
    await page.add_init_script(KEEP_SOUND)
    await page.goto(url)
    # The greeting may be there already, and Chromium plays nothing before the first click.
    ready = re.compile("^(Ready|Answer ready)$")
    await expect(page.get_by_test_id("state-title")).to_have_text(ready, timeout=ANSWER_MS)
    await page.get_by_test_id("record").click()


@pytest.mark.parametrize("name", ["diet", "bank"])
async def test_a_webm_recording_is_understood_and_answered_aloud(
    on_device: Deployment, breakfast_browser: Browser, name: str
) -> None:
    page = await breakfast_browser.new_page()
    complaints: list[str] = []
    watch(page, complaints.append)
    await speak(page, f"{on_device.url}clients/{name}.html")
    await expect(page.get_by_test_id("open").locator("em")).not_to_be_empty(timeout=ANSWER_MS)
    turn = page.locator("[data-turn='1']")
    await expect(turn.locator(".you")).to_contain_text(
        re.compile("two eggs.*toast", re.IGNORECASE), timeout=ANSWER_MS
    )
    await expect(turn.locator(".assistant")).to_contain_text("egg", timeout=ANSWER_MS)
    await expect(page.get_by_test_id("state-title")).to_have_text("Speaking", timeout=ANSWER_MS)
    await expect(turn.locator("[data-speaking]")).to_be_visible()
    assert await page.evaluate(FIRST_BYTES) == EBML
    assert await page.evaluate("window.pieces.length") > (3 if name == "diet" else 30)
    if name == "diet":
        await page.get_by_test_id("completed").click()
        summary = page.get_by_test_id("summary-panel")
        await expect(summary.locator("tbody")).to_contain_text("egg", timeout=ANSWER_MS)
        await expect(summary.locator("tfoot")).to_contain_text("In all")
    await page.close()
    assert complaints == []


async def gone() -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while threads():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("name", ["diet", "bank", "recorder"])
async def test_a_stopped_recorder_leaves_no_decoder_behind(
    open_page: OpenPage, live: LiveRelay, name: str
) -> None:
    page = await open_page(live.url(name))
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    for _ in range(2):
        await page.get_by_test_id("record").click()
        async with asyncio.timeout(WAIT_SECONDS):
            while not threads():
                await asyncio.sleep(0.02)
        if name == "diet":  # its wire has no word for the end of a recording alone
            await page.get_by_test_id("completed").click()
        else:
            await page.get_by_test_id("record").click()
        await gone()
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("wire").locator("li").first).to_contain_text("of sound")
    await page.close()
    await gone()


async def test_a_recorder_whose_page_connects_anew_begins_again(open_page: OpenPage, live: LiveRelay) -> None:
    """The middle of a WebM recording is noise to a relay that has not heard its beginning."""
    page = await open_page(live.url("diet"))
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    await page.get_by_test_id("record").click()
    await live.hearing.stream()
    await live.stop()
    await live.start()
    assert threads() == []
    stream = await live.hearing.stream(1)
    stream.final("two eggs")
    await expect(page.locator("[data-turn='1'] .assistant")).to_contain_text("two eggs")
    await expect(page.get_by_test_id("wire")).not_to_contain_text("bad_audio")
