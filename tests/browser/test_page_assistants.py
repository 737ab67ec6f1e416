"""Whom the page talks to: each assistant in a conversation of its own; the bank's with a token that is kept nowhere."""

from __future__ import annotations

import json
import re
from typing import Literal

import pytest
from playwright.async_api import BrowserContext, ConsoleMessage, Page, WebSocketRoute, expect

from protocol.client_messages import PastTurn
from tests.browser.chromium import type_in, watch
from tests.browser.conftest import OpenPage
from tests.browser.live_relay import LiveRelay
from tests.browser.page_measures import CONTRAST, NAMELESS, TARGETS
from tests.browser.scripted_diary import ScriptedDiary
from tests.browser.scripted_relay import Client, ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

BANK_TOKEN = "up:yeah:0123456789abcdefNOTAREALTOKEN"
INSECURE = "Somebody on the way could read your credentials."
KEPT = "() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])"


@pytest.fixture(autouse=True)
def a_session_for_each(relay: ScriptedRelay) -> None:
    """As the real relay: a session that is not taken up is a new one, of the assistant that was asked for."""
    begun: list[str] = []

    async def welcome(client: Client) -> None:
        assert client.hello is not None
        begun.append(client.hello.assistant or "own")
        relay.session_id = client.hello.session_id or f"{begun[-1]}-{begun.count(begun[-1])}"
        relay.history = [PastTurn(turn=0, text="", message=f"This is {relay.session_id}.")]
        await relay.send_ready(client)

    relay.welcome = welcome


async def choose(page: Page, label: str) -> None:
    await page.get_by_test_id("assistants").locator("summary").click()
    await page.get_by_test_id("assistants").get_by_role("button", name=re.compile(f"^{label}")).click()


async def give(page: Page, token: str) -> None:
    await page.get_by_label("Your bank token").fill(token)
    await page.keyboard.press("Enter")


def given(client: Client) -> dict[str, str] | None:
    assert client.hello is not None
    brought = client.hello.credentials
    return None if brought is None else {name: secret.get_secret_value() for name, secret in brought.items()}


async def test_another_assistant_is_another_conversation_and_going_back_takes_up_the_first(
    page: Page, relay: ScriptedRelay
) -> None:
    first = await relay.client()
    assert first.hello is not None
    assert first.hello.assistant is None
    await ScriptedDiary().tell(first)
    await expect(page.get_by_test_id("diary")).to_be_visible()
    await expect(page.get_by_test_id("conversation")).to_have_text("Assistant: This is own-1.")

    await choose(page, "Notes")
    second = await relay.client(1)
    assert second.hello is not None
    assert (second.hello.assistant, second.hello.session_id) == ("notes", None)
    await expect(page.get_by_test_id("conversation")).to_have_text("Assistant: This is notes-1.")
    await expect(page.get_by_test_id("diary")).to_be_hidden()
    await expect(page).to_have_title("Notes · Voice Relay")
    await expect(page.get_by_test_id("assistants").locator("summary")).to_have_text("Talking to: Notes")

    await choose(page, "As this relay has it")
    third = await relay.client(2)
    assert third.hello is not None
    assert (third.hello.assistant, third.hello.session_id) == (None, "own-1")
    assert third.hello.resume_token == "secret"
    await expect(page.get_by_test_id("conversation")).to_have_text("Assistant: This is own-1.")

    await choose(page, "Notes")
    await page.reload()
    fifth = await relay.client(4)
    assert fifth.hello is not None
    assert (fifth.hello.assistant, fifth.hello.session_id) == ("notes", "notes-1")


async def test_what_waits_for_one_assistant_is_told_to_no_other(page: Page, relay: ScriptedRelay) -> None:
    first = await relay.client()
    await type_in(page, "my savings are none of your business")
    await first.until(lambda: first.sent("text"))
    await choose(page, "Chat")
    second = await relay.client(1)
    await expect(page.get_by_test_id("waiting")).to_be_hidden()
    await type_in(page, "hello")
    await second.until(lambda: second.sent("text"))
    await choose(page, "As this relay has it")
    third = await relay.client(2)
    await third.until(lambda: third.sent("text"))
    assert [message.text for message in second.sent("text")] == ["hello"]
    assert [message.id for message in third.sent("text")] == [message.id for message in first.sent("text")]


async def test_a_recording_ends_with_whom_it_was_for(page: Page, relay: ScriptedRelay) -> None:
    first = await relay.client()
    await page.get_by_test_id("record").click()
    await first.until(lambda: first.audio)
    await choose(page, "Notes")
    second = await relay.client(1)
    await expect(page.get_by_test_id("record")).to_have_text("Start recording")
    assert first.sent("flush")
    assert not second.audio
    await page.get_by_test_id("record").click()
    await second.until(lambda: second.audio)


