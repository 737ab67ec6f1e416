"""Answers voiced sentence by sentence: in order, one ahead, stopped at a word, each ended exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from protocol.errors import TtsError, TtsRefused, TtsThrottled, TtsUnavailable
from relay import speaking
from relay.codecs import mp3
from relay.speaking import MAX_ANSWERS, MAX_SENTENCES, Speaking
from relay.tts import MP3, PHONE, Speech
from relay.tts.encodings import duration_seconds
from relay.tts.scripted import FRAME_SECONDS, ScriptedVoice
from tests.relay.loop_clock import skip_waits

FRAME_BYTES = {"mp3": 72, "pcm": 576}  # of the scripted voice
OTHER_FORMAT = b"\xff\xfb\x10\xc0" + bytes(100)  # one frame of 44.1 kHz

THREE = "Two eggs. Some toast. And tea."


class Voice:
    """A scripted voice of set length, which waits, fails or talks nonsense when the test says so."""

    name = "test"

    def __init__(self, frames: int = 1) -> None:
        self.frames = frames
        self.asked: list[str] = []
        self.asked_as: list[Speech] = []
        self.under_way = self.most_under_way = 0
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.waits_at: str | None = None
        self.errors: dict[str, BaseException] = {}
        self.instead: dict[str, bytes | None] = {}
        self.seconds = 0.0  # that it takes

    async def start(self) -> None: ...
    async def close(self) -> None: ...

    async def synthesize(self, text: str, speech: Speech) -> bytes | None:
        self.asked.append(text)
        self.asked_as.append(speech)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(self.seconds)
            if self.waits_at in (text, "everything"):
                await self.goes_on.wait()
            if text in self.errors:
                raise self.errors[text]
            if text in self.instead:
                return self.instead[text]
            sound = await ScriptedVoice().synthesize("one two three", speech)
            return sound[: self.frames * FRAME_BYTES[speech.encoding]]
        finally:
            self.under_way -= 1


class Listener:
    """Keeps what it is told, in order."""

    def __init__(self) -> None:
        self.speech: Speech | None = MP3
        self.sentences: list[tuple[int, int, str, bytes | None]] = []
        self.answers: list[tuple[int, str, bytes | None, str | None]] = []
        self.order: list[tuple[str, int]] = []
        self.spoken: dict[int, float] = {}
        self.heard: list[tuple[int, int]] = []

    def on_sentence(self, turn: int, seq: int, text: str, audio: bytes | None) -> None:
        self.order.append(("sentence", turn))
        self.sentences.append((turn, seq, text, audio))

    def on_answer(self, turn: int, text: str, audio: bytes | None, error: TtsError | None) -> None:
        self.order.append(("answer", turn))
        self.answers.append((turn, text, audio, error.code if error else None))

    def on_spoken(self, turn: int) -> None:
        assert turn not in self.spoken, "an answer is over once"
        self.spoken[turn] = asyncio.get_running_loop().time()

    def on_heard(self, turn: int, chars: int) -> None:
        self.heard.append((turn, chars))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.001)


@pytest.fixture(autouse=True)
async def no_waits() -> None:
    skip_waits()


@asynccontextmanager
async def voicing(voice: Voice) -> AsyncIterator[tuple[Speaking, Listener]]:
    """A `Speaking`, closed at the end; afterwards nothing of it may be left."""
    before = asyncio.all_tasks()
    listener = Listener()
    speaks = Speaking(voice, listener)
    yield speaks, listener
    await speaks.close()
    assert asyncio.all_tasks() == before
    over = len(listener.spoken)
    await asyncio.sleep(0.05)
    assert len(listener.spoken) == over, "a timer was left"
    turns = [turn for turn, *_ in listener.answers]
    assert len(turns) == len(set(turns)), "an answer was sent twice"


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
    voice.waits_at = "Some toast."
    voice.goes_on.clear()
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
    voice.waits_at = "Some toast."
    voice.goes_on.clear()
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
    voice.waits_at = "Two eggs."
    voice.goes_on.clear()
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
    voice.waits_at = "everything"
    voice.goes_on.clear()
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


# A voice that fails


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
    voice.waits_at = "Two eggs."
    voice.goes_on.clear()
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


# The encodings


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
    voice.waits_at = "Two eggs."
    voice.goes_on.clear()
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
    voice.waits_at = "Some toast."
    voice.goes_on.clear()
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
    voice.waits_at = "Some toast."
    voice.goes_on.clear()
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
    voice.waits_at = "Some toast."
    voice.goes_on.clear()
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
    voice.waits_at = "Some toast."
    voice.goes_on.clear()
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


async def test_an_answer_that_is_said_again_is_over_when_it_was_said_again() -> None:
    """Its first saying runs out in the middle of the second; the microphone would open to the relay's own voice."""
    voice = Voice(frames=2)
    async with voicing(voice) as (speaks, listener):
        speaks.say(1, "Two eggs.")
        await until(lambda: listener.answers)
        voice.waits_at = "Two eggs."
        voice.goes_on.clear()
        listener.answers.clear()
        speaks.say(1, "Two eggs.")
        await asyncio.sleep(4 * FRAME_SECONDS)
        assert listener.spoken == {}
        voice.goes_on.set()
        await until(lambda: 1 in listener.spoken)


# Bounds


async def test_too_many_answers_go_out_as_text_and_none_is_lost() -> None:
    voice = Voice()
    voice.waits_at = "everything"
    voice.goes_on.clear()
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
    voice.waits_at = {"voicing": "Two eggs.", "one ahead": "Some toast.", "playing": None}[moment]
    voice.goes_on.clear()
    async with voicing(voice) as (speaks, _):
        speaks.say(1, THREE)
        await until(lambda: {"voicing": 1, "one ahead": 2, "playing": 3}[moment] == len(voice.asked))
    assert voice.under_way == 0


# What was heard, and when it is over


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


async def test_a_client_of_whole_answers_counts_from_the_whole_answers_start() -> None:
    async with voicing(Voice(frames=14)) as (speaks, listener):
        speaks.whole = True
        speaks.say(1, THREE)
        await until(lambda: listener.answers)
        speaks.played(1, 0, 14 * FRAME_SECONDS + 0.01)
        assert listener.heard == [(1, len("Two eggs. "))]


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
    voice.waits_at = "Some toast."
    voice.goes_on.clear()
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


async def test_an_answer_heard_to_its_end_counts_to_its_last_character() -> None:
    """However its lines were broken: less would say that the person had stopped it."""
    text = "Noted:\n\n- two eggs\n- toast.\n\nAnything else?"
    async with voicing(Voice(frames=14)) as (speaks, listener):
        speaks.say(1, text)
        await until(lambda: listener.answers)
        speaks.played(1, len(listener.sentences) - 1, 1.0)
        assert listener.heard == [(1, len(text))]


async def test_the_latest_answer_is_kept_for_a_client_that_comes_back() -> None:
    async with voicing(Voice()) as (speaks, listener):
        speaks.say(1, THREE)
        await until(lambda: 1 in listener.spoken)
        assert speaks.last is not None
        assert speaks.last.turn == 1
        assert [sentence.text for _, sentence in speaks.last.after(1)] == ["And tea."]
