"""Connections that break, fall silent or are refused: the page comes back, and goes on where it was."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import only_by_hand
from tests.browser.scripted_relay import Client, ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_reconnect_asks_only_for_sentences_that_the_page_lacks(
    page: Page, relay: ScriptedRelay
) -> None:
    client = await relay.client()
    await client.send(type="reply_audio", turn=1, seq=0, text="Noted.", audio=None)
    await client.send(type="reply_audio", turn=1, seq=1, text="Any drink?", audio=None)
    await expect(page.locator("[data-seq='1']")).to_be_visible()
    await client.drop()
    again = await relay.client(1)
    assert again.hello is not None
    assert again.hello.received == (1, 1)


async def test_audio_that_a_broken_connection_swallowed_is_sent_again(
    page: Page, relay: ScriptedRelay
) -> None:
    client = await relay.client()
    await page.get_by_test_id("record").click()
    await client.until(lambda: len(client.audio) >= 10)
    relay.resume_at = 4 * 1600  # the relay got four chunks of the ten or more
    sent = list(client.audio)
    await client.drop()
    again = await relay.client(1)
    await again.until(lambda: len(again.audio) > 10)
    assert again.audio[: len(sent) - 4] == sent[4:]
    await expect(page.get_by_test_id("notices")).to_be_empty()


async def test_stopping_while_offline_flushes_after_the_audio(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    await page.get_by_test_id("record").click()
    await client.until(lambda: len(client.audio) >= 2)
    await only_by_hand(page)
    await relay.stop()
    await expect(page.get_by_test_id("state-hint")).to_contain_text("up to a minute is kept")
    await page.wait_for_timeout(300)
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("record")).to_have_text("Start recording")
    await relay.start()
    await page.get_by_role("button", name="Try now").click()
    again = await relay.client(1)
    await again.until(lambda: again.sent("flush"))
    assert sum(map(len, again.audio)) > sum(map(len, client.audio)), "from sample 0, and on through the gap"


async def test_a_refused_session_becomes_a_new_one_and_says_so(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    await client.send(type="turn", turn=1, text="two eggs", ids=[])
    await expect(page.locator(".bubble.you")).to_be_visible()

    async def refuse_old_sessions(client: Client) -> None:
        if client.hello is not None and client.hello.session_id == "session-1":
            await client.send(type="error", code="session_refused", message="No.", retryable=False)
        else:
            relay.session_id = "session-2"
            await relay.send_ready(client)

    relay.welcome = refuse_old_sessions
    await client.drop()
    fresh = await relay.client(2)
    assert fresh.hello is not None
    assert fresh.hello.session_id is None
    await expect(page.get_by_test_id("notices")).to_contain_text("this is a new one")
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    await expect(page.locator(".bubble.you .words")).to_have_text("two eggs")
    await fresh.send(type="turn", turn=1, text="three eggs", ids=[])
    await expect(page.locator(".bubble.you .words")).to_have_text(["two eggs", "three eggs"])


async def test_a_full_relay_is_tried_again_with_its_reason_shown(page: Page, relay: ScriptedRelay) -> None:
    async def full(client: Client) -> None:
        await client.send(type="error", code="at_capacity", message="All places are taken.", retryable=True)
        await client.socket.close(1013)

    relay.welcome = full
    await only_by_hand(page)
    await (await relay.client()).drop()
    await page.get_by_role("button", name="Try now").click()
    await expect(page.get_by_test_id("state-hint")).to_contain_text("All places are taken.")
    await expect(page.get_by_test_id("countdown")).to_contain_text("Trying again in")
    relay.welcome = relay.send_ready
    await page.get_by_role("button", name="Try now").click()
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")


async def test_a_conversation_taken_up_elsewhere_is_not_fought_over(page: Page, relay: ScriptedRelay) -> None:
    client = await relay.client()
    await client.send(
        type="error",
        code="session_moved",
        message="This conversation goes on somewhere else.",
        retryable=False,
    )
    await client.socket.close(4409)
    await expect(page.get_by_test_id("state-title")).to_have_text("Not connected")
    await page.wait_for_timeout(700)
    assert len(relay.clients) == 1
    await page.get_by_role("button", name="Try again").click()
    await relay.client(1)


async def test_a_relay_that_falls_silent_is_left(page: Page, relay: ScriptedRelay) -> None:
    """A connection can die without a word; only the missing answer to a ping tells."""
    await page.clock.install()
    await page.goto(relay.url)
    client = await relay.client(1)
    client.socket.transport.pause_reading()
    await page.clock.run_for(21_000)
    await page.clock.run_for(1_000)
    await relay.client(2)


async def test_pings_are_answered_and_keep_the_connection(page: Page, relay: ScriptedRelay) -> None:
    await page.clock.install()
    await page.goto(f"{relay.url}?debug")
    await relay.client(1)
    for count in range(1, 5):
        await page.clock.run_for(10_000)
        await expect(page.locator("#debug-log li", has_text='"pong"')).to_have_count(count)
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    assert len(relay.clients) == 2


async def test_until_the_relay_is_ready_the_page_says_connecting(page: Page, relay: ScriptedRelay) -> None:
    async def keep_waiting(client: Client) -> None:
        """Opened, and never `ready`."""

    relay.welcome = keep_waiting
    await page.reload()
    await relay.client(1)
    await expect(page.get_by_test_id("state-title")).to_have_text("Connecting")


async def test_a_receiver_that_is_away_at_the_start_is_waited_for_on_one_connection(
    page: Page, relay: ScriptedRelay
) -> None:
    async def wait_for_receiver(client: Client) -> None:
        await client.send(type="status", state="waiting_for_receiver")

    relay.welcome = wait_for_receiver
    await page.clock.install()
    await page.reload()
    await relay.client(1)
    await expect(page.get_by_test_id("state-title")).to_have_text("One moment")
    await page.clock.run_for(15_000)  # longer than an unanswered connection is given
    await expect(page.get_by_test_id("state-title")).to_have_text("One moment")
    assert len(relay.clients) == 2


async def test_a_name_is_kept_and_told_in_hello(page: Page, relay: ScriptedRelay) -> None:
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_label("Your first name").fill("Ada")
    await page.keyboard.press("Enter")
    client = await relay.client(1)
    assert client.hello is not None
    assert client.hello.name == "Ada"
    assert client.hello.session_id == "session-1"
    await expect(page.get_by_role("button", name="Settings")).to_be_focused()


async def test_a_new_conversation_can_be_asked_for(page: Page, relay: ScriptedRelay) -> None:
    await (await relay.client()).send(type="turn", turn=1, text="two eggs", ids=[])
    await expect(page.locator(".bubble.you")).to_be_visible()
    relay.session_id = "session-2"
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("button", name="New conversation").click()
    client = await relay.client(1)
    assert client.hello is not None
    assert client.hello.session_id is None
    await expect(page.locator(".divider")).to_have_text("New conversation")
