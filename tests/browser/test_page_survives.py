"""What goes wrong on the way: the network and the relay. Nothing that was said or typed is lost."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from protocol.client_messages import PastTurn
from tests.browser.chromium import only_by_hand
from tests.browser.scripted_relay import Client, ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def type_in(page: Page, text: str) -> None:
    await page.get_by_test_id("typed").fill(text)
    await page.keyboard.press("Enter")


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
