"""`make run`'s starter: what crashes comes back, what is wrong is said, and nothing is left running."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import next_port

ROOT = Path(__file__).parent.parent


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("RELAY_", "RECEIVER_"))
    }
    return {
        **inherited,
        "RELAY_PORT": str(next_port()),
        "RELAY_STT": "scripted",
        "RELAY_TTS": "scripted",
        "RECEIVER_PORT": str(next_port()),
        "RECEIVER_DATABASE_URL": f"sqlite:///{tmp_path / 'receiver.db'}",
    }


@pytest.fixture
def started(environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    log = tmp_path / "run.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, ROOT / "run.py"], env=environment, cwd=ROOT, stdout=out, stderr=out
        )
    yield process, log
    if process.poll() is None:
        process.terminate()
    process.wait(60)


def wait_for(log: Path, pattern: str, count: int = 1) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = re.findall(pattern, log.read_text())
        if len(found) >= count:
            return str(found[count - 1])
        time.sleep(0.05)
    raise AssertionError(f"no {pattern!r} in:\n{log.read_text()}")


def health(log: Path) -> str:
    with urllib.request.urlopen(wait_for(log, r"http://\S+/healthz")) as answer:
        return str(answer.read().decode())


def wait_until_connected(log: Path) -> None:
    until = time.monotonic() + 60
    while '"connected"' not in health(log):
        assert time.monotonic() < until, health(log)
        time.sleep(0.1)


def child_of(pid: int, module: str) -> int:
    listing = subprocess.run(
        ["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
    ).stdout
    for line in listing.splitlines():
        if re.match(rf"\s*\d+\s+{pid}\s", line) and line.endswith(f"-m {module}"):
            return int(line.split()[0])
    raise AssertionError(f"no {module} under {pid} in:\n{listing}")


def test_a_killed_receiver_is_started_again_and_the_relay_stays(
    started: tuple[subprocess.Popen[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    process, log = started
    wait_until_connected(log)
    relay = child_of(process.pid, "relay")
    os.kill(child_of(process.pid, "receiver"), signal.SIGKILL)
    wait_for(log, r"the receiver was killed by signal 9; starting it again")
    wait_for(log, r"receiver: listening", count=2)
    wait_until_connected(log)
    assert child_of(process.pid, "relay") == relay
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert "Traceback" not in log.read_text()


def test_a_wrong_setting_stops_both_with_its_line(environment: dict[str, str]) -> None:
    environment["RELAY_SILENCE_SECONDS"] = "soon"
    done = subprocess.run(
        [sys.executable, ROOT / "run.py"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "RELAY_SILENCE_SECONDS='soon'" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
