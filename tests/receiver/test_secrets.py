"""Where a deployer keeps users' tokens: each user gets their own; a store that is away is told from an empty one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aioboto3
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from protocol.errors import SecretsUnavailable, SettingsError
from protocol.settings import load
from receiver.secrets import open_secrets
from receiver.secrets.aws import SecretsManager
from receiver.secrets.cached import CachedSecrets
from receiver.secrets.folder import FolderSecrets
from receiver.secrets.naming import name_of
from receiver.secrets.secret_store import NoSecrets, OnePersonsSecret
from receiver.settings import ReceiverSettings
from tests.emulators.fixtures import bare_aws

__all__ = ["bare_aws"]

TOKEN = "up:yeah:sam"


@pytest.fixture
def records() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as logs:
        yield logs


def put(folder: Path, name: str, text: str | bytes = TOKEN) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


async def value(store: Any, user: str, service: str = "bank") -> str | None:
    secret: SecretStr | None = await store.find(service, user)
    return None if secret is None else secret.get_secret_value()


# Names


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ("ann@example.com", "bank/ann@example.com"),
        ("auth0|7", "bank/auth0=7C7"),
        ("..", "bank/=2E."),
        (".hidden", "bank/=2Ehidden"),
        ("../bank/sam", "bank/=2E.=2Fbank=2Fsam"),
        ("a=b", "bank/a=3Db"),
        ("Zoë", "bank/Zo=C3=AB"),
    ],
)
def test_a_users_id_becomes_a_name_that_stays_in_its_place(user: str, name: str) -> None:
    assert name_of("bank", user) == name


@pytest.mark.parametrize("service", ["", "..", "a/b", "Bank", "bank/", "bänk", "b" * 33])
def test_a_service_is_a_plain_word(service: str) -> None:
    with pytest.raises(ValueError, match="not a service"):
        name_of(service, "sam")


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80))
def test_no_two_users_have_the_same_name_and_none_leaves_its_folder(user: str, other: str) -> None:
    name = name_of("bank", user)
    assert (name == name_of("bank", other)) is (user == other)
    assert name.count("/") == 1
    assert name.isascii()
    assert len(name) <= 205
    assert not name.removeprefix("bank/").startswith(".")


def test_a_long_name_is_a_digest_that_nobody_else_can_be_called() -> None:
    name = name_of("bank", "語" * 80)
    assert name.startswith("bank/==")
    assert name_of("bank", name.removeprefix("bank/")).startswith("bank/=3D=3D")


# A folder


async def test_each_user_has_the_file_of_their_name(tmp_path: Path) -> None:
    put(tmp_path, "bank/sam", f"  {TOKEN}\r\n")
    put(tmp_path, "bank/ann@example.com", "up:yeah:ann")
    put(tmp_path, "bank/auth0=7C7", "up:yeah:seven")
    put(tmp_path, "bank-webhook/sam", "a webhook's")
    put(tmp_path, "bank/empty", " \n")
    store = FolderSecrets(tmp_path)
    assert await value(store, "sam") == TOKEN
    assert await value(store, "ann@example.com") == "up:yeah:ann"
    assert await value(store, "auth0|7") == "up:yeah:seven"
    assert await value(store, "sam", "bank-webhook") == "a webhook's"
    for nobody in ("robin", "empty", "../bank/sam", "sam/x", ".", ".."):
        assert await value(store, nobody) is None
    assert await value(store, "sam", "weather") is None


async def test_a_file_that_changes_is_read_anew(tmp_path: Path) -> None:
    file = put(tmp_path, "bank/sam")
    store = FolderSecrets(tmp_path)
    assert await value(store, "sam") == TOKEN
    file.write_text("up:yeah:new")
    assert await value(store, "sam") == "up:yeah:new"


async def test_the_links_that_kubernetes_makes_are_followed(tmp_path: Path) -> None:
    """A volume of a Secret: its keys are links into `..data`, itself a link to the folder of this version."""
    volume = tmp_path / "secrets"
    put(volume, "..2026_11_21_08_30/bank/sam")
    put(volume, "..2026_11_21_08_30/plain", "up:yeah:plain")
    (volume / "..data").symlink_to("..2026_11_21_08_30")
    (volume / "bank").symlink_to("..data/bank")
    mounted = tmp_path / "elsewhere"
    mounted.symlink_to(volume)
    assert await value(FolderSecrets(mounted), "sam") == TOKEN


@pytest.mark.parametrize("target", ["../../outside/sam", "absolute", "/etc/hostname"])
async def test_no_link_leads_out_of_the_folder(tmp_path: Path, target: str, records: list[Any]) -> None:
    outside = put(tmp_path, "outside/sam")
    folder = tmp_path / "secrets"
    put(folder, "bank/robin")
    (folder / "bank/sam").symlink_to(outside if target == "absolute" else target)
    with pytest.raises(SecretsUnavailable) as caught:
        await FolderSecrets(folder).find("bank", "sam")
    assert caught.value.__context__ is None
    assert records == [
        {
            "event": "secrets_unavailable",
            "service": "bank",
            "cause": "PermissionError",
            "log_level": "warning",
        }
    ]


async def test_what_cannot_be_read_is_not_the_same_as_what_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    put(folder, "bank/latin", "é".encode("latin-1"))
    put(folder, "bank/long", "x" * 4097)
    (folder / "bank/folder").mkdir()
    os.mkfifo(folder / "bank/pipe")
    store = FolderSecrets(folder)
    for user in ("latin", "long", "folder", "pipe"):
        with pytest.raises(SecretsUnavailable) as caught:
            await store.find("bank", user)
        assert user not in str(caught.value)
    folder.rename(tmp_path / "gone")
    with pytest.raises(SecretsUnavailable):
        await store.find("bank", "sam")


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


# The settings


async def opened(tmp_path: Path, **settings: Any) -> Any:
    loaded = load(ReceiverSettings, {}, database_url=f"sqlite:///{tmp_path}/x", **settings)
    return await open_secrets(loaded.secrets, loaded.bank_token)


async def test_the_setting_says_where(tmp_path: Path) -> None:
    put(tmp_path, "bank/sam")
    assert isinstance(await opened(tmp_path), NoSecrets)
    assert await value(await opened(tmp_path), "sam") is None
    assert await value(await opened(tmp_path, secrets=f"folder:{tmp_path}"), "sam") == TOKEN
    mine = await opened(tmp_path, bank_token="up:yeah:mine")
    assert isinstance(mine, OnePersonsSecret)
    assert [await value(mine, user) for user in ("anybody", "session:s-1")] == ["up:yeah:mine"] * 2
    assert await value(mine, "anybody", "bank-webhook") is None


@pytest.mark.parametrize(
    "place", ["", "folder", "folder:", "vault:x", "secretsmanager:", "secretsmanager:a b"]
)
async def test_a_place_that_is_none_is_named(tmp_path: Path, place: str) -> None:
    with pytest.raises(SettingsError, match=r"RECEIVER_SECRETS=.*folder:PATH or secretsmanager:PREFIX"):
        await opened(tmp_path, secrets=place)


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    put(tmp_path, "file")
    for name in ("nowhere", "file"):
        with pytest.raises(SettingsError, match=f"RECEIVER_SECRETS=folder:{tmp_path}/{name}: "):
            await opened(tmp_path, secrets=f"folder:{tmp_path}/{name}")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"bank_token": "t", "secrets": "folder:/tmp"}, "for one person alone"),
        ({"bank_token": "t", "host": "0.0.0.0"}, "set RECEIVER_TOKEN"),
        ({"bank_webhook_port": 0}, "needs RECEIVER_SECRETS"),
        ({"hook_secret": "x"}, "RECEIVER_HOOK_URL, which is not set"),
        ({"hook_url": "http://hooks.example/x"}, "https://HOST/PATH"),
        ({"bank_url": "http://bank.example"}, "https://HOST/PATH"),
        ({"bank_url": "nonsense"}, "https://HOST/PATH"),
    ],
    ids=str,
)
async def test_settings_that_do_not_go_together_are_named(
    tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        await opened(tmp_path, **settings)


async def test_settings_show_no_secret(tmp_path: Path) -> None:
    settings = load(
        ReceiverSettings,
        {},
        bank_token=TOKEN,
        hook_url="https://h.example/",
        hook_secret="a hook's",
        host="127.0.0.1",
    )
    assert "yeah" not in repr(settings) + str(settings)
    assert "a hook's" not in repr(settings)
    with pytest.raises(SettingsError) as caught:
        load(ReceiverSettings, {}, bank_token="yeah" * 200)
    assert "yeah" not in caught.value.message
