"""What a conversation may rely on, for each way to reach Amazon Transcribe: one suite over all of them.

The emulator is a real server with real TLS and checks every signature; see `tests/emulators/transcribe.py`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from protocol.errors import SettingsError, SttError, SttLimit, SttRefused, SttTimeout, SttUnavailable
from relay.endpointer import FLUSH_HOLD_SECONDS
from relay.hearing import QUIET_AFTER_SECONDS
from relay.stt import SttResult
from relay.stt.transcribe import AudioStreamHandler, TranscribeEngine, http2
from relay.stt.transcribe import stream as transcribe_stream
from tests.emulators.access_keys import EXPIRED_KEY_ID, EXPIRED_TOKEN, SECRET, SESSION_TOKEN, TEMPORARY_KEY_ID
from tests.emulators.fixtures import UseTranscribe
from tests.emulators.tls import CertificateAuthority
from tests.emulators.transcribe import Interface, TranscribeEmulator
from tests.emulators.transcribe_session import Line, Script, spoken
from tests.relay.loop_clock import LoopClock

CHUNK = bytes(3200)
"""100 ms."""


class Heard:
    """What the callbacks were given."""

    def __init__(self) -> None:
        self.results: list[SttResult] = []
        self.failures: list[SttError] = []

    @property
    def finals(self) -> list[str]:
        return [result.text for result in self.results if result.final]

    async def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)

    async def failure(self) -> SttError:
        await self.until(lambda: bool(self.failures))
        return self.failures[0]


Connect = Callable[..., Awaitable[tuple[AudioStreamHandler, Heard]]]


@pytest.fixture(params=["websocket", "http2"])
def interface(request: pytest.FixtureRequest, use_transcribe: UseTranscribe) -> Interface:
    use_transcribe(request.param)
    interface: Interface = request.param
    return interface


also_in_the_clear = pytest.mark.parametrize(
    "interface", ["websocket", "websocket-plain", "http2"], indirect=True
)
"""An http:// endpoint means plain ws://: the same code but for the TLS, so a few tests are enough."""


@asynccontextmanager
async def running(interface: Interface, region: str = "eu-west-1", **bounds: float) -> AsyncIterator[Connect]:
    """An engine, and a way to open streams that are closed at the end."""
    engine = TranscribeEngine("en-US", region, "http2" if interface == "http2" else "websocket", **bounds)
    await engine.start()
    streams = []

    async def connect() -> tuple[AudioStreamHandler, Heard]:
        heard = Heard()
        stream = await engine.open_stream(heard.results.append, heard.failures.append)
        streams.append(stream)
        return stream, heard

    try:
        yield connect
    finally:
        await asyncio.gather(*(stream.close() for stream in streams))
        await engine.close()


async def feed(stream: AudioStreamHandler, seconds: float) -> None:
    for _ in range(round(seconds * 10)):
        await stream.process_audio_data(CHUNK)
        await asyncio.sleep(0)


async def feed_until_it_fails(stream: AudioStreamHandler, piece: bytes = CHUNK, pause: float = 0.01) -> None:
    async with asyncio.timeout(30):
        while True:
            await stream.process_audio_data(piece)
            await asyncio.sleep(pause)


async def refusal(interface: Interface, region: str = "eu-west-1", **bounds: float) -> SttError:
    """How a stream that cannot be is refused: by `open_stream`, or right after it."""
    async with running(interface, region, **bounds) as connect:
        try:
            _, heard = await connect()
        except SttError as error:
            return error
        failure = await heard.failure()
        assert len(heard.failures) == 1
        return failure


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


async def test_a_wrong_secret_is_refused(interface: Interface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET + "x")
    error = await refusal(interface)
    assert isinstance(error, SttRefused)
    assert "credentials" in error.message


