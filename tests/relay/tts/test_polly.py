"""Polly against a server with real MP3 and real signatures, and against moto for the errors moto knows."""

from __future__ import annotations

import array
import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from protocol.errors import SettingsError, TtsError, TtsRefused, TtsThrottled, TtsUnavailable
from relay.tts import MP3, PHONE, Speech
from relay.tts.encodings import duration_seconds
from relay.tts.polly import PollyEngine
from tests.emulators.access_keys import SECRET
from tests.emulators.polly import SECONDS_PER_CHARACTER, PollyEmulator

SENTENCE = "You had two eggs and a slice of toast."


@asynccontextmanager
async def running(
    voice: str = "Joanna", region: str = "eu-west-1", timeout: float = 5.0, **options: int
) -> AsyncIterator[PollyEngine]:
    engine = PollyEngine(voice, "neural", region, timeout=timeout, first_backoff=0.01, **options)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.close()


def mp3_frames(data: bytes) -> Iterator[tuple[int, float]]:
    """Sample rate in Hz and length in seconds of each frame of a mono MPEG-2 layer III stream, to its last byte."""
    bit_rates = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
    at = 0
    while at < len(data):
        first, second, third, fourth = data[at : at + 4]
        assert (first, second & 0xFE) == (0xFF, 0xF2), "no frame of MPEG-2 layer III"
        assert fourth >> 6 == 3, "not mono"
        sample_rate = (22050, 24000, 16000)[third >> 2 & 3]
        at += 72 * bit_rates[third >> 4] * 1000 // sample_rate + (third >> 1 & 1)
        yield sample_rate, 576 / sample_rate


async def test_a_sentence_becomes_one_whole_mp3(polly_emulator: PollyEmulator) -> None:
    async with running() as engine:
        audio = await engine.synthesize(SENTENCE, MP3)
    frames = list(mp3_frames(audio))
    assert {rate for rate, _ in frames} == {24_000}
    length = sum(seconds for _, seconds in frames)
    assert length == pytest.approx(len(SENTENCE) * SECONDS_PER_CHARACTER, abs=0.15)
    assert polly_emulator.requests == [
        {
            "Engine": "neural",
            "OutputFormat": "mp3",
            "SampleRate": "24000",
            "Text": SENTENCE,
            "TextType": "text",
            "VoiceId": "Joanna",
        }
    ]


async def test_the_telephone_gets_pcm_in_its_own_rate_and_no_mp3(polly_emulator: PollyEmulator) -> None:
    async with running() as engine:
        audio = await engine.synthesize(SENTENCE, PHONE)
    samples = array.array("h", audio)
    assert len(samples) == round(len(SENTENCE) * SECONDS_PER_CHARACTER * 8000)
    crossings = sum((a < 0) != (b < 0) for a, b in itertools.pairwise(samples))
    assert crossings / 2 / (len(samples) / 8000) == pytest.approx(440, rel=0.01)
    (call,) = polly_emulator.requests
    assert (call["OutputFormat"], call["SampleRate"]) == ("pcm", "8000")


def asked_voices(polly_emulator: PollyEmulator) -> list[str]:
    return [call["VoiceId"] for call in polly_emulator.requests]


async def test_a_client_is_answered_in_the_voice_it_asks_for(polly_emulator: PollyEmulator) -> None:
    async with running() as engine:
        assert await engine.synthesize(SENTENCE, Speech(voice="Matthew"))
        assert await engine.synthesize(SENTENCE, MP3)
    assert asked_voices(polly_emulator) == ["Matthew", "Joanna"]


@pytest.mark.parametrize("voice", ["Nobody", "Hans"], ids=["no voice of Polly's", "not in this engine"])
async def test_a_voice_that_cannot_be_had_is_replaced_once_and_for_all(
    polly_emulator: PollyEmulator, records: list[dict[str, Any]], voice: str
) -> None:
    """A page that names a voice which was renamed would get no sound at all; and each sentence would cost two calls."""
    async with running() as engine:
        for _ in range(2):
            audio = await engine.synthesize(SENTENCE, Speech("pcm", voice))
            assert len(audio) == round(len(SENTENCE) * SECONDS_PER_CHARACTER * 8000) * 2
    assert asked_voices(polly_emulator) == [voice, "Joanna", "Joanna"]
    assert [record["voice"] for record in records if record["event"] == "polly_voice_replaced"] == [voice]


