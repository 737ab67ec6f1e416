"""A whole call with real engines, and an eye on the disk: what is said on the telephone is never written down there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from relay.codecs import mulaw
from tests.processes import Process
from tests.scripted_receiver import ScriptedReceiver
from tests.twilio_caller import TwilioCaller, recording, silence

WATCH = """
import os, sys

log = os.open(os.environ["OPENED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
changes = ("os.mkdir", "os.rename", "os.link", "os.symlink", "os.truncate", "tempfile.", "sqlite3.connect", "shutil.")

def hook(event, arguments):
    if event == "open" and arguments[2] & writing or event.startswith(changes):
        os.write(log, f"{event} {arguments}\\n".encode())

sys.addaudithook(hook)
"""
"""Runs at the start of every Python process that inherits the environment: the relay and its workers."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where a process might leave something: its folder, its home, its place for temporary files."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def relay(tmp_path: Path, home: Path, receiver: ScriptedReceiver) -> Iterator[Process]:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(WATCH)
    process = Process(
        "relay",
        home,
        PYTHONPATH=f"{Path(__file__).parents[3]}:{hooks}",
        PYTHONDONTWRITEBYTECODE="1",
        OPENED=str(tmp_path / "opened"),
        HOME=str(home),
        TMPDIR=str(home),
        RELAY_PORT="0",
        RELAY_RECEIVER=receiver.address,
        RELAY_SILENCE_SECONDS="0.5",
    )
    try:
        yield process
    finally:
        assert process.stop() == 0, process.output


async def test_a_call_leaves_nothing_on_the_disk(
    relay: Process, receiver: ScriptedReceiver, tmp_path: Path, home: Path
) -> None:
    receiver.greeting = "Hello."
    port = relay.port()
    family = [psutil.Process(relay.pid), *psutil.Process(relay.pid).children(recursive=True)]
    assert len(family) >= 3  # recognition and the voice are processes of their own
    opened, written = (tmp_path / "opened").read_text(), bytes_written(family)
    async with TwilioCaller(port) as caller:
        await caller.start({"userId": "ann", "name": "Ann"})
        await caller.expect("mark")
        greeting = len(caller.heard)
        await caller.say(recording("breakfast") + silence(1), pause=0.02)
        await receiver.wait_for("commit", timeout=30)
        while len(caller.heard) == greeting:
            await caller.say(silence(0.1), pause=0.02)
        await caller.stop()
        await caller.closed()
    said = receiver.turns()[-1][0].lower()
    assert "egg" in said or "toast" in said
    assert np.abs(np.frombuffer(mulaw.decode(caller.heard), "<i2").astype(int)).max() > 1_000  # real speech
    assert bytes_written(family) == written
    assert (tmp_path / "opened").read_text() == opened
    assert files(home) == []


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def bytes_written(family: list[psutil.Process]) -> int:
    """What these processes have caused to be written to disks, also from outside Python."""
    return sum(process.io_counters().write_bytes for process in family)
