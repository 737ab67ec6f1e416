"""The diary changed by hand: an edit says only what was changed, loses no input and can be undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.async_api import Page, expect

from protocol.errors import MalformedMessage
from tests.browser.diary_panel import open_editor, press, row
from tests.browser.scripted_diary import ScriptedDiary, item
from tests.browser.scripted_relay import ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


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