async def test_the_choice_is_kept_for_the_browser_and_the_address_goes_before_it(
    page: Page, relay: ScriptedRelay, complaints: list[str]
) -> None:
    await choose(page, "Diet coach")
    await relay.client(1)
    other = await page.context.new_page()
    watch(other, complaints.append)

    async def asked_for(number: int) -> str | None:
        hello = (await relay.client(number)).hello
        assert hello is not None
        return hello.assistant

    await other.goto(relay.url)
    assert await asked_for(2) == "diet"
    await other.goto(f"{relay.url}?assistant=dice&debug")
    assert await asked_for(3) == "dice", "a deployment may have assistants of its own"
    await expect(other.get_by_test_id("assistants").locator("summary")).to_have_text("Talking to: dice")
    await choose(other, "Chat")
    assert await asked_for(4) == "chat"
    assert other.url == f"{relay.url}?debug="
    await page.reload()
    assert await asked_for(5) == "diet", "a tab stays with its own"
    await other.close()


async def test_examples_fit_the_assistant_and_wait_in_the_text_box_to_be_sent(
    page: Page, relay: ScriptedRelay
) -> None:
    examples = page.get_by_test_id("examples")
    await expect(examples).to_be_hidden()
    await ScriptedDiary().tell(await relay.client())
    await expect(examples).to_contain_text("For breakfast I had")
    await choose(page, "Bank")
    client = await relay.client(1)
    await expect(examples.get_by_role("button")).to_have_count(3)
    await examples.get_by_role("button", name="What is my savings balance?").click()
    await expect(page.get_by_test_id("typed")).to_be_focused()
    await expect(page.get_by_test_id("typed")).to_have_value("What is my savings balance?")
    assert not client.sent("text")
    await page.keyboard.press("Enter")
    await client.until(lambda: client.sent("text"))
    await expect(examples).to_be_hidden()


async def test_an_assistant_that_is_not_there_is_named_and_another_can_be_chosen(
    page: Page, relay: ScriptedRelay
) -> None:
    usual = relay.welcome

    async def welcome(client: Client) -> None:
        assert client.hello is not None
        if client.hello.assistant != "bank":
            await usual(client)
            return
        message = "There is no assistant 'bank' here."
        await client.send(type="error", code="unsupported", message=message, retryable=False)

    relay.welcome = welcome
    await choose(page, "Bank")
    await expect(page.get_by_test_id("state-hint")).to_have_text(
        "There is no assistant 'bank' here. Choose another one above."
    )
    await choose(page, "Notes")
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")


async def test_the_bank_token_is_in_hello_and_nowhere_else(page: Page, relay: ScriptedRelay) -> None:
    said: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        said.append(message.text)

    page.on("console", on_console)
    await page.goto(f"{relay.url}?assistant=bank&debug")
    assert given(await relay.client(1)) == {}
    await give(page, f" Bearer {BANK_TOKEN}\n")
    with_token = await relay.client(2)
    assert given(with_token) == {"bank": BANK_TOKEN}
    assert with_token.hello is not None
    assert with_token.hello.session_id == "bank-1"
    await expect(page.get_by_test_id("bank-token-form").get_by_role("status")).to_contain_text("in use")
    await expect(page.get_by_test_id("typed")).to_be_focused()
    await expect(page.get_by_test_id("debug")).to_contain_text('"credentials":"…"')

    secret = BANK_TOKEN.rpartition(":")[2]
    assert secret not in await page.evaluate(KEPT)
    assert secret not in await page.content()
    assert await page.get_by_test_id("bank-token").input_value() == ""
    assert [line for line in said if "hello" in line]
    assert not [line for line in said if secret in line]
    assert secret not in json.dumps(await page.context.storage_state())

    await choose(page, "Notes")
    assert given(await relay.client(3)) is None, "it is for the bank's assistant alone"
    await choose(page, "Bank")
    assert given(await relay.client(4)) == {"bank": BANK_TOKEN}
    await page.reload()
    assert given(await relay.client(5)) == {}, "the relay is told that there is none any more"
    await expect(page.get_by_label("Your bank token")).to_be_empty()


async def test_a_bank_token_can_be_forgotten_and_what_is_none_is_not_sent(
    page: Page, relay: ScriptedRelay
) -> None:
    await choose(page, "Bank")
    await relay.client(1)
    problem = page.get_by_test_id("bank-token-form").get_by_role("alert")
    await give(page, "not one word")
    await expect(problem).to_have_text("That is no token: it is one word, without spaces.")
    await give(page, BANK_TOKEN)
    assert given(await relay.client(2)) == {"bank": BANK_TOKEN}
    await page.get_by_role("button", name="Forget it").click()
    assert given(await relay.client(3)) == {}
    await expect(page.get_by_label("Your bank token")).to_be_focused()
    await expect(problem).to_be_empty()


