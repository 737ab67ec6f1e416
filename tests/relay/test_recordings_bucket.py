"""Recordings in a real bucket of moto's: what it does not take stays here until it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aioboto3
import pytest
from moto.server import ThreadedMotoServer

from protocol.errors import SettingsError
from relay import recording_bucket
from relay.recording_bucket import RecordingBucket
from relay.recordings import Finished, Recordings, make_recordings
from relay.settings import RelaySettings
from tests.emulators import fixtures
from tests.emulators.access_keys import ACCESS_KEY_ID, SECRET
from tests.relay.conftest import Until
from tests.relay.recorded_files import PCM, files, finished, running, sound_of

bare_aws = fixtures.bare_aws

SMALLEST_PART = 5 * 1024 * 1024
"""Of an upload in parts."""


@pytest.fixture(scope="module")
def moto_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
async def s3(bare_aws: None, moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """A client of moto's S3, which the relay is pointed to as well."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto_endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    async with aioboto3.Session().client("s3", region_name="eu-west-1") as client:
        yield client


@pytest.fixture
async def bucket(s3: Any, request: pytest.FixtureRequest) -> str:
    """A bucket of the test's own."""
    name = f"recordings-{abs(hash(request.node.name))}"
    await s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return name


async def objects(s3: Any, bucket: str) -> dict[str, bytes]:
    listed = (await s3.list_objects_v2(Bucket=bucket)).get("Contents", [])
    found = {}
    for entry in listed:
        body = (await s3.get_object(Bucket=bucket, Key=entry["Key"]))["Body"]
        async with body:
            found[entry["Key"]] = await body.read()
    return found


async def stored(place: Recordings, file: Finished) -> bool:
    done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    place.store(file, lambda same, sent: done.set_result(sent and same is file))
    async with asyncio.timeout(30):
        return await done


@pytest.mark.parametrize("seconds", [3, 170], ids=["in one piece", "in parts"])
async def test_a_recording_goes_to_the_bucket(
    tmp_path: Path, s3: Any, bucket: str, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_bucket, "PART_BYTES", SMALLEST_PART)
    async with running(tmp_path, RecordingBucket(bucket, "/voices/", "eu-west-1")) as place:
        recording = place.begin()
        for _ in range(seconds):
            recording.add(PCM)
            if (room := recording.room()) is not None:
                await room
        file = await finished(recording)
        assert await stored(place, file)
    ((key, body),) = (await objects(s3, bucket)).items()
    assert key == f"voices/{file.name}"
    assert len(body) == file.bytes
    (tmp_path / "fetched.wav").write_bytes(body)
    assert sound_of(tmp_path / "fetched.wav") == PCM * seconds
    assert not file.path.exists(), "it is in one place, not in two"


async def test_a_bucket_that_fails_keeps_the_file_here_until_the_next_start(
    tmp_path: Path, s3: Any, bucket: str, until: Until, records: list[dict[str, Any]]
) -> None:
    async with running(tmp_path, RecordingBucket("nowhere-to-be-found", "", "eu-west-1")) as place:
        recording = place.begin()
        recording.add(PCM)
        file = await finished(recording)
        assert not await stored(place, file)
    assert sound_of(file.path) == PCM
    assert records[0]["cause"] == "NoSuchBucket"
    async with running(tmp_path, RecordingBucket(bucket, "", "eu-west-1")):
        await until(lambda: not file.path.exists())
    assert list(await objects(s3, bucket)) == [file.name]


async def test_what_a_bucket_did_not_take_goes_after_the_next_file_that_it_takes(
    tmp_path: Path, s3: Any, bucket: str, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = RecordingBucket(bucket, "", "eu-west-1")
    async with running(tmp_path, sink) as place:

        async def made() -> Finished:
            recording = place.begin()
            recording.add(PCM)
            return await finished(recording)

        with monkeypatch.context() as away:
            away.setattr(sink, "_bucket", "nowhere-to-be-found")
            kept = [await made(), await made()]
            assert [await stored(place, file) for file in kept] == [False, False]
        last = await made()
        assert await stored(place, last)
        await until(lambda: files(tmp_path) == [])
    assert set(await objects(s3, bucket)) == {file.name for file in [*kept, last]}


async def test_a_bucket_out_of_reach_is_tried_again_and_given_up(
    tmp_path: Path, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = 0

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal refused
        refused += 1
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
    async with server, running(tmp_path, RecordingBucket("b", "", "eu-west-1", attempts=2)) as place:
        recording = place.begin()
        recording.add(PCM)
        file = await finished(recording)
        assert not await stored(place, file)
    assert refused >= 2
    assert sound_of(file.path) == PCM


async def test_parts_of_a_failed_upload_are_not_left_to_be_paid_for(
    tmp_path: Path, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_bucket, "PART_BYTES", SMALLEST_PART // 100)
    async with running(tmp_path, RecordingBucket(bucket, "", "eu-west-1")) as place:
        recording = place.begin()
        recording.add(PCM * 3)
        file = await finished(recording)
        # S3 refuses parts that are too small when the upload is completed, and so does moto.
        assert not await stored(place, file)
    assert await objects(s3, bucket) == {}
    assert (await s3.list_multipart_uploads(Bucket=bucket)).get("Uploads", []) == []
    assert sound_of(file.path) == PCM * 3


# The setting


def place_of(value: str) -> Recordings:
    return make_recordings(RelaySettings(recordings=value))


@pytest.mark.parametrize("value", ["s3://", "s3:///prefix", "gs://bucket/x", "http://bucket"])
def test_a_place_that_is_none_stops_the_start(value: str) -> None:
    with pytest.raises(SettingsError, match="RELAY_RECORDINGS"):
        place_of(value)


@pytest.mark.parametrize("value", ["uploads", "/var/lib/recordings", "s3://bucket", "s3://bucket/a/b/"])
def test_a_folder_or_a_bucket_is_a_place(value: str) -> None:
    place_of(value)


async def test_a_region_that_is_none_stops_the_start(bare_aws: None, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        async with running(tmp_path, RecordingBucket("b", "", "eu west/1")):
            pass
