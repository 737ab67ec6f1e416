"""A folder of users' tokens: each user has the file of their name, and no name and no link leads out of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import SecretsUnavailable
from receiver.secrets.folder import FolderSecrets
from receiver.secrets.naming import name_of
from tests.receiver.secrets.sams_token import TOKEN, put, value

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
