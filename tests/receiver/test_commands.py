"""`python -m receiver export | forget | encrypt`, as an operator meets them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from receiver.store.sql_store import SqlStore
from tests.receiver.stored import TODAY, ate, diary, everything_in, item, opened
from tests.receiver.test_receiver_process import ended, running

KEY = Fernet.generate_key().decode()


async def tell(database: str) -> str:
    """Write two days of Ann's into it."""
    store = await SqlStore.open(database, encryption_key=KEY)
    ann = await opened(store, user="ann@example.org", name="Ann")
    await ate(
        store, ann, diary({"2026-11-20": [item(1, "soup")], TODAY: [item(2, "crème brûlée")]}, next_item=3)
    )
    await store.close()
    return database


@pytest.fixture
async def told(either_database: str) -> str:
    """A database in which Ann has told of two days."""
    return await tell(either_database)


async def command(
    tmp_path: Path, database: str, *arguments: str, said: str = "", alone: bool = False, **settings: str
) -> tuple[int | None, bytes, str]:
    """Exit code, stdout and stderr."""
    settings = {"RECEIVER_DATABASE_URL": database, "RECEIVER_ENCRYPTION_KEY": KEY} | settings
    return await ended(tmp_path, *arguments, said=said, alone=alone, **settings)


async def test_each_command_is_one_of_a_process_that_starts_and_ends(database: str, tmp_path: Path) -> None:
    told = await tell(database)
    code, out, error = await command(tmp_path, told, "export", "--user", "ann@example.org", alone=True)
    assert (code, "crème brûlée" in out.decode(), error) == (0, True, "")
    code, out, error = await command(tmp_path, told, "encrypt", alone=True)
    assert (code, out.startswith(b"Encrypted "), error) == (0, True, "")
    forget = ("forget", "--user", "ann@example.org")
    code, out, error = await command(tmp_path, told, *forget, said="yes\n", alone=True)
    assert (code, out) == (0, b"Deleted 1 sessions and 2 items of the diary.\n")
    assert error == "Delete 1 sessions and 2 items of the diary of 'ann@example.org' for good? [yes/no] "


async def test_export_writes_csv_to_stdout_and_json_to_a_file_of_ones_own(told: str, tmp_path: Path) -> None:
    code, out, error = await command(tmp_path, told, "export", "--user", "Ann@example.org")
    assert (code, error) == (0, "")
    assert [(row["date"], row["food"]) for row in csv.DictReader(io.StringIO(out.decode()))] == [
        ("2026-11-20", "soup"),
        (TODAY, "crème brûlée"),
    ]

    path = tmp_path / "ann.json"
    arguments = ("export", "--user", "ann@example.org", "--format", "json", "--output", str(path))
    assert await command(tmp_path, told, *arguments) == (0, b"", "")
    assert path.stat().st_mode & 0o077 == 0
    document = json.loads(path.read_text())
    assert document["user"]["first_name"] == "Ann"
    assert [said["text"] for said in document["sessions"][0]["messages"]] == [
        "Hello!",
        "turn 1",
        "You said: turn 1",
    ]


async def test_forget_asks_first_and_then_leaves_nothing(told: str, tmp_path: Path) -> None:
    arguments = ("forget", "--user", "ann@example.org")
    for said in ("no\n", "", "y\n"):
        code, out, error = await command(tmp_path, told, *arguments, said=said)
        assert (code, out) == (1, b"")
        assert "Delete 1 sessions and 2 items of the diary of 'ann@example.org' for good?" in error
        assert "Nothing was deleted." in error
    code, out, error = await command(tmp_path, told, *arguments, "--yes")
    assert (code, out, error) == (0, b"Deleted 1 sessions and 2 items of the diary.\n", "")
    code, _, error = await command(tmp_path, told, *arguments, "--yes")
    assert (code, error) == (1, "receiver: There is no user 'ann@example.org' in this database.\n")


async def test_forget_beside_a_running_receiver_leaves_nothing_in_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'receiver.db'}"
    async with running(tmp_path, RECEIVER_DATABASE_URL=url, RECEIVER_ENCRYPTION_KEY=KEY):
        store = await SqlStore.open(url, encryption_key=KEY)
        await opened(store, "s-1", user="ann-xylophone")
        await store.close()
        assert "xylophone" in await everything_in(url)
        code, _, error = await command(tmp_path, url, "forget", "--user", "ann-xylophone", "--yes")
        assert (code, error) == (0, "")
        assert "xylophone" not in await everything_in(url)


async def test_encrypt_replaces_a_key(told: str, tmp_path: Path) -> None:
    new = Fernet.generate_key().decode()
    code, out, _ = await command(tmp_path, told, "encrypt", RECEIVER_ENCRYPTION_KEY=f"{new},{KEY}")
    assert (code, out.startswith(b"Encrypted ")) == (0, True)
    code, out, _ = await command(
        tmp_path, told, "export", "--user", "ann@example.org", RECEIVER_ENCRYPTION_KEY=new
    )
    assert (code, "soup" in out.decode()) == (0, True)
    code, _, error = await command(tmp_path, told, "export", "--user", "x", RECEIVER_ENCRYPTION_KEY=KEY)
    assert (code, error.startswith("receiver: RECEIVER_ENCRYPTION_KEY: ")) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "settings", "expected"),
    [
        (["export"], {}, "--user"),
        (["export", "--user", "ann", "--format", "xml"], {}, "'csv', 'json'"),
        (["remember"], {}, "invalid choice: 'remember'"),
        ([], {"RECEIVER_ENCRYPTION_KEY": "hush-hush"}, "RECEIVER_ENCRYPTION_KEY: a key is 32 random bytes"),
        ([], {"RECEIVER_DATABASE_URL": "mysql://ann:hush@db/x"}, "RECEIVER_DATABASE_URL: turns are kept in"),
    ],
    ids=["no user", "format", "command", "key", "database"],
)
async def test_a_wrong_argument_or_secret_is_named_and_no_secret_shown(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], expected: str
) -> None:
    code, out, error = await command(tmp_path, f"sqlite:///{tmp_path}/x.db", *arguments, **settings)
    assert (code, out) == (2, b"")
    assert expected in error
    assert "hush" not in error


async def test_help_names_the_commands_and_the_settings(tmp_path: Path) -> None:
    code, out, _ = await command(tmp_path, "sqlite:///x.db", "--help")
    assert code == 0
    for word in ("export", "forget", "encrypt", "RECEIVER_ENCRYPTION_KEY", "postgresql://"):
        assert word in out.decode()
    code, out, _ = await command(tmp_path, "sqlite:///x.db", "export", "--help")
    assert (code, "--format" in out.decode()) == (0, True)


async def test_without_a_key_a_warning_says_so_and_with_one_nothing_is_said(tmp_path: Path) -> None:
    for settings, lines in (({}, 1), ({"RECEIVER_ENCRYPTION_KEY": KEY}, 0)):
        folder = tmp_path / str(lines)
        folder.mkdir()
        async with running(folder, **settings) as (process, _, _):
            process.terminate()
            _, error = await process.communicate()
        assert error.decode().count("\n") == lines
        assert ("database_not_encrypted" in error.decode()) == bool(lines)
