"""Recordings on a real disk: nothing that came is lost, whatever fails."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from protocol.audio import BYTES_PER_SECOND
from protocol.errors import AtCapacity
from relay import recording_file, recordings
from relay.recording_file import RecordingFile
from tests.relay.conftest import Until
from tests.relay.recorded_files import PCM, files, finished, running, sound_of


async def test_a_recording_becomes_a_wav_file_named_as_before(tmp_path: Path) -> None:
    folder = tmp_path / "some" / "uploads"
    async with running(folder) as place:
        recording = place.begin()
        assert not folder.exists(), "the folder is made for sound, not for a start"
        for _ in range(5):
            recording.add(PCM)
        file = await finished(recording)
    assert file.path.parent == folder
    name, seconds = file.name.removesuffix(".wav").rsplit("_", 1)
    assert name == f"streamed_audio_{recording.id}"
    assert abs(time.time() - int(seconds)) < 60
    assert file.bytes == file.path.stat().st_size == 44 + 5 * len(PCM)
    assert sound_of(file.path) == PCM * 5
    assert files(folder) == [file.path]
    assert file.path.stat().st_mode & 0o077 == 0, "what people said is not for the other users of the machine"


async def test_a_recording_without_sound_leaves_no_file(tmp_path: Path) -> None:
    async with running(tmp_path / "uploads") as place:
        assert await place.begin().finish() is None
    assert not (tmp_path / "uploads").exists()


async def test_names_cannot_be_guessed(tmp_path: Path) -> None:
    async with running(tmp_path) as place:
        ids = {place.begin().id for _ in range(50)}
    assert len(ids) == 50
    assert {len(bytes.fromhex(id)) for id in ids} == {16}


async def test_what_is_on_the_disk_is_a_wav_file_at_any_time(tmp_path: Path, until: Until) -> None:
    async with running(tmp_path) as place:
        recording = place.begin()
        recording.add(PCM * 4)
        await until(lambda: files(tmp_path))
        (part,) = files(tmp_path)
        await until(lambda: part.stat().st_size == 44 + 4 * len(PCM))
        assert sound_of(part) == PCM * 4
        await recording.finish()


KILLED = """
import os, sys, time
from pathlib import Path
from relay.recording_file import RecordingFile
file = RecordingFile(Path(sys.argv[1]))
file.append(b"ab" * 8000)
os.pwrite(file._file.fileno(), b"cut off", 44 + 16000)  # before its header was written
print("written", flush=True)
time.sleep(60)
"""


@pytest.fixture
def killed_relay(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in the middle of `streamed_audio_ab_17.wav`."""
    command = [sys.executable, "-c", KILLED, str(tmp_path / "streamed_audio_ab_17.wav.part")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        yield process
        process.kill()


async def test_what_a_killed_relay_left_is_finished_at_the_next_start(
    tmp_path: Path, killed_relay: subprocess.Popen[str], records: list[dict[str, Any]]
) -> None:
    part = tmp_path / "streamed_audio_ab_17.wav.part"
    async with running(tmp_path):
        assert part.exists(), "the other relay is still writing it"
    killed_relay.kill()
    killed_relay.wait()
    async with running(tmp_path):
        assert sound_of(tmp_path / "streamed_audio_ab_17.wav") == b"ab" * 8000 + b"cut of"
    assert not part.exists()
    assert [record["event"] for record in records] == ["recording was left unfinished; what came is kept"]


async def test_an_empty_left_over_is_removed(tmp_path: Path) -> None:
    (tmp_path / "a.wav.part").write_bytes(b"")
    (tmp_path / "b.wav.part").write_bytes(b"RIFF")
    async with running(tmp_path):
        assert files(tmp_path) == []


async def test_a_left_over_that_cannot_be_read_stops_nothing(
    tmp_path: Path, records: list[dict[str, Any]]
) -> None:
    (tmp_path / "a.wav.part").mkdir()
    (tmp_path / "b.wav.part").write_bytes(bytes(44) + b"xy")
    async with running(tmp_path):
        assert sound_of(tmp_path / "b.wav") == b"xy"
    assert records[0]["event"] == "recording cannot be finished"


async def test_a_full_disk_keeps_what_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Until, records: list[dict[str, Any]]
) -> None:
    async with running(tmp_path) as place:
        recording = place.begin()
        recording.add(PCM * 2)
        await until(lambda: [part for part in files(tmp_path) if part.stat().st_size > 44])
        pwrite = os.pwrite

        def full(descriptor: int, data: memoryview, at: int) -> int:
            """A disk with room for 100 bytes more."""
            if at >= 44 + 2 * len(PCM) + 100:
                raise OSError(errno.ENOSPC, "No space left on device")
            return pwrite(descriptor, data[:100], at)

        monkeypatch.setattr(os, "pwrite", full)
        recording.add(PCM * 2)
        await until(lambda: recording.failure)
        assert recording.failure is not None
        assert recording.failure.code == "store_unavailable"
        recording.add(PCM)
        assert recording.room() is None
        file = await finished(recording)
    assert sound_of(file.path) == (PCM * 3)[: 2 * len(PCM) + 100]
    assert records.pop()["event"] == "recording cannot be written"


