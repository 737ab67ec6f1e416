"""Recordings by way of the socket, by a client that was written from the table of `protocol/CLIENTS.md`."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aioboto3
import pytest
from moto.server import ThreadedMotoServer
from websockets.asyncio.client import ClientConnection, connect

from protocol.audio import BYTES_PER_SECOND, seconds
from relay import recording_file, recordings
from relay.clients import recorder
from relay.server import Relay
from tests.emulators import fixtures
from tests.emulators.access_keys import ACCESS_KEY_ID, SECRET
from tests.processes import Process
from tests.relay.conftest import StartRelay
from tests.relay.recorded_files import files, sound_of
from tests.relay.webm_recording import one_second_pieces as webm

bare_aws = fixtures.bare_aws

Until = Callable[[Callable[[], object]], Awaitable[None]]

RECORDED_SECONDS = 3.96
CHUNK = bytes(range(200)) * 16
"""100 ms of PCM."""
ROOT = Path(__file__).parents[3]
SAVED = re.compile(r"Audio saved: (streamed_audio_([0-9a-f]{32})_\d{10}\.wav) \((\d+) bytes\)")


class Recorder:
    """Sends, and keeps the replies."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.replies: list[str] = []

    async def send(self, *messages: str | bytes) -> None:
        for message in messages:
            await self.socket.send(message)

    async def reply(self) -> str:
        async with asyncio.timeout(30):
            message = await self.socket.recv()
        assert isinstance(message, str)
        self.replies.append(message)
        return message

    async def reply_to(self, *messages: str | bytes) -> str:
        await self.send(*messages)
        return await self.reply()

    async def saved(self) -> tuple[str, str, int]:
        """Name, session and length of the next recording that is saved."""
        while not (found := SAVED.match(await self.reply())):
            pass
        return found[1], found[2], int(found[3])


@asynccontextmanager
async def recording(relay: Relay) -> AsyncIterator[Recorder]:
    async with connect(f"ws://127.0.0.1:{relay.port}/ws/audio-stream", compression=None) as socket:
        yield Recorder(socket)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture
async def place(start_relay: StartRelay, folder: Path) -> Relay:
    return await start_relay(recordings=str(folder))


async def test_pcm_becomes_the_file_that_the_reply_names(place: Relay, folder: Path) -> None:
    async with recording(place) as client:
        started = await client.reply_to("START_RECORDING")
        assert re.fullmatch(r"Started new recording session: [0-9a-f]{32}", started)
        await client.send(*[CHUNK] * 25)
        assert [await client.reply(), await client.reply()] == ["Received 10 chunks", "Received 20 chunks"]
        await client.send("STOP_RECORDING")
        name, session, length = await client.saved()
        assert started.endswith(session)
        assert (folder / name).stat().st_size == length
        assert sound_of(folder / name) == CHUNK * 25
        assert files(folder) == [folder / name]


async def test_webm_becomes_a_real_wav_file(place: Relay, folder: Path) -> None:
    async with recording(place) as client:
        await client.send("START_RECORDING", *webm(), "STOP_RECORDING")
        name, _, _ = await client.saved()
    assert seconds(len(sound_of(folder / name))) == pytest.approx(RECORDED_SECONDS, abs=0.01)


async def test_one_connection_makes_one_recording_after_the_other(place: Relay, folder: Path) -> None:
    async with recording(place) as client:
        names = set()
        for sent in ([CHUNK], webm(), [CHUNK, CHUNK], webm()):
            await client.send("START_RECORDING", *sent, "STOP_RECORDING")
            names.add((await client.saved())[0])
    assert len(names) == 4
    assert {path.name for path in files(folder)} == names


async def test_audio_before_any_command_is_recorded(place: Relay, folder: Path) -> None:
    """A client that was told of no commands loses nothing, and a START that comes late begins no second file."""
    async with recording(place) as client:
        started = await client.reply_to(CHUNK)
        assert await client.reply_to("START_RECORDING") == started
        await client.send(CHUNK, "STOP_RECORDING")
        name, session, _ = await client.saved()
    assert started == f"Started new recording session: {session}"
    assert sound_of(folder / name) == CHUNK * 2


async def test_a_second_start_saves_what_came_and_goes_on(place: Relay, folder: Path) -> None:
    first, *rest = webm()
    async with recording(place) as client:
        await client.send("START_RECORDING", CHUNK, first, "START_RECORDING", *rest, "STOP_RECORDING")
        names = [(await client.saved())[0], (await client.saved())[0]]
    assert len(set(names)) == 2
    total = sum(len(sound_of(folder / name)) for name in names)
    assert seconds(total - len(CHUNK)) == pytest.approx(RECORDED_SECONDS, abs=0.01), "the recorder went on"


