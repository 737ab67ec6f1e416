"""The pages of the other clients: usable by everybody, and reachable from each other."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.live_relay import LiveRelay
from tests.browser.page_measures import NAMELESS, TARGETS, contrasts
from tests.twilio_caller import TwilioCaller, silence

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAMES = ("diet", "bank", "captions", "answers", "recorder", "calls", "echo")
SHOWN: dict[str, str] = {
    "diet": "Diet page",
    "bank": "Bank page",
    "captions": "Live captions",
    "answers": "Streamed answers",
    "recorder": "Recorder",
    "calls": "Telephone calls",
    "echo": "Echo",
}


async def fill(page: Page, live: LiveRelay, name: str) -> None:
    """What the page can show at once."""
    await expect(page.get_by_test_id("state")).to_have_attribute("data-state", "idle")
    await page.get_by_test_id("token-panel").locator("summary").click()
    await page.get_by_label("Access token").fill("none")
    await page.get_by_role("button", name="Use", exact=True).last.click()
    panel = page.get_by_test_id("token-panel")
    await expect(panel.get_by_role("alert")).to_contain_text("That is no token")
    if name == "calls":
        async with TwilioCaller(live.port) as caller:
            await caller.start({"userId": "ann"})
            await caller.say(silence(0.1))
            stream = await live.hearing.stream(len(live.hearing.streams) - 1 if live.hearing.streams else 0)
            stream.final("I had two eggs")
            stream.partial("and a")
            await page.get_by_test_id("stats").click()
            await expect(page.get_by_test_id("figures")).to_be_visible()
            await caller.stop()
        await expect(page.locator(".call-light")).to_have_text("over")
    elif name not in ("captions", "recorder"):
        await page.get_by_test_id("typed").fill("I had two eggs")
        await page.keyboard.press("Enter")
    if name in ("diet", "bank", "answers"):
        await expect(page.locator("[data-turn='1'] .assistant .words")).to_contain_text("two eggs")
    if name == "diet":
        await page.evaluate(A_SUMMARY)
    if name in ("captions", "recorder"):
        await page.get_by_test_id("record").click()
        await expect(page.get_by_test_id("record")).to_contain_text("Stop")
    if name == "captions":
        stream = await live.hearing.stream(len(live.hearing.streams) - 1 if live.hearing.streams else 0)
        stream.final("Good morning, everybody.")
        stream.partial("today")
        await expect(page.get_by_test_id("partial")).to_have_text("today")


A_SUMMARY = """
async () => {
  const { showSummary } = await import("./diet-summary.js");
  const figures = { calories: 145.5, protein: 12.3, carbs: 1, fat: 9.6 };
  showSummary(document.getElementById("summary-panel"), {
    date: "2026-11-21",
    entries: [{ mealType: "breakfast", items: [{ name: "eggs", quantity: 2, unit: "large", ...figures }],
      totals: figures }, { mealType: "lunch", items: [], totals: { calories: 0, protein: 0, carbs: 0, fat: 0 } }],
    totals: figures,
  });
}
"""


EMPTY_BELOW = """
() => document.documentElement.scrollHeight
  - Math.max(innerHeight, scrollY + document.querySelector("main").getBoundingClientRect().bottom + 1)
"""


@pytest.mark.parametrize("name", NAMES)
async def test_every_text_has_a_contrast_of_at_least_4_5(
    open_page: OpenPage, live: LiveRelay, name: str
) -> None:
    page = await open_page(live.url(name), reduced_motion="reduce")
    await fill(page, live, name)
    readings = await contrasts(page)
    await page.get_by_test_id("ways").locator("summary").click()
    readings += await contrasts(page)
    await live.stop()
    await expect(page.get_by_test_id("state-title")).to_have_text("Connection lost")
    readings += await contrasts(page)
    assert len(readings) > 120
    assert [reading for reading in readings if reading["ratio"] < 4.5] == []


@pytest.mark.parametrize("name", NAMES)
async def test_it_fits_each_screen_and_a_finger_and_has_its_landmarks(
    open_page: OpenPage, live: LiveRelay, name: str
) -> None:
    page = await open_page(live.url(name), viewport={"width": 360, "height": 740})
    await fill(page, live, name)
    await page.get_by_test_id("ways").locator("summary").click()
    for width in (360, 1200):
        await page.set_viewport_size({"width": width, "height": 740})
        assert await page.evaluate("document.documentElement.scrollWidth") == width
        for target in await page.evaluate(TARGETS):
            assert target["height"] >= 44, target
            assert target["width"] >= 44, target
            assert 0 <= target["left"] < target["right"] <= width, target
    assert await page.evaluate(EMPTY_BELOW) <= 0, "the page does not scroll on into nothing"
    assert await page.evaluate(NAMELESS) == []
    for role in ("banner", "main"):
        await expect(page.get_by_role(role)).to_have_count(1)
    await expect(page.get_by_role("heading", level=1)).to_have_text(SHOWN[name])
    assert await page.evaluate("document.documentElement.lang") == "en"
    ids = await page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))


async def test_each_page_is_reached_from_the_main_page_and_leads_back(
    open_page: OpenPage, live: LiveRelay
) -> None:
    page = await open_page(live.url())
    menu = page.get_by_test_id("ways")
    for title in SHOWN.values():
        await menu.locator("summary").click()
        await menu.get_by_role("link", name=title).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(title)
        await expect(menu.locator("[aria-current=page] .menu-title")).to_have_text(title)
        await expect(page.get_by_test_id("state")).to_have_attribute("data-state", "idle")
    await page.get_by_role("link", name="Voice Relay").click()
    await expect(page).to_have_url(live.url())
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")


async def test_the_menu_opens_and_closes_from_the_keyboard_and_by_a_click_beside_it(
    open_page: OpenPage, live: LiveRelay
) -> None:
    page = await open_page(live.url("echo"))
    links = page.get_by_role("navigation", name="More clients")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(links).to_be_visible()
    await page.keyboard.press("Tab")
    assert (
        await page.evaluate("document.activeElement.querySelector('.menu-title').textContent")
        == "Conversation"
    )
    await page.keyboard.press("Escape")
    await expect(links).to_be_hidden()
    assert await page.evaluate("document.activeElement.localName") == "summary"
    await page.keyboard.press("Enter")
    await expect(links).to_be_visible()
    await page.get_by_role("heading", level=1).click()
    await expect(links).to_be_hidden()


async def test_everything_of_a_page_works_from_the_keyboard(open_page: OpenPage, live: LiveRelay) -> None:
    page = await open_page(live.url("diet"))
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    reached: list[str] = []
    while "wire-list" not in reached and len(reached) < 30:
        await page.keyboard.press("Tab")
        reached.append(
            await page.evaluate(
                "document.activeElement.id || document.activeElement.className || document.activeElement.textContent"
            )
        )
    for stop in ("bar-home", "open-ways", "scroll", "record", "typed", "summary", "completed", "email"):
        assert stop in reached
    assert reached.index("record") < reached.index("typed") < reached.index("wire-list")
