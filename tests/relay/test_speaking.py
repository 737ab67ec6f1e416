"""Answers voiced sentence by sentence: in order, one ahead, stopped at a word, each ended exactly once."""

from __future__ import annotations

import asyncio

import pytest

from protocol.errors import TtsError, TtsRefused, TtsThrottled, TtsUnavailable
from relay import speaking
from relay.codecs import mp3
from relay.speaking import MAX_ANSWERS, MAX_SENTENCES
from relay.tts import MP3, PHONE, Speech
from relay.tts.scripted import FRAME_SECONDS
from tests.relay.loop_clock import until
from tests.relay.voicing import THREE, Voice, voicing

pytestmark = pytest.mark.usefixtures("no_waits")


async def test_sentences_go_out_in_order_and_the_whole_answer_last() -> None:
    async with voicing(Voice()) as (speaks, listener):
        speaks.say(1, THREE)
        speaks.say(2, "Anything else?")
        await until(lambda: len(listener.answers) == 2)
        assert [(turn, seq, text) for turn, seq, text, _ in listener.sentences] == [
            (1, 0, "Two eggs."),
            (1, 1, "Some toast."),
            (1, 2, "And tea."),
            (2, 0, "Anything else?"),
        ]
        assert listener.order == [("sentence", 1)] * 3 + [("answer", 1), ("sentence", 2), ("answer", 2)]
        turn, text, whole, error = listener.answers[0]
        assert (turn, text, error) == (1, THREE, None)
        assert whole == mp3.join([audio for _, _, _, audio in listener.sentences[:3] if audio])
        assert mp3.duration_seconds(whole) == pytest.approx(3 * FRAME_SECONDS)


async def test_the_first_sentence_leaves_while_the_second_is_being_voiced_and_no_more() -> None:
    voice = Voice()
    voice.wait_at("Some toast.")
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: len(voice.asked) == 2)
        assert [text for _, _, text, _ in listener.sentences] == ["Two eggs."]
        await asyncio.sleep(0.01)
        assert voice.asked == ["Two eggs.", "Some toast."]
        voice.goes_on.set()
        await until(lambda: listener.answers)
        assert voice.most_under_way == 1


async def test_a_stop_sends_nothing_more_and_ends_the_answer_once() -> None:
    voice = Voice()
    voice.wait_at("Some toast.")
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: len(voice.asked) == 2)
        assert speaks.stop() == [1]
        voice.goes_on.set()
        await until(lambda: 1 in listener.spoken)
        assert [text for _, _, text, _ in listener.sentences] == ["Two eggs."]
        assert listener.answers == [(1, THREE, None, None)]
        assert voice.asked == ["Two eggs.", "Some toast."]
        assert speaks.stop() == []


async def test_a_stop_while_a_sentence_is_being_voiced_does_not_wait_for_it() -> None:
    """The next answer would come as late as the voice that nobody wants any more: up to 30 s."""
    voice = Voice()
    voice.wait_at("Two eggs.")
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: voice.asked)
        speaks.stop()
        speaks.say(2, "Anything else?")
        await until(lambda: len(listener.answers) == 2)
        assert listener.answers[0] == (1, THREE, None, None)
        assert [turn for turn, *_ in listener.sentences] == [2]


async def test_a_stop_ends_the_answers_that_wait_too() -> None:
    voice = Voice()
    voice.wait_at("everything")
    async with voicing(voice) as (speaks, listener):
        for turn in (1, 2, 3):
            speaks.say(turn, THREE)
        await until(lambda: voice.asked)
        speaks.stop()
        await until(lambda: len(listener.answers) == 3)
        assert listener.sentences == []
        assert {(audio, error) for _, _, audio, error in listener.answers} == {(None, None)}
        assert [turn for turn, *_ in listener.answers] == [1, 2, 3]


async def test_a_stop_after_everything_was_sent_ends_the_playing() -> None:
    async with voicing(Voice(frames=14)) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: listener.answers)
        assert listener.spoken == {}
        assert speaks.stop() == [1]
        assert 1 in listener.spoken
        assert len(listener.answers) == 1


async def test_the_latest_answer_is_kept_for_a_client_that_comes_back() -> None:
    async with voicing(Voice()) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: 1 in listener.spoken)
        assert speaks.last is not None
        assert speaks.last.turn == 1
        assert [sentence.text for _, sentence in speaks.last.after(1)] == ["And tea."]


# A voice that fails