async def test_a_start_without_sound_since_the_last_makes_no_file(place: Relay, folder: Path) -> None:
    async with recording(place) as client:
        started = await client.reply_to("START_RECORDING")
        assert await client.reply_to("START_RECORDING") == started
        assert await client.reply_to("STOP_RECORDING") == "No audio data received"
        assert await client.reply_to("STOP_RECORDING") == "No audio data received"
    assert files(folder) == []


async def test_nothing_is_recorded_after_the_stop(place: Relay, folder: Path) -> None:
    async with recording(place) as client:
        await client.send("START_RECORDING", CHUNK, "STOP_RECORDING")
        await client.saved()
        assert await client.reply_to(CHUNK) == "Not recording: send START_RECORDING first"
        await client.send(CHUNK)
        assert (await client.reply_to("START_RECORDING")).startswith("Started")
        await client.send("STOP_RECORDING")
        assert await client.reply() == "No audio data received"
    assert len(files(folder)) == 1


@pytest.mark.parametrize("command", ["start_recording", "", "PAUSE", "x" * 5000])
async def test_an_unknown_command_changes_nothing(place: Relay, command: str) -> None:
    async with recording(place) as client:
        await client.reply_to("START_RECORDING")
        assert await client.reply_to(command) == f"Unknown command: {command[:100]}"
        await client.send(CHUNK, " STOP_RECORDING\n")
        await client.saved()


async def test_a_disconnect_without_stop_keeps_what_came(place: Relay, folder: Path, until: Until) -> None:
    async with recording(place) as client:
        await client.send("START_RECORDING", *webm(), *[b""] * 6)
        assert (await client.reply()).startswith("Started")
        assert await client.reply() == "Received 10 chunks"
        client.socket.transport.abort()
    await until(lambda: files(folder, "*.wav"))
    (path,) = files(folder)
    assert seconds(len(sound_of(path))) == pytest.approx(RECORDED_SECONDS, abs=0.01)


async def test_a_relay_that_stops_keeps_what_came(start_relay: StartRelay, folder: Path) -> None:
    relay = await start_relay(recordings=str(folder))
    async with recording(relay) as client:
        await client.reply_to("START_RECORDING")
        await client.send(*[CHUNK] * 10)
        assert await client.reply() == "Received 10 chunks"
        await relay.stop()
    (path,) = files(folder)
    assert sound_of(path) == CHUNK * 10


async def test_a_relay_that_is_killed_keeps_what_came(
    start_relay: StartRelay, folder: Path, until: Until, records: list[dict[str, Any]]
) -> None:
    settings = {"RELAY_PORT": "0", "RELAY_STT": "scripted", "RELAY_TTS": "none"}
    killed = Process("relay", ROOT, **settings, RELAY_RECORDINGS=str(folder))
    try:
        port = await asyncio.to_thread(killed.port)
        async with connect(f"ws://127.0.0.1:{port}/ws/audio-stream") as socket:
            await socket.send("START_RECORDING")
            for _ in range(50):
                await socket.send(CHUNK)
            await until(
                lambda: [path for path in files(folder) if path.stat().st_size > 4 * BYTES_PER_SECOND]
            )
            killed.send_signal(signal.SIGKILL)
            await socket.wait_closed()
    finally:
        await asyncio.to_thread(killed.kill)
    (part,) = files(folder)
    assert part.suffix == ".part"
    await start_relay(recordings=str(folder))
    (path,) = files(folder)
    sound = sound_of(path)
    assert sound == (CHUNK * 50)[: len(sound)]
    assert seconds(len(sound)) >= 4
    assert records.pop()["event"] == "recording was left unfinished; what came is kept"


async def test_bad_audio_is_told_and_left_out(place: Relay, folder: Path) -> None:
    async with recording(place) as client:
        await client.reply_to("START_RECORDING")
        assert (await client.reply_to(b"odd")).startswith("Error: A piece of 3 bytes")
        await client.send(CHUNK, "STOP_RECORDING")
        name, _, _ = await client.saved()
    assert sound_of(folder / name) == CHUNK


async def test_the_middle_of_a_recording_is_told_and_no_noise(place: Relay, folder: Path) -> None:
    async with recording(place) as client:
        await client.reply_to("START_RECORDING")
        assert "start it again" in await client.reply_to(*webm()[1:])
        assert await client.reply_to("STOP_RECORDING") == "No audio data received"


