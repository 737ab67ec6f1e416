"""A relay that asks for a token: each page shows it where its wire has it, and says what to do when it has ended."""

from __future__ import annotations

import asyncio
import re
import time

import pytest
from playwright.async_api import ConsoleMessage, Page, Request, expect

from tests.browser.chromium import type_in
from tests.browser.conftest import OpenPage, StartLive
from tests.browser.live_relay import LiveRelay
from tests.tokens import CHECKED, hmac_with, shown, token

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENDED = "Your sign-in has ended"
SOON = 1.0
"""Seconds that a token holds which a test sees the end of: of its connection, or of itself before it got there."""


@pytest.fixture
def start_checked(start_live: StartLive) -> StartLive:
    async def start() -> LiveRelay:
        return await start_live(**CHECKED)

    return start


async def enter(page: Page, token: str) -> None:
    """Into the form of a client's page."""
    panel = page.get_by_test_id("token-panel")
    await panel.evaluate("node => { node.open = true; }")
    await page.get_by_label("Access token").fill(token)
    await panel.get_by_role("button", name="Use", exact=True).click()


async def enter_on_main_page(page: Page, token: str) -> None:
    await page.get_by_role("button", name="Enter token").click()
    await expect(page.get_by_test_id("token")).to_be_focused()
    await page.get_by_test_id("token").fill(token)
    await page.keyboard.press("Enter")


async def test_the_main_page_asks_for_a_token_and_goes_on_in_its_conversation_with_the_next_one(
    open_page: OpenPage, start_checked: StartLive
) -> None:
    live = await start_checked()
    page = await open_page(live.url())
    await expect(page.get_by_test_id("state-title")).to_have_text("Not signed in")
    await expect(page.get_by_test_id("state-hint")).to_contain_text("Enter an access token.")
    await enter_on_main_page(page, shown("ann"))
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    await type_in(page, "two eggs")
    await expect(page.locator("[data-turn='1'] .assistant")).to_contain_text("two eggs")

    await page.get_by_test_id("open-settings").click()
    await page.get_by_test_id("token").fill(shown("ann", expires_in=SOON))
    await page.get_by_test_id("save-settings").click()
    await expect(page.get_by_test_id("state-title")).to_have_text(ENDED)
    await expect(page.get_by_test_id("state-hint")).to_contain_text("Enter a new access token")
    await type_in(page, "and toast")
    await expect(page.get_by_test_id("waiting")).to_contain_text("and toast")
    await enter_on_main_page(page, f"Bearer {shown('ann')}")
    await expect(page.locator("[data-turn='2'] .assistant")).to_contain_text("and toast")
    await expect(page.locator(".divider")).to_have_count(0)
    assert len(live.receiver.sessions) == 1


async def test_somebody_else_s_token_begins_another_conversation(
    open_page: OpenPage, start_checked: StartLive
) -> None:
    live = await start_checked()
    page = await open_page(f"{live.url()}#token={shown('ann')}")
    await type_in(page, "two eggs")
    await expect(page.locator("[data-turn='1'] .assistant")).to_contain_text("two eggs")
    await page.get_by_test_id("open-settings").click()
    await page.get_by_test_id("token").fill(shown("bob"))
    await page.get_by_test_id("save-settings").click()
    await expect(page.get_by_test_id("notices")).to_contain_text("this is a new one")
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    assert len(live.receiver.sessions) == 2


async def test_the_settings_take_no_text_for_a_token_and_forget_one_that_is_taken_out(
    open_page: OpenPage, start_checked: StartLive
) -> None:
    live = await start_checked()
    page = await open_page(f"{live.url()}#token={shown('ann')}")
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    await page.get_by_test_id("open-settings").click()
    await page.get_by_test_id("token").fill("my password")
    await page.get_by_test_id("save-settings").click()
    await expect(page.get_by_test_id("settings")).to_be_visible()
    await page.get_by_test_id("token").fill("")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("settings")).to_be_hidden()
    await expect(page.get_by_test_id("state-title")).to_have_text(ENDED)


