"""Vocabularies made in an account: moto's, and one whose vocabularies are slow, fail or are there already."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aioboto3
import pytest
from aiohttp import web
from moto.server import ThreadedMotoServer

from relay.vocabulary.__main__ import main
from relay.vocabulary.account import VocabularyFailed, make_vocabulary
from relay.vocabulary.table import HEADER
from tests.emulators.access_keys import ACCESS_KEY_ID, SECRET
from tests.emulators.http_emulator import HttpEmulator

REGION = "eu-west-1"
TABLE = f"{HEADER}quinoa\t\t\t\n"


class TranscribeAccount(HttpEmulator):
    """The calls of Transcribe that make vocabularies, and S3's PutObject. moto knows no UpdateVocabulary."""

    def __init__(self) -> None:
        super().__init__()
        self.vocabularies: dict[str, dict[str, Any]] = {}
        self.objects: dict[str, bytes] = {}
        self.states = ["PENDING", "PENDING", "READY"]
        """What a vocabulary goes through from one look at it to the next."""
        self.looks = 0

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_put("/{path:.*}", self._put)
        router.add_post("/", self._call)

    async def _put(self, request: web.Request) -> web.Response:
        self.objects[request.path] = await request.read()
        return web.Response()

    async def _call(self, request: web.Request) -> web.Response:
        action = request.headers["X-Amz-Target"].partition(".")[2]
        body = json.loads(await request.read())
        name = body["VocabularyName"]
        if action == "GetVocabulary":
            state = self.states[min(self.looks, len(self.states) - 1)]
            self.looks += 1
            why = {"FailureReason": "Row 2 holds a digit."} if state == "FAILED" else {}
            return _answer({"VocabularyName": name, "VocabularyState": state, **why})
        if (action == "CreateVocabulary") is (name in self.vocabularies):
            return _answer(
                {"__type": "ConflictException" if name in self.vocabularies else "NotFoundException"}, 400
            )
        self.vocabularies[name] = body
        return _answer({"VocabularyName": name, "VocabularyState": "PENDING"})


def _answer(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(body, status=status, content_type="application/x-amz-json-1.1")


@pytest.fixture
def aws(bare_aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setattr("relay.vocabulary.account.POLL_SECONDS", 0.01)


@pytest.fixture
async def account(aws: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TranscribeAccount]:
    async with TranscribeAccount() as account:
        monkeypatch.setenv("AWS_ENDPOINT_URL", account.endpoint)
        yield account


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


async def make(name: str = "food", **options: Any) -> None:
    defaults: dict[str, Any] = {
        "way": "create",
        "s3_address": "s3://words/food.txt",
        "language": "en-US",
        "region": REGION,
        "wait_seconds": 10,
    }
    await make_vocabulary(name, TABLE, **defaults | options)


async def test_a_vocabulary_is_made_and_waited_for(account: TranscribeAccount) -> None:
    await make()
    assert account.objects == {"/words/food.txt": TABLE.encode()}
    assert account.vocabularies == {
        "food": {
            "VocabularyName": "food",
            "LanguageCode": "en-US",
            "VocabularyFileUri": "s3://words/food.txt",
        }
    }
    assert account.looks == 3


async def test_one_that_is_there_is_changed_and_not_made_again(account: TranscribeAccount) -> None:
    await make()
    with pytest.raises(VocabularyFailed, match="'food' exists already; change it with --update"):
        await make()
    await make(way="update", s3_address="s3://words/more.txt")
    assert account.vocabularies["food"]["VocabularyFileUri"] == "s3://words/more.txt"
    with pytest.raises(VocabularyFailed, match="There is no vocabulary 'drinks'; make it with --create"):
        await make("drinks", way="update")


async def test_one_that_transcribe_cannot_make_says_why(account: TranscribeAccount) -> None:
    account.states = ["PENDING", "FAILED"]
    with pytest.raises(VocabularyFailed, match=r"could not make 'food': Row 2 holds a digit\."):
        await make()


async def test_nobody_waits_for_ever(account: TranscribeAccount) -> None:
    account.states = ["PENDING"]
    async with asyncio.timeout(30):
        with pytest.raises(VocabularyFailed, match=r"not ready after 0\.1 s"):
            await make(wait_seconds=0.1)


@pytest.mark.parametrize("address", ["food.txt", "https://words/food.txt", "s3://words", "s3:///food.txt"])
async def test_an_address_that_is_none_is_refused_before_anything_is_sent(
    account: TranscribeAccount, address: str
) -> None:
    with pytest.raises(VocabularyFailed, match="not of the form s3://BUCKET/KEY"):
        await make(s3_address=address)
    assert account.objects == {}


async def test_no_credentials_and_nobody_there_are_one_sentence(
    bare_aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(VocabularyFailed, match="AWS: Unable to locate credentials"):
        await make()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(VocabularyFailed, match="Could not connect"):
        await make()


async def test_moto_takes_the_same_calls(aws: None, moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    with pytest.raises(VocabularyFailed, match="bucket does not exist"):
        await make()
    session = aioboto3.Session()
    async with session.client("s3", region_name=REGION) as s3:
        await s3.create_bucket(Bucket="words", CreateBucketConfiguration={"LocationConstraint": REGION})
        await make()
        assert await (await s3.get_object(Bucket="words", Key="food.txt"))["Body"].read() == TABLE.encode()
    async with session.client("transcribe", region_name=REGION) as transcribe:
        made = await transcribe.get_vocabulary(VocabularyName="food")
    assert (made["VocabularyState"], made["LanguageCode"]) == ("READY", "en-US")


def test_the_command_makes_one_and_says_how_to_use_it(
    aws: None, moto: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)

    async def make_bucket() -> None:
        async with aioboto3.Session().client("s3", region_name=REGION) as s3:
            await s3.create_bucket(
                Bucket="by-command", CreateBucketConfiguration={"LocationConstraint": REGION}
            )

    asyncio.run(make_bucket())
    arguments = ["--create", "by-command", "--s3", "s3://by-command/table.txt"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == "Ready: RELAY_TRANSCRIBE_VOCABULARY=by-command\n"
    assert main(arguments) == 1
    assert "exists already" in capsys.readouterr().err
