"""The table of a custom vocabulary, by the rules of the Transcribe developer guide."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from relay.vocabulary.__main__ import main
from relay.vocabulary.table import MAX_TABLE_BYTES, phrases_to_tell, table

PHRASE = re.compile(r"[a-zA-Z'.-]{1,256}")
"""What may stand in the first column: the English character set, digits and spaces spelt otherwise."""


def rows_of(text: str) -> list[list[str]]:
    head, *lines = text.split("\n")
    assert head == "Phrase\tSoundsLike\tIPA\tDisplayAs"
    assert lines.pop() == ""
    return [line.split("\t") for line in lines]


def test_each_phrase_is_written_as_it_is_spoken_and_as_it_is_shown() -> None:
    text, left_out = table(["savings", "to-do", "action item", "ATM", "two ATMs", "O'Neill", "iPhone"])
    assert left_out == ()
    assert rows_of(text) == [
        ["savings", "", "", ""],
        ["to-do", "", "", "to-do"],
        ["action-item", "", "", "action item"],
        ["A.T.M.", "", "", "ATM"],
        ["two-A.T.M.-s", "", "", "two ATMs"],
        ["O'Neill", "", "", ""],
        ["iPhone", "", "", ""],
    ]


def test_our_own_table_keeps_transcribes_rules() -> None:
    phrases = phrases_to_tell(None, "en-US")
    text, left_out = table(phrases)
    assert left_out == ()
    assert (
        len(text.encode()) <= MAX_TABLE_BYTES - 10_000
    )  # Some hundred phrases of a deployer find room, too.
    rows = rows_of(text)
    assert all(len(row) == 4 and row[1:3] == ["", ""] for row in rows)
    assert all(PHRASE.fullmatch(row[0]) for row in rows)
    assert len({row[0].lower() for row in rows}) == len(rows)
    assert {"reminder", "follow-up", "action-item", "savings", "quinoa"} <= {row[0] for row in rows}


def test_foods_of_everyday_words_need_not_be_told() -> None:
    phrases = phrases_to_tell(None, "en-GB")
    assert "bok choy" in phrases
    assert "brown rice" not in phrases


def test_what_is_spoken_alike_is_told_once() -> None:
    text, left_out = table(["follow up", "follow-up", "ATM", "A.T.M."])
    assert rows_of(text) == [["follow-up", "", "", "follow up"], ["A.T.M.", "", "", "ATM"]]
    assert left_out == ()


def test_what_finds_no_room_is_left_out_from_the_end_and_told() -> None:
    phrases = [f"{'x' * 90} {number:03d}" for number in range(300)]
    text, left_out = table(phrases)
    assert MAX_TABLE_BYTES - 250 < len(text.encode()) <= MAX_TABLE_BYTES
    assert len(rows_of(text)) + len(left_out) == 300


def test_another_language_has_a_deployers_phrases_alone(tmp_path: Path) -> None:
    file = tmp_path / "phrases.txt"
    file.write_text("Grünkohl\nPinkel\n", "utf-8")
    assert phrases_to_tell(file, "de-DE") == ("Grünkohl", "Pinkel")
    assert phrases_to_tell(None, "de-DE") == ()
    assert phrases_to_tell(file, "en-US")[:3] == ("Grünkohl", "Pinkel", "reminder")


def test_the_command_writes_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "phrases.txt"
    file.write_text("Zylotrex\n", "utf-8")
    monkeypatch.setenv("RELAY_VOCABULARY_FILE", str(file))
    run = subprocess.run(
        [sys.executable, "-m", "relay.vocabulary"], capture_output=True, text=True, check=True
    )
    assert rows_of(run.stdout)[0] == ["Zylotrex", "", "", ""]
    assert run.stderr == ""


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        (
            {"RELAY_VOCABULARY_FILE": "/nowhere/phrases.txt"},
            "RELAY_VOCABULARY_FILE=/nowhere/phrases.txt: No such file",
        ),
        ({"RELAY_LANGUAGE": "de-DE"}, "for de-DE there are no phrases"),
        ({"RELAY_VOCABULARY": "x"}, "RELAY_VOCABULARY is not a setting"),
    ],
)
def test_a_wrong_setting_is_one_line(
    variables: dict[str, str],
    problem: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main([]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert problem in written.err
    assert written.err.count("\n") == 1


def test_making_a_vocabulary_needs_a_place_for_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--create", "food"])
    assert exit_.value.code == 2
    assert "--create and --update need --s3" in capsys.readouterr().err