@pytest.mark.parametrize("path", ["", "clients/bank.html", "clients/echo.html"])
async def test_a_token_in_the_address_is_taken_out_of_it_at_once_and_seen_nowhere(
    open_page: OpenPage, start_checked: StartLive, path: str
) -> None:
    live = await start_checked()
    token, said, asked = shown("ann"), [], []
    page = await open_page("about:blank")

    def on_console(message: ConsoleMessage) -> None:
        said.append(message.text)

    def on_request(request: Request) -> None:
        asked.append(request.url)

    page.on("console", on_console)
    page.on("request", on_request)
    await page.goto(f"{live.url()}{path}?debug#token={token}")
    await expect(page.get_by_test_id("state-title")).to_have_text(re.compile("Ready|Connected"))
    assert await page.evaluate("location.href") == f"{live.url()}{path}?debug"
    await type_in(page, "two eggs")
    await expect(page.locator("body")).to_contain_text("two eggs")
    secret = token.rpartition(".")[2]
    assert secret not in await page.content()
    assert not [line for line in said if secret in line]
    assert not [url for url in asked if secret in url.partition("#")[0]]
    assert await page.evaluate("performance.getEntriesByType('navigation').length") == 1

    await page.reload()
    await expect(page.get_by_test_id("state-title")).to_have_text(re.compile("Ready|Connected"))


async def test_pages_whose_sign_in_ends_go_on_in_their_sessions_with_a_new_token(
    open_page: OpenPage, start_checked: StartLive
) -> None:
    live = await start_checked()

    async def go_on(name: str) -> None:
        page = await open_page(f"{live.url(name)}#token={shown('ann')}")
        await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
        await type_in(page, "two eggs")
        await expect(page.locator("[data-turn='1'] .assistant .words")).to_have_text("You said: two eggs.")
        await enter(page, shown("ann", expires_in=SOON))
        await expect(page.get_by_test_id("state-title")).to_have_text(ENDED)
        await page.get_by_role("button", name="Enter token").click()
        await expect(page.get_by_label("Access token")).to_be_focused()
        await enter(page, shown("ann"))
        await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
        await type_in(page, "and toast")
        await expect(page.locator("[data-turn='2'] .assistant .words")).to_have_text("You said: and toast.")

    names = ("diet", "bank", "answers")
    await asyncio.gather(*map(go_on, names))
    assert len(live.receiver.sessions) == len(names)


async def test_the_other_pages_show_their_token_and_say_when_it_has_ended(
    open_page: OpenPage, start_checked: StartLive
) -> None:
    live = await start_checked()

    async def see_the_end(name: str) -> None:
        page = await open_page(f"{live.url(name)}#token={shown('ann')}")
        state = page.get_by_test_id("state")
        await expect(state).to_have_attribute("data-state", "idle")
        await enter(page, shown("ann", expires_in=SOON))
        await expect(page.get_by_test_id("state-title")).to_have_text(ENDED)
        await enter(page, shown("ann"))
        await expect(state).to_have_attribute("data-state", "idle")

    await asyncio.gather(*map(see_the_end, ("captions", "recorder", "calls", "echo")))


@pytest.mark.parametrize("name", ["diet", "echo"])
async def test_a_page_that_is_not_let_in_says_what_may_help(
    open_page: OpenPage, start_checked: StartLive, name: str
) -> None:
    """A browser does not tell a page why: the handshake was answered by 401."""
    live = await start_checked()
    page = await open_page(live.url(name))
    await expect(page.get_by_test_id("state-title")).to_have_text("Not let in")
    await expect(page.get_by_test_id("state-hint")).to_contain_text(
        "If it asks for an access token, enter yours."
    )
    await page.get_by_role("button", name="Enter token").click()
    await enter(page, "this is none")
    await expect(page.get_by_role("alert")).to_contain_text("That is no token")
    await enter(page, shown("ann", secret="another secret, which is as long as it has to be"))
    await expect(page.get_by_test_id("state-title")).to_have_text("Not let in")
    await expect(page.get_by_test_id("state-hint")).to_contain_text("The access token may have ended")
    await enter(page, shown("ann", expires_in=-1))
    await expect(page.get_by_test_id("state-title")).to_have_text(ENDED)
    await enter(page, shown("ann"))
    await expect(page.get_by_test_id("state")).to_have_attribute("data-state", "idle")
    await expect(page.get_by_label("Access token")).to_be_hidden()