async def test_some_of_the_disk_is_left_to_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(recording_file, "MIN_FREE_BYTES", 1 << 62)
    async with running(tmp_path) as place:
        recording = place.begin()
        recording.add(PCM)
        assert await recording.finish() is None
        assert recording.failure is not None
    assert files(tmp_path) == []
    assert records.pop()["cause"] == "No space left on device"


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    (tmp_path / "uploads").write_text("a file")
    async with running(tmp_path / "uploads") as place:
        recording = place.begin()
        recording.add(PCM)
        assert await recording.finish() is None
        assert recording.failure is not None
    records.clear()


async def test_a_disk_that_hangs_holds_up_its_recording_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Until, records: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(recordings, "DISK_SECONDS", 1.0)
    append = RecordingFile.append
    goes_on, is_back = threading.Event(), threading.Event()

    def hang(file: RecordingFile, pcm: bytes) -> None:
        if pcm.startswith(b"\xff"):
            goes_on.wait(60)
            append(file, pcm)
        else:
            append(file, pcm)

    let_go = RecordingFile.close

    def come_back(file: RecordingFile) -> None:
        let_go(file)
        is_back.set()

    monkeypatch.setattr(RecordingFile, "append", hang)
    monkeypatch.setattr(RecordingFile, "close", come_back)
    async with running(tmp_path) as place:
        stuck, other = place.begin(), place.begin()
        stuck.add(b"\xff\xff" * BYTES_PER_SECOND)
        other.add(PCM)
        await until(lambda: stuck.failure)
        assert await stuck.finish() is None
        assert sound_of((await finished(other)).path) == PCM
        goes_on.set()
        assert await asyncio.to_thread(is_back.wait, 30)
        (part,) = files(tmp_path, "*.part")
    records.clear()
    async with running(tmp_path):
        assert sound_of(part.with_suffix("")) == b"\xff\xff" * BYTES_PER_SECOND
    records.clear()


async def test_a_slow_disk_pushes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "MAX_WAITING_BYTES", 3 * BYTES_PER_SECOND)
    async with running(tmp_path) as place:
        recording = place.begin()
        recording.add(PCM * 3)
        assert recording.room() is None
        recording.add(PCM)
        room = recording.room()
        assert room is not None
        await room
        assert recording.room() is None
        assert sound_of((await finished(recording)).path) == PCM * 4


async def test_a_burst_past_all_bounds_fails_with_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Until, records: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(recordings, "MAX_BURST_BYTES", 3 * BYTES_PER_SECOND)
    async with running(tmp_path) as place:
        recording = place.begin()
        recording.add(PCM * 2)
        await until(lambda: recording._writer is None)
        recording.add(PCM * 4)
        assert recording.failure is not None
        assert sound_of((await finished(recording)).path) == PCM * 2
    records.clear()


async def test_recordings_at_once_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "MAX_OPEN", 2)
    async with running(tmp_path) as place:
        first, _ = place.begin(), place.begin()
        with pytest.raises(AtCapacity):
            place.begin()
        await first.finish()
        place.begin()
