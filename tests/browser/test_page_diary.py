"""The diary beside the conversation: what it shows of a day, the goal and the week, and its files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.diary_panel import figure, open_editor, press, row
from tests.browser.scripted_diary import ScriptedDiary, item
from tests.browser.scripted_relay import Client, ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_items_show_amounts_in_words_and_the_unknown_is_marked_without_colour(
    page: Page, diary: ScriptedDiary
) -> None:
    await expect(row(page, 1)).to_contain_text("2 · 100 g")
    await expect(row(page, 1)).to_contain_text("150 kcal")
    await expect(row(page, 2)).to_contain_text("1 slice · 30 g")
    await expect(row(page, 3)).to_contain_text("no figures yet")
    await expect(page.locator(".meal h3")).to_have_text("Breakfast230 kcal")
    await expect(page.locator("[data-part=title]")).to_have_text("Today")


async def test_what_changed_is_highlighted_and_what_was_there_is_not(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    await expect(page.locator(".changed")).to_have_count(0)
    await page.clock.install()
    await page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=5))
    diary.items[0] |= {"quantity": 3.0}
    diary.items.append(item(4, "soup", 200, meal="lunch"))
    await diary.tell(await relay.client())
    await expect(page.locator(".changed")).to_have_count(2)
    await expect(row(page, 1)).to_contain_class("changed")
    await expect(row(page, 4)).to_contain_class("changed")
    await page.clock.run_for(3_000)
    await expect(page.locator(".changed")).to_have_count(0)


async def test_without_motion_a_change_is_highlighted_still(
    open_page: OpenPage, relay: ScriptedRelay
) -> None:
    page = await open_page(relay.url, reduced_motion="reduce")
    client, kept = await relay.client(), ScriptedDiary(item(1, "eggs", 150))
    await kept.tell(client)
    before = await row(page, 1).evaluate("node => getComputedStyle(node).backgroundColor")
    kept.items[0] |= {"quantity": 3.0}
    await kept.tell(client)
    await expect(row(page, 1)).to_contain_class("changed")
    assert await row(page, 1).evaluate("node => getComputedStyle(node).backgroundColor") != before
    assert await page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("height", [844, 640])
async def test_on_a_phone_the_open_diary_leaves_the_controls_in_sight(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary, height: int
) -> None:
    await page.set_viewport_size({"width": 390, "height": height})
    await page.get_by_role("button", name="Delete toast").click()
    await expect(page.get_by_test_id("notices")).to_contain_text("Deleted")
    for control in ("record", "typed", "send"):
        await expect(page.get_by_test_id(control)).to_be_in_viewport(ratio=1)
    # An on-screen keyboard takes half of that; the form is what there must be room for.
    await open_editor(page, 1)
    await page.set_viewport_size({"width": 390, "height": height // 2})
    await expect(page.get_by_test_id("record")).to_be_hidden()
    await row(page, 1).get_by_role("button", name="Save").scroll_into_view_if_needed()
    await expect(row(page, 1).get_by_label("Amount")).to_be_in_viewport(ratio=1)
    await press(page, "Escape")
    await expect(page.get_by_test_id("record")).to_be_visible()


async def test_the_goal_is_set_changed_and_cleared(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    client = await relay.client()
    await expect(page.get_by_role("meter")).to_have_count(0)
    await page.get_by_role("button", name="Set a goal").click()
    dialog = page.get_by_test_id("goal")
    await expect(dialog.get_by_role("button", name="Clear goal")).to_be_hidden()
    await dialog.get_by_label("Calories").fill("2000")
    await dialog.get_by_label("Protein").fill("10")
    await press(page, "Enter")
    await expect(figure(page, "kcal")).to_contain_text("of 2,000 kcal")
    await expect(figure(page, "kcal")).to_contain_text("1,770 kcal left")
    await expect(figure(page, "protein_g")).to_contain_text("2 g over")
    await expect(page.get_by_role("meter")).to_have_count(2)
    await expect(page.get_by_role("meter", name="Calories")).to_have_attribute("aria-valuenow", "230")
    await expect(page.get_by_role("button", name="Change the goal")).to_be_focused()
    await press(page, "Enter")
    await expect(dialog.get_by_label("Calories")).to_have_value("2000")
    await dialog.get_by_label("Calories").fill("20")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_visible()
    await dialog.get_by_role("button", name="Clear goal").click()
    await expect(page.get_by_role("meter")).to_have_count(0)
    assert [(sent.name, sent.args) for sent in client.sent("action")] == [
        ("goal", {"kcal": 2000, "protein_g": 10}),
        ("goal", {}),
    ]


async def test_over_the_goal_is_told_as_a_fact_and_not_as_a_fault(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    diary.goal = {"kcal": 200}
    await diary.tell(await relay.client())
    energy = figure(page, "kcal")
    await expect(energy).to_contain_text("30 kcal over")
    await expect(energy).to_have_attribute("data-over", "true")
    value = await energy.get_by_role("meter").get_attribute("aria-valuetext")
    assert value == "230 of 200 kcal, 30 kcal over"
    shares = await energy.locator(".bar-track").evaluate(
        "node => [...node.children].map((part) => part.getBoundingClientRect().width / node.clientWidth)"
    )
    assert shares == pytest.approx([200 / 230, 30 / 230], abs=0.01)
    for part in (".bar-over", ".bar-fill", ".figure-rest"):
        colours = await energy.locator(part).evaluate(
            "node => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]"
        )
        for red, _, blue in [tuple(map(float, c[c.index("(") + 1 : -1].split(",")[:3])) for c in colours]:
            assert red <= blue, "no red"


async def test_the_week_is_read_out_day_by_day_and_each_day_can_be_opened(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    client = await relay.client()
    diary.goal = {"kcal": 2000}
    diary.days[diary.day(2)] = [item(9, "stew", 2500, meal="dinner")]
    await diary.tell(client)
    week = page.get_by_role("group", name="Last seven days")
    days = week.get_by_role("button")
    await expect(days).to_have_count(7)
    await expect(days.nth(6)).to_have_attribute("aria-current", "true")
    await expect(days.nth(6)).to_contain_text("Today")
    await expect(days.nth(4)).to_contain_text("2,500 of 2,000 kcal, 125 g protein")
    await expect(days.nth(5)).to_contain_text("nothing written down")
    await expect(page.locator("[data-part=legend]")).to_have_text("Goal 2,000 kcal")
    await expect(week).to_contain_text("On average 1,365 kcal, over 2 days.")
    await week.evaluate(
        "node => Promise.all(node.getAnimations({ subtree: true }).map(({ finished }) => finished))"
    )
    heights = await week.locator(".week-bar").evaluate_all("bars => bars.map((bar) => bar.offsetHeight)")
    assert heights[4] / heights[6] == pytest.approx(2500 / 230, rel=0.15)

    await days.nth(4).click()
    await expect(row(page, 9)).to_be_visible()
    await expect(days.nth(4)).to_have_attribute("aria-current", "true")
    await expect(days.nth(4)).to_be_focused()
    await expect(page.locator("[data-part=title]")).not_to_have_text("Today")
    await page.get_by_role("button", name="Day after").click()
    await expect(page.locator("[data-part=empty]")).to_contain_text("on this day")
    await page.get_by_role("button", name="Back to today").click()
    await expect(page.locator("[data-part=title]")).to_have_text("Today")
    await expect(page.get_by_role("button", name="Back to today")).to_be_hidden()
    await expect(page.get_by_role("button", name="Day after")).to_have_attribute("aria-disabled", "true")
    assert [(sent.name, sent.args["date"]) for sent in client.sent("action")] == [
        ("show", diary.day(2)),
        ("show", diary.day(1)),
        ("show", diary.day(0)),
    ]


async def test_an_older_receiver_that_tells_no_week_gets_a_page_without_one(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    client = await relay.client()
    message = diary.message()
    del message["week"]
    await client.send(**message)
    await expect(page.get_by_role("group", name="Last seven days")).to_have_count(0)
    await expect(page.get_by_role("button", name="Day before")).to_have_count(0)
    await expect(row(page, 1)).to_be_visible()
    await client.send(**{**message, "date": "2020-02-03"})
    await expect(page.locator("[data-part=title]")).to_contain_text("Feb")
    await expect(page.get_by_role("button", name="Back to today")).to_be_visible()


@pytest.mark.parametrize("format_", ["csv", "json"])
async def test_the_diary_is_saved_as_a_file(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary, format_: str
) -> None:
    async with page.expect_download() as expected:
        await page.get_by_role("button", name=format_.upper()).click()
    download = await expected.value
    assert download.suggested_filename == f"diary.{format_}"
    text = (await download.path()).read_text()
    assert "toast" in text
    assert "zorb" in text


async def test_an_export_without_a_file_or_an_answer_is_said_and_not_waited_for_forever(
    page: Page, relay: ScriptedRelay
) -> None:
    async def no_file(client: Client, action: object) -> None:
        await client.send(type="action_done", id=client.sent("action")[-1].id)

    relay.on_action = no_file
    await page.clock.install()
    await page.goto(f"{relay.url}?debug")
    client = await relay.client(1)
    await ScriptedDiary().tell(client)
    await page.get_by_role("button", name="CSV").click()
    await expect(page.get_by_test_id("notices")).to_contain_text("sent no file")
    relay.on_action = None
    await page.get_by_role("button", name="JSON").click()
    await client.until(lambda: len(client.sent("action")) == 2)
    notes = page.locator("[data-part=notes]")
    await expect(notes).to_contain_text("Exporting as JSON …")
    # A connection that answers its pings is there, whatever becomes of the file.
    for pings in range(1, 5):
        await page.clock.run_for(10_000)
        await expect(page.locator("#debug-log li", has_text='"pong"')).to_have_count(pings)
    await expect(notes).to_contain_text("There was no answer.")
    await expect(notes.get_by_role("button", name="Try again")).to_be_visible()
    await notes.get_by_role("button", name="Discard").click()
    await expect(notes).to_be_empty()