@pytest.mark.parametrize("name", ["", "diet", "bank", "echo"])
async def test_a_page_that_comes_back_with_an_ended_token_says_that_it_has_ended(
    open_page: OpenPage, start_checked: StartLive, name: str
) -> None:
    """It was never let in since it was opened; what it holds says so itself, and there is no use in trying again."""
    live = await start_checked()
    page = await open_page(f"{live.url(name)}#token={shown('ann', expires_in=-1)}")
    await expect(page.get_by_test_id("state-title")).to_have_text(ENDED)
    await expect(page.get_by_test_id("state-hint")).to_contain_text("Enter a new access token")
    await expect(page.get_by_text("Trying again")).to_be_hidden()
    await page.get_by_role("button", name="Enter token").click()
    await expect(page.get_by_label("Access token")).to_be_focused()


async def test_a_token_has_ended_by_its_own_word_alone(open_page: OpenPage, live: LiveRelay) -> None:
    """The clock of the machine may be a minute behind the relay's; a token that says nothing is only a token."""
    page = await open_page(live.url("echo"))
    now = time.time()
    tokens = {
        token("ann", expires_in=-1): True,
        token("ann", expires_in=30): True,
        token("ann", expires_in=90): False,
        token("J\u00f6\u00dfe \U0001f95a", expires_in=-1): True,
        token("ann", expires_in=None): False,
        hmac_with(b"of any", "ann", exp="soon"): False,
        hmac_with(b"of any", "ann", exp=True): False,
        "not.a.token": False,
        "e30..": False,
    }
    ended = await page.evaluate(
        """
        async ([tokens, now]) => {
          const { hasEnded } = await import("../token.js");
          return tokens.map((token) => hasEnded(token, now));
        }
        """,
        [list(tokens), now * 1000],
    )
    assert ended == list(tokens.values())


async def test_the_bank_page_is_told_that_it_needs_a_token(
    open_page: OpenPage, start_checked: StartLive
) -> None:
    live = await start_checked()
    page = await open_page(live.url("bank"))
    await expect(page.get_by_test_id("state-title")).to_have_text("Not signed in")
    await enter(page, shown("ann"))
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")


async def test_a_posted_question_shows_the_token_too(
    open_page: OpenPage, start_checked: StartLive, complaints: list[str]
) -> None:
    live = await start_checked()
    page = await open_page(f"{live.url('answers')}#token={shown('ann')}")
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    await page.get_by_test_id("post").check()
    await type_in(page, "two eggs")
    await expect(page.locator("[data-turn='1'] .assistant .words")).to_have_text("You said: two eggs.")

    await page.get_by_test_id("token-panel").locator("summary").click()
    await page.get_by_role("button", name="Forget").click()
    await expect(page.get_by_test_id("state-title")).to_have_text("Not let in")
    await type_in(page, "and toast")
    await expect(page.locator("[data-turn='2'] .failure")).to_contain_text("This relay needs a token")
    await expect(page.get_by_test_id("state-title")).to_have_text(ENDED)
    complaints.clear()  # the browser reports each 401
    await enter(page, shown("ann"))
    await page.locator("[data-turn='2']").get_by_role("button", name="Send again").click()
    await expect(page.locator("[data-turn='3'] .assistant .words")).to_have_text("You said: and toast.")


async def test_the_diet_page_of_somebody_else_is_not_opened(
    open_page: OpenPage, start_checked: StartLive
) -> None:
    live = await start_checked()
    page = await open_page(f"{live.url('diet')}#token={shown('ann')}")
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    await page.get_by_test_id("email").fill("bob@example.com")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("state-title")).to_have_text("Not let in")
    await expect(page.get_by_test_id("state-hint")).to_contain_text("The e-mail address may be another one")
