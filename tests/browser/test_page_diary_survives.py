"""Changes of the diary on a bad day: no connection, no receiver, no answer. None is lost, none is made twice."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from protocol.errors import ReceiverUnavailable, StoreUnavailable
from tests.browser.chromium import only_by_hand
from tests.browser.diary_panel import open_editor, row
from tests.browser.scripted_diary import ScriptedDiary, item
from tests.browser.scripted_relay import Client, ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def diary(page: Page, relay: ScriptedRelay) -> ScriptedDiary:
    kept = ScriptedDiary(item(1, "eggs", 150, quantity=2.0), item(2, "toast", 80), item(3, "tea", 2))
    relay.on_action = kept.answer

    async def welcome(client: Client) -> None:
        await relay.send_ready(client)
        await kept.tell(client)

    relay.welcome = welcome
    await kept.tell(await relay.client())
    await expect(page.locator("[data-item]")).to_have_count(3)
    return kept


async def set_quantity(page: Page, number: int, quantity: str) -> None:
    await open_editor(page, number)
    await page.keyboard.type(quantity)
    await page.keyboard.press("Enter")


async def test_changes_without_a_connection_wait_where_one_sees_them_and_go_out_in_order(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    await only_by_hand(page)
    await relay.stop()
    await expect(page.get_by_test_id("state-title")).to_have_text("Connection lost")
    await set_quantity(page, 1, "3")
    await page.get_by_role("button", name="Delete toast").click()
    await page.get_by_role("button", name="Undo", exact=True).click()
    await expect(row(page, 1)).to_contain_text("Saving “eggs”: waiting for the connection.")
    await expect(row(page, 1).locator(".amount")).to_have_text("3")
    await expect(row(page, 2)).to_contain_text("waiting for the connection")
    await expect(page.locator("[data-part=notes]")).to_contain_text("Undo: waiting for the connection.")

    await relay.start()
    await page.get_by_role("button", name="Try now").click()
    client = await relay.client(1)
    await client.until(lambda: len(client.sent("action")) == 3)
    assert [sent.name for sent in client.sent("action")] == ["edit", "delete", "undo"]
    await expect(row(page, 1)).to_contain_text("225 kcal")
    await expect(row(page, 2)).to_be_visible()
    await expect(page.locator(".action-note")).to_have_count(0)


async def test_what_waits_is_what_the_form_shows_and_a_second_change_builds_on_it(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    await only_by_hand(page)
    await relay.stop()
    await expect(page.get_by_test_id("state-title")).to_have_text("Connection lost")
    await set_quantity(page, 1, "3")
    await row(page, 1).locator(".item-open").click()
    await expect(row(page, 1).get_by_label("Amount")).to_have_value("3")
    await row(page, 1).get_by_label("Meal").select_option("Lunch")
    await row(page, 1).get_by_role("button", name="Save").click()
    await relay.start()
    await page.get_by_role("button", name="Try now").click()
    client = await relay.client(1)
    await client.until(lambda: len(client.sent("action")) == 2)
    assert [sent.args for sent in client.sent("action")] == [
        {"item": "item-1", "quantity": 3},
        {"item": "item-1", "meal": "lunch"},
    ]
    await expect(page.locator(".meal h3")).to_have_text(["Breakfast82 kcal", "Lunch225 kcal"])


async def test_changes_that_end_with_their_conversation_are_named(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    await only_by_hand(page)
    await relay.stop()
    await expect(page.get_by_test_id("state-title")).to_have_text("Connection lost")
    await set_quantity(page, 1, "3")
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("button", name="New conversation").click()
    await expect(page.get_by_test_id("notices")).to_contain_text(
        "Not done, as that conversation has ended: Saving “eggs”."
    )
    await expect(page.get_by_test_id("diary")).to_be_hidden()


async def test_a_change_that_never_left_the_page_can_be_taken_back(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    await only_by_hand(page)
    await relay.stop()
    await expect(page.get_by_test_id("state-title")).to_have_text("Connection lost")
    await page.get_by_role("button", name="Delete toast").click()
    await row(page, 2).get_by_role("button", name="Cancel").click()
    await expect(row(page, 2).locator(".action-note")).to_have_count(0)
    await set_quantity(page, 1, "3")
    await relay.start()
    await page.get_by_role("button", name="Try now").click()
    await expect(row(page, 1)).to_contain_text("225 kcal")
    assert [sent.name for sent in (await relay.client(1)).sent("action")] == ["edit"]


async def test_a_change_whose_answer_got_lost_is_sent_again_with_its_id_and_made_once(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    async def done_and_gone(client: Client, action: object) -> None:
        await diary.answer(client, client.sent("action")[-1])
        await client.drop()

    relay.on_action = done_and_gone
    client = await relay.client()
    await page.get_by_role("button", name="Delete toast").click()
    await client.until(lambda: client.sent("action"))
    relay.on_action = diary.answer
    again = await relay.client(1)
    await expect(row(page, 2)).to_have_count(0)
    await expect(page.locator(".action-note")).to_have_count(0)
    ids = {sent.id for sent in [*client.sent("action"), *again.sent("action")]}
    assert len(ids) == 1
    assert diary.done == list(ids)


async def test_an_undo_does_not_overtake_the_change_before_it(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    """The receiver takes actions as they come: two at once have no order."""
    relay.on_action = None
    client = await relay.client()
    await page.get_by_role("button", name="Delete toast").click()
    await page.get_by_role("button", name="Undo", exact=True).click()
    await client.until(lambda: client.sent("action"))
    await expect(page.locator("[data-part=notes]")).to_contain_text("Undo …")
    await expect(row(page, 2)).to_contain_text("Deleting “toast” …")
    assert [sent.name for sent in client.sent("action")] == ["delete"]
    await diary.answer(client, client.sent("action")[0])
    await client.until(lambda: len(client.sent("action")) == 2)
    await diary.answer(client, client.sent("action")[1])
    await expect(page.locator(".action-note")).to_have_count(0)
    await expect(row(page, 2)).to_be_visible()


async def test_a_reload_keeps_a_change_that_waits(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    relay.on_action = None
    client = await relay.client()
    await set_quantity(page, 1, "3")
    await client.until(lambda: client.sent("action"))
    relay.on_action = diary.answer
    await page.reload()
    again = await relay.client(1)
    await again.until(lambda: again.sent("action"))
    assert again.sent("action") == client.sent("action")
    await expect(row(page, 1)).to_contain_text("225 kcal")


async def test_a_change_never_reaches_an_item_of_another_conversation(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    """Every conversation of somebody unnamed begins with item 1."""
    relay.on_action = None
    client = await relay.client()
    await set_quantity(page, 1, "3")
    await client.until(lambda: client.sent("action"))
    await row(page, 2).locator(".item-open").click()
    relay.on_action, relay.session_id = diary.answer, "session-2"
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("button", name="New conversation").click()
    again = await relay.client(1)
    await page.get_by_role("button", name="Delete tea").click()
    await again.until(lambda: again.sent("action"))
    assert [sent.name for sent in again.sent("action")] == ["delete"]
    await expect(page.locator(".item-editor")).to_have_count(0)


async def test_an_absent_receiver_is_waited_for_and_then_the_person_is_asked(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    client = await relay.client()
    diary.refuse = lambda action: ReceiverUnavailable() if len(client.sent("action")) < 3 else None
    await page.clock.install()
    await page.reload()
    client = await relay.client(1)
    await set_quantity(page, 1, "3")
    await client.until(lambda: client.sent("action"))
    for tries, pause in [(2, 1000), (3, 2000)]:
        await expect(row(page, 1)).to_contain_text("waiting for the assistant")
        await page.clock.run_for(pause)
        await client.until(lambda tries=tries: len(client.sent("action")) == tries)
    await expect(row(page, 1)).to_contain_text("225 kcal")
    assert len({sent.id for sent in client.sent("action")}) == 1

    diary.refuse = lambda action: ReceiverUnavailable()
    await page.get_by_role("button", name="Delete toast").click()
    await client.until(lambda: len(client.sent("action")) == 4)
    for tries, pause in enumerate([1000, 2000, 4000, 8000, 8000], start=5):
        await expect(row(page, 2)).to_contain_text("waiting for the assistant")
        await page.clock.run_for(pause)
        await client.until(lambda tries=tries: len(client.sent("action")) == tries)
    await expect(row(page, 2).get_by_role("alert")).to_contain_text("the assistant is not there right now")
    diary.refuse = lambda action: None
    await row(page, 2).get_by_role("button", name="Try again").click()
    await expect(row(page, 2)).to_have_count(0)
    assert len({sent.id for sent in client.sent("action")}) == 2


async def test_a_failed_change_holds_up_nothing_and_can_be_made_again_or_discarded(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    diary.refuse = lambda action: StoreUnavailable() if action.args.get("item") == "item-1" else None
    await page.get_by_role("button", name="Delete eggs").click()
    await expect(row(page, 1).get_by_role("alert")).to_contain_text("Deleting “eggs” did not work.")
    await page.get_by_role("button", name="Delete tea").click()
    await expect(row(page, 3)).to_have_count(0)
    await page.locator("#diary summary").click()
    await expect(page.locator("#diary summary")).to_contain_text("A change was not saved")
    await page.locator("#diary summary").click()
    await row(page, 1).get_by_role("button", name="Discard").click()
    await expect(row(page, 1).get_by_role("alert")).to_have_count(0)
    await expect(row(page, 1)).to_be_visible()


async def test_the_queue_of_changes_is_bounded_and_keeps_the_form_that_does_not_fit(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    await only_by_hand(page)
    await relay.stop()
    await expect(page.get_by_test_id("state-title")).to_have_text("Connection lost")
    undo = page.get_by_role("button", name="Undo", exact=True)
    for _ in range(20):
        await undo.click()
    await set_quantity(page, 1, "3")
    await expect(page.get_by_test_id("notices")).to_contain_text("Too many changes")
    await expect(row(page, 1).get_by_label("Amount")).to_have_value("3")


async def test_a_goal_that_was_refused_can_be_mended_in_its_dialog(
    page: Page, relay: ScriptedRelay, diary: ScriptedDiary
) -> None:
    diary.refuse = lambda action: StoreUnavailable()
    await page.get_by_role("button", name="Set a goal").click()
    await page.get_by_test_id("goal").get_by_label("Calories").fill("1800")
    await page.keyboard.press("Enter")
    note = page.locator("[data-part=notes]").get_by_role("alert")
    await expect(note).to_contain_text("Saving the goal did not work.")
    diary.refuse = lambda action: None
    await note.get_by_role("button", name="Change").click()
    await expect(page.get_by_test_id("goal").get_by_label("Calories")).to_have_value("1800")
    await page.get_by_test_id("goal").get_by_role("button", name="Save").click()
    await expect(page.locator("[data-figure=kcal]")).to_contain_text("of 1,800 kcal")
