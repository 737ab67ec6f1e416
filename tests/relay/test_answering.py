"""Answers in the client's own form, and once more for a client that comes back, maybe as another one."""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from protocol.client_messages import ReplyAudio, ServerResponse
from protocol.errors import TtsUnavailable
from protocol.messages import Message
from relay.answering import Answering
from relay.session_record import SessionRecord
from relay.tts import MP3, PHONE, Speech, TtsEngine
from relay.tts.encodings import duration_seconds
from relay.tts.scripted import ScriptedVoice
from tests.speech_doubles import FailingVoice

THREE = "Two eggs. Some toast. And tea."
SENTENCES = ["Two eggs.", "Some toast.", "And tea."]


class Client:
    """The conversation, as far as `Answering` knows it, and its client."""

    def __init__(self, replies: str | None, speech: Speech) -> None:
        self.replies, self.speech = replies, speech
        self.messages: list[Message] = []
        self.speaks: list[int] = []
        self.heard: list[tuple[int, int]] = []
        self.spoken: list[int] = []

    def deliver(self, message: Message) -> None:
        self.messages.append(message)

    def on_speaks(self, turn: int) -> None:
        self.speaks.append(turn)

    def on_spoken(self, turn: int) -> None:
        self.spoken.append(turn)

    def on_heard(self, turn: int, chars: int) -> None:
        self.heard.append((turn, chars))

    @property
    def sentences(self) -> list[ReplyAudio]:
        return [message for message in self.messages if isinstance(message, ReplyAudio)]

    @property
    def answers(self) -> list[ServerResponse]:
        return [message for message in self.messages if isinstance(message, ServerResponse)]

    def becomes(self, replies: str, speech: Speech) -> None:
        """Another client takes up the session."""
        self.replies, self.speech = replies, speech
        self.messages.clear()


@asynccontextmanager
async def answering(
    replies: str, speech: Speech, voice: TtsEngine | None = None
) -> AsyncIterator[tuple[Answering, Client, SessionRecord]]:
    client, record = Client(replies, speech), SessionRecord()
    answers = Answering(voice or ScriptedVoice(), client)
    try:
        yield answers, client, record
    finally:
        await answers.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.001)


async def give_answer(answers: Answering, client: Client, record: SessionRecord, turn: int = 1) -> None:
    record.answer(turn, THREE, 0)
    answers.answer(turn, THREE)
    await until(lambda: client.answers)


ENCODINGS = pytest.mark.parametrize("speech", [MP3, PHONE], ids=["mp3", "pcm"])


@ENCODINGS
async def test_a_client_of_sentences_gets_the_bytes_of_each(speech: Speech) -> None:
    async with answering("sentences", speech) as (answers, client, record):
        await give_answer(answers, client, record)
        assert [(part.seq, part.text) for part in client.sentences] == list(enumerate(SENTENCES))
        for part in client.sentences:
            assert part.audio == await ScriptedVoice().synthesize(part.text, speech)
        assert client.answers[0].audio is None


@ENCODINGS
async def test_a_client_of_whole_answers_gets_the_bytes_of_all(speech: Speech) -> None:
    async with answering("whole", speech) as (answers, client, record):
        await give_answer(answers, client, record)
        assert client.sentences == []
        sound = client.answers[0].audio
        assert sound is not None
        one = duration_seconds(await ScriptedVoice().synthesize("Two eggs.", speech), speech.encoding)
        assert duration_seconds(sound, speech.encoding) == pytest.approx(3 * one)


async def test_sound_is_base64_on_the_wire_alone_and_the_fields_are_the_originals() -> None:
    sound = await ScriptedVoice().synthesize("Two eggs.", MP3)
    text = b64encode(sound).decode()
    part = ReplyAudio(turn=1, seq=0, text="Two eggs.", audio=sound)
    assert list(part.to_wire().items()) == [
        ("type", "reply_audio"), ("turn", 1), ("seq", 0), ("text", "Two eggs."), ("audio", text)
    ]  # fmt: skip
    answer = ServerResponse(turn=1, message="Two eggs.", audio=sound)
    assert list(answer.to_wire().items()) == [
        ("type", "server_response"), ("message", "Two eggs."), ("audio", text), ("turn", 1)
    ]  # fmt: skip
    assert ReplyAudio.model_validate(part.to_wire()).audio == b64decode(text) == sound
    assert text not in repr(answer) + repr(part)
    assert str(sound) not in repr(answer) + repr(part)


@ENCODINGS
async def test_what_the_client_has_played_is_told_with_the_turn(speech: Speech) -> None:
    async with answering("sentences", speech) as (answers, client, record):
        await give_answer(answers, client, record)
        first = client.sentences[0].audio
        assert first is not None
        answers.played(1, 0, duration_seconds(first, speech.encoding))
        assert client.heard == [(1, len("Two eggs. "))]
        answers.stop()
        assert client.messages[-1].to_wire() == {"type": "stop", "turn": 1}
        assert client.spoken == [1]