async def test_why_a_bank_token_was_left_out_stands_where_it_was_entered(
    page: Page, relay: ScriptedRelay
) -> None:
    await choose(page, "Bank")
    await relay.client(1)
    await give(page, BANK_TOKEN)
    client = await relay.client(2)
    await client.send(type="error", code="insecure_connection", message=INSECURE, retryable=False)
    await expect(page.get_by_test_id("bank-token-form").get_by_role("alert")).to_have_text(INSECURE)
    await expect(page.get_by_test_id("notices")).to_be_empty()
    await client.socket.close(1012)
    assert given(await relay.client(3)) == {}, "it does not take that way again"


async def test_no_bank_token_can_be_entered_on_a_page_that_others_can_read(
    context: BrowserContext, relay: ScriptedRelay
) -> None:
    page = await context.new_page()
    await page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false });")
    await page.goto(f"{relay.url}?assistant=bank")
    await expect(page.get_by_label("Your bank token")).to_be_disabled()
    await expect(page.get_by_test_id("bank-token-form").get_by_role("alert")).to_contain_text("https://")
    await page.close()


async def test_the_bank_page_brings_the_token_and_shows_it_in_no_message(
    open_page: OpenPage, live: LiveRelay
) -> None:
    page = await open_page("about:blank")

    async def on_the_way(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def hand_on(message: str | bytes) -> None:
            server.send(message)
            if isinstance(message, str) and "withhold-it" in message:
                error = {"code": "insecure_connection", "message": "Not done.", "reason": INSECURE}
                route.send(f"42{json.dumps(['error', error])}")

        route.on_message(hand_on)

    await page.route_web_socket("**/socket.io/**", on_the_way)
    await page.goto(live.url("bank"))
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    await give(page, BANK_TOKEN)
    await expect(page.get_by_test_id("bank-token-form").get_by_role("status")).to_contain_text("in use")
    wire = page.get_by_test_id("wire")
    await expect(wire.locator("[data-direction=sent]", has_text="credentials")).to_have_count(2)
    await type_in(page, "What is my savings balance?")
    await expect(page.locator("[data-turn='1'] .assistant")).to_be_visible()
    opened = [message for _, message in live.receiver.seen if message["type"] == "open"]
    assert opened[-1]["credentials"] == {"bank": BANK_TOKEN}
    secret = BANK_TOKEN.rpartition(":")[2]
    assert secret not in await page.content()
    assert secret not in await page.evaluate(KEPT)

    await page.get_by_role("button", name="Forget it").click()
    await expect(page.get_by_test_id("state-title")).to_have_text("Ready")
    await give(page, "withhold-it")
    await expect(page.get_by_test_id("bank-token-form").get_by_role("alert")).to_have_text(INSECURE)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_choosing_and_the_bank_token_are_for_everybody(
    open_page: OpenPage, relay: ScriptedRelay, theme: Literal["light", "dark"]
) -> None:
    width = 360
    page = await open_page(
        f"{relay.url}?assistant=bank",
        color_scheme=theme,
        viewport={"width": width, "height": 740},
        reduced_motion="reduce",
    )
    await (await relay.client()).send(type="latency", turn=1, stages={"total": 640.0})
    await give(page, "no token")
    await page.locator("#open-assistants").focus()
    await page.keyboard.press("Enter")
    readings = await page.evaluate(CONTRAST)
    assert await page.evaluate(NAMELESS) == []
    for target in await page.evaluate(TARGETS):
        assert min(target["height"], target["width"]) >= 44, target
        assert 0 <= target["left"] < target["right"] <= width, target
    assert await page.evaluate("document.documentElement.scrollWidth") == width

    current = page.get_by_test_id("assistants").locator("[aria-current=true]")
    await expect(current).to_contain_text("Bank")
    await page.keyboard.press("Escape")
    await expect(current).to_be_hidden()
    await expect(page.locator("#open-assistants")).to_be_focused()
    await give(page, BANK_TOKEN)
    await expect(page.get_by_role("button", name="Forget it")).to_be_visible()
    readings += await page.evaluate(CONTRAST)
    assert [reading for reading in readings if reading["ratio"] < 4.5] == []

    await page.locator("#open-assistants").focus()
    await page.keyboard.press("Enter")
    for _ in range(4):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("Notes · Voice Relay")
    await expect(page.locator("#open-assistants")).to_be_focused()
