"""Real recordings of Chromium's `MediaRecorder`: what becomes of their decoder."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.live_relay import LiveRelay
from tests.browser.scripted_relay import WAIT_SECONDS
from tests.relay.codecs.live_decoder import threads

pytestmark = pytest.mark.asyncio(loop_scope="session")


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
