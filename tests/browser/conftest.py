"""The page in real Chromium, opened from a relay that does what the test says.

Everything here runs in one event loop for the whole session, so that Chromium starts once.
"""

from __future__ import annotations

import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright, expect

from tests.browser.chromium import FLAGS, chromium_path, silent_mp3, write_tone
from tests.browser.live_relay import LiveRelay
from tests.browser.scripted_diary import ScriptedDiary, item
from tests.browser.scripted_relay import WAIT_SECONDS, ScriptedRelay
from tests.browser.tabs import Tabs
from tests.scripted_receiver import ScriptedReceiver

expect.set_options(timeout=WAIT_SECONDS * 1000)

OpenPage = Callable[..., Awaitable[Page]]
StartLive = Callable[..., Awaitable[LiveRelay]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """Chromium whose microphone plays a tone, permission granted."""
    with tempfile.TemporaryDirectory() as folder:
        tone = Path(folder) / "tone.wav"
        write_tone(tone)
        started = await playwright.chromium.launch(
            executable_path=chromium_path(),
            args=[
                *FLAGS,
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={tone}",
            ],
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def relay() -> AsyncIterator[ScriptedRelay]:
    scripted = ScriptedRelay()
    await scripted.start()
    yield scripted
    await scripted.stop()
    assert scripted.invalid == []


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Tabs:
    return Tabs(browser)


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One that was never used, for tests whose relay others talk to as well."""
    made = await browser.new_context(permissions=["microphone"])
    made.set_default_timeout(WAIT_SECONDS * 1000)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def complaints() -> list[str]:
    """Errors and warnings of the page's console. A test that expects some clears it."""
    return []


@pytest_asyncio.fixture(loop_scope="session")
async def page(tabs: Tabs, relay: ScriptedRelay, complaints: list[str]) -> AsyncIterator[Page]:
    """The page, opened and ready."""
    tab = await tabs.take(complaints)
    await tab.page.goto(relay.url)
    await relay.client()
    yield tab.page
    await tabs.give_back(tab)
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def diary(page: Page, relay: ScriptedRelay) -> ScriptedDiary:
    """Breakfast on the page: two eggs, a slice of toast, and something that nobody knows."""
    kept = ScriptedDiary(
        item(1, "eggs", 150, quantity=2.0, grams=100.0),
        item(2, "toast", 80, unit="slice", grams=30.0),
        item(3, "zorb", 0, unit="bowl", known=False, grams=None),
    )
    relay.on_action = kept.answer
    await kept.tell(await relay.client())
    await expect(page.locator("[data-item]")).to_have_count(3)
    return kept


@pytest_asyncio.fixture(loop_scope="session")
async def start_live(tmp_path: Path) -> AsyncIterator[StartLive]:
    """Starts real relays, each with a receiver of its own; the keywords are settings."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> LiveRelay:
            receiver = await stack.enter_async_context(ScriptedReceiver())
            live = LiveRelay(tmp_path, receiver, **settings)
            await live.start()
            stack.push_async_callback(live.stop)
            return live

        yield start


@pytest_asyncio.fixture(loop_scope="session")
async def live(start_live: StartLive) -> LiveRelay:
    return await start_live()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(tabs: Tabs, complaints: list[str], start_live: StartLive) -> AsyncIterator[OpenPage]:
    """Opens pages at an address; the keywords are the browser context's. None of them may complain.

    They are left before the relays are stopped.
    """
    async with AsyncExitStack() as stack:

        async def open_page(url: str, **options: Any) -> Page:
            tab = await tabs.take(complaints, **options)
            stack.push_async_callback(tabs.give_back, tab)
            await tab.page.goto(url)
            return tab.page

        yield open_page
    assert complaints == []


@pytest.fixture
def mp3() -> Callable[[float], str]:
    """base64 MP3 of so many seconds."""
    return lambda seconds: b64encode(silent_mp3(seconds)).decode()
