"""`python -m receiver` as its user meets it: one line when ready, one line when it cannot start, a clean end."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from receiver.assistants import NAMES
from tests.receiver.forked import ForkedProgram
from tests.receiver.raw_relay import Closed, RawRelay, foods

ROOT = Path(__file__).parents[2]


def environment(tmp_path: Path, **settings: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RECEIVER_")}
    return (
        clean
        | {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path / "state"), "RECEIVER_PORT": "0"}
        | settings
    )


async def start(
    tmp_path: Path, *arguments: str, alone: bool = False, **settings: str
) -> asyncio.subprocess.Process | ForkedProgram:
    """`python -m receiver`, forked unless `alone`."""
    env = environment(tmp_path, **settings)
    if not alone:
        return await ForkedProgram.start(*arguments, env=env, cwd=tmp_path)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-m", "receiver", *arguments, env=env, cwd=tmp_path,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


@asynccontextmanager
async def running(tmp_path: Path, *, alone: bool = False, **settings: str) -> AsyncIterator[Any]:
    """The process, its address, and its first line."""
    process = await start(tmp_path, alone=alone, **settings)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            line = (await process.stdout.readline()).decode()
        match = re.fullmatch(r"receiver: listening on tcp://(.+):(\d+) \((\w+)\)\n", line)
        assert match, line
        yield process, (match[1].strip("[]"), int(match[2])), line
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ended(
    tmp_path: Path, *arguments: str, said: str = "", alone: bool = False, **settings: str
) -> tuple[int | None, bytes, str]:
    """Exit code, stdout and stderr of one that ends by itself."""
    process = await start(tmp_path, *arguments, alone=alone, **settings)
    try:
        async with asyncio.timeout(60):
            out, error = await process.communicate(said.encode())
    finally:
        if process.returncode is None:
            process.kill()  # it did start
            await process.communicate()
    return process.returncode, out, error.decode()


async def cannot_start(tmp_path: Path, *, alone: bool = False, **settings: str) -> tuple[int | None, str]:
    """Exit code and what went to stderr: always a single line, never a traceback."""
    code, out, error = await ended(tmp_path, alone=alone, **settings)
    assert out == b""
    assert error.startswith("receiver: ")
    assert error.count("\n") == 1, error
    return code, error


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_goaway_and_exit_code_0(tmp_path: Path, number: signal.Signals) -> None:
    # A process of its own: so that whatever Python says at the end of one would be seen.
    key = Fernet.generate_key().decode()  # without one, there is a warning
    async with running(tmp_path, alone=True, RECEIVER_ENCRYPTION_KEY=key) as (process, address, _):
        relay = await RawRelay.connect(address)
        await relay.open()
        process.send_signal(number)
        assert (await relay.receive())["type"] == "goaway"
        with pytest.raises(Closed):
            await relay.receive()
        async with asyncio.timeout(60):
            out, error = await process.communicate()
        assert (process.returncode, out, error) == (0, b"", b"")
        await relay.close()


async def test_by_default_turns_are_kept_in_the_users_state_directory(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, address, line):
        assert "(diet)" in line
        relay = await RawRelay.connect(address)
        await relay.open()
        await relay.commit(1, "two eggs")
        await relay.close()
    database = tmp_path / "state" / "voice-relay" / "receiver.db"
    assert database.stat().st_mode & 0o077 == 0
    assert database.parent.stat().st_mode & 0o077 == 0
    async with running(tmp_path) as (_, address, _):
        relay = await RawRelay.connect(address)
        opened = await relay.open()
        assert opened["next_turn"] == 2
        await relay.commit(2, "one egg", epoch=2)
        assert sum(quantity for _, _, quantity in foods((await relay.open())["diary"])) <= 3
        await relay.close()


async def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, error = await cannot_start(tmp_path, alone=True, RECEIVER_PORT=str(port))
    assert code == 1
    assert f"port {port} on 127.0.0.1 is in use" in error


async def test_an_address_of_another_machine_is_one_clear_line(tmp_path: Path) -> None:
    code, error = await cannot_start(tmp_path, RECEIVER_HOST="192.0.2.1", RECEIVER_TOKEN="t")
    assert (code, "RECEIVER_HOST=192.0.2.1" in error) == (1, True)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"RECEIVER_HOST": "0.0.0.0"}, "set RECEIVER_TOKEN"),
        ({"RECEIVER_HOST": "::"}, "set RECEIVER_TOKEN"),
        ({"RECEIVER_ASSISTANT": "diat"}, "there are " + ", ".join(NAMES)),
        ({"RECEIVER_LLM": "gpt"}, "'none', 'bedrock', 'openai' or 'gemini'"),
        ({"RECEIVER_PORT": "http"}, "RECEIVER_PORT='http'"),
        ({"RECEIVER_DATABASE_URL": "mysql://localhost/x"}, "SQLite or Postgres"),
        ({"RECEIVER_DATABASE_URL": "sqlite://"}, "A file is needed".lower()),
        ({"RECEIVER_DATABASE_URL": "receiver.db"}, "sqlite:///PATH"),
        ({"RECEIVER_TOKEN": ""}, "RECEIVER_TOKEN"),
        ({"RECEIVER_ASISTANT": "echo"}, "Did you mean RECEIVER_ASSISTANT?"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_a_wrong_setting_is_one_clear_line(
    tmp_path: Path, settings: dict[str, str], expected: str
) -> None:
    alone = "RECEIVER_PORT" in settings  # one of them
    code, error = await cannot_start(tmp_path, alone=alone, **settings)
    assert code == 2
    assert expected in error


async def test_every_address_is_possible_with_a_token(tmp_path: Path) -> None:
    async with running(tmp_path, RECEIVER_HOST="0.0.0.0", RECEIVER_TOKEN="hush") as (_, address, _):
        relay = await RawRelay.connect(("127.0.0.1", address[1]), token="hush")
        await relay.close()


async def test_a_database_of_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    url = {"RECEIVER_DATABASE_URL": f"sqlite:///{path}"}
    async with running(tmp_path, **url):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    connection.close()
    code, error = await cannot_start(tmp_path, **url)
    assert code == 1
    assert "schema version 99" in error


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear diary, today I had two eggs and some toast. " * 50)
    before = path.read_bytes()
    code, error = await cannot_start(tmp_path, RECEIVER_DATABASE_URL=f"sqlite:///{path}")
    assert code == 1
    assert "letter.txt cannot be used: file is not a database" in error
    assert path.read_bytes() == before


async def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, error = await cannot_start(tmp_path, RECEIVER_DATABASE_URL=f"sqlite:///{tmp_path}/file/receiver.db")
    assert code == 1
    assert "cannot be opened" in error


async def test_help_lists_every_setting(tmp_path: Path) -> None:
    code, out, error = await ended(tmp_path, "--help", alone=True)
    assert (code, error) == (0, "")
    for name in ("HOST", "PORT", "TOKEN", "ASSISTANT", "LLM", "DATABASE_URL", "LOG_LEVEL", "LOG_JSON"):
        assert f"RECEIVER_{name}" in out.decode()
