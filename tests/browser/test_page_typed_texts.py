"""What was typed, on a bad day: a text is neither lost nor sent twice, and one sees where it is."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from protocol.client_messages import PastTurn
from tests.browser.chromium import only_by_hand, type_in
from tests.browser.scripted_relay import ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_typed_offline_is_shown_as_waiting_and_sent_exactly_once(
    page: Page, relay: ScriptedRelay
) -> None:
    await only_by_hand(page)
    await relay.stop()
    await expect(page.get_by_test_id("state-title")).to_have_text("Connection lost")
    await type_in(page, "two eggs")
    waiting = page.get_by_test_id("waiting")
    await expect(waiting.locator("[data-state=waiting]")).to_contain_text("two eggs")
    await expect(waiting).to_contain_text("Waiting for the connection")

    await relay.start()
    await page.get_by_role("button", name="Try now").click()
    client = await relay.client(1)
    await client.until(lambda: client.sent("text"))
    [text] = client.sent("text")
    assert text.text == "two eggs"
    await expect(waiting.locator("[data-state=sent]")).to_be_visible()
    await client.send(type="turn", turn=1, text="two eggs", ids=[text.id])
    await expect(waiting).to_be_hidden()
    await expect(page.locator(".bubble.you")).to_contain_text("Sent")
    await client.send(type="server_response", turn=1, message="Noted.", audio=None)
    await expect(page.locator(".bubble.assistant .words")).to_have_text("Noted.")
    await expect(page.locator(".bubble.you .note")).to_have_count(0)

    await client.drop()
    await page.get_by_role("button", name="Try now").click()
    again = await relay.client(2)
    await page.wait_for_timeout(200)
    assert again.sent("text") == []


async def test_a_text_whose_relay_died_before_the_answer_is_sent_again_and_shown_once(
    page: Page, relay: ScriptedRelay
) -> None:
    """`turn` goes out when the commit does: the relay may die before it is stored, and nobody else has the text."""
    await only_by_hand(page)
    client = await relay.client()
    await type_in(page, "two eggs")
    await client.until(lambda: client.sent("text"))
    [text] = client.sent("text")
    await client.send(type="turn", turn=1, text="two eggs", ids=[text.id])
    bubbles, words = page.locator(".bubble.you"), page.locator(".bubble.you .words")
    await expect(bubbles.locator(".delivery")).to_have_text("Sent")
    await client.drop()
    await expect(bubbles.locator(".delivery")).to_have_text("Waiting for the connection")
    await expect(words).to_have_text(["two eggs"])

    await page.get_by_role("button", name="Try now").click()
    again = await relay.client(1)
    await again.until(lambda: again.sent("text"))
    assert [(sent.id, sent.text) for sent in again.sent("text")] == [(text.id, "two eggs")]
    await expect(bubbles.locator(".delivery")).to_have_text("Sent")
    await expect(words).to_have_text(["two eggs"])

    # The audio that was heard again came first, so the text has another number than before.
    await again.send(type="turn", turn=1, text="good morning", ids=[])
    await expect(words).to_have_text(["good morning", "two eggs"])
    await again.send(type="server_response", turn=1, message="Hello.", audio=None)
    await again.send(type="turn", turn=2, text="two eggs", ids=[text.id])
    await again.send(type="server_response", turn=2, message="Noted.", audio=None)
    await expect(page.locator(".bubble.assistant .words")).to_have_text(["Hello.", "Noted."])
    await expect(words).to_have_text(["good morning", "two eggs"])
    await expect(bubbles.locator(".delivery")).to_have_count(0)


async def test_a_text_whose_turn_gets_another_number_is_shown_once(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    await type_in(page, "two eggs")
    await client.until(lambda: client.sent("text"))
    [text] = client.sent("text")
    await client.send(type="turn", turn=1, text="two eggs", ids=[text.id])
    await client.send(type="turn", turn=2, text="two eggs", ids=[text.id])
    await expect(page.locator(".exchange[data-turn='2']")).to_contain_text("two eggs")
    await expect(page.locator(".bubble.you .words")).to_have_text(["two eggs"])


async def test_a_text_in_a_failed_turn_is_sent_again_only_by_hand_and_as_a_new_one(
    page: Page, relay: ScriptedRelay
) -> None:
    client = await relay.client()
    await type_in(page, "two eggs")
    await client.until(lambda: client.sent("text"))
    [text] = client.sent("text")
    await client.send(type="turn", turn=1, text="two eggs", ids=[text.id])
    await client.send(
        type="error", code="turn_failed", message="This was not answered.", retryable=False, turn=1
    )
    await expect(page.locator(".failure")).to_contain_text("This was not answered.")
    await expect(page.locator(".bubble.you .note")).to_have_count(0)
    await client.drop()
    again = await relay.client(1)
    await page.wait_for_timeout(200)
    assert again.sent("text") == []
    await page.get_by_role("button", name="Send again").click()
    await again.until(lambda: again.sent("text"))
    [anew] = again.sent("text")
    assert anew.text == "two eggs"
    assert anew.id != text.id


async def test_a_text_in_an_unanswered_turn_outlives_a_reload(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    await type_in(page, "two eggs")
    await client.until(lambda: client.sent("text"))
    [text] = client.sent("text")
    await client.send(type="turn", turn=1, text="two eggs", ids=[text.id])
    await expect(page.locator(".delivery")).to_be_visible()
    await page.reload()
    again = await relay.client(1)
    await again.until(lambda: again.sent("text"))
    assert [sent.id for sent in again.sent("text")] == [text.id]
    await expect(page.locator(".bubble.you .words")).to_have_text(["two eggs"])


@pytest.mark.parametrize("refused", [True, False])
async def test_a_text_in_an_unanswered_turn_goes_along_only_where_its_conversation_is_lost(
    page: Page, relay: ScriptedRelay, refused: bool
) -> None:
    """Left by hand, the old conversation still answers it: sent to the new one too, it would count twice."""
    client = await relay.client()
    await type_in(page, "two eggs")
    await client.until(lambda: client.sent("text"))
    [text] = client.sent("text")
    await client.send(type="turn", turn=1, text="two eggs", ids=[text.id])
    await expect(page.locator(".delivery")).to_be_visible()
    relay.session_id = "session-2"
    if refused:
        await client.drop()
    else:
        await page.get_by_role("button", name="Settings").click()
        await page.get_by_role("button", name="New conversation").click()
    again = await relay.client(1)
    if refused:
        await again.until(lambda: again.sent("text"))
        await expect(page.get_by_test_id("waiting").locator("[data-state=sent]")).to_be_visible()
    else:
        await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
        await page.wait_for_timeout(200)
    assert [sent.id for sent in again.sent("text")] == ([text.id] if refused else [])
    await expect(page.locator(".bubble.you .words")).to_have_text(["two eggs"])


async def test_a_text_whose_turn_came_while_away_is_not_sent_again(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    await type_in(page, "two eggs")
    await type_in(page, "and ham")
    await client.until(lambda: len(client.sent("text")) == 2)
    eggs, ham = client.sent("text")
    relay.history = [PastTurn(turn=1, text="two eggs", message="Noted.", ids=[eggs.id])]
    await client.drop()
    again = await relay.client(1)
    await again.until(lambda: again.sent("text"))
    assert [text.id for text in again.sent("text")] == [ham.id]
    await expect(page.locator(".bubble.you .words")).to_have_text(["two eggs", "and ham"])


async def test_a_reload_keeps_the_session_and_what_waits(page: Page, relay: ScriptedRelay) -> None:
    await relay.stop()
    await expect(page.get_by_test_id("state-title")).to_have_text("Connection lost")
    await type_in(page, "two eggs")
    await relay.start()
    relay.history = [
        PastTurn(turn=0, text="", message="Good morning!"),
        PastTurn(turn=1, text="tea", message="Noted."),
    ]
    await page.reload()
    client = await relay.client(1)
    assert client.hello is not None
    assert (client.hello.session_id, client.hello.resume_token) == ("session-1", "secret")
    await client.until(lambda: client.sent("text"))
    await expect(page.locator(".bubble.assistant .words")).to_have_text(["Good morning!", "Noted."])
    await expect(page.locator(".bubble.you .words")).to_have_text(["tea", "two eggs"])


async def test_the_queue_of_typed_texts_is_bounded_and_keeps_what_does_not_fit(
    page: Page, relay: ScriptedRelay
) -> None:
    await relay.stop()
    for number in range(21):
        await type_in(page, f"text {number}")
    await expect(page.get_by_test_id("waiting").locator(".bubble")).to_have_count(20)
    await expect(page.get_by_test_id("notices")).to_contain_text("Too many messages")
    await expect(page.get_by_test_id("typed")).to_have_value("text 20")


async def test_a_refused_text_stays_visible_and_can_be_sent_again(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    await type_in(page, "two eggs")
    await client.until(lambda: client.sent("text"))
    [first] = client.sent("text")
    await client.send(
        type="error", code="buffer_full", message="Too much is waiting.", retryable=True, id=first.id
    )
    waiting = page.get_by_test_id("waiting")
    await expect(waiting).to_contain_text("Too much is waiting.")
    await waiting.get_by_role("button", name="Send again").click()
    await client.until(lambda: len(client.sent("text")) == 2)
    assert client.sent("text")[1].id != first.id