@pytest.mark.parametrize("voice", ["", "J", "../Joanna", "<speak>", "Joanna\n", "ジョアンナ", "a" * 10_000])
async def test_what_is_no_name_of_a_voice_is_not_sent_to_polly(
    polly_emulator: PollyEmulator, voice: str
) -> None:
    async with running() as engine:
        assert await engine.synthesize(SENTENCE, Speech(voice=voice))
    assert asked_voices(polly_emulator) == ["Joanna"]


async def test_a_text_that_is_refused_is_not_blamed_on_the_voice(polly_emulator: PollyEmulator) -> None:
    polly_emulator.problems.extend([(400, "InvalidSsmlException")] * 2)
    async with running() as engine:
        with pytest.raises(TtsRefused):
            await engine.synthesize(SENTENCE, Speech(voice="Matthew"))
        assert await engine.synthesize(SENTENCE, Speech(voice="Matthew"))
    assert asked_voices(polly_emulator) == ["Matthew", "Joanna", "Matthew"]


async def test_credentials_that_are_refused_are_not_tried_with_another_voice(
    polly_emulator: PollyEmulator,
) -> None:
    polly_emulator.problems.append((403, "AccessDeniedException"))
    async with running() as engine:
        with pytest.raises(TtsRefused):
            await engine.synthesize(SENTENCE, Speech(voice="Matthew"))
    assert asked_voices(polly_emulator) == ["Matthew"]


async def test_throttling_while_a_voice_is_replaced_is_retried_as_ever(polly_emulator: PollyEmulator) -> None:
    polly_emulator.problems.extend([(400, "EngineNotSupportedException"), (400, "ThrottlingException")])
    async with running() as engine:
        assert await engine.synthesize(SENTENCE, Speech(voice="Hans"))
    assert asked_voices(polly_emulator) == ["Hans", "Joanna", "Joanna"]


