"""What the client has heard of an answer, and when the answer is over."""

from __future__ import annotations

import asyncio

import pytest

from protocol.errors import TtsUnavailable
from relay import speaking
from relay.tts import PHONE
from relay.tts.scripted import FRAME_SECONDS
from tests.relay.loop_clock import until
from tests.relay.voicing import THREE, Voice, voicing

pytestmark = pytest.mark.usefixtures("no_waits")


async def test_what_the_client_has_played_is_told_in_characters() -> None:
    async with voicing(Voice(frames=14)) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: listener.answers)
        speaks.played(1, 0, 14 * FRAME_SECONDS)
        speaks.played(1, 2, 14 * FRAME_SECONDS)
        assert listener.heard == [(1, len("Two eggs. ")), (1, len(THREE))]
        assert 1 in listener.spoken, "all of it was heard"
        speaks.played(1, 2, 14 * FRAME_SECONDS)
        speaks.played(9, 0, 1.0)
        assert len(listener.heard) == 2


async def test_what_was_heard_over_the_telephone_is_told_in_characters() -> None:
    async with voicing(Voice(frames=14)) as (speaks, listener):
        listener.speech = PHONE
        speaks.say(1, THREE)
        await until(lambda: listener.answers)
        speaks.played(1, 0, 14 * FRAME_SECONDS)
        speaks.played(1, 1, 9 * FRAME_SECONDS)
        assert listener.heard == [(1, len("Two eggs. ")), (1, len("Two eggs. Some "))]
        assert speaks.stop() == [1]
        assert 1 in listener.spoken


async def test_a_client_of_whole_answers_counts_from_the_whole_answers_start() -> None:
    async with voicing(Voice(frames=14)) as (speaks, listener):
        speaks.whole = True
        speaks.say(1, THREE)
        await until(lambda: listener.answers)
        speaks.played(1, 0, 14 * FRAME_SECONDS + 0.01)
        assert listener.heard == [(1, len("Two eggs. "))]


async def test_an_answer_heard_to_its_end_counts_to_its_last_character() -> None:
    """However its lines were broken: less would say that the person had stopped it."""
    text = "Noted:\n\n- two eggs\n- toast.\n\nAnything else?"
    async with voicing(Voice(frames=14)) as (speaks, listener):
        speaks.say(1, text)
        await until(lambda: listener.answers)
        speaks.played(1, len(listener.sentences) - 1, 1.0)
        assert listener.heard == [(1, len(text))]


# When it is over


async def test_an_answer_is_over_when_its_audio_is() -> None:
    async with voicing(Voice(frames=2)) as (speaks, listener):
        start = asyncio.get_running_loop().time()
        speaks.say(1, THREE)
        await until(lambda: 1 in listener.spoken)
        assert listener.spoken[1] - start >= 6 * FRAME_SECONDS


async def test_an_answer_that_is_voiced_slowly_is_over_when_its_audio_is() -> None:
    """Its first sentences play while the later ones are voiced; they are not waited for again at the end."""
    voice = Voice(frames=3)
    voice.seconds = 0.1
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: listener.answers)
        sent = asyncio.get_running_loop().time()
        await until(lambda: 1 in listener.spoken)
        assert listener.spoken[1] - sent < 7 * FRAME_SECONDS


async def test_answers_play_one_after_another() -> None:
    async with voicing(Voice(frames=2)) as (speaks, listener):
        start = asyncio.get_running_loop().time()
        speaks.say(1, "Two eggs.")
        speaks.say(2, "Some toast.")
        await until(lambda: len(listener.spoken) == 2)
        assert list(listener.spoken) == [1, 2]
        assert listener.spoken[2] - start >= 4 * FRAME_SECONDS


async def test_audio_that_was_stopped_does_not_keep_the_next_answer_playing() -> None:
    voice = Voice(frames=14)
    voice.wait_at("Some toast.")
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: len(voice.asked) == 2)
        speaks.stop()
        voice.goes_on.set()
        await until(lambda: listener.answers)
        voice.frames = 1
        speaks.say(2, "Some toast.")
        await until(lambda: len(listener.answers) == 2)
        sent = asyncio.get_running_loop().time()
        await until(lambda: 2 in listener.spoken)
        assert listener.spoken[2] - sent < 7 * FRAME_SECONDS


async def test_sound_that_was_never_sent_is_not_waited_for() -> None:
    """A client of whole answers gets no sound at all when one sentence of them fails."""
    voice = Voice(frames=14)
    voice.errors["And tea."] = TtsUnavailable()
    async with voicing(voice) as (speaks, listener):
        speaks.whole = True
        speaks.say(1, THREE)
        await until(lambda: listener.answers)
        sent = asyncio.get_running_loop().time()
        await until(lambda: 1 in listener.spoken)
        assert listener.spoken[1] - sent < 14 * FRAME_SECONDS


async def test_the_last_report_of_a_client_behind_a_slow_network_still_counts() -> None:
    async with voicing(Voice(frames=4)) as (speaks, listener):
        speaks.say(1, "Two eggs.")
        await until(lambda: listener.answers)
        speaks.played(1, 0, 0.01)
        await asyncio.sleep(6 * FRAME_SECONDS)
        assert listener.spoken == {}, "over before the client has said so"
        speaks.played(1, 0, 4 * FRAME_SECONDS)
        assert listener.heard[-1] == (1, len("Two eggs."))
        assert 1 in listener.spoken


async def test_a_client_that_stops_reporting_does_not_keep_an_answer_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(speaking, "REPORT_SLACK_SECONDS", 0.05)
    async with voicing(Voice(frames=2)) as (speaks, listener):
        speaks.say(1, "Two eggs.")
        await until(lambda: listener.answers)
        speaks.played(1, 0, 0.01)
        await until(lambda: 1 in listener.spoken)


async def test_an_answer_that_is_said_again_is_over_when_it_was_said_again() -> None:
    """Its first saying runs out in the middle of the second; the microphone would open to the relay's own voice."""
    voice = Voice(frames=2)
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, "Two eggs.")
        await until(lambda: listener.answers)
        voice.wait_at("Two eggs.")
        listener.answers.clear()
        speaks.say(1, "Two eggs.")
        await asyncio.sleep(4 * FRAME_SECONDS)
        assert listener.spoken == {}
        voice.goes_on.set()
        await until(lambda: 1 in listener.spoken)
