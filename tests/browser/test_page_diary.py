"""The diary beside the conversation: what it shows, and what can be changed in it by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from protocol.errors import MalformedMessage
from tests.browser.conftest import OpenPage
from tests.browser.scripted_diary import ScriptedDiary, item
from tests.browser.scripted_relay import Client, ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


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


def row(page: Page, number: int) -> Locator:
    return page.locator(f"[data-item=item-{number}]")


def figure(page: Page, field: str) -> Locator:
    return page.locator(f"[data-figure={field}]")


async def open_editor(page: Page, number: int) -> Locator:
    await row(page, number).locator(".item-open").click()
    return row(page, number).get_by_role("form")


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


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


async def test_an_edit_sends_only_what_was_changed_and_gives_the_focus_back(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    client = await relay.client()
    editor = await open_editor(page, 1)
    await expect(editor.get_by_label("Amount")).to_be_focused()
    await page.keyboard.type("3")
    await editor.get_by_label("Meal").select_option("Lunch")
    await editor.get_by_role("button", name="Save").click()
    await expect(row(page, 1)).to_contain_text("225 kcal")
    assert [(sent.name, sent.args) for sent in client.sent("action")] == [
        ("edit", {"item": "item-1", "quantity": 3, "meal": "lunch"})
    ]
    await expect(row(page, 1).locator(".item-open")).to_be_focused()
    await expect(page.locator(".meal h3")).to_have_text(["Breakfast80 kcal", "Lunch225 kcal"])


async def test_amounts_may_be_written_as_people_write_them(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    client = await relay.client()
    written = {
        "1/2": (0.5, "38 kcal"),
        "1 1/2": (1.5, "113 kcal"),
        ".25": (0.25, "19 kcal"),
        "2,5": (2.5, "188 kcal"),
    }
    for typed, (_, energy) in written.items():
        await open_editor(page, 1)
        await page.keyboard.type(typed)
        await press(page, "Enter")
        await expect(row(page, 1)).to_contain_text(energy)
    assert [sent.args["quantity"] for sent in client.sent("action")] == [
        number for number, _ in written.values()
    ]


async def test_an_amount_that_is_none_is_never_sent_and_stays_to_be_mended(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    for typed in ("0", "-1", "lots", "1e3", "1/0", ""):
        editor = await open_editor(page, 1)
        await expect(editor.get_by_role("alert")).to_be_hidden()
        await editor.get_by_label("Amount").fill(typed)
        await press(page, "Enter")
        await expect(editor.get_by_role("alert")).to_contain_text("a number above zero")
        await expect(editor.get_by_label("Amount")).to_have_attribute("aria-invalid", "true")
        await expect(editor.get_by_label("Amount")).to_be_focused()
        await expect(editor.get_by_label("Amount")).to_have_value(typed)
        await press(page, "Escape")
        await expect(editor).to_have_count(0)
    assert (await relay.client()).sent("action") == []


async def test_saving_without_a_change_changes_nothing(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    await open_editor(page, 2)
    await press(page, "Enter")
    await expect(row(page, 2).get_by_role("form")).to_have_count(0)
    assert (await relay.client()).sent("action") == []


async def test_an_update_keeps_what_somebody_types_and_the_rest_follows_it(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    client = await relay.client()
    editor = await open_editor(page, 2)
    await page.keyboard.type("2.")
    diary.items[1] |= {"food": "rye toast", "quantity": 4.0, "kcal": 320.0}
    diary.items.insert(0, item(5, "tea", 2))
    await diary.tell(client)
    await expect(row(page, 5)).to_be_visible()
    await expect(editor.get_by_label("Amount")).to_be_focused()
    await expect(editor.get_by_label("Food")).to_have_value("rye toast")
    await expect(editor).to_contain_text("It was changed meanwhile: 4 slices rye toast")
    await page.keyboard.type("5")
    await press(page, "Enter")
    await client.until(lambda: client.sent("action"))
    assert client.sent("action")[0].args == {"item": "item-2", "quantity": 2.5}


@pytest.mark.parametrize("why", ["deleted", "another day"])
async def test_an_item_that_leaves_the_page_during_an_edit_stays_until_the_edit_ends(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary, why: str
) -> None:
    editor = await open_editor(page, 2)
    await page.keyboard.type("3")
    if why == "deleted":
        del diary.items[1]
    else:
        diary.shown = diary.day(1)
    await diary.tell(await relay.client())
    note = "It was taken out meanwhile." if why == "deleted" else "It is in the diary of"
    await expect(editor).to_contain_text(note)
    await expect(editor.get_by_label("Amount")).to_have_value("3")
    await expect(editor.get_by_label("Amount")).to_be_focused()
    await press(page, "Enter")
    if why == "deleted":
        await expect(page.locator("[data-part=notes]")).to_contain_text("There is no such item in the diary.")
        await expect(row(page, 2)).to_have_count(0)
    else:
        await expect(row(page, 2)).to_have_count(0)
        assert diary.items[1]["quantity"] == 3


async def test_a_refused_edit_says_why_beside_the_item_and_loses_no_input(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    diary.refuse = lambda action: MalformedMessage("That is no unit of food.")
    editor = await open_editor(page, 2)
    await page.keyboard.type("7")
    await editor.get_by_label("Unit").select_option("cup")
    await press(page, "Enter")
    note = row(page, 2).get_by_role("alert")
    await expect(note).to_contain_text("Saving “toast” did not work. That is no unit of food.")
    await expect(note.get_by_role("button", name="Try again")).to_have_count(0)
    await expect(row(page, 2)).to_contain_text("1 slice")
    diary.refuse = lambda action: None
    await note.get_by_role("button", name="Change").click()
    await expect(editor.get_by_label("Amount")).to_have_value("7")
    await expect(editor.get_by_label("Unit")).to_have_value("cup")
    await editor.get_by_label("Unit").select_option("slice")
    await editor.get_by_role("button", name="Save").click()
    await expect(row(page, 2)).to_contain_text("7 slices")
    await expect(note).to_have_count(0)


async def test_an_unknown_food_can_be_said_to_be_like_another(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    client = await relay.client()
    await row(page, 3).get_by_role("button", name="What is zorb like?").click()
    editor = row(page, 3).get_by_role("form")
    await expect(editor.get_by_label("Food")).to_be_focused()
    await expect(editor).to_contain_text("Name a food that is like it")
    await page.keyboard.type("lentil soup")
    await press(page, "Enter")
    await client.until(lambda: client.sent("action"))
    assert client.sent("action")[0].args == {"item": "item-3", "food": "lentil soup"}


async def test_deleting_offers_to_undo_until_something_else_would_be_undone(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    client = await relay.client()
    offer = page.get_by_test_id("notices")
    await page.get_by_role("button", name="Delete toast").click()
    await expect(row(page, 2)).to_have_count(0)
    await expect(offer).to_contain_text("Deleted “toast”.")
    await offer.get_by_role("button", name="Undo").click()
    await expect(row(page, 2)).to_be_visible()
    await expect(offer).to_be_empty()
    await page.get_by_role("button", name="Delete toast").click()
    await expect(offer).to_contain_text("Deleted")
    await client.send(type="turn", turn=1, text="and an apple", ids=[])
    await expect(offer).to_be_empty()


async def test_ctrl_z_undoes_in_the_diary_and_in_a_text_box_what_was_typed(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    client = await relay.client()
    await page.get_by_role("button", name="Delete toast").click()
    await expect(row(page, 2)).to_have_count(0)
    await page.get_by_test_id("typed").fill("tea")
    await press(page, "Control+z")
    await page.get_by_test_id("record").focus()
    await press(page, "Control+z")
    await expect(row(page, 2)).to_be_visible()
    assert [sent.name for sent in client.sent("action")] == ["delete", "undo"]
    await page.get_by_role("button", name="Undo", exact=True).click()
    await expect(page.get_by_test_id("notices")).to_contain_text("There is nothing to undo.")


async def test_the_diary_is_changed_from_the_keyboard_without_losing_the_place(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    await row(page, 1).locator(".item-open").focus()
    await press(page, "Enter")
    await expect(row(page, 1).get_by_label("Amount")).to_be_focused()
    await page.keyboard.type("9")
    await press(page, "Escape")
    await expect(row(page, 1).locator(".item-open")).to_be_focused()
    await expect(row(page, 1)).to_contain_text("2 · 100 g")
    await press(page, "Tab", "Enter")
    await expect(row(page, 1)).to_have_count(0)
    await expect(row(page, 2).locator(".item-open")).to_be_focused()
    assert [sent.name for sent in (await relay.client()).sent("action")] == ["delete"]


async def test_escape_in_a_form_does_not_stop_the_talking(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary, mp3: Callable[[float], str]
) -> None:
    client = await relay.client()
    await open_editor(page, 1)
    await client.send(type="reply_audio", turn=1, seq=0, text="A long one.", audio=mp3(20))
    await client.until(lambda: client.sent("played"))
    await press(page, "Escape")
    await expect(row(page, 1).get_by_role("form")).to_have_count(0)
    await page.get_by_role("button", name="Set a goal").click()
    await press(page, "Escape")
    await expect(page.get_by_test_id("goal")).to_be_hidden()
    assert client.sent("interrupt") == []
    await expect(page.get_by_test_id("state-title")).to_have_text("Speaking")
    await press(page, "Escape")
    await client.until(lambda: client.sent("interrupt"))


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