@also_in_the_clear
async def test_an_unknown_key_is_refused(interface: Interface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODY0000000000")
    assert isinstance(await refusal(interface), SttRefused)


async def test_an_expired_token_is_refused(interface: Interface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", EXPIRED_KEY_ID)
    monkeypatch.setenv("AWS_SESSION_TOKEN", EXPIRED_TOKEN)
    assert isinstance(await refusal(interface), SttRefused)


async def test_temporary_credentials_with_a_session_token_are_taken(
    interface: Interface, transcribe_emulator: TranscribeEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", TEMPORARY_KEY_ID)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)
    async with running(interface) as connect:
        stream, heard = await connect()
        await feed(stream, 0.2)
        transcribe_emulator.service.say("hello")
        await heard.until(lambda: heard.finals == ["hello"])


async def test_credentials_come_from_a_profile_too(
    interface: Interface,
    transcribe_emulator: TranscribeEmulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    environment = transcribe_emulator.environment(interface)
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[voice]\naws_access_key_id = {environment['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {SECRET}\n"
    )
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_PROFILE", "voice")
    async with running(interface) as connect:
        await connect()
        assert len(transcribe_emulator.service.sessions) == 1


async def test_no_credentials_at_all_are_refused_and_may_come_later(
    interface: Interface, transcribe_emulator: TranscribeEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    async with running(interface) as connect:
        with pytest.raises(SttRefused, match="no AWS credentials"):
            await connect()
        for name, value in transcribe_emulator.environment(interface).items():
            monkeypatch.setenv(name, value)
        await connect()


async def test_credentials_that_are_expired_even_when_refreshed_are_refused(
    interface: Interface, monkeypatch: pytest.MonkeyPatch, expired_profile: str
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_PROFILE", expired_profile)
    error = await refusal(interface)
    assert isinstance(error, SttRefused)
    assert "credentials" in error.message


async def test_another_region_than_the_endpoints_is_refused(interface: Interface) -> None:
    assert isinstance(await refusal(interface, region="us-east-1"), SttRefused)


@pytest.mark.parametrize("secure", ["websocket", "http2"])
async def test_an_untrusted_certificate_is_refused_and_not_waited_for(
    secure: Interface,
    use_transcribe: UseTranscribe,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    use_transcribe(secure)
    stranger = CertificateAuthority(tmp_path / "stranger")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(stranger.bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger.bundle))
    monkeypatch.setattr(http2, "PROBE_AFTER", 0.2)
    before = time.monotonic()
    error = await refusal(secure)
    assert isinstance(error, SttRefused)
    assert "certificate" in error.message
    assert time.monotonic() - before < 6  # awscrt alone: 10 to 30 s


@pytest.mark.parametrize("secure", ["websocket", "http2"])
@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "SSL_CERT_FILE"])
async def test_either_variable_is_enough_for_trust(
    secure: Interface, variable: str, use_transcribe: UseTranscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_transcribe(secure)
    monkeypatch.delenv({"AWS_CA_BUNDLE": "SSL_CERT_FILE", "SSL_CERT_FILE": "AWS_CA_BUNDLE"}[variable])
    async with running(secure) as connect:
        await connect()


@also_in_the_clear
async def test_the_endpoint_of_all_services_is_heeded(
    interface: Interface, transcribe_emulator: TranscribeEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING")
    monkeypatch.setenv("AWS_ENDPOINT_URL", transcribe_emulator.endpoint(interface))
    async with running(interface) as connect:
        await connect()
        assert len(transcribe_emulator.service.sessions) == 1


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


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING", "tcp://somewhere"),
        ("AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING", "https://somewhere/with/a/path"),
        ("AWS_PROFILE", "nobody"),
        ("AWS_CA_BUNDLE", "/nowhere/ca.pem"),
    ],
)
async def test_settings_that_cannot_be_stop_the_start(
    interface: Interface, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError):
        async with running(interface):
            pass


async def test_a_region_that_is_no_name_stops_the_start(interface: Interface) -> None:
    with pytest.raises(SettingsError):
        async with running(interface, region="eu west/1"):
            pass


async def test_http2_cannot_be_had_in_the_clear(use_transcribe: UseTranscribe) -> None:
    use_transcribe("websocket-plain")
    with pytest.raises(SettingsError, match="https"):
        async with running("http2"):
            pass
