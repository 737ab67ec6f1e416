"""Transcribe with a custom vocabulary: asked for on either transport, and done without when it is not taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import structlog

from protocol.audio import STT_CHUNK_BYTES, silence
from protocol.errors import SettingsError, SttError, SttRefused, SttUnavailable
from relay import hearing
from relay.hearing import Hearing
from relay.stt import SttResult
from relay.stt.transcribe import AudioStreamHandler, TranscribeEngine
from relay.stt.transcribe.vocabulary import CustomVocabulary
from tests.emulators.fixtures import UseTranscribe
from tests.emulators.transcribe import Interface, TranscribeEmulator
from tests.emulators.transcribe_session import Script, spoken

CHUNK = silence(STT_CHUNK_BYTES // 2)
Connect = Callable[[], Awaitable[tuple[AudioStreamHandler, list[SttResult], list[SttError]]]]


@pytest.fixture(params=["websocket", "http2"])
def interface(request: pytest.FixtureRequest, use_transcribe: UseTranscribe) -> Interface:
    use_transcribe(request.param)
    interface: Interface = request.param
    return interface


@asynccontextmanager
async def running(interface: Interface, vocabulary: str | None) -> AsyncIterator[Connect]:
    engine = TranscribeEngine(
        "en-US", "eu-west-1", "http2" if interface == "http2" else "websocket", vocabulary
    )
    await engine.start()
    streams = []

    async def connect() -> tuple[AudioStreamHandler, list[SttResult], list[SttError]]:
        results: list[SttResult] = []
        failures: list[SttError] = []
        stream = await engine.open_stream(results.append, failures.append)
        streams.append(stream)
        return stream, results, failures

    try:
        yield connect
    finally:
        await asyncio.gather(*(stream.close() for stream in streams))
        await engine.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


async def refusal(connect: Connect) -> SttError:
    """By `open_stream` or right after it, as the interface has it."""
    try:
        _, _, failures = await connect()
    except SttError as error:
        return error
    await until(lambda: failures)
    return failures[0]


async def test_a_vocabulary_is_asked_for(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    transcribe_emulator.service.vocabularies = {"food-words"}
    async with running(interface, "food-words") as connect:
        await connect()
        await until(lambda: transcribe_emulator.service.opened)
    assert transcribe_emulator.service.opened[0].parameters["vocabulary-name"] == "food-words"


async def test_without_one_none_is_asked_for(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    async with running(interface, None) as connect:
        await connect()
        await until(lambda: transcribe_emulator.service.opened)
    assert "vocabulary-name" not in transcribe_emulator.service.opened[0].parameters


async def test_without_a_vocabulary_that_is_not_there_people_are_heard_all_the_same(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    service = transcribe_emulator.service
    service.vocabularies = set()
    service.script = Script(lines=spoken("two eggs", 0.1, 0.2))
    async with running(interface, "gone") as connect:
        with structlog.testing.capture_logs() as logs:
            failures = [
                await refusal(connect),
                *await asyncio.gather(*(_open_or_error(connect) for _ in range(3))),
            ]
            stream, results, _ = await connect()
            for _ in range(5):
                await stream.process_audio_data(CHUNK)
            await until(lambda: any(result.final for result in results))
        assert isinstance(failures[0], SttUnavailable)  # Retryable: the conversation opens another at once.
        assert failures[1:] == [None, None, None]
        assert results[-1].text == "two eggs"
        assert all("vocabulary-name" not in session.parameters for session in service.opened)
    told = [log for log in logs if log["event"] == "transcribe_vocabulary_refused"]
    assert [(log["log_level"], log["vocabulary"]) for log in told] == [("error", "gone")]


async def _open_or_error(connect: Connect) -> SttError | None:
    try:
        await connect()
    except SttError as error:
        return error
    return None


async def test_another_refusal_is_not_blamed_on_the_vocabulary(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    transcribe_emulator.service.script = Script(refuse="BadRequestException")
    async with running(interface, "food-words") as connect:
        assert type(await refusal(connect)) is SttRefused
        transcribe_emulator.service.script = Script()
        await connect()
        await until(lambda: transcribe_emulator.service.opened)
    assert transcribe_emulator.service.opened[0].parameters["vocabulary-name"] == "food-words"


class Listener:
    """A conversation's end of its hearing."""

    def __init__(self) -> None:
        self.finals: list[str] = []
        self.lost = 0

    def on_result(self, result: SttResult, audio_until: int) -> None:
        if result.final:
            self.finals.append(result.text)

    def on_stt_lost(self, error: Exception) -> None:
        self.lost += 1

    def __getattr__(self, name: str) -> Callable[..., None]:
        if not name.startswith("on_"):
            raise AttributeError(name)
        return lambda *_: None


async def test_a_conversation_loses_no_audio_over_it(
    interface: Interface, transcribe_emulator: TranscribeEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "FIRST_RETRY_SECONDS", 0.01)
    transcribe_emulator.service.vocabularies = set()
    transcribe_emulator.service.script = Script(lines=spoken("two eggs", 0.1, 0.2))
    engine = TranscribeEngine("en-US", "eu-west-1", "http2" if interface == "http2" else "websocket", "gone")
    await engine.start()
    listener = Listener()
    ear = Hearing(engine, listener)
    running = asyncio.create_task(ear.run())
    try:
        for _ in range(5):
            ear.add(CHUNK)
        await until(lambda: listener.finals)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await engine.close()
    assert listener.finals == ["two eggs"]
    assert listener.lost == 1


def test_after_a_while_it_is_asked_for_again() -> None:
    """It may have been in the making."""
    vocabulary = CustomVocabulary("food-words", rest_seconds=0.0)
    vocabulary.refused()
    assert vocabulary.name == "food-words"
    vocabulary = CustomVocabulary("food-words")
    vocabulary.refused()
    assert vocabulary.name is None


@pytest.mark.parametrize("name", ["", "food words", "food/words", "é", "x" * 201])
def test_what_is_no_name_stops_the_start(name: str) -> None:
    with pytest.raises(SettingsError, match="RELAY_TRANSCRIBE_VOCABULARY"):
        TranscribeEngine("en-US", "eu-west-1", vocabulary=name)
