"""Where a deployer keeps users' tokens is a setting; one that cannot be is named, and none shows a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from protocol.errors import SettingsError
from protocol.settings import load
from receiver.secrets import open_secrets
from receiver.secrets.secret_store import NoSecrets, OnePersonsSecret
from receiver.settings import ReceiverSettings
from tests.receiver.secrets.sams_token import TOKEN, put, value


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
