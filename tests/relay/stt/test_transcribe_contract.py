"""What a conversation may rely on, for each way to reach Amazon Transcribe: one suite over all of them.

The emulator is a real server with real TLS and checks every signature; see `tests/emulators/transcribe.py`.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from relay.endpointer import FLUSH_HOLD_SECONDS
from relay.hearing import QUIET_AFTER_SECONDS
from relay.stt.transcribe import stream as transcribe_stream
from tests.emulators.transcribe import Interface, TranscribeEmulator
from tests.emulators.transcribe_session import Script, spoken
from tests.relay.stt.transcribe_streams import (
    CHUNK,
    Heard,
    also_in_the_clear,
    feed,
    running,
)


@also_in_the_clear
async def test_partials_and_finals_come_in_order_with_place_and_confidence(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    transcribe_emulator.service.script = Script(
        lines=[
            *spoken("two eggs", 0.2, 0.6, confidence=0.75),
            *spoken("and toast", 1.0, 0.6, confidence=None),
        ]
    )
    async with running(interface) as connect:
        stream, heard = await connect()
        await feed(stream, 2.0)
        await heard.until(lambda: len(heard.finals) == 2)
    assert [(result.text, result.final) for result in heard.results] == [
        ("two", False),
        ("two eggs", False),
        ("two eggs", True),
        ("and", False),
        ("and toast", False),
        ("and toast", True),
    ]
    finals = [result for result in heard.results if result.final]
    assert [result.end for result in finals] == [12_800, 25_600]
    assert [result.confidence for result in finals] == [0.75, None]
    assert heard.results[0].confidence is None
    assert heard.failures == []


async def test_audio_arrives_whole_whatever_the_size_of_its_pieces(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    async with running(interface) as connect:
        stream, heard = await connect()
        (session,) = transcribe_emulator.service.sessions
        for size in (2, 640, 3200, 32_000, 0, 40_000):
            await stream.process_audio_data(bytes(size))
        await heard.until(lambda: session.received == 75_842)
        assert session.open  # the empty piece did not end the audio
    assert session.parameters["language-code"] == "en-US"


async def test_many_streams_at_once_hear_only_their_own(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    transcribe_emulator.service.script = Script(every=0.5, text="stream {stream} sentence {n}")
    async with running(interface) as connect:
        opened = await asyncio.gather(*(connect() for _ in range(30)))
        for _ in range(10):
            for stream, _ in opened:
                await stream.process_audio_data(CHUNK)
            await asyncio.sleep(0)
        for _, heard in opened:
            await heard.until(lambda heard=heard: len(heard.finals) == 2)  # type: ignore[misc]
    numbers = set()
    for _, heard in opened:
        number = heard.finals[0].split()[1]
        numbers.add(number)
        assert heard.finals == [f"stream {number} sentence 1", f"stream {number} sentence 2"]
        assert all(result.text.split()[1:2] in ([], [number]) for result in heard.results)
        assert heard.failures == []
    assert len(numbers) == 30


@also_in_the_clear
async def test_close_leaves_nothing_behind_and_no_callback_follows(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    async with running(interface) as connect:
        tasks = len(asyncio.all_tasks())
        opened = [await connect() for _ in range(5)]
        for stream, _ in opened:
            await feed(stream, 0.2)
        service = transcribe_emulator.service
        await opened[0][1].until(lambda: all(session.received == 6400 for session in service.opened))
        service.say("on its way")
        results = [len(heard.results) for _, heard in opened]
        before = time.monotonic()
        await asyncio.gather(*(stream.close() for stream, _ in opened))
        assert time.monotonic() - before < 1.5
        await opened[0][1].until(lambda: not service.sessions and not transcribe_emulator.http2.connections)
        assert all(session.ended_by_client for session in service.opened)
        await opened[0][1].until(lambda: len(asyncio.all_tasks()) == tasks)
        assert [len(heard.results) for _, heard in opened] == results
        assert all(heard.failures == [] for _, heard in opened)
        for stream, _ in opened:
            await stream.close()
            await stream.process_audio_data(CHUNK)  # late audio is not an error


def test_a_drain_outlasts_the_wait_for_silence_and_fits_into_a_flush() -> None:
    assert QUIET_AFTER_SECONDS + 0.5 < transcribe_stream.DRAIN_SECONDS < FLUSH_HOLD_SECONDS - 0.5


async def test_drain_returns_in_time(interface: Interface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcribe_stream, "DRAIN_SECONDS", 0.1)
    async with running(interface) as connect:
        stream, _ = await connect()
        async with asyncio.timeout(2):
            await stream.drain()
        assert stream.behind == 0


async def test_a_cancelled_start_leaves_no_connection(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    transcribe_emulator.service.script = Script(deaf=True)
    async with running(interface) as connect:
        opening = asyncio.create_task(connect())  # type: ignore[arg-type]
        await asyncio.sleep(0.2)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        heard = Heard()
        await heard.until(lambda: not transcribe_emulator.http2.connections)