async def test_refused_voices_are_remembered_up_to_a_bound(
    polly_emulator: PollyEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.tts.polly.MAX_REFUSED_VOICES", 1)
    async with running() as engine:
        for voice in ("Nobody", "Noone", "Noone", "Nobody"):
            assert await engine.synthesize(SENTENCE, Speech(voice=voice))
    assert asked_voices(polly_emulator) == [
        *("Nobody", "Joanna"), *("Noone", "Joanna"), "Joanna", *("Nobody", "Joanna")
    ]  # fmt: skip


async def test_throttling_is_retried_until_it_ends(polly_emulator: PollyEmulator) -> None:
    polly_emulator.throttle(3)
    async with running() as engine:
        assert await engine.synthesize(SENTENCE, MP3)
    assert len(polly_emulator.requests) == 4


async def test_throttling_without_end_is_throttled_within_the_bound(polly_emulator: PollyEmulator) -> None:
    polly_emulator.throttle(10_000)
    async with running(timeout=0.5) as engine:
        before = time.monotonic()
        with pytest.raises(TtsThrottled):
            await engine.synthesize(SENTENCE, MP3)
        assert time.monotonic() - before < 5.0
    assert len(polly_emulator.requests) > 2


@pytest.mark.parametrize(
    "problem", [(500, "ServiceFailureException"), (503, "Unavailable"), (0, ""), (-1, "")]
)
@pytest.mark.parametrize("speech", [MP3, PHONE], ids=["mp3", "pcm"])
async def test_a_passing_failure_is_retried_and_leaves_no_half_sentence(
    polly_emulator: PollyEmulator, problem: tuple[int, str], speech: Speech
) -> None:
    polly_emulator.problems.append(problem)
    async with running() as engine:
        audio = await engine.synthesize(SENTENCE, speech)
    assert duration_seconds(audio, speech.encoding) > 2.0
    assert len(polly_emulator.requests) == 2


async def test_a_lasting_failure_is_unavailable(polly_emulator: PollyEmulator) -> None:
    polly_emulator.problems.extend([(500, "ServiceFailureException")] * 1000)
    async with running(timeout=0.3) as engine:
        with pytest.raises(TtsUnavailable):
            await engine.synthesize(SENTENCE, MP3)


@pytest.mark.parametrize(
    ("status", "exception"),
    [
        (400, "EngineNotSupportedException"),
        (400, "LanguageNotSupportedException"),
        (400, "InvalidSsmlException"),
        (403, "AccessDeniedException"),
    ],
)
async def test_a_refusal_is_not_tried_again(
    polly_emulator: PollyEmulator, status: int, exception: str
) -> None:
    polly_emulator.problems.append((status, exception))
    async with running() as engine:
        with pytest.raises(TtsRefused):
            await engine.synthesize(SENTENCE, MP3)
        assert len(polly_emulator.requests) == 1
        assert await engine.synthesize(SENTENCE, MP3)  # the engine is as good as before


async def test_text_over_the_limit_is_refused_without_a_call(polly_emulator: PollyEmulator) -> None:
    async with running() as engine:
        with pytest.raises(TtsRefused, match="3000"):
            await engine.synthesize("a" * 3001, MP3)
    assert polly_emulator.requests == []


async def test_an_answer_that_never_comes_is_given_up(polly_emulator: PollyEmulator) -> None:
    polly_emulator.delay = 60
    async with running(timeout=0.2) as engine:
        before = time.monotonic()
        with pytest.raises(TtsUnavailable):
            await engine.synthesize(SENTENCE, MP3)
        assert time.monotonic() - before < 5


@pytest.mark.parametrize(
    ("name", "value"),
    [("AWS_SECRET_ACCESS_KEY", SECRET + "x"), ("AWS_ACCESS_KEY_ID", "AKIANOBODY0000000000")],
)
async def test_wrong_credentials_are_refused(
    polly_emulator: PollyEmulator, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    async with running() as engine:
        with pytest.raises(TtsRefused, match="credentials"):
            await engine.synthesize(SENTENCE, MP3)
    assert polly_emulator.requests == []


async def test_no_credentials_at_all_are_refused(
    polly_emulator: PollyEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    async with running() as engine:
        with pytest.raises(TtsRefused, match="no AWS credentials"):
            await engine.synthesize(SENTENCE, MP3)


async def test_credentials_that_are_expired_even_when_refreshed_are_refused(
    polly_emulator: PollyEmulator, monkeypatch: pytest.MonkeyPatch, expired_profile: str
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_PROFILE", expired_profile)
    async with running() as engine:
        with pytest.raises(TtsRefused, match="credentials"):
            await engine.synthesize(SENTENCE, MP3)


async def test_nothing_listening_is_unavailable(
    polly_emulator: PollyEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_POLLY", "http://127.0.0.1:9")
    async with running(timeout=0.3) as engine:
        with pytest.raises(TtsUnavailable):
            await engine.synthesize(SENTENCE, MP3)


async def test_sentences_at_once_each_get_their_own_audio(polly_emulator: PollyEmulator) -> None:
    polly_emulator.throttle(5)
    texts = ["a" * count for count in range(10, 110, 10)]
    async with running() as engine:
        answers = await asyncio.gather(*(engine.synthesize(text, MP3) for text in texts))
    lengths = [sum(seconds for _, seconds in mp3_frames(answer)) for answer in answers]
    assert all(shorter < longer for shorter, longer in itertools.pairwise(lengths))


async def test_cancelling_a_sentence_leaves_the_engine_usable(polly_emulator: PollyEmulator) -> None:
    polly_emulator.delay = 0.2
    async with running() as engine:
        speaking = asyncio.create_task(engine.synthesize(SENTENCE, MP3))
        await asyncio.sleep(0.05)
        speaking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await speaking
        polly_emulator.delay = 0
        assert await engine.synthesize(SENTENCE, MP3)


async def test_a_profile_that_is_not_there_stops_the_start(
    polly_emulator: PollyEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(SettingsError, match="nobody"):
        async with running():
            pass


async def test_a_region_that_is_no_name_stops_the_start(polly_emulator: PollyEmulator) -> None:
    with pytest.raises(SettingsError):
        async with running(region="eu west/1"):
            pass


@pytest.fixture(scope="module")
def moto_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


async def test_a_voice_that_polly_does_not_have_is_refused(
    polly_emulator: PollyEmulator, moto_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_POLLY", moto_endpoint)
    async with running(voice="Nobody") as engine:
        with pytest.raises(TtsError) as raised:
            await engine.synthesize(SENTENCE, MP3)
    assert type(raised.value) is TtsRefused


async def test_a_voice_that_polly_does_not_have_is_replaced_by_the_default(
    polly_emulator: PollyEmulator, moto_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_POLLY", moto_endpoint)
    async with running(sample_rate=22_050) as engine:
        assert await engine.synthesize(SENTENCE, Speech(voice="Nobody"))


async def test_polly_counting_otherwise_than_we_do_is_a_refusal_too(
    polly_emulator: PollyEmulator, moto_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_POLLY", moto_endpoint)
    monkeypatch.setattr("relay.tts.polly.MAX_CHARACTERS", 10_000)
    # moto knows no 24,000 Hz, which Polly does have.
    async with running(sample_rate=22_050) as engine:
        with pytest.raises(TtsRefused, match="characters"):
            await engine.synthesize("a" * 3001, MP3)
