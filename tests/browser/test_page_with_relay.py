"""The page, the relay and the receiver as they ship: real processes, real Chromium."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator, Iterator
from io import StringIO

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser.chromium import keep_titles, showed, watch
from tests.browser.deployment import ANSWER_MS, Deployment

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Speech that needs no engine: "two eggs and a slice of toast" after each 1.5 s of audio, and a tone."""
    deployment = Deployment(
        tmp_path_factory.mktemp("scripted"),
        RELAY_STT="scripted",
        RELAY_TTS="scripted",
        RELAY_SCRIPTED_TEXT="I had two eggs and a slice of toast",
        RELAY_SCRIPTED_EVERY_SECONDS="1.5",
    )
    yield deployment
    deployment.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, scripted: Deployment) -> AsyncIterator[Page]:
    complaints: list[str] = []
    opened = await context.new_page()
    watch(opened, complaints.append)
    await opened.goto(scripted.url)
    yield opened
    await opened.close()
    assert complaints == []


async def greeted(page: Page) -> None:
    await expect(page.locator("[data-turn='0'] .bubble.assistant")).to_be_visible(timeout=ANSWER_MS)


async def test_speaking_gets_captions_a_turn_an_answer_and_a_diary(page: Page) -> None:
    await greeted(page)
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("captions").locator("[data-state=final]").first).to_contain_text(
        "two eggs"
    )
    await keep_titles(page)
    await page.get_by_test_id("record").click()
    turn = page.locator("[data-turn='1']")
    await expect(turn.locator(".bubble.you")).to_contain_text("two eggs", timeout=ANSWER_MS)
    await expect(turn.locator(".bubble.assistant .words")).not_to_be_empty(timeout=ANSWER_MS)
    await showed(page, "Speaking")
    await expect(page.get_by_test_id("diary")).to_contain_text("kcal")
    await expect(page.get_by_test_id("latency")).to_contain_text("Answered in")
    await expect(page.get_by_test_id("captions")).to_be_hidden()
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready", timeout=ANSWER_MS)


async def test_a_killed_relay_costs_no_word_and_counts_none_twice(page: Page, scripted: Deployment) -> None:
    await greeted(page)
    typed = page.get_by_test_id("typed")
    await typed.fill("For lunch I had a bowl of rice")
    await typed.press("Enter")
    turn = page.locator("[data-turn='1']")
    await expect(turn.locator(".bubble.assistant .words")).not_to_be_empty(timeout=ANSWER_MS)
    scripted.relay.kill()
    await expect(page.get_by_test_id("state-title")).to_have_text("Connection lost")
    await typed.fill("and an apple")
    await typed.press("Enter")
    await expect(page.get_by_test_id("waiting")).to_contain_text("Waiting for the connection")
    scripted.start_relay()
    await expect(page.locator("[data-turn='2'] .bubble.assistant .words")).not_to_be_empty(timeout=ANSWER_MS)
    await expect(page.get_by_test_id("waiting")).to_be_hidden()
    await page.reload()
    await expect(page.locator(".bubble.you .words")).to_have_text(
        ["For lunch I had a bowl of rice", "and an apple"], timeout=ANSWER_MS
    )
    await expect(page.locator("[data-item]")).to_have_count(2)


async def test_what_is_changed_by_hand_is_stored_and_seen_wherever_the_conversation_goes_on(
    page: Page, context: BrowserContext, scripted: Deployment
) -> None:
    await greeted(page)
    typed = page.get_by_test_id("typed")
    await typed.fill("I had two eggs and a slice of toast for breakfast")
    await typed.press("Enter")
    eggs = page.locator("[data-item]", has_text="egg")
    toast = page.locator("[data-item]", has_text="toast")
    await expect(page.locator("[data-item]")).to_have_count(2, timeout=ANSWER_MS)
    before = await kilocalories(eggs)

    await eggs.locator(".item-open").click()
    await page.keyboard.type("3")
    await page.keyboard.press("Enter")
    await expect(eggs.locator(".amount")).to_contain_text("3 · ")
    assert await kilocalories(eggs) == pytest.approx(before * 3 / 2, abs=1)

    await page.get_by_role("button", name="Delete toast").click()
    await expect(toast).to_have_count(0)
    await page.get_by_test_id("notices").get_by_role("button", name="Undo").click()
    await expect(toast).to_have_count(1)

    await page.get_by_role("button", name="Set a goal").click()
    await page.get_by_test_id("goal").get_by_label("Calories").fill("1900")
    await page.get_by_test_id("goal").get_by_label("Protein").fill("95")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-figure=kcal]")).to_contain_text("of 1,900 kcal")

    async with page.expect_download() as expected:
        await page.get_by_role("button", name="CSV").click()
    download = await expected.value
    assert download.suggested_filename.endswith(".csv")
    rows = list(csv.DictReader(StringIO((await download.path()).read_text())))
    assert [(row["meal"], float(row["quantity"])) for row in rows] == [("breakfast", 3.0), ("breakfast", 1.0)]
    assert "egg" in rows[0]["food"]
    assert "toast" in rows[1]["food"]
    assert float(rows[0]["kcal"]) == pytest.approx(before * 3 / 2, abs=1)

    days = page.get_by_role("group", name="Last seven days").get_by_role("button")
    await days.nth(5).click()
    await expect(page.locator("[data-part=empty]")).to_contain_text("Nothing was written down on this day.")
    await page.get_by_role("button", name="Back to today").click()
    await expect(page.locator("[data-item]")).to_have_count(2)

    # Elsewhere: another page that has nothing of this one but the key to the conversation.
    kept = await page.evaluate("sessionStorage.getItem('voice-relay.session')")
    shown = await page.locator("[data-part=meals]").inner_text()
    other = await context.new_page()
    await other.add_init_script(f"sessionStorage.setItem('voice-relay.session', {json.dumps(kept)})")
    await other.goto(scripted.url)
    await expect(other.locator("[data-item]")).to_have_count(2, timeout=ANSWER_MS)
    assert await other.locator("[data-part=meals]").inner_text() == shown
    await expect(other.locator("[data-figure=kcal]")).to_contain_text("of 1,900 kcal")
    await expect(other.locator("[data-figure=protein_g]")).to_contain_text("of 95 g")
    await other.close()


async def kilocalories(item: Locator) -> int:
    return int((await item.locator(".number").inner_text()).removesuffix(" kcal"))
