"""Each client's own encoding: MP3 for a page, samples for a telephone, and a change between them."""

from __future__ import annotations

import asyncio

import pytest

from relay.tts import MP3, PHONE, Speech
from relay.tts.encodings import duration_seconds
from relay.tts.scripted import FRAME_SECONDS
from tests.relay.loop_clock import until
from tests.relay.voicing import FRAME_BYTES, THREE, Voice, voicing

pytestmark = pytest.mark.usefixtures("no_waits")


async def test_a_telephone_gets_samples_that_follow_each_other() -> None:
    async with voicing(Voice(frames=2)) as (speaks, listener):
        listener.speech = PHONE
        speaks.say(1, THREE)
        await until(lambda: listener.answers)
        sounds = [audio for _, _, _, audio in listener.sentences if audio]
        assert [duration_seconds(sound, "pcm") for sound in sounds] == [pytest.approx(2 * FRAME_SECONDS)] * 3
        assert listener.answers == [(1, THREE, b"".join(sounds), None)]


async def test_each_answer_is_voiced_as_the_client_wants_it_when_its_turn_comes() -> None:
    voice = Voice()
    voice.wait_at("Two eggs.")
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, "Two eggs.")
        speaks.say(2, "Some toast.")
        await until(lambda: voice.asked)
        listener.speech = Speech(voice="Matthew")
        voice.goes_on.set()
        await until(lambda: len(listener.answers) == 2)
        assert voice.asked_as == [MP3, Speech(voice="Matthew")]


async def test_a_client_of_another_encoding_gets_the_answer_anew_and_not_half_of_it() -> None:
    """MP3 played as samples is noise at full volume in somebody's ear."""
    voice = Voice()
    voice.wait_at("Some toast.")
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, THREE)
        speaks.say(2, "Anything else?")
        await until(lambda: len(voice.asked) == 2)
        listener.speech = PHONE
        voice.goes_on.set()
        await until(lambda: 2 in listener.spoken)
        assert [(turn, seq) for turn, seq, _, _ in listener.sentences] == [
            (1, 0), (1, 0), (1, 1), (1, 2), (2, 0)
        ]  # fmt: skip
        sounds = [audio for _, _, _, audio in listener.sentences]
        assert all(len(sound or b"") == FRAME_BYTES["pcm"] for sound in sounds[1:])
        assert [turn for turn, *_ in listener.answers] == [1, 2]
        assert listener.answers[0][2] == b"".join(sound or b"" for sound in sounds[1:4])


async def test_sound_that_went_to_another_client_is_not_waited_for() -> None:
    voice = Voice(frames=14)
    voice.wait_at("Some toast.")
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, "Two eggs. Some toast.")
        await until(lambda: len(voice.asked) == 2)
        listener.speech = PHONE
        voice.frames = 1
        voice.goes_on.set()
        await until(lambda: listener.answers)
        sent = asyncio.get_running_loop().time()
        await until(lambda: 1 in listener.spoken)
        assert listener.spoken[1] - sent < 7 * FRAME_SECONDS


async def test_a_client_that_goes_leaves_its_answer_in_its_own_encoding() -> None:
    """It may come back; and nobody hears an answer that is voiced anew for nobody."""
    voice = Voice()
    voice.wait_at("Some toast.")
    async with voicing(voice) as (speaks, listener):
        listener.speech = PHONE
        speaks.say(1, THREE)
        await until(lambda: len(voice.asked) == 2)
        listener.speech = None
        voice.goes_on.set()
        await until(lambda: listener.answers)
        assert voice.asked_as == [PHONE] * 3
        speaks.say(2, "Anything else?")
        await until(lambda: len(listener.answers) == 2)
        assert voice.asked_as[-1] == MP3


async def test_a_stop_while_an_answer_is_to_be_voiced_anew_ends_it_once() -> None:
    voice = Voice()
    voice.wait_at("Some toast.")
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: len(voice.asked) == 2)
        listener.speech = PHONE
        voice.waits_at = "Two eggs."
        voice.goes_on.set()
        voice.goes_on.clear()
        await until(lambda: voice.asked[-1] == "Two eggs.")
        assert speaks.stop() == [1]
        await until(lambda: 1 in listener.spoken)
        assert listener.answers == [(1, THREE, None, None)]
