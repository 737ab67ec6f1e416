"""Each process installs from the built wheel and starts alone, outside the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("protocol", "relay", "receiver", "browser")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, source],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def installed(wheel: Path, folder: Path, without: str) -> Path:
    """The wheel's files without one of the two processes, which the other must not miss."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    shutil.rmtree(folder / without)
    return folder


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.terminate()
        process.communicate(timeout=15)


def start(module: str, site: Path, cwd: Path, **settings: str) -> subprocess.Popen[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("RELAY_", "RECEIVER_"))
    }
    return subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=cwd,
        env={**environment, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def line_with(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if word in line:
            return line
    raise AssertionError(f"no line with {word!r} in {lines}")


def test_the_wheel_holds_every_module_and_page_of_the_checkout(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.split("/")[0] in PACKAGES}
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - packed == set()


def test_the_relay_starts_from_its_wheel_without_the_receiver_and_serves_the_page(
    wheel: Path, tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    site = installed(wheel, tmp_path / "site", without="receiver")
    relay = start("relay", site, tmp_path, RELAY_PORT="0", RELAY_STT="scripted", RELAY_TTS="scripted")
    started.append(relay)
    address = line_with(relay, "page").split()[-1]
    with urllib.request.urlopen(address) as page:
        text = page.read().decode()
    assert "<main" in text
    with urllib.request.urlopen(f"{address}healthz") as health:
        assert b'"degraded"' in health.read()


def test_the_receiver_starts_from_its_wheel_without_the_relay(
    wheel: Path, tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    site = installed(wheel, tmp_path / "site", without="relay")
    shutil.rmtree(site / "browser")
    database = f"sqlite:///{tmp_path / 'receiver.db'}"
    receiver = start("receiver", site, tmp_path, RECEIVER_PORT="0", RECEIVER_DATABASE_URL=database)
    started.append(receiver)
    assert "127.0.0.1:" in line_with(receiver, "receiver")
