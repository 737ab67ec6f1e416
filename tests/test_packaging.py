"""Each process installs from the built wheel and starts alone, outside the checkout."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGES = ("protocol", "relay", "receiver", "browser")
OPTIONAL = {
    "relay/stt/moonshine_worker.py": "on-device",
    "relay/tts/piper_worker.py": "on-device",
    "receiver/llm/bedrock.py": "bedrock",
    "receiver/llm/gemini.py": "gemini",
    "receiver/llm/http_pool.py": "openai",
    "receiver/llm/openai_chat.py": "openai",
    "receiver/secrets/aws.py": "secretsmanager",
}
"""Modules that are imported only where a setting asks for them, and the extra that has to be installed for that."""


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


def installed(wheel: Path, folder: Path, *without: str) -> Path:
    """The installed wheel. The packages in `without`, which the process must not miss, cannot be imported."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-compile"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--target", folder, wheel], check=True)
    for package in without:
        # Taken away, it would be found in the checkout, which is installed here for development.
        shutil.rmtree(folder / package)
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text(f"raise ImportError('{package} is not installed')\n")
    return folder


def distributions(wheel: Path, *extras: str) -> set[str]:
    """What `pip install voice-relay[extras]` brings: what the wheel requires, and what that requires in turn."""
    (own,) = metadata.distributions(path=[str(wheel)])
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(own.requires or [], frozenset(extras))]
    while waiting:
        lines, wanted = waiting.pop()
        for requirement in map(Requirement, lines):
            marker = requirement.marker
            if marker and not any(marker.evaluate({"extra": extra}) for extra in ("", *wanted)):
                continue
            found = (canonicalize_name(requirement.name), frozenset(requirement.extras))
            if found not in seen:
                seen.add(found)
                waiting.append((metadata.requires(requirement.name) or [], found[1]))
    return {name for name, _ in seen}


def third_party_imports(file: Path) -> set[str]:
    """Top-level packages that are neither ours nor Python's, imported anywhere in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - set(PACKAGES)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.terminate()
        process.communicate(timeout=60)


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


@pytest.mark.parametrize("process", ["relay", "receiver"])
def test_what_a_process_imports_comes_with_its_extra(wheel: Path, process: str) -> None:
    """A requirement that is missing is not missed where everything is installed."""
    provided_by = metadata.packages_distributions()
    missing, imported = [], set()
    brought = {extra: distributions(wheel, process, extra) for extra in (process, *set(OPTIONAL.values()))}
    for package in ("protocol", process):
        for file in (ROOT / package).rglob("*.py"):
            path = str(file.relative_to(ROOT))
            there = brought[OPTIONAL.get(path, process)]
            for name in third_party_imports(file):
                imported.add(name)
                if not there & {canonicalize_name(found) for found in provided_by[name]}:
                    missing.append(f"{path} imports {name}")
    assert missing == []
    assert imported >= {"pydantic", "structlog", {"relay": "websockets", "receiver": "sqlalchemy"}[process]}


def test_the_relay_starts_from_its_wheel_without_the_receiver_and_serves_the_page(
    wheel: Path, tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    site = installed(wheel, tmp_path / "site", "receiver")
    settings = {"RELAY_PORT": "0", "RELAY_STT": "scripted", "RELAY_TTS": "scripted"}
    relay = start("relay", site, tmp_path, RELAY_RECEIVER="tcp://127.0.0.1:1", **settings)
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
    site = installed(wheel, tmp_path / "site", "relay", "browser")
    database = f"sqlite:///{tmp_path / 'receiver.db'}"
    receiver = start("receiver", site, tmp_path, RECEIVER_PORT="0", RECEIVER_DATABASE_URL=database)
    started.append(receiver)
    assert "127.0.0.1:" in line_with(receiver, "receiver")
