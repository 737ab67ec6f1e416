"""Streams of Amazon Transcribe that are refused, die, hang or are cut, whichever way it is reached: an error, once."""

from __future__ import annotations

import asyncio
import time

import pytest

from protocol.errors import SttError, SttLimit, SttRefused, SttTimeout, SttUnavailable
from tests.emulators.transcribe import Interface, TranscribeEmulator
from tests.emulators.transcribe_session import Line, Script
from tests.relay.loop_clock import LoopClock
from tests.relay.stt.transcribe_streams import (
    CHUNK,
    also_in_the_clear,
    feed,
    feed_until_it_fails,
    refusal,
    running,
)

REFUSALS = [
    ("BadRequestException", SttRefused),
    ("LimitExceededException", SttLimit),
    ("InternalFailureException", SttUnavailable),
    ("ServiceUnavailableException", SttUnavailable),
    ("ConflictException", SttUnavailable),
    ("ThrottlingException", SttLimit),
    ("AccessDeniedException", SttRefused),
]


@pytest.mark.parametrize(("exception", "expected"), REFUSALS)
async def test_a_refused_start_is_an_error_with_a_stable_code(
    interface: Interface,
    transcribe_emulator: TranscribeEmulator,
    exception: str,
    expected: type[SttError],
) -> None:
    transcribe_emulator.service.script = Script(refuse=exception)
    assert type(await refusal(interface)) is expected
    assert transcribe_emulator.service.opened == []


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        *REFUSALS[:5],
        ("ExpiredTokenException", SttRefused),
        ("ThrottlingException", SttLimit),
        ("SomethingNewException", SttUnavailable),
    ],
)
async def test_a_stream_that_dies_says_so_once_and_to_every_piece_of_audio_after_it(
    interface: Interface,
    transcribe_emulator: TranscribeEmulator,
    exception: str,
    expected: type[SttError],
) -> None:
    transcribe_emulator.service.script = Script(lines=[Line(0.1, "before")], fail=(0.3, exception))
    async with running(interface) as connect:
        stream, heard = await connect()
        with pytest.raises(SttError) as raised:
            await feed_until_it_fails(stream)
        assert type(raised.value) is expected
        for _ in range(3):
            with pytest.raises(expected, match=raised.value.message.replace(".", r"\.")):
                await stream.process_audio_data(CHUNK)
        assert [type(failure) for failure in heard.failures] == [expected]
        assert heard.finals == ["before"]
        await stream.drain()  # of a dead stream: at once
    assert len(heard.failures) == 1


async def test_a_stream_that_dies_while_nothing_is_sent_is_noticed(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    async with running(interface) as connect:
        _, heard = await connect()
        transcribe_emulator.service.sessions[0].fail("InternalFailureException")
        assert isinstance(await heard.failure(), SttUnavailable)
        await asyncio.sleep(0.05)
        assert len(heard.failures) == 1


async def test_the_time_out_for_want_of_audio_is_a_timeout_and_no_refusal(
    interface: Interface, transcribe_emulator: TranscribeEmulator, loop_clock: LoopClock
) -> None:
    async with running(interface) as connect:
        _, heard = await connect()
        await loop_clock.put_forward(15)
        failure = await heard.failure()
    assert isinstance(failure, SttTimeout)
    assert "15 seconds" in failure.message


async def test_silence_keeps_the_stream(
    interface: Interface, transcribe_emulator: TranscribeEmulator, loop_clock: LoopClock
) -> None:
    async with running(interface) as connect:
        stream, heard = await connect()
        (session,) = transcribe_emulator.service.sessions
        for number in range(8):
            await stream.process_audio_data(CHUNK)
            await heard.until(lambda number=number: session.received == (number + 1) * len(CHUNK))
            await loop_clock.put_forward(5)
        assert heard.failures == []


@pytest.mark.parametrize("sending", [True, False])
async def test_a_lost_connection_is_noticed(
    interface: Interface, transcribe_emulator: TranscribeEmulator, sending: bool
) -> None:
    async with running(interface) as connect:
        stream, heard = await connect()
        await feed(stream, 0.3)
        transcribe_emulator.service.cut()
        if sending:
            with pytest.raises(SttUnavailable):
                await feed_until_it_fails(stream)
        assert isinstance(await heard.failure(), SttUnavailable)
        assert len(heard.failures) == 1


async def test_a_lost_connection_takes_no_other_stream_with_it(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    async with running(interface) as connect:
        _, first = await connect()
        second_stream, second = await connect()
        transcribe_emulator.service.sessions[0].cut()
        await first.failure()
        await feed(second_stream, 0.3)
        transcribe_emulator.service.say("still here")
        await second.until(lambda: second.finals == ["still here"])
        assert second.failures == []


async def test_an_end_without_a_reason_is_a_failure_too(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    transcribe_emulator.service.script = Script(end_after=0.2)
    async with running(interface) as connect:
        stream, heard = await connect()
        await feed(stream, 0.2)
        assert isinstance(await heard.failure(), SttUnavailable)


async def test_rubbish_from_the_service_ends_the_stream_with_an_error(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    transcribe_emulator.service.script = Script(garble_after=0.2)
    async with running(interface) as connect:
        stream, heard = await connect()
        await feed(stream, 0.2)
        assert isinstance(await heard.failure(), SttUnavailable)


async def test_a_service_that_stops_reading_is_given_up(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    transcribe_emulator.service.script = Script(stall_after=0.1)
    async with running(interface, send_timeout=0.2) as connect:
        stream, heard = await connect()
        with pytest.raises(SttTimeout):
            await feed_until_it_fails(stream, bytes(32_000), 0)
        assert [type(failure) for failure in heard.failures] == [SttTimeout]
        before = time.monotonic()
        await stream.close()
        assert time.monotonic() - before < 2.5


async def test_a_service_that_never_answers_is_given_up_in_time(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    transcribe_emulator.service.script = Script(deaf=True)
    before = time.monotonic()
    assert isinstance(await refusal(interface, start_timeout=0.3), SttTimeout)
    assert time.monotonic() - before < 5.0
    assert not transcribe_emulator.service.opened


@also_in_the_clear
async def test_nothing_listening_is_unavailable(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    await transcribe_emulator.close()
    assert isinstance(await refusal(interface), SttUnavailable)


async def test_the_accounts_limit_of_streams_is_a_limit(
    interface: Interface, transcribe_emulator: TranscribeEmulator
) -> None:
    transcribe_emulator.service.limit = 1
    async with running(interface) as connect:
        stream, heard = await connect()
        assert isinstance(await refusal(interface), SttLimit)
        await feed(stream, 0.2)
        transcribe_emulator.service.say("the first one goes on")
        await heard.until(lambda: bool(heard.finals))