# Said again


@ENCODINGS
async def test_sentences_that_were_missed_are_sent_again_as_they_are(speech: Speech) -> None:
    async with answering("sentences", speech) as (answers, client, record):
        await give_answer(answers, client, record)
        before = list(client.sentences)
        client.becomes("sentences", speech)
        answers.say_again(record, 1, 0)
        assert client.sentences == before[1:]
        assert len(client.answers) == 1


@ENCODINGS
async def test_an_answer_that_was_missed_is_sent_again_whole(speech: Speech) -> None:
    async with answering("whole", speech) as (answers, client, record):
        await give_answer(answers, client, record)
        (before,) = client.answers
        client.becomes("whole", speech)
        answers.say_again(record, 0, 0)
        assert client.messages == [before]


@pytest.mark.parametrize(("then", "now"), [(MP3, PHONE), (PHONE, MP3)], ids=["to pcm", "to mp3"])
@pytest.mark.parametrize("replies", ["whole", "sentences"])
async def test_a_client_of_another_encoding_gets_what_it_missed_voiced_anew(
    then: Speech, now: Speech, replies: str
) -> None:
    async with answering("sentences", then) as (answers, client, record):
        await give_answer(answers, client, record)
        client.becomes(replies, now)
        answers.say_again(record, 1, 0)
        await until(lambda: client.answers)
        assert client.speaks == [1], "the person may stop it"
        sounds = (
            [part.audio for part in client.sentences] if replies == "sentences" else [client.answers[0].audio]
        )
        assert len(sounds) == (3 if replies == "sentences" else 1)
        for sound in sounds:
            assert sound is not None
            assert duration_seconds(sound, now.encoding) > 0.4
        assert len(client.answers) == 1


async def test_a_client_of_another_encoding_that_has_it_all_hears_nothing_again() -> None:
    async with answering("sentences", MP3) as (answers, client, record):
        await give_answer(answers, client, record)
        client.becomes("sentences", PHONE)
        answers.say_again(record, 1, 2)
        await asyncio.sleep(0.01)
        assert client.messages == []


async def test_another_voice_alone_is_no_reason_to_voice_an_answer_anew() -> None:
    async with answering("sentences", MP3) as (answers, client, record):
        await give_answer(answers, client, record)
        client.becomes("sentences", Speech(voice="Matthew"))
        answers.say_again(record, 1, 0)
        assert len(client.sentences) == 2
        assert client.speaks == []


class HeldVoice(ScriptedVoice):
    """Waits before each sentence but the first."""

    def __init__(self) -> None:
        self.asked = 0
        self.goes_on = asyncio.Event()

    async def synthesize(self, text: str, speech: Speech) -> bytes:
        self.asked += 1
        if self.asked > 1:
            await self.goes_on.wait()
        return await super().synthesize(text, speech)


@pytest.mark.parametrize("welcomed", [False, True])
async def test_an_answer_that_is_being_voiced_goes_on_in_the_encoding_of_who_took_over(
    welcomed: bool,
) -> None:
    voice = HeldVoice()
    async with answering("sentences", MP3, voice) as (answers, client, record):
        record.answer(1, THREE, 0)
        answers.answer(1, THREE)
        await until(lambda: voice.asked == 2)
        client.becomes("sentences", PHONE)
        if welcomed:
            answers.say_again(record, 0, 0)
        voice.goes_on.set()
        await until(lambda: client.answers)
        assert [part.text for part in client.sentences] == SENTENCES
        for part in client.sentences:
            assert part.audio == await ScriptedVoice().synthesize(part.text, PHONE)
        assert len(client.answers) == 1


async def test_a_client_that_is_away_does_not_change_how_its_answer_is_voiced() -> None:
    """While it is away the conversation asks for MP3, which it would have to get again as PCM."""
    voice = HeldVoice()
    async with answering("sentences", PHONE, voice) as (answers, client, record):
        record.answer(1, THREE, 0)
        answers.answer(1, THREE)
        await until(lambda: voice.asked == 2)
        client.replies, client.speech = None, MP3
        voice.goes_on.set()
        await until(lambda: client.answers)
        client.becomes("sentences", PHONE)
        answers.say_again(record, 0, 0)
        assert [part.text for part in client.sentences] == SENTENCES
        assert voice.asked == 3


async def test_an_answer_without_its_voice_says_why_also_when_it_is_sent_again() -> None:
    async with answering("whole", MP3, FailingVoice(TtsUnavailable(), "toast")) as (answers, client, record):
        await give_answer(answers, client, record)
        (before,) = client.answers
        assert (before.audio, before.audio_error) == (None, "tts_unavailable")
        client.becomes("whole", MP3)
        answers.say_again(record, 0, 0)
        assert client.answers == [before]
