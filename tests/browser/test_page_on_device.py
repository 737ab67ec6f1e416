"""Speech on this machine, as it ships: what a page records is understood and answered aloud."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright, expect

from tests.browser.chromium import FLAGS, chromium_path, watch
from tests.browser.deployment import ANSWER_MS, Deployment

pytestmark = pytest.mark.asyncio(loop_scope="session")

BREAKFAST = Path(__file__).parent.parent / "audio" / "breakfast.wav"

KEEP_SOUND = """
window.pieces = [];
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (data) {
  if (data instanceof Blob) window.pieces.push(data);
  return send.call(this, data);
};
"""

FIRST_BYTES = "async () => [...new Uint8Array(await new Blob(window.pieces).slice(0, 4).arrayBuffer())]"

EBML = [0x1A, 0x45, 0xDF, 0xA3]


@pytest.fixture(scope="module")
def on_device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Speech on this machine, and breakfast for whoever asks."""
    folder = tmp_path_factory.mktemp("on-device")
    deployment = Deployment(folder, RELAY_ASSISTANTS="socketio=diet")
    yield deployment
    deployment.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def breakfast_browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """Chromium whose microphone says, once after each time that it is opened, what there was for breakfast."""
    started = await playwright.chromium.launch(
        executable_path=chromium_path(),
        args=[
            *FLAGS,
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={BREAKFAST}%noloop",
        ],
    )
    yield started
    await started.close()


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


async def test_a_spoken_recording_is_understood_and_answered_aloud(
    on_device: Deployment, breakfast_browser: Browser
) -> None:
    """Speech on this machine, in a voice other than the relay's own."""
    page = await breakfast_browser.new_page()
    await page.goto(on_device.url)
    await expect(page.locator("[data-turn='0'] .bubble.assistant")).to_be_visible(timeout=ANSWER_MS)
    await page.get_by_test_id("record").click()
    await expect(page.locator("[data-state=partial]").first).to_be_visible(timeout=ANSWER_MS)
    await expect(page.locator("[data-turn='1'] .bubble.you")).to_contain_text("egg", timeout=ANSWER_MS)
    answer = page.locator("[data-turn='1'] .bubble.assistant")
    await expect(answer).to_contain_text("egg", timeout=ANSWER_MS)
    await expect(answer.locator("[data-speaking]")).to_be_visible(timeout=ANSWER_MS)
    await expect(page.get_by_test_id("state-title")).to_have_text("Listening", timeout=ANSWER_MS)
    await expect(page.get_by_test_id("diary")).to_contain_text("egg")
    await page.close()
