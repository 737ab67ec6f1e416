"""For pages whose socket fails: the same question, posted, and its whole answer in the response."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from protocol.errors import TtsUnavailable
from relay.clients.answers import over_http as answer_over_http
from relay.codecs import mp3
from relay.server import Relay
from relay.tts import Speech
from relay.tts.scripted import ScriptedVoice
from tests.relay.clients.answer_pages import PATH, Open, open_page
from tests.relay.conftest import Join, StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import FailingVoice
from tests.tokens import CHECKED, WRONG, shown

__all__ = ["open_page"]


class Browser:
    """Posts questions, and keeps the latest response."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.status = 0
        self.headers: Any = {}

    async def post(self, relay: Relay, body: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        url = f"http://127.0.0.1:{relay.port}{PATH}"
        async with (
            asyncio.timeout(30),
            self._session.post(
                url, data=data, headers={"Content-Type": "application/json"} | (headers or {})
            ) as response,
        ):
            self.status, self.headers = response.status, response.headers
            assert response.content_type == "application/json"
            told: dict[str, Any] = await response.json()
            return told


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession() as session:
        yield Browser(session)


async def test_the_whole_answer_comes_in_one_response(
    relay: Relay, receiver: ScriptedReceiver, browser: Browser
) -> None:
    receiver.greeting = "Good morning!"
    receiver.answer = lambda said: "Two eggs are written down. What did you drink?"
    told = await browser.post(relay, {"text": "two eggs"})
    assert browser.status == 200
    sound = b64decode(told.pop("audio"), validate=True)
    assert mp3.duration_seconds(sound) > 1.0, "both sentences, and no greeting"
    session = told.pop("session_id")
    assert session in receiver.sessions
    assert told == {
        "final_response": "Two eggs are written down. What did you drink?",
        "text": "Two eggs are written down. What did you drink?",
        "message": "Response complete.", "is_complete": True, "format": "mp3",
    }  # fmt: skip


async def test_a_session_goes_on_from_the_socket_to_http_and_back(
    relay: Relay, receiver: ScriptedReceiver, browser: Browser, open_page: Open
) -> None:
    page = await open_page(relay)
    session = (await page.ask("one")).session
    assert (await browser.post(relay, {"query": "two", "session_id": session}))["session_id"] == session
    # The socket was not as dead as it seemed.
    assert (await page.ask({"text": "three", "session_id": session})).session == session
    assert [text for text, _ in receiver.turns()] == ["one", "two", "three"]


async def test_a_posted_history_fills_a_new_session(
    relay: Relay, receiver: ScriptedReceiver, browser: Browser
) -> None:
    history = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]
    await browser.post(relay, {"text": "three", "chat_history": history})
    assert receiver.of_type("open")[0]["history"] == [{"text": "one", "message": "two"}]


async def test_many_posts_at_once_get_each_its_own_answer(
    relay: Relay, receiver: ScriptedReceiver, browser: Browser
) -> None:
    asked = [f"question {number}" for number in range(20)]
    told = await asyncio.gather(*(browser.post(relay, {"text": text}) for text in asked))
    assert [one["text"] for one in told] == [f"You said: {text}." for text in asked]
    assert len({one["session_id"] for one in told}) == 20


async def test_the_voice_that_is_asked_for_and_one_that_fails(
    start_relay: StartRelay, browser: Browser
) -> None:
    class RememberingVoice(ScriptedVoice):
        asked = ""

        async def synthesize(self, text: str, speech: Speech) -> bytes:
            RememberingVoice.asked = speech.voice or ""
            return await super().synthesize(text, speech)

    await browser.post(await start_relay(tts=RememberingVoice()), {"text": "hi", "voice_id": "Matthew"})
    assert RememberingVoice.asked == "Matthew"
    told = await browser.post(await start_relay(tts=FailingVoice(TtsUnavailable())), {"text": "hi"})
    assert browser.status == 200
    assert (told["text"], told["audio"]) == ("You said: hi.", None)
    assert (told["code"], told["error"]) == (
        "tts_unavailable",
        "This answer could not be spoken; here is its text.",
    )


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("two eggs", 400, "malformed_message"),
        ('{"text": "two', 400, "malformed_message"),
        (b"\xff\xfe{}", 400, "malformed_message"),
        ('{"text": "\\ud83d"}', 400, "malformed_message"),
        ("", 400, "malformed_message"),
        ("{}", 422, "malformed_message"),
        ("[]", 422, "malformed_message"),
        ({"text": "  "}, 422, "malformed_message"),
        ({"text": "hi", "session_id": "a b"}, 422, "malformed_message"),
        ({"text": "a" * 16_385}, 422, "malformed_message"),
        ({"text": "hi", "more": "a" * 70_000}, 413, "message_too_large"),
    ],
    ids=lambda value: None if isinstance(value, int) else str(value)[:20],
)
async def test_what_is_no_question_is_refused_with_a_reason(
    relay: Relay, browser: Browser, body: Any, status: int, code: str
) -> None:
    told = await browser.post(relay, body)
    assert (browser.status, told["code"]) == (status, code)
    assert told["error"]
    assert told["message"]
    assert len(relay.sessions) == 0


async def test_a_body_that_never_comes_is_not_waited_for(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_over_http, "BODY_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    writer.write(f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{{".encode())
    async with asyncio.timeout(30):
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
    writer.close()
    await writer.wait_closed()


