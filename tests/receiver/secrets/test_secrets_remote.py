"""Users' tokens in AWS Secrets Manager, and in memory for a while: many requests are one, and none waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aioboto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from protocol.errors import SecretsUnavailable, SettingsError
from protocol.settings import load
from receiver.secrets import open_secrets
from receiver.secrets.aws import SecretsManager
from receiver.secrets.cached import CachedSecrets
from receiver.settings import ReceiverSettings
from tests.receiver.secrets.sams_token import TOKEN, value

# AWS Secrets Manager


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
async def account(bare_aws: None, moto: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """A client of the deployer's account."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", moto)
    async with aioboto3.Session().client("secretsmanager") as client:
        yield client


async def test_each_user_has_the_secret_of_their_name(account: Any, tmp_path: Path) -> None:
    secrets = {"bank/sam": TOKEN, "bank/ann@example.com": "up:yeah:ann\n", "bank/auth0=7C7": "up:yeah:seven"}
    for name, text in secrets.items():
        await account.create_secret(Name=f"voice/prod/{name}", SecretString=text)
    await account.create_secret(Name="voice/prod/bank/gone", SecretString="x")
    await account.delete_secret(SecretId="voice/prod/bank/gone")
    await account.create_secret(Name="voice/prod/bank/binary", SecretBinary=b"x")
    settings = load(
        ReceiverSettings, {}, secrets="secretsmanager:voice/prod/", database_url=f"sqlite:///{tmp_path}/x"
    )
    store = await open_secrets(settings.secrets, settings.bank_token)
    try:
        assert [await value(store, user) for user in ("sam", "ann@example.com", "auth0|7", "robin", "gone")] == [
            TOKEN, "up:yeah:ann", "up:yeah:seven", None, None,
        ]  # fmt: skip
        with pytest.raises(SecretsUnavailable):
            await store.find("bank", "binary")
    finally:
        await store.aclose()


async def test_an_account_that_is_away_or_refuses_is_said(
    account: Any, monkeypatch: pytest.MonkeyPatch, records: list[Any]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1")
    store = await SecretsManager.open("voice", attempts=1)
    try:
        with pytest.raises(SecretsUnavailable) as caught:
            await store.find("bank", "sam")
        assert caught.value.__context__ is None
    finally:
        await store.aclose()
    (record,) = records
    assert (record["event"], record["cause"]) == ("secrets_unavailable", "EndpointConnectionError")
    assert "sam" not in str(record)


async def test_without_a_region_the_setting_is_named(bare_aws: None) -> None:
    with pytest.raises(SettingsError, match=r"RECEIVER_SECRETS=secretsmanager:voice: AWS settings: .*region"):
        await SecretsManager.open("voice")


# In memory


class CountingStore:
    """Answers as told, when it is let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.secrets = {"sam": SecretStr(TOKEN)}
        self.ready = asyncio.Event()
        self.ready.set()
        self.away = False
        self.closed = False

    async def find(self, service: str, user: str) -> SecretStr | None:
        self.asked.append(user)
        await self.ready.wait()
        if self.away:
            raise SecretsUnavailable
        return self.secrets.get(user)

    async def aclose(self) -> None:
        self.closed = True


async def test_what_was_found_is_asked_for_once_and_what_was_not_is_soon_asked_again() -> None:
    store = CountingStore()
    cached = CachedSecrets(store, kept_seconds=60, absent_seconds=0)
    for _ in range(3):
        assert await value(cached, "sam") == TOKEN
        assert await value(cached, "robin") is None
    assert store.asked == ["sam", "robin", "robin", "robin"]
    store.secrets["robin"] = SecretStr("new")
    assert await value(cached, "robin") == "new"
    await cached.aclose()
    assert store.closed


async def test_a_secret_that_was_replaced_is_found_when_its_time_is_over() -> None:
    store = CountingStore()
    cached = CachedSecrets(store, kept_seconds=0)
    assert await value(cached, "sam") == TOKEN
    store.secrets["sam"] = SecretStr("new")
    assert await value(cached, "sam") == "new"


async def test_many_who_ask_at_once_make_one_request_which_outlives_whoever_was_first() -> None:
    store = CountingStore()
    store.ready.clear()
    cached = CachedSecrets(store)
    first, *others = [asyncio.create_task(cached.find("bank", "sam")) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    store.ready.set()
    assert {secret.get_secret_value() for secret in await asyncio.gather(*others) if secret} == {TOKEN}
    assert store.asked == ["sam"]
    assert first.cancelled()


async def test_a_failure_is_not_remembered() -> None:
    store = CountingStore()
    store.away = True
    cached = CachedSecrets(store)
    for _ in range(2):
        with pytest.raises(SecretsUnavailable):
            await cached.find("bank", "sam")
    store.away = False
    assert await value(cached, "sam") == TOKEN


async def test_a_store_that_does_not_answer_is_given_up(records: list[Any]) -> None:
    store = CountingStore()
    store.ready.clear()
    cached = CachedSecrets(store, find_seconds=0.02)
    with pytest.raises(SecretsUnavailable):
        await cached.find("bank", "sam")
    assert records[0]["cause"] == "time-out"


async def test_what_is_kept_is_bounded() -> None:
    store = CountingStore()
    cached = CachedSecrets(store, max_kept=2)
    for user in ("sam", "a", "sam", "b", "sam"):
        await cached.find("bank", user)
    assert store.asked == ["sam", "a", "b"]
    await cached.find("bank", "a")
    assert store.asked[-1] == "a"


async def test_nothing_is_left_when_it_is_closed_in_the_middle() -> None:
    store = CountingStore()
    store.ready.clear()
    cached = CachedSecrets(store)
    asking = asyncio.create_task(cached.find("bank", "sam"))
    await asyncio.sleep(0.01)
    await cached.aclose()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert "sam" not in repr(vars(cached))
