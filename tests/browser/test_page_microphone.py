"""The microphone: each way in which there is none, and browsers that record in their own way."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Playwright, expect

from tests.browser.chromium import FLAGS, chromium_path
from tests.browser.scripted_relay import ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


@contextlib.asynccontextmanager
async def other_chromium(playwright: Playwright, relay: ScriptedRelay, *flags: str) -> AsyncIterator[Page]:
    """The page in a Chromium whose microphone is another than the tone of the rest."""
    browser = await playwright.chromium.launch(executable_path=chromium_path(), args=[*FLAGS, *flags])
    try:
        page = await browser.new_page()
        await page.goto(relay.url)
        yield page
    finally:
        await browser.close()


async def test_no_microphone_is_said_with_what_to_do(playwright: Playwright, relay: ScriptedRelay) -> None:
    async with other_chromium(
        playwright, relay, "--use-fake-ui-for-media-stream", "--disable-audio-input"
    ) as page:
        client = await relay.client()
        await page.get_by_test_id("record").click()
        await expect(page.get_by_test_id("state-title")).to_have_text("No microphone found")
        await expect(page.get_by_test_id("state-hint")).to_contain_text("Plug one in")
        await page.get_by_test_id("typed").fill("two eggs")
        await page.keyboard.press("Enter")
        await client.until(lambda: client.sent("text"))
        await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
        assert client.audio == []


async def test_a_denied_microphone_is_said_with_what_to_do(
    playwright: Playwright, relay: ScriptedRelay
) -> None:
    async with other_chromium(playwright, relay, "--use-fake-device-for-media-stream") as page:
        client = await relay.client()
        devtools = await page.context.new_cdp_session(page)
        denied = {"permission": {"name": "microphone"}, "setting": "denied", "origin": relay.url}
        await devtools.send("Browser.setPermission", denied)
        await page.get_by_test_id("record").click()
        await expect(page.get_by_test_id("state-title")).to_have_text("Microphone blocked")
        await expect(page.get_by_test_id("state-hint")).to_contain_text("Allow the microphone")
        await expect(page.get_by_test_id("record")).to_have_text("Start recording")
        assert client.sent("flush") == []


FAKE_MICROPHONE = """
(failure) => {
  navigator.mediaDevices.getUserMedia = () => {
    if (failure === "pending") return new Promise((resolve) => { window.answer = resolve; });
    throw new DOMException("", failure);
  };
}
"""


async def test_each_way_the_microphone_fails_has_its_words(
    page: Page, relay: ScriptedRelay, complaints: list[str]
) -> None:
    for failure, title in [
        ("NotReadableError", "Microphone is busy"),
        ("NotFoundError", "No microphone found"),
        ("UnknownError", "Microphone did not start"),
    ]:
        await page.evaluate(FAKE_MICROPHONE, failure)
        await page.get_by_test_id("record").click()
        await expect(page.get_by_test_id("state-title")).to_have_text(title)
    complaints.clear()


async def test_an_insecure_page_is_told_before_it_asks(page: Page, relay: ScriptedRelay) -> None:
    await page.evaluate("Object.defineProperty(window, 'isSecureContext', { value: false })")
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("state-title")).to_have_text("Microphone needs a secure page")
    await expect(page.get_by_test_id("state-hint")).to_contain_text("https://")


async def test_stopping_while_permission_is_asked_leaves_no_microphone_open(
    page: Page, relay: ScriptedRelay
) -> None:
    client = await relay.client()
    await page.evaluate(
        "window.stream = null; navigator.mediaDevices.getUserMedia({audio: true}).then((s) => { window.stream = s; })"
    )
    await page.wait_for_function("() => window.stream !== null")
    await page.evaluate(FAKE_MICROPHONE, "pending")
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("state-hint")).to_contain_text("allow this page to use the microphone")
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    await page.evaluate("window.answer(window.stream)")
    await page.wait_for_function("() => window.stream.getAudioTracks()[0].readyState === 'ended'")
    assert client.audio == []
    assert client.sent("flush") == []


async def test_a_microphone_that_is_pulled_out_is_noticed(page: Page, relay: ScriptedRelay) -> None:
    await page.evaluate(
        """
        () => {
          const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await ask(wanted));
        }
        """
    )
    client = await relay.client()
    await page.get_by_test_id("record").click()
    await client.until(lambda: client.audio)
    await page.evaluate("window.stream.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    await expect(page.get_by_test_id("state-title")).to_have_text("Microphone disconnected")
    await client.until(lambda: client.sent("flush"))


async def test_a_browser_that_cannot_record_at_16_khz_gets_a_resampler(
    page: Page, relay: ScriptedRelay
) -> None:
    """As Firefox does it: a stream connects only to a context of the device's own rate."""
    await page.evaluate(
        """
        () => {
          const connect = AudioContext.prototype.createMediaStreamSource;
          AudioContext.prototype.createMediaStreamSource = function (stream) {
            if (this.sampleRate === 16000) throw new DOMException("", "NotSupportedError");
            window.usedRate = this.sampleRate;
            return connect.call(this, stream);
          };
        }
        """
    )
    client = await relay.client()
    await page.get_by_test_id("record").click()
    await client.until(lambda: len(client.audio) >= 8)
    await page.get_by_test_id("record").click()
    await client.until(lambda: client.sent("flush"))
    assert await page.evaluate("window.usedRate") in (44_100, 48_000)
    assert {len(chunk) for chunk in client.audio[:-1]} == {3200}
