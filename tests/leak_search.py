"""After the whole suite: no token and no account number of the emulated bank's people may have been written anywhere.

A plugin, taken in by `tests/conftest.py`. It searches every file that tests have left in their temporary folders
(databases, logs of processes, recordings) and what each test has logged, printed or failed with. Each database of
Postgres is searched before it is dropped (`tests/receiver/postgres_server.py`). A test that has to write a token
somewhere takes one of its own.
"""

from __future__ import annotations

import functools
import mmap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.emulators import up_bank, up_bank_history


@functools.cache
def secrets() -> tuple[str, ...]:
    """Tokens of the bank's people, and identifiers of their accounts."""
    ledger = up_bank_history.ledger(up_bank.TODAY, seed=1)
    tokens = [person.token for person in up_bank_history.PEOPLE]
    return (*tokens, *(account.id for account in ledger.accounts))


def find_in_text(text: str, wanted: Iterable[str]) -> list[str]:
    """Those that are in the text, without their ends: what reports a leak should not be another."""
    return [f"{secret[:12]}…" for secret in wanted if secret in text]


def find_in_files(folder: Path, wanted: Sequence[str]) -> Iterator[str]:
    """A line for each file under `folder` that holds any. Files that cannot be read (sockets, pipes) have nothing."""
    needles = [secret.encode() for secret in wanted]
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.stat().st_size == 0:
            continue
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            for needle in needles:
                if content.find(needle) >= 0:
                    yield f"{path.relative_to(folder)}: {needle[:12].decode()}…"


class LeakSearch:
    """One run's. Its workers (xdist) report to it."""

    def __init__(self, wanted: Sequence[str]) -> None:
        self._wanted = wanted
        self.found: list[str] = []
        self.files = 0

    def read_report(self, report: pytest.TestReport) -> None:
        texts = [report.longreprtext, *(text for _, text in report.sections)]
        self.found += [
            f"{report.nodeid} ({report.when}): {secret}"
            for secret in find_in_text("\n".join(texts), self._wanted)
        ]

    def read_folder(self, folder: Path) -> None:
        self.files += sum(path.is_file() for path in folder.rglob("*"))
        self.found += find_in_files(folder, self._wanted)


_search = pytest.StashKey[LeakSearch]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # not in a worker: whoever started it searches
        config.stash[_search] = LeakSearch(secrets())
        config.pluginmanager.register(_Reports(config.stash[_search]), "leak search")


class _Reports:
    def __init__(self, search: LeakSearch) -> None:
        self._search = search

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._search.read_report(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        factory: pytest.TempPathFactory | None = getattr(session.config, "_tmp_path_factory", None)
        if factory is not None:
            self._search.read_folder(factory.getbasetemp())
        if self._search.found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        found, files = self._search.found, self._search.files
        if found:
            terminalreporter.section("tokens and account numbers that were written down", red=True)
            for line in found:
                terminalreporter.line(line)
        else:
            terminalreporter.line(f"No token and no account number in {files} files, nor in logs and errors.")
