"""The page of the call screen when a call is over: what it comes down to."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.live_relay import LiveRelay
from tests.twilio_caller import TwilioCaller

pytestmark = pytest.mark.asyncio(loop_scope="session")

SUMMARY: dict[str, Any] = {
    "key_points": ["the meeting has moved to the fourteenth"],
    "action_items": [
        {
            "text": "remind me tomorrow at nine to call <b>mum</b>",
            "turn": 1,
            "kind": "reminder",
            "answer": "I'll remind you to call your mum tomorrow at nine in the morning.",
        },
        {"text": "could you ask Paul for the invoice", "turn": 2, "kind": "request"},
        {"text": "fetch the parcel", "turn": 2, "kind": "errand"},
    ],
    "open_questions": ["who pays for the trip"],
    "text": "All of it.",
}


async def call(live: LiveRelay) -> None:
    async with TwilioCaller(live.port) as caller:
        await caller.start({"userId": "ann"})
        await caller.press("1", "#")
        await caller.expect("mark")
        await caller.stop()


async def test_a_call_that_is_over_shows_its_summary(open_page: OpenPage, live: LiveRelay) -> None:
    live.receiver.summarize = lambda turns: SUMMARY
    page = await open_page(live.url("calls"))
    await expect(page.get_by_test_id("state-title")).to_have_text("Connected")
    await call(live)
    summary = page.locator(".call-summary")
    items = summary.locator(".action-item")
    await expect(items).to_have_text(
        [
            "remind me tomorrow at nine to call <b>mum</b> Reminder"
            "I'll remind you to call your mum tomorrow at nine in the morning.",
            "could you ask Paul for the invoice Asked for",
            "fetch the parcel errand",
        ]
    )
    await expect(summary.locator("h4")).to_have_text(["To do", "Key points", "Left open"])
    await expect(summary.locator(".summary-part").nth(1).locator("li")).to_have_text(SUMMARY["key_points"])
    await expect(summary.locator(".summary-part").nth(2).locator("li")).to_have_text(
        SUMMARY["open_questions"]
    )
    await expect(page.locator(".call-light")).to_have_text("over")
    # It is still there for a page that is opened later, where there was nothing to see of the call.
    later = await open_page(live.url("calls"))
    await expect(later.locator(".call-summary .action-item")).to_have_count(3)
    await expect(later.locator(".call-light")).to_have_text("over")
    await expect(later.locator(".call h2")).to_have_text("ann")


async def test_a_call_that_comes_to_nothing_says_so_and_one_without_a_summary_shows_none(
    open_page: OpenPage, live: LiveRelay
) -> None:
    live.receiver.summarize = lambda turns: {"text": "There is nothing to sum up yet."}
    page = await open_page(live.url("calls"))
    await expect(page.get_by_test_id("state-title")).to_have_text("Connected")
    await call(live)
    await expect(page.locator(".call-summary")).to_have_text("SummaryThere is nothing to sum up.")
    live.receiver.summarize = None
    await call(live)
    await expect(page.locator(".call-light")).to_have_text(["over", "over"])
    await expect(page.locator(".call-summary").first).to_be_empty()


async def test_calls_that_were_over_before_stand_below_those_that_go_on(
    open_page: OpenPage, live: LiveRelay
) -> None:
    live.receiver.summarize = lambda turns: SUMMARY
    seen = await open_page(live.url("calls"))
    await expect(seen.get_by_test_id("state-title")).to_have_text("Connected")
    await call(live)
    await expect(seen.locator(".call-summary .action-item")).to_have_count(3)
    async with TwilioCaller(live.port) as caller:
        await caller.start({"userId": "bob"})
        await expect(seen.locator(".call h2").first).to_have_text("bob")
        page = await open_page(live.url("calls"))
        await expect(page.locator(".call h2")).to_have_text(["bob", "ann"])
        await expect(page.locator(".call-light")).to_have_text(["going on", "over"])
