"""A search that finds nothing because it cannot find anything would be no news."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.emulators.up_bank_history import SAM
from tests.leak_search import LeakSearch, find_in_files, find_in_text, secrets

TOKEN = "up:demo:" + "planted-here"


def report(text: str = "", *, failed: str | None = None) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid="tests/test_some.py::test_one",
        location=("tests/test_some.py", 1, "test_one"),
        keywords={},
        outcome="passed" if failed is None else "failed",
        longrepr=failed,
        when="call",
        sections=[("Captured stderr call", text)],
    )


def test_what_is_looked_for_are_tokens_and_accounts_of_the_emulated_bank() -> None:
    assert SAM.token in secrets()
    assert len(secrets()) >= 8
    assert all(len(secret) >= 12 for secret in secrets())


def test_a_token_in_a_database_a_log_or_any_file_in_any_folder_is_found(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "receiver.db")
    with database:
        database.execute("CREATE TABLE messages (text)")
        database.execute("INSERT INTO messages VALUES (?)", (f"my key is {TOKEN}",))
    database.close()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "relay.log").write_bytes(b"\xff\xfe" * 5_000_000 + TOKEN.encode())
    (tmp_path / "empty").touch()
    (tmp_path / "innocent").write_text("up:demo:")
    found = list(find_in_files(tmp_path, [TOKEN, "another"]))
    assert sorted(line.partition(":")[0] for line in found) == ["deep/er/relay.log", "receiver.db"]
    assert TOKEN not in "".join(found)


@pytest.mark.parametrize(
    ("leaky", "count"),
    [
        (report(f"warning: {TOKEN}"), 1),
        (report(failed=f"AssertionError: {TOKEN}"), 1),
        (report("all well"), 0),
    ],
)
def test_a_token_that_a_test_logs_or_fails_with_is_found(leaky: pytest.TestReport, count: int) -> None:
    search = LeakSearch([TOKEN])
    search.read_report(leaky)
    assert len(search.found) == count
    assert find_in_text("nothing", [TOKEN]) == []
