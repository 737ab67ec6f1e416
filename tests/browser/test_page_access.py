"""Usable by everybody: keyboard, screen reader, small screens, both themes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from protocol.client_messages import PastTurn
from tests.browser.conftest import OpenPage
from tests.browser.page_measures import NAMELESS, TARGETS, contrasts
from tests.browser.scripted_diary import ScriptedDiary, item
from tests.browser.scripted_relay import ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def fill_diary(page: Page, relay: ScriptedRelay) -> None:
    """An unknown food, a form that was filled in wrongly, changes that wait and that failed, another day, a goal."""
    client = await relay.client()
    diary = ScriptedDiary()
    diary.shown, diary.goal = diary.day(3), {"kcal": 200, "protein_g": 90}
    diary.days[diary.shown] = [
        item(1, "eggs", 150), item(2, "toast", 80), item(3, "zorb", 0, known=False), item(4, "tea", 2),
    ]  # fmt: skip
    await diary.tell(client)
    await page.locator("#diary").evaluate("node => { node.open = true; }")
    await page.get_by_role("button", name="Delete eggs").click()
    await client.until(lambda: client.sent("action"))
    await client.send(
        type="error",
        code="store_unavailable",
        message="Not now.",
        retryable=True,
        id=client.sent("action")[0].id,
    )
    await page.get_by_role("button", name="Delete toast").click()
    await page.get_by_role("button", name="Undo", exact=True).click()
    await page.locator("[data-item=item-4] .item-open").click()
    await page.keyboard.type("lots")
    await page.keyboard.press("Enter")
    await expect(page.locator(".editor-problem")).not_to_be_empty()
    diary.days[diary.shown][2] |= {"quantity": 2.0}
    await diary.tell(client)
    await expect(page.locator(".changed")).to_have_count(1)


async def fill(page: Page, relay: ScriptedRelay) -> None:
    """Everything the page can show, at once."""
    client = await relay.client()
    await fill_diary(page, relay)
    await client.send(type="latency", turn=1, stages={"total": 640.0})
    await client.send(type="transcript", text="a cup of tea", final=True, turn=3, confidence=0.4)
    await client.send(type="transcript", text="and a", final=False, turn=3)
    await client.send(type="error", code="turn_failed", message="Not answered.", retryable=False, turn=2)
    await client.send(type="error", code="stt_refused", message="Refused.", retryable=False)
    await client.send(type="reply_audio", turn=1, seq=0, text="Noted.", audio=None)
    await page.get_by_test_id("typed").fill("and ham")
    await page.keyboard.press("Enter")
    await client.send(type="status", state="waiting_for_receiver")
    await expect(page.get_by_test_id("state-title")).to_have_text("One moment")


async def open_filled(open_page: OpenPage, relay: ScriptedRelay, **options: Any) -> Page:
    relay.history = [PastTurn(turn=1, text="two eggs", message="Noted. Any drink?")]
    page = await open_page(relay.url, **options)
    await fill(page, relay)
    return page


async def test_every_text_has_a_contrast_of_at_least_4_5(open_page: OpenPage, relay: ScriptedRelay) -> None:
    page = await open_filled(
        open_page, relay, viewport={"width": 1200, "height": 800}, reduced_motion="reduce"
    )
    readings = await contrasts(page)
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("record")).to_have_text("Stop recording")
    readings += await contrasts(page)
    await (await relay.client()).socket.close(1013)
    await relay.stop()
    await expect(page.get_by_test_id("state-title")).to_have_text("Connection lost")
    await page.get_by_test_id("open-settings").click()
    readings += await contrasts(page)
    await page.keyboard.press("Escape")
    await page.locator("[data-part=goal]").click()
    readings += await contrasts(page)
    assert len(readings) > 160
    assert [reading for reading in readings if reading["ratio"] < 4.5] == []


@pytest.mark.parametrize("width", [360, 390, 1200])
async def test_it_fits_the_screen_and_its_targets_fit_a_finger(
    open_page: OpenPage, relay: ScriptedRelay, width: int
) -> None:
    page = await open_filled(open_page, relay, viewport={"width": width, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    for target in await page.evaluate(TARGETS):
        assert target["height"] >= 44, target
        assert target["width"] >= 44, target
        assert 0 <= target["left"] < target["right"] <= width, target
    assert await page.evaluate("document.documentElement.scrollHeight") <= 740, (
        "the page itself never scrolls"
    )


async def test_landmarks_labels_and_live_regions(open_page: OpenPage, relay: ScriptedRelay) -> None:
    page = await open_filled(open_page, relay)
    assert await page.evaluate(NAMELESS) == []
    for role in ("banner", "main", "complementary", "log"):
        await expect(page.get_by_role(role)).to_have_count(1)
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    await expect(page.get_by_role("textbox", name="Type a message")).to_be_visible()
    await expect(page.get_by_role("status").first).to_contain_text("One moment")
    assert await page.evaluate("document.documentElement.lang") == "en"
    ids = await page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))
    in_live = "document.querySelector('[role=log] .caption, [role=status] .countdown') === null"
    assert await page.evaluate(in_live), "partials and seconds are never read out"


async def test_everything_works_from_the_keyboard(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    reached = []
    for _ in range(7):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert reached == ["skip", "open-assistants", "open-ways", "open-settings", "scroll", "record", "typed"]
    await page.get_by_test_id("record").focus()
    outline = await page.get_by_test_id("record").evaluate("node => getComputedStyle(node).outlineStyle")
    assert outline == "solid"
    await page.keyboard.press("Space")
    await client.until(lambda: client.audio)
    await page.keyboard.press("Enter")
    await client.until(lambda: client.sent("flush"))
    await page.keyboard.press("Tab")
    await page.keyboard.type("two eggs")
    await page.keyboard.press("Enter")
    await client.until(lambda: client.sent("text"))
    await expect(page.get_by_test_id("typed")).to_be_focused()
    await expect(page.get_by_test_id("typed")).to_have_value("")


async def test_reduced_motion_stills_the_page(open_page: OpenPage, relay: ScriptedRelay) -> None:
    page = await open_filled(open_page, relay, reduced_motion="reduce")
    await (await relay.client()).send(type="status", state="thinking")
    await expect(page.get_by_test_id("state-title")).to_have_text("Thinking")
    assert await page.evaluate("document.getAnimations().length") == 0


async def test_the_newest_words_stay_in_sight_unless_one_reads_back(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    for turn in range(1, 30):
        await client.send(type="turn", turn=turn, text=f"number {turn}", ids=[])
    await expect(page.get_by_text("number 29")).to_be_in_viewport()
    await page.evaluate("document.getElementById('scroll').scrollTop = 0")
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    await client.send(type="turn", turn=30, text="number 30", ids=[])
    await expect(page.get_by_text("number 30")).to_be_attached()
    await expect(page.get_by_text("number 30")).not_to_be_in_viewport()