OTHER_FORMAT = b"\xff\xfb\x10\xc0" + bytes(100)  # one frame of 44.1 kHz


@pytest.mark.parametrize("error", [TtsRefused(), TtsThrottled(), TtsUnavailable()], ids=lambda e: e.code)
async def test_a_voice_that_fails_leaves_the_text_and_says_why(error: TtsError) -> None:
    voice = Voice()
    voice.errors["Some toast."] = error
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, THREE)
        speaks.say(2, "Anything else?")
        await until(lambda: len(listener.answers) == 2)
        assert [audio is None for _, _, _, audio in listener.sentences] == [False, True, False]
        assert listener.answers[0] == (1, THREE, None, error.code)
        assert listener.answers[1][3] is None, "the next answer tries again"
        assert voice.asked == ["Two eggs.", "Some toast.", "Anything else?"], (
            "the rest would fail the same way"
        )


async def test_a_voice_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaking, "SYNTHESIS_SECONDS", 0.02)
    voice = Voice()
    voice.wait_at("Two eggs.")
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: listener.answers)
        assert listener.answers == [(1, THREE, None, "tts_unavailable")]


@pytest.mark.parametrize(
    ("nonsense", "speech"),
    [(b"RIFF....WAVE", MP3), (OTHER_FORMAT, MP3), (bytes(577), PHONE)],
    ids=["no MP3", "another format", "half a sample"],
)
async def test_a_voice_that_sends_something_else_fails_the_sound_alone(
    nonsense: bytes, speech: Speech
) -> None:
    voice = Voice()
    voice.instead["Some toast."] = nonsense
    async with voicing(voice) as (speaks, listener):
        listener.speech = speech
        speaks.say(1, THREE)
        speaks.say(2, "Anything else?")
        await until(lambda: len(listener.answers) == 2)
        assert listener.answers[0] == (1, THREE, None, "tts_unavailable")
        assert listener.answers[1][2] is not None


async def test_the_engine_none_gives_text_without_an_error() -> None:
    voice = Voice()
    voice.instead = dict.fromkeys(["Two eggs.", "Some toast.", "And tea."])
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: 1 in listener.spoken)
        assert len(listener.sentences) == 3
        assert listener.answers == [(1, THREE, None, None)]


async def test_a_voice_that_is_silent_about_a_sentence_sends_no_empty_sound() -> None:
    """A player that is given nothing at all to decode reports an error."""
    voice = Voice()
    voice.instead["Some toast."] = b""
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: listener.answers)
        assert [audio is None for _, _, _, audio in listener.sentences] == [False, True, False]
        assert listener.answers[0][3] is None


@pytest.mark.parametrize("text", ["", "🍳", "***"])
async def test_an_answer_with_nothing_to_say_aloud_ends_all_the_same(text: str) -> None:
    voice = Voice()
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, text)
        await until(lambda: 1 in listener.spoken)
        assert listener.answers == [(1, text, None, None)]
        assert voice.asked == []


# Bounds


async def test_too_many_answers_go_out_as_text_and_none_is_lost() -> None:
    voice = Voice()
    voice.wait_at("everything")
    async with voicing(voice) as (speaks, listener):
        speaks.say(0, "Now.")
        await until(lambda: voice.asked)
        for turn in range(1, MAX_ANSWERS + 2):
            speaks.say(turn, "Now.")
        assert listener.answers == [(MAX_ANSWERS + 1, "Now.", None, "tts_unavailable")]
        assert MAX_ANSWERS + 1 in listener.spoken
        voice.goes_on.set()
        await until(lambda: len(listener.answers) == MAX_ANSWERS + 2)


async def test_an_endless_answer_is_voiced_up_to_a_bound_and_sent_whole() -> None:
    voice = Voice()
    text = " ".join(f"Number {number}." for number in range(MAX_SENTENCES + 50))
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, text)
        await until(lambda: listener.answers)
        assert len(voice.asked) == MAX_SENTENCES
        assert listener.answers[0][1] == text


@pytest.mark.parametrize("moment", ["voicing", "one ahead", "playing"])
async def test_closing_at_any_moment_leaves_nothing_behind(moment: str) -> None:
    voice = Voice(frames=14)
    voice.wait_at({"voicing": "Two eggs.", "one ahead": "Some toast.", "playing": None}[moment])
    async with voicing(voice) as (speaks, _):
        speaks.say(1, THREE)
        await until(lambda: {"voicing": 1, "one ahead": 2, "playing": 3}[moment] == len(voice.asked))
    assert voice.under_way == 0
