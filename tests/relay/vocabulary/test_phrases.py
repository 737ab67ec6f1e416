"""A deployer's file of phrases, and the lists that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

import receiver.nutrition
from protocol.errors import SettingsError
from relay.vocabulary import build
from relay.vocabulary.phrases import MAX_FILE_BYTES, own_list, read_phrases, topics

ISSUED = "reminder note to-do schedule call email meeting project task".split()  # noqa: SIM905


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "phrases.txt"


def test_a_deployers_phrases_are_read_one_a_line(file: Path) -> None:
    file.write_text(
        "﻿Zylotrex # the pill\n\n# people\n  Priya   Raman \nO’Neill\nZylotrex\nA.T.M.\ncrème brûlée\n",
        "utf-8",
    )
    assert read_phrases(file) == ("Zylotrex", "Priya Raman", "O'Neill", "A.T.M.", "crème brûlée")
    assert topics(file)[0].phrases[0] == "Zylotrex"
    assert len(topics(file)) == len(topics(None)) + 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("fine\nroute 66", r"line 2: digits"),
        ("a/b", r"line 1: a phrase is of letters"),
        ("-minus", r"line 1: a phrase is of letters"),
        ("tab\tis fine\nso is this\n@home", r"line 3: a phrase is of letters"),
        ("one two three four five six seven", r"line 1: a phrase has at most 6 words"),
        ("a" * 101, r"line 1: a phrase has at most .* 100 characters"),
    ],
)
def test_a_line_that_cannot_be_said_is_named(file: Path, line: str, problem: str) -> None:
    file.write_text(line, "utf-8")
    with pytest.raises(SettingsError, match=problem):
        read_phrases(file)


def test_a_file_that_cannot_be_is_refused_in_one_line(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"RELAY_VOCABULARY_FILE=.*No such file"):
        read_phrases(file)
    with pytest.raises(SettingsError, match="directory"):
        read_phrases(file.parent)
    file.write_bytes(b"caf\xe9\n")
    with pytest.raises(SettingsError, match="not UTF-8"):
        read_phrases(file)
    file.write_bytes(b"word\n" * (MAX_FILE_BYTES // 5) + b"x")
    with pytest.raises(SettingsError, match="longer than 20,000 bytes"):
        read_phrases(file)
    with pytest.raises(SettingsError):
        topics(file)


def test_our_own_lists_have_what_they_are_for() -> None:
    assert {*ISSUED, "follow up", "action item"} <= set(own_list("assistant"))
    assert {"balance", "savings", "pending"} <= set(own_list("bank"))
    assert {"cornbread", "scrambled eggs", "banana", "quinoa"} <= set(own_list("food"))


def test_our_own_lists_could_be_a_deployers(tmp_path: Path) -> None:
    for name in ("assistant", "bank"):
        assert read_phrases(Path(build.__file__).with_name(f"{name}.txt")) == own_list(name)
    for name in ("food", "food_names"):  # Too long for one file.
        half = tmp_path / name
        for part in (own_list(name)[at : at + 500] for at in range(0, len(own_list(name)), 500)):
            half.write_text("\n".join(part), "utf-8")
            assert read_phrases(half) == part


def test_the_foods_are_those_of_the_receivers_table() -> None:
    """The relay does not know the receiver; `make foods` hands the names over."""
    table = Path(receiver.nutrition.__file__).with_name("foods.tsv").read_text(encoding="utf-8")
    names = [
        path.read_text(encoding="utf-8")
        for path in (build.FOLDER / "food.txt", build.FOLDER / "food_names.txt")
    ]
    assert tuple(names) == build.foods(table)