async def test_a_full_relay_asks_to_come_back_later(
    start_relay: StartRelay, browser: Browser, join: Join
) -> None:
    relay = await start_relay(max_conversations=1)
    native = await join(relay)
    await native.hello()
    told = await browser.post(relay, {"text": "hi"})
    assert (browser.status, told["code"]) == (503, "at_capacity")
    assert int(browser.headers["Retry-After"]) > 0
    await native.leave()
    assert (await browser.post(relay, {"text": "hi"}))["text"] == "You said: hi."


async def test_an_answer_that_takes_too_long_is_in_the_session_later(
    relay: Relay, receiver: ScriptedReceiver, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = asyncio.Event()

    async def hold(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
        if message["type"] == "commit":
            await go.wait()

    receiver.before = hold
    monkeypatch.setattr(answer_over_http, "ANSWER_SECONDS", 0.2)
    told = await browser.post(relay, {"text": "slow", "session_id": "a"})
    assert (browser.status, told["code"], told["retryable"]) == (504, "receiver_timeout", True)
    go.set()
    monkeypatch.setattr(answer_over_http, "ANSWER_SECONDS", 30.0)
    assert (await browser.post(relay, {"text": "quick", "session_id": "a"}))["text"] == "You said: quick."
    assert receiver.turns()[0] == ("slow", "You said: slow.")


async def test_a_voice_that_takes_too_long_does_not_keep_the_text(
    start_relay: StartRelay, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SilentVoice(ScriptedVoice):
        async def synthesize(self, text: str, speech: Speech) -> bytes:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr(answer_over_http, "ANSWER_SECONDS", 1.0)
    began = time.monotonic()
    told = await browser.post(await start_relay(tts=SilentVoice()), {"text": "hi"})
    assert (browser.status, told["text"], told["audio"]) == (200, "You said: hi.", None)
    assert told["code"] == "tts_unavailable"
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("code", "status"), [("unsupported", 502), ("message_too_large", 502)], ids=["unsupported", "too large"]
)
async def test_an_assistant_that_fails_is_the_gateways_error(
    relay: Relay, receiver: ScriptedReceiver, browser: Browser, code: str, status: int
) -> None:
    def refuse(message: dict[str, Any], receiver: ScriptedReceiver) -> bool | None:
        if message["type"] != "commit":
            return None
        about = {name: message[name] for name in ("session", "turn", "epoch")}
        receiver.say(type="error", **about, code=code, message="No.", retryable=False)
        return False

    receiver.before = refuse
    told = await browser.post(relay, {"text": "hi"})
    assert (browser.status, told["code"]) == (status, code)


async def test_two_posts_in_one_session_are_told_that_it_goes_on_elsewhere(
    relay: Relay, receiver: ScriptedReceiver, browser: Browser
) -> None:
    go = asyncio.Event()

    async def hold(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
        if message["type"] == "commit":
            await go.wait()

    receiver.before = hold
    first = asyncio.create_task(browser.post(relay, {"text": "one", "session_id": "a"}))
    await receiver.wait_for("commit")
    second = asyncio.create_task(browser.post(relay, {"text": "two", "session_id": "a"}))
    assert (await first)["code"] == "session_moved"
    assert browser.status == 409
    go.set()
    assert (await second)["text"] == "You said: two."
    assert [text for text, _ in receiver.turns()] == ["one", "two"]


# Who may


@pytest.mark.parametrize("kind", [*(kind for kind in WRONG if kind != "too long"), "none at all"])
async def test_a_wrong_token_asks_nothing(
    start_relay: StartRelay, receiver: ScriptedReceiver, browser: Browser, kind: str
) -> None:
    relay = await start_relay(**CHECKED)
    headers = {"Authorization": f"Bearer {WRONG[kind]()}"} if kind in WRONG else {}
    told = await browser.post(relay, {"text": "hi"}, headers)
    assert (browser.status, told["code"]) == (401, "unauthorized")
    assert receiver.of_type("open") == []


async def test_another_users_session_is_refused(
    start_relay: StartRelay, receiver: ScriptedReceiver, browser: Browser
) -> None:
    relay = await start_relay(**CHECKED)
    ann, eve = ({"Authorization": f"Bearer {shown(user)}"} for user in ("ann", "eve"))
    await browser.post(relay, {"text": "my secret", "session_id": "s-1"}, ann)
    told = await browser.post(relay, {"text": "what is it?", "session_id": "s-1"}, eve)
    assert (browser.status, told["code"]) == (403, "session_refused")
    for conversation in list(relay.sessions._conversations.values()):
        relay.sessions._end(conversation)
    told = await browser.post(relay, {"text": "what is it?", "session_id": "s-1"}, eve)
    assert (browser.status, told["code"]) == (403, "session_refused")
    assert [text for text, _ in receiver.turns()] == ["my secret"]
    assert (await browser.post(relay, {"text": "and?", "session_id": "s-1"}, ann))[
        "text"
    ] == "You said: and?."


async def test_a_page_of_a_foreign_origin_may_not_ask(
    relay: Relay, receiver: ScriptedReceiver, browser: Browser
) -> None:
    told = await browser.post(relay, {"text": "hi"}, {"Origin": "https://evil.example"})
    assert (browser.status, told["code"]) == (403, "origin_refused")
    assert receiver.of_type("open") == []


async def test_a_relay_that_stops_leaves_no_post_behind(
    start_relay: StartRelay, receiver: ScriptedReceiver, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.sessions.FINISH_SECONDS", 0.05)
    monkeypatch.setattr("relay.http_app.STOP_SECONDS", 0.05)
    receiver.mute = {"commit"}
    relay = await start_relay()
    asking = asyncio.create_task(browser.post(relay, {"text": "hi"}))
    await receiver.wait_for("commit")
    await relay.stop()
    with pytest.raises(aiohttp.ClientError):
        await asking
