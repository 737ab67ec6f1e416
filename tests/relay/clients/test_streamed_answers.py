"""Streamed answers: told in the order of the table, in the keys of both generations, and right to the last letter."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from protocol.client_messages import ErrorMessage
from protocol.errors import ReceiverTimeout, TtsUnavailable
from relay.clients.answers import asker as asker_module
from relay.clients.answers.stream import MAX_WAITING
from relay.server import Relay
from relay.tts import Speech
from relay.tts.none import NoVoice
from relay.tts.scripted import ScriptedVoice
from tests.relay.clients.answer_pages import NewerPage, OlderPage, Open, open_page
from tests.relay.conftest import StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import FailingVoice

__all__ = ["open_page"]

ANSWER = "Two eggs are written down. What did you drink?"


@pytest.fixture(params=[OlderPage, NewerPage])
def generation(request: pytest.FixtureRequest) -> type[OlderPage]:
    kind: type[OlderPage] = request.param
    return kind


def streams(receiver: ScriptedReceiver, *pieces: str | tuple[str, bool]) -> None:
    """The receiver tells these pieces before each answer; with True, one begins anew."""

    def before(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
        if message["type"] == "commit":
            for piece in pieces:
                text, restart = (piece, False) if isinstance(piece, str) else piece
                about = {"session": message["session"], "turn": message["turn"]}
                receiver.say(type="delta", **about, text=text, **({"restart": True} if restart else {}))

    receiver.before = before


async def test_an_answer_is_told_as_it_comes_then_whole_and_then_spoken(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open, generation: type[OlderPage]
) -> None:
    receiver.answer = lambda said: ANSWER
    streams(receiver, "Two eggs ", "are written ", "down. What did you drink?")
    page = await open_page(relay, generation)
    shown = await page.ask({"text": "I had two eggs"})
    assert shown.kinds == ["start", "chunk", "chunk", "chunk", "end", "audio", "audio", "audio_end"]
    assert (shown.text, shown.final) == (ANSWER, ANSWER)
    if generation is OlderPage:
        assert (shown.note, shown.ending) == ("Processing your request...", "Response complete.")
    else:
        assert [sentence for sentence, _ in shown.sounds] == [
            "Two eggs are written down.",
            "What did you drink?",
        ]
        assert all(sound.startswith(b"\xff\xf3") for _, sound in shown.sounds), "whole MP3s"
        assert shown.session


async def test_every_message_has_the_keys_of_both_generations(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open
) -> None:
    receiver.answer = lambda said: "Good."
    page = await open_page(relay)
    start, chunk, end, audio, audio_end = (await page.ask({"text": "hi"})).messages
    session = start["session_id"]
    assert start == {"type": "start", "message": "Processing your request...", "session_id": session}
    assert chunk == {"type": "chunk", "content": "Good.", "text": "Good.", "is_complete": False}
    assert end == {
        "type": "end", "final_response": "Good.", "text": "Good.", "message": "Response complete.",
        "is_complete": True, "session_id": session,
    }  # fmt: skip
    assert set(audio) == {"type", "audio", "format", "sentence", "is_complete"}
    assert audio_end == {"type": "audio_end", "is_complete": True}
    (error,) = (await page.ask({"text": ""})).messages
    assert set(error) == {"type", "error", "message", "code", "retryable"}
    assert error["error"] == "That message is not in the form the specification asks for."


@pytest.mark.parametrize("key", ["text", "query", "message"])
async def test_a_question_by_each_of_its_names(
    relay: Relay, open_page: Open, generation: type[OlderPage], key: str
) -> None:
    page = await open_page(relay, generation)
    asked = {key: "  how are you  ", "session_id": None, "voice_id": "", "chat_history": None, "more": [1]}
    assert (await page.ask(asked)).final == "You said: how are you."


@pytest.mark.parametrize("text", ["what did I eat?", "42", "null", '"hello"', "grüß dich 👋"])
async def test_a_text_that_is_no_object_is_the_question_itself(
    relay: Relay, open_page: Open, generation: type[OlderPage], text: str
) -> None:
    page = await open_page(relay, generation)
    asked = text.strip('"')
    assert (await page.ask(text)).final == f"You said: {asked}."


async def test_an_answer_that_comes_without_pieces_is_one_chunk(
    relay: Relay, open_page: Open, generation: type[OlderPage]
) -> None:
    page = await open_page(relay, generation)
    shown = await page.ask("hello")
    assert shown.kinds[:3] == ["start", "chunk", "end"]
    assert shown.text == "You said: hello."


async def test_what_the_pieces_left_out_is_told_before_the_end(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open, generation: type[OlderPage]
) -> None:
    receiver.answer = lambda said: ANSWER
    streams(receiver, "Two eggs are ")
    shown = await (await open_page(relay, generation)).ask("two eggs")
    assert [message["text"] for message in shown.messages if message["type"] == "chunk"] == [
        "Two eggs are ",
        "written down. What did you drink?",
    ]
    assert shown.text == shown.final == ANSWER


@pytest.mark.parametrize(
    "pieces",
    [["Half an ans", ("Two eggs are written down. ", True), "What did you drink?"], ["Half an ans"]],
    ids=["told by the receiver", "found at the end"],
)
async def test_an_answer_that_begins_anew_ends_right_in_both_generations(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open, pieces: list[Any]
) -> None:
    receiver.answer = lambda said: ANSWER
    streams(receiver, *pieces)
    newer = await (await open_page(relay)).ask("two eggs")
    assert newer.text == newer.final == ANSWER
    assert [message.get("restart") for message in newer.messages if message["type"] == "chunk"].count(
        True
    ) == 1
    older = await (await open_page(relay, OlderPage)).ask("two eggs")
    assert older.final == ANSWER
    assert [message.get("restart") for message in older.messages if message["type"] == "chunk"][:2] == [
        None,
        True,
    ]


async def test_the_end_comes_before_the_voice_has_begun(
    start_relay: StartRelay, open_page: Open, generation: type[OlderPage]
) -> None:
    class HeldVoice(ScriptedVoice):
        go = asyncio.Event()

        async def synthesize(self, text: str, speech: Speech) -> bytes:
            await self.go.wait()
            return await super().synthesize(text, speech)

    relay = await start_relay(tts=HeldVoice())
    page = await open_page(relay, generation)
    await page.send("hello")
    kinds = [(await page.receive())["type"] for _ in range(3)]
    assert kinds == ["start", "chunk", "end"]
    HeldVoice.go.set()
    assert [(await page.receive())["type"] for _ in range(2)] == ["audio", "audio_end"]


async def test_each_question_is_voiced_in_the_voice_it_asks_for(
    start_relay: StartRelay, open_page: Open
) -> None:
    class RememberingVoice(ScriptedVoice):
        def __init__(self) -> None:
            self.asked: list[str | None] = []

        async def synthesize(self, text: str, speech: Speech) -> bytes:
            self.asked.append(speech.voice)
            return await super().synthesize(text, speech)

    voice = RememberingVoice()
    page = await open_page(await start_relay(tts=voice))
    for voice_id in ("Matthew", "Amy", None, ""):
        await page.ask({"text": "hi", "voice_id": voice_id})
    assert voice.asked == ["Matthew", "Amy", None, None]


async def test_a_voice_that_fails_costs_the_sound_and_says_so(
    start_relay: StartRelay, open_page: Open, generation: type[OlderPage]
) -> None:
    page = await open_page(await start_relay(tts=FailingVoice(TtsUnavailable())), generation)
    shown = await page.ask("hello")
    assert shown.final == "You said: hello."
    assert shown.messages[-1] == {
        "type": "audio_end", "is_complete": True, "code": "tts_unavailable",
        "error": "This answer could not be spoken; here is its text.",
    }  # fmt: skip
    assert (await page.ask("again")).final == "You said: again."


async def test_without_a_voice_there_is_text_alone(start_relay: StartRelay, open_page: Open) -> None:
    shown = await (await open_page(await start_relay(tts=NoVoice()))).ask("hello")
    assert shown.kinds == ["start", "chunk", "end", "audio_end"]
    assert shown.messages[-1] == {"type": "audio_end", "is_complete": True}


async def test_a_greeting_is_neither_told_nor_voiced_in_front_of_the_answer(
    start_relay: StartRelay, receiver: ScriptedReceiver, open_page: Open
) -> None:
    spoken: list[str] = []

    class ListedVoice(ScriptedVoice):
        async def synthesize(self, text: str, speech: Speech) -> bytes:
            spoken.append(text)
            return await super().synthesize(text, speech)

    receiver.greeting = "Good morning! What did you have for breakfast?"
    shown = await (await open_page(await start_relay(tts=ListedVoice()))).ask("hello")
    assert shown.text == "You said: hello."
    assert spoken == ["You said: hello."]


async def test_questions_are_answered_one_after_the_other(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open, generation: type[OlderPage]
) -> None:
    page = await open_page(relay, generation)
    for number in range(5):
        await page.send({"text": f"number {number}"})
    for number in range(5):
        shown = await page.shown()
        assert shown.kinds[0] == "start"
        assert shown.text == shown.final == f"You said: number {number}."
    assert len(receiver.turns()) == 5, "all in one session"


async def test_more_than_may_wait_are_refused_and_the_others_answered(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open
) -> None:
    go = asyncio.Event()

    async def hold(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
        if message["type"] == "commit":
            await go.wait()

    receiver.before = hold
    page = await open_page(relay)
    for number in range(MAX_WAITING + 3):
        await page.send({"text": f"number {number}"})
    start, *refused = [await page.receive() for _ in range(3)]
    assert [(error["code"], error["retryable"]) for error in refused] == [("buffer_full", True)] * 2
    go.set()
    shown = [await page.shown(start)] + [await page.shown() for _ in range(MAX_WAITING)]
    assert [one.final for one in shown] == [
        f"You said: number {number}." for number in range(MAX_WAITING + 1)
    ]


BAD: list[tuple[str, str | bytes, str]] = [
    ("no text", "{}", "malformed_message"),
    ("blanks", '{"text": "   "}', "malformed_message"),
    ("nothing at all", "", "malformed_message"),
    ("a list", '["text"]', "malformed_message"),
    ("half an object", '{"text": "two', "malformed_message"),
    ("a text that is a number", '{"text": 7}', "malformed_message"),
    ("half a character", '{"text": "\\ud83d"}', "malformed_message"),
    ("too long", json.dumps({"text": "a" * 16_385}), "malformed_message"),
    ("an id with blanks", '{"text": "hi", "session_id": "my session"}', "malformed_message"),
    ("a history that is none", '{"text": "hi", "chat_history": "two eggs"}', "malformed_message"),
    ("an entry without words", '{"text": "hi", "chat_history": [{"role": "user"}]}', "malformed_message"),
    ("sound", b"\x00" * 3200, "unsupported"),
]


@pytest.mark.parametrize(("sent", "code"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
async def test_a_bad_question_gets_an_error_and_costs_nothing_else(
    relay: Relay, open_page: Open, sent: str | bytes, code: str
) -> None:
    page = await open_page(relay)
    await page.socket.send(sent)
    assert (await page.receive())["code"] == code
    assert (await page.ask("still here")).final == "You said: still here."


async def test_a_question_that_fails_is_told_and_the_next_one_answered(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open, generation: type[OlderPage]
) -> None:
    def refuse(message: dict[str, Any], receiver: ScriptedReceiver) -> bool | None:
        if message["type"] == "commit" and message["items"][0]["text"] == "a bad one":
            about = {name: message[name] for name in ("session", "turn", "epoch")}
            receiver.say(
                type="error", **about, code="message_too_large", message="It is too long.", retryable=False
            )
            return False
        return None

    receiver.before = refuse
    page = await open_page(relay, generation)
    await page.send("a bad one")
    await page.send("a good one")
    failed = await page.shown()
    assert failed.kinds == ["start", "error"]
    sentence = "That message is too long." if generation is OlderPage else "It is too long."
    assert failed.error == sentence
    assert (await page.shown()).final == "You said: a good one."


async def test_a_conversation_that_ends_costs_its_question_and_not_the_next(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open, records: list[dict[str, Any]]
) -> None:
    page = await open_page(relay)
    await page.ask("before")
    receiver.mute = {"commit"}
    await page.send("lost")
    await page.send("after")
    await receiver.wait_for("commit", 2)
    (conversation,) = relay.sessions._conversations.values()
    receiver.mute = set()
    conversation.contain(lambda: 1 / 0)  # a defect in it
    lost = await page.shown()
    assert (lost.kinds, lost.messages[-1]["code"]) == (["start", "error"], "turn_failed")
    assert (await page.shown()).final == "You said: after."
    assert records.pop()["event"] == "conversation failed"


async def test_a_receiver_that_takes_long_is_no_failure(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open
) -> None:
    """`receiver_timeout` says "still waiting", and the answer comes."""

    def tell(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
        if message["type"] == "commit":
            (conversation,) = relay.sessions._conversations.values()
            conversation.deliver(ErrorMessage.of(ReceiverTimeout(), turn=message["turn"]))

    receiver.before = tell
    shown = await (await open_page(relay)).ask("hello")
    assert shown.final == "You said: hello."


async def test_a_receiver_that_is_away_is_waited_for_and_not_for_ever(
    start_relay: StartRelay,
    receiver: ScriptedReceiver,
    open_page: Open,
    quick_retries: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    relay = await start_relay()
    await receiver.stop()
    page = await open_page(relay)
    await page.send("are you there?")
    await page.begun()
    await receiver.start()
    assert (await page.shown()).final == "You said: are you there?."

    await receiver.stop()
    monkeypatch.setattr(asker_module, "READY_SECONDS", 0.1)
    shown = await page.ask({"text": "and now?", "session_id": "another"})
    assert shown.messages[-1]["code"] == "receiver_unavailable"
    assert shown.messages[-1]["retryable"]
    await receiver.start()
    monkeypatch.setattr(asker_module, "READY_SECONDS", 5.0)
    assert (await page.ask({"text": "now?", "session_id": "another"})).final == "You said: now?."


async def test_a_page_that_leaves_in_the_middle_finds_the_answer_in_its_session(
    relay: Relay,
    receiver: ScriptedReceiver,
    open_page: Open,
    until: Callable[[Callable[[], object]], Awaitable[None]],
) -> None:
    page = await open_page(relay)
    await page.send({"text": "hello", "session_id": "s-1"})
    assert (await page.receive())["type"] == "start"
    page.socket.transport.abort()
    await until(lambda: receiver.sessions.get("s-1") and receiver.sessions["s-1"].turns)
    again = await (await open_page(relay)).ask({"text": "and?", "session_id": "s-1"})
    assert again.text == again.final == "You said: and?.", "nothing of the one before is told"
    assert receiver.turns() == [("hello", "You said: hello."), ("and?", "You said: and?.")]
