"""The bank's page with the client that is published for it: what a person says and types, hears and reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from protocol.audio import BYTES_PER_SECOND, STT_CHUNK_BYTES
from protocol.errors import SttUnavailable, TtsUnavailable
from relay.codecs import mp3
from relay.server import Relay
from tests.node.socketio_clients import NodeClient, NodeClients
from tests.relay import webm_recording
from tests.relay.conftest import StartRelay
from tests.relay.recordings import pcm
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import FailingVoice, LongVoice, TriggeredHearing, TriggeredStream

Until = Callable[..., Awaitable[None]]

AUDIO_FAILED = {"type": "audio", "message": "Audio streaming failed. Please try again."}
NOT_PROCESSED = {"type": "processing", "message": "Could not process your request."}


async def open_page(node: NodeClients, relay: Relay, **auth: Any) -> NodeClient:
    page = node.open(relay.port, auth=auth)
    await page.expect("ready")
    return page


@pytest.fixture
async def page(node: NodeClients, relay: Relay) -> NodeClient:
    return await open_page(node, relay)


async def heard_all(stream: TriggeredStream, seconds: float) -> None:
    """Wait until recognition has got so much audio."""
    async with asyncio.timeout(30):
        while stream.samples < seconds * 16_000:
            await asyncio.sleep(0.005)


# Text


async def test_an_answer_comes_word_by_word_then_whole_then_as_sound_that_plays(page: NodeClient) -> None:
    assert await page.ask("bankingQuery", "what is my balance") == {"ok": True}
    assert await page.expect("audioEnd") == {"turn": 1}
    words = [chunk["text"] for chunk in page.of("textChunk")]
    assert words == ["You ", "said: ", "what ", "is ", "my ", "balance."]
    assert page.of("textResponse") == [{"text": "You said: what is my balance.", "turn": 1}]
    (sound,) = page.of("audioResponse")
    assert mp3.duration_seconds(sound) > 0.5
    order = [event for event, _ in page.events if event.startswith(("text", "audio"))]
    assert order == ["textChunk"] * 6 + ["textResponse", "audioResponse", "audioEnd"]


async def test_a_question_comes_under_any_of_its_names_and_once_under_its_id(
    page: NodeClient, receiver: ScriptedReceiver
) -> None:
    for turn, field in enumerate(["text", "query", "message"], 1):
        for _ in range(2):
            assert await page.ask("bankingQuery", {field: field, "id": f"q{turn}"}) == {"ok": True}
        await page.expect("textResponse", turn=turn)
    await page.ask("bankingQuery", "again")
    await page.expect("textResponse", turn=4)
    assert [said for said, _ in receiver.turns()] == ["text", "query", "message", "again"]


async def test_what_the_assistant_says_while_it_thinks_comes_at_once_and_only_the_rest_after_it(
    page: NodeClient, receiver: ScriptedReceiver, until: Until
) -> None:
    async def think_aloud(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
        if message["type"] == "commit":
            for count, text in enumerate(["Your ", "balance ", "is "]):
                receiver.say(type="delta", session=message["session"], turn=message["turn"], text=text)
                await until(lambda count=count: len(page.of("textChunk")) > count)

    receiver.before = think_aloud
    receiver.answer = lambda said: "Your balance is ten dollars."
    page.emit("bankingQuery", "balance")
    await page.expect("textResponse")
    assert [chunk["text"] for chunk in page.of("textChunk")] == [
        "Your ",
        "balance ",
        "is ",
        "ten ",
        "dollars.",
    ]
    assert not any("restart" in chunk for chunk in page.of("textChunk"))


async def test_text_that_did_not_hold_is_taken_back(
    page: NodeClient, receiver: ScriptedReceiver, until: Until
) -> None:
    async def change_its_mind(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
        if message["type"] == "commit":
            about = {"type": "delta", "session": message["session"], "turn": message["turn"]}
            receiver.say(**about, text="I do not ")
            await until(lambda: page.of("textChunk"))
            receiver.say(**about, text="It is ", restart=True)
            await until(lambda: page.of("textChunk")[1:])

    receiver.before = change_its_mind
    receiver.answer = lambda said: "No idea."
    page.emit("bankingQuery", "balance")
    await page.expect("textResponse", text="No idea.")
    assert [(chunk["text"], chunk.get("restart")) for chunk in page.of("textChunk")] == [
        ("I do not ", None),
        ("It is ", True),
        ("No ", True),
        ("idea.", None),
    ]


async def test_a_very_long_answer_does_not_overrun_a_client_that_reads(
    page: NodeClient, receiver: ScriptedReceiver
) -> None:
    receiver.answer = lambda said: "word " * 3_000 + "end."
    page.emit("bankingQuery", "tell me everything")
    text = (await page.expect("textResponse"))["text"]
    assert "".join(chunk["text"] for chunk in page.of("textChunk")) == text
    assert len(page.of("textChunk")) <= 100
    assert page.of("disconnect") == []


async def test_the_greeting_is_said_once_and_read_whole(
    relay: Relay, node: NodeClients, receiver: ScriptedReceiver
) -> None:
    receiver.greeting = "Welcome. How can I help you?"
    page = node.open(relay.port)
    await page.expect("audioEnd", turn=0)
    assert "".join(chunk["text"] for chunk in page.of("textChunk")) == receiver.greeting
    assert page.of("textResponse") == [{"text": receiver.greeting, "turn": 0}]
    assert page.of("audioResponse") != []


async def test_a_question_that_fails_is_an_error_of_processing_that_names_it(
    page: NodeClient, receiver: ScriptedReceiver
) -> None:
    receiver.mute.add("commit")
    page.emit("bankingQuery", {"text": "balance", "id": "q1"})
    (commit,) = await receiver.wait_for("commit")
    about = {name: commit[name] for name in ("session", "turn", "epoch")}
    receiver.say(type="error", **about, code="inbox_overflow", message="Too much.", retryable=False)
    told = {"code": "inbox_overflow", "reason": "Too much.", "retryable": False, "turn": 1}
    assert await page.expect("error") == {**NOT_PROCESSED, **told}


async def test_a_question_that_is_none_is_refused_in_its_acknowledgement_and_as_an_error(
    page: NodeClient, subtests: pytest.Subtests
) -> None:
    queries = [None, 7, "", "  ", {}, {"text": ["balance"]}, {"text": "x" * 16_385}, "\ud800", b"hi"]
    for number, query in enumerate(queries):
        with subtests.test(repr(query)[:40]):
            refusal = await page.ask("bankingQuery", query)
            assert (refusal["ok"], refusal["code"]) == (False, "malformed_message")
            await page.expect("error", number, **NOT_PROCESSED, code="malformed_message", retryable=False)
    await page.ask("bankingQuery", "still here")
    await page.expect("textResponse", text="You said: still here.")


# Sound in


async def test_a_browsers_recording_is_heard_while_it_is_made(
    page: NodeClient, hearing: TriggeredHearing
) -> None:
    for piece in webm_recording.pieces():
        page.emit("audioData", piece)
    stream = await hearing.stream()
    await heard_all(stream, 3.5)
    stream.partial("I had two")
    await page.expect("transcript", text="I had two", final=False)
    stream.final("I had two eggs")
    await page.expect("transcript", text="I had two eggs", final=True)
    await page.expect("textResponse", text="You said: I had two eggs.")
    await page.expect("audioEnd")
    assert page.of("error") == []


async def test_stopping_the_recording_ends_the_turn_with_its_last_words(
    start_relay: StartRelay, node: NodeClients, hearing: TriggeredHearing
) -> None:
    page = await open_page(node, await start_relay(silence_seconds=30.0))
    for piece in webm_recording.pieces():
        page.emit("audioData", piece)
    stream = await hearing.stream()
    stream.final_on_drain = "that was all"
    assert await page.ask("stopAudio") == {"ok": True}
    await page.expect("textResponse", text="You said: that was all.")
    assert stream.samples > 3.9 * 16_000, "what was being decoded belongs to the turn"


async def test_raw_pcm_is_taken_too(page: NodeClient, hearing: TriggeredHearing) -> None:
    sound = pcm("breakfast")[:BYTES_PER_SECOND]
    for start in range(0, len(sound), STT_CHUNK_BYTES):
        page.emit("audioData", sound[start : start + STT_CHUNK_BYTES])
    stream = await hearing.stream()
    await heard_all(stream, 1.0)
    assert stream.samples == 16_000
    assert page.of("error") == []


async def test_a_recorder_that_went_on_while_its_page_connected_anew_is_told_once(
    page: NodeClient, hearing: TriggeredHearing
) -> None:
    pieces = webm_recording.pieces()
    for piece in pieces[10:20]:
        page.emit("audioData", piece)
    await page.expect("error", **AUDIO_FAILED, code="bad_audio")
    for piece in pieces:
        page.emit("audioData", piece)  # it was stopped and started
    stream = await hearing.stream()
    await heard_all(stream, 3.5)
    assert len(page.of("error")) == 1


async def test_a_broken_recording_is_an_error_of_audio_and_typing_goes_on(page: NodeClient) -> None:
    page.emit("audioData", webm_recording.pieces()[0][:20] + b"\xff" * 2_000)
    for _ in range(40):
        page.emit("audioData", b"\xff" * 2_000)
    await page.expect("error", **AUDIO_FAILED, code="bad_audio", retryable=False)
    await page.ask("bankingQuery", "balance")
    await page.expect("textResponse")
    assert len(page.of("error")) == 1


async def test_sound_that_is_no_binary_is_an_error_of_audio(page: NodeClient) -> None:
    for data in (None, "sound", {"sound": 1}):
        page.emit("audioData", data)
    await page.expect("error", after=2, **AUDIO_FAILED, code="malformed_message")


async def test_a_flood_of_sound_ends_the_recording_with_one_error_and_the_next_one_is_heard(
    start_relay: StartRelay, node: NodeClients, hearing: TriggeredHearing
) -> None:
    page = await open_page(node, await start_relay(socketio_audio_per_second=20))
    pieces = webm_recording.pieces()
    for piece in [*pieces, *pieces[1:]]:
        page.emit("audioData", piece)
    await page.expect("error", **AUDIO_FAILED, code="buffer_full", retryable=True)
    stream = await hearing.stream()
    await heard_all(stream, 1.5)  # what came before it has no hole
    assert await page.ask("bankingQuery", "still here") == {"ok": True}
    await asyncio.sleep(0.4)
    heard = stream.samples
    for piece in [*pieces[10:12], *pieces[:4]]:  # the rest of that recording, and another one
        page.emit("audioData", piece)
    await heard_all(stream, heard / 16_000 + 0.2)
    assert len(page.of("error")) == 1
    assert page.of("disconnect") == []


async def test_recognition_that_is_lost_is_an_error_of_audio(
    page: NodeClient, hearing: TriggeredHearing
) -> None:
    page.emit("audioData", bytes(STT_CHUNK_BYTES))
    (await hearing.stream()).fail(SttUnavailable())
    error = await page.expect("error")
    assert error == {**error, **AUDIO_FAILED, "code": "stt_unavailable", "retryable": True}


# Sound out


async def test_an_answer_that_cannot_be_voiced_is_read_and_its_end_says_why(
    start_relay: StartRelay, node: NodeClients
) -> None:
    page = await open_page(node, await start_relay(tts=FailingVoice(TtsUnavailable())))
    page.emit("bankingQuery", "balance")
    assert await page.expect("audioEnd") == {"turn": 1, "error": "tts_unavailable"}
    assert page.of("textResponse") == [{"text": "You said: balance.", "turn": 1}]
    assert page.of("audioResponse") == []


async def test_a_short_first_sentence_waits_for_the_next_and_plays_with_it(
    start_relay: StartRelay, node: NodeClients, receiver: ScriptedReceiver
) -> None:
    receiver.answer = lambda said: "Yes. You have ten dollars left. Anything else?"
    page = await open_page(node, await start_relay(socketio_prebuffer_ms=600))
    page.emit("bankingQuery", "balance")
    await page.expect("audioEnd")
    first, second = page.of("audioResponse")
    assert mp3.duration_seconds(first) == pytest.approx(2 * 0.396 + (1 + 5) * 0.072, abs=0.05)
    assert mp3.duration_seconds(second) == pytest.approx(0.396 + 2 * 0.072, abs=0.05)


async def test_interrupting_stops_the_answer(
    start_relay: StartRelay, node: NodeClients, receiver: ScriptedReceiver
) -> None:
    receiver.answer = lambda said: "This is the first sentence. This is the second one."
    page = await open_page(node, await start_relay(tts=LongVoice(5)))
    page.emit("bankingQuery", "tell me something")
    await page.expect("status", state="speaking")
    page.emit("interrupt")
    assert await page.expect("stopAudio") == {"turn": 1}


async def test_speaking_over_the_answer_stops_it_for_a_page_that_tells_what_it_plays(
    start_relay: StartRelay, node: NodeClients, receiver: ScriptedReceiver
) -> None:
    receiver.answer = lambda said: "This is the first sentence. This is the second one."
    page = await open_page(node, await start_relay(tts=LongVoice(5)))
    page.emit("bankingQuery", "tell me something")
    await page.expect("audioEnd")
    first = mp3.duration_seconds(page.of("audioResponse")[0])
    page.emit("audioPlayed", {"turn": 1, "atMs": round(first * 1000) + 200})
    heard = (await receiver.wait_for("heard"))[-1]
    assert heard["chars"] == len("This is the first sentence. "), "the second has only begun"
    sound = pcm("breakfast")
    for start in range(0, len(sound), BYTES_PER_SECOND):
        page.emit("audioData", sound[start : start + BYTES_PER_SECOND])
    assert await page.expect("stopAudio") == {"turn": 1}
