"""What the relay says went wrong is shown once, in words, with what to do; rubbish and markup do no harm."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.scripted_relay import ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_failed_turn_stays_and_can_be_sent_again(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    await client.send(type="transcript", text="two eggs", final=True, turn=1)
    await client.send(
        type="error", code="turn_failed", message="This was not answered.", retryable=False, turn=1
    )
    await expect(page.locator(".bubble.you .words")).to_have_text("two eggs")
    await expect(page.locator(".failure")).to_contain_text("This was not answered.")
    await page.get_by_role("button", name="Send again").click()
    await client.until(lambda: client.sent("text"))
    assert client.sent("text")[0].text == "two eggs"
    await expect(page.get_by_test_id("send-again")).to_have_count(0)


async def test_the_turn_after_a_failed_one_does_not_take_its_place(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    await client.send(type="turn", turn=1, text="two eggs", ids=[])
    await client.send(
        type="error", code="turn_failed", message="This was not answered.", retryable=False, turn=1
    )
    await client.send(type="turn", turn=1, text="and toast", ids=[])
    await client.send(type="server_response", turn=1, message="Noted.", audio=None)
    await expect(page.locator(".bubble.you .words")).to_have_text(["two eggs", "and toast"])
    await expect(page.locator(".exchange", has_text="two eggs")).not_to_contain_text("Noted.")


async def test_an_error_is_shown_with_what_to_do_and_can_be_dismissed(
    page: Page, relay: ScriptedRelay
) -> None:
    client = await relay.client()
    for _ in range(2):
        await client.send(
            type="error", code="stt_refused", message="The speech service refused.", retryable=False
        )
    notices = page.get_by_test_id("notices")
    await expect(notices.get_by_role("alert")).to_have_count(1)
    await expect(notices).to_contain_text("The speech service refused. You can type meanwhile.")
    await notices.get_by_role("button", name="Dismiss").click()
    await expect(notices).to_be_empty()


async def test_lost_audio_is_owned_up_to_and_the_recording_goes_on(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    await page.get_by_test_id("record").click()
    await client.until(lambda: client.audio)
    message = "Some audio was left out: too much of it was waiting."
    await client.send(type="status", state="listening")
    await client.send(type="error", code="audio_lost", message=message, retryable=False)
    await expect(page.get_by_role("alert").locator("p")).to_have_text(message)
    await expect(page.get_by_test_id("state-title")).to_have_text("Listening")
    heard = len(client.audio)
    await client.until(lambda: len(client.audio) > heard + 2)
    await client.send(type="error", code="bad_audio", message="Not PCM.", retryable=False)
    await expect(page.get_by_test_id("notices")).to_contain_text("Not PCM. Stop and start the recording.")


@pytest.mark.parametrize("error_first", [True, False])
async def test_a_relay_that_cannot_hear_does_not_promise_that_nothing_is_lost(
    page: Page, relay: ScriptedRelay, error_first: bool
) -> None:
    client = await relay.client()
    lost = {"type": "status", "state": "reconnecting_stt"}
    title, hint = page.get_by_test_id("state-title"), page.get_by_test_id("state-hint")
    for code, retryable in [("stt_refused", False), ("speech_at_capacity", True), ("stt_newly_made", False)]:
        words = f"No hearing here: {code}."
        error = {"type": "error", "code": code, "message": words, "retryable": retryable}
        for message in (error, lost) if error_first else (lost, error):
            await client.send(**message)
        await expect(hint).to_have_text(f"{words} Typing works.")
        await expect(title).to_have_text("Cannot hear you")
        await expect(page.get_by_test_id("notices")).to_be_empty()  # it is said once

        await client.send(type="status", state="waiting_for_receiver")
        await expect(title).to_have_text("One moment")
        await client.send(**lost)
        await expect(title).to_have_text("Cannot hear you")

        await client.send(type="status", state="listening")
        await expect(title).to_have_text("Ready")
        await client.send(**lost)
        await expect(hint).to_contain_text("Hearing is being restored.")
        await client.send(type="status", state="listening")
        await expect(title).to_have_text("Ready")


async def test_an_error_that_passes_is_no_deafness(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    await client.send(type="error", code="stt_timeout", message="Trying again.", retryable=True)
    await client.send(type="status", state="reconnecting_stt")
    await expect(page.get_by_test_id("state-hint")).to_contain_text("Hearing is being restored.")
    await expect(page.get_by_test_id("notices")).to_contain_text("Trying again.")


async def test_rubbish_from_the_relay_is_survived(
    page: Page, relay: ScriptedRelay, complaints: list[str]
) -> None:
    client = await relay.client()
    for rubbish in ("not json", "null", "[]", '{"type": 1}', b"\x00"):
        await client.socket.send(rubbish)
    await client.send(type="constructor")
    await client.send(type="from_the_future", what=1)
    await client.send(type="turn", turn=1, text="two eggs", ids=[], extra=True)
    await expect(page.locator(".bubble.you .words")).to_have_text("two eggs")
    assert ["no message" in complaint for complaint in complaints] == [True] * 5
    complaints.clear()


async def test_markup_in_a_text_is_text(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    text = "<img src=x onerror=alert(1)> & <b>eggs</b>"
    await client.send(type="turn", turn=1, text=text, ids=[])
    await client.send(type="server_response", turn=1, message=text, audio=None)
    await expect(page.locator(".words")).to_have_text([text, text])