async def test_an_hour_is_cut_and_the_next_file_goes_on_with_the_next_sample(
    place: Relay, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "MAX_SOUND_BYTES", 7_000)
    sent = bytes(range(250)) * 64
    async with recording(place) as client:
        await client.reply_to("START_RECORDING")
        await client.send(sent, "STOP_RECORDING")
        names = [(await client.saved())[0] for _ in range(3)]
    assert len(set(names)) == 3
    starts = [reply for reply in client.replies if reply.startswith("Started")]
    order = {session.rpartition(" ")[2]: number for number, session in enumerate(starts)}
    names.sort(key=lambda name: order[name.split("_")[2]])
    assert b"".join(sound_of(folder / name) for name in names) == sent


async def test_what_a_client_may_send_for_one_file_is_bounded_too(
    place: Relay, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "MAX_RECEIVED_BYTES", 2 * len(CHUNK))
    async with recording(place) as client:
        await client.send("START_RECORDING", *[CHUNK] * 3, "STOP_RECORDING")
        names = [(await client.saved())[0] for _ in range(2)]
    assert sorted(len(sound_of(folder / name)) for name in names) == [len(CHUNK), 2 * len(CHUNK)]


async def test_a_full_disk_is_told_once_and_what_came_is_kept(
    place: Relay, folder: Path, monkeypatch: pytest.MonkeyPatch, records: list[dict[str, Any]], until: Until
) -> None:
    async with recording(place) as client:
        await client.reply_to("START_RECORDING")
        await client.send(*[CHUNK] * 20)
        await until(lambda: [path for path in files(folder) if path.stat().st_size > 44])
        monkeypatch.setattr(recording_file, "MIN_FREE_BYTES", 1 << 62)
        await client.send(*[CHUNK] * 20)
        await until(lambda: records)
        await client.send(*[CHUNK] * 9, "STOP_RECORDING")
        name, _, _ = await client.saved()
    assert [reply for reply in client.replies if reply.startswith("Error")] == [
        "Error: The recording cannot be written down any more; what came before is kept."
    ]
    assert sound_of(folder / name) == CHUNK * 20
    records.clear()


async def test_when_all_places_are_taken_the_client_is_told_and_let_go(
    place: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "MAX_OPEN", 1)
    async with recording(place) as first, recording(place) as second:
        await first.reply_to("START_RECORDING")
        assert (await second.reply_to("START_RECORDING")).startswith("Error: Too many recordings")
        await second.socket.wait_closed()
        assert (second.socket.close_code, second.socket.close_reason) == (1013, "at_capacity")


async def test_two_clients_record_apart(place: Relay, folder: Path) -> None:
    async with recording(place) as first, recording(place) as second:
        await asyncio.gather(first.reply_to("START_RECORDING"), second.reply_to("START_RECORDING"))
        for _ in range(5):
            await first.send(b"aa" * 800)
            await second.send(b"bb" * 800)
        await asyncio.gather(first.send("STOP_RECORDING"), second.send("STOP_RECORDING"))
        names = [(await client.saved())[0] for client in (first, second)]
    assert [sound_of(folder / name) for name in names] == [b"aa" * 4000, b"bb" * 4000]


async def test_recordings_go_to_a_bucket_and_a_bucket_away_is_told(
    bare_aws: None, start_relay: StartRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    await asyncio.to_thread(server.start)
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    try:
        relay = await start_relay(recordings="s3://voices/of/people")
        async with aioboto3.Session().client("s3", region_name="us-east-1") as s3, recording(relay) as client:
            await client.send("START_RECORDING", CHUNK, "STOP_RECORDING")
            missing, _, _ = await client.saved()
            assert client.replies[-1].endswith("could not be uploaded and is tried again later")
            assert sound_of(tmp_path / "uploads" / "unsent" / missing) == CHUNK
            await s3.create_bucket(Bucket="voices")
            await client.send("START_RECORDING", *[CHUNK] * 2, "STOP_RECORDING")
            name, _, length = await client.saved()
            assert client.replies[-1].endswith(" bytes)")
            found = await s3.get_object(Bucket="voices", Key=f"of/people/{name}")
            assert found["ContentType"] == "audio/wav"
            async with found["Body"] as body:  # unread, it would keep its connection
                assert len(await body.read()) == length
    finally:
        await asyncio.to_thread(server.stop)


async def test_recordings_are_not_served(place: Relay) -> None:
    async with recording(place) as client:
        await client.send(CHUNK, "STOP_RECORDING")
        name, _, _ = await client.saved()
    for path in (f"/uploads/{name}", f"/{name}", f"/../uploads/{name}"):
        reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert (await reader.read()).startswith(b"HTTP/1.1 404")
        writer.close()
        await writer.wait_closed()
