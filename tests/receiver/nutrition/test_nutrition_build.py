"""The making of the table: what it refuses, and that what ships was made of the lists as they are."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest

from receiver.nutrition import build
from receiver.nutrition.foods import FOODS, read_table

ROWS = [
    ("Egg, whole, boiled or poached", "Eggs and omelets", 143, 12.4, 0.96, 9.96),
    ("Toast", "Yeast breads", 293, 10.4, 54.1, 3.9),
    ("Butter", "Butter and animal fats", 717, 0.9, 0.1, 81.1),
    ("Whiskey", "Liquor and cocktails", 231, 0, 0, 0),
    ("Impossible", "Yeast breads", 700, 1, 1, 1),
]


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["foodName", "data_type", "food_category", "Energy", "Protein", "Carbohydrate", "Total fat", "Fiber"]
    )
    for name, category, *figures in ROWS:
        writer.writerow([name, "survey_fndds_food", category, *figures, 0])
    writer.writerow(["Honey", "sr_legacy_food", "Sweets", 304, 0.3, 82, 0, 0])
    path = tmp_path / "figures.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(build.FIGURES_FILE, text.getvalue())
    monkeypatch.setattr(build, "WHEEL_SHA256", build.hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def built(wheel: Path, lists: str) -> str:
    folder = wheel.parent / "lists"
    folder.mkdir()
    (folder / "some.txt").write_text(lists)
    return build.build(wheel, folder)


def test_a_list_becomes_a_table(wheel: Path) -> None:
    table = built(
        wheel,
        "# eggs\n"
        "egg/s | boiled egg, hen's egg | 2342629 Egg, whole, boiled or poached | =50 large=56 extra_large=63\n"
        "buttered toast/ | | 0.8*2343074 Toast + 0.2*2710155 Butter | slice=30  # usual\n",
    )
    egg, toast = read_table(table)
    assert (egg.name, egg.plural, egg.aliases) == ("egg", "eggs", ("boiled egg", "hen's egg"))
    assert (egg.kcal, egg.fdc_id, egg.usda) == (143, 2342629, "Egg, whole, boiled or poached")
    assert egg.portions == {"": 50, "large": 56, "extra large": 63}
    assert egg.usual_unit == ""
    assert toast.kcal == pytest.approx(0.8 * 293 + 0.2 * 717, abs=0.1)
    assert toast.fdc_id == 2343074
    assert "0.2*2710155 Butter" in toast.usda


def test_the_same_lists_give_the_same_bytes(wheel: Path) -> None:
    lists = "egg/s | | 2342629 Egg, whole, boiled or poached | =50\n"
    assert built(wheel, lists) == build.build(wheel, wheel.parent / "lists")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("toast | | 2343074 Toast | slice=25", "no '/'"),
        ("Toast/ | | 2343074 Toast | slice=25", "not a name"),
        ("toast/ | toast 2 | 2343074 Toast | slice=25", "not a name"),
        ("toast/ | | 2343074 Toast", "3 fields"),
        ("toast/ | | Toast | slice=25", "FDC_ID"),
        ("toast/ | | 2343074 Tost | slice=25", "FNDDS has no food 'Tost'"),
        ("honey/ | | 2343074 Honey | tablespoon=21", "FNDDS has no food 'Honey'"),
        ("toast/ | | 0.5*2343074 Toast + 0.2*2710155 Butter | slice=25", "do not make a gram"),
        ("toast/ | | 2343074 Toast | slab=25", "not unit=grams"),
        ("toast/ | | 2343074 Toast | ounce=28", "not unit=grams"),
        ("toast/ | | 2343074 Toast | slice=much", "not a number"),
        ("toast/ | | 2343074 Toast | slice=0", "no portion of a food"),
        ("toast/ | | 2343074 Toast | slice=25 slice=30", "twice"),
        ("toast/ | | 2343074 Toast | large=25 slice=30 small=30", "small weighs more than large"),
        ("toast/ | | 2343074 Toast | ", "no portion"),
        ("toast/ | | 2343074 Toast | loaf=1200", "usual portion is 1200 g"),
        ("thing/ | | 2343075 Impossible | slice=25", "its parts only"),
        ("toast/ | bread, bread | 2343074 Toast | slice=25", "'bread' is already in some.txt:2"),
        ("toast/ | egg | 2343074 Toast | slice=25", "'egg' is already in some.txt:1"),
        ("toast/ | | 2342629 Toast | slice=25", "2342629 is 'Egg, whole, boiled or poached' elsewhere"),
        ("omelet/s | | 2342630 Egg, whole, boiled or poached | =55", "is 2342629 elsewhere"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(wheel: Path, line: str, reason: str) -> None:
    with pytest.raises(build.Problem) as caught:
        built(wheel, f"egg/s | | 2342629 Egg, whole, boiled or poached | =50\n{line}\n")
    assert str(caught.value).startswith("some.txt:2: ")
    assert reason in str(caught.value)


def test_everything_that_is_wrong_is_told_at_once(wheel: Path) -> None:
    with pytest.raises(build.Problem) as caught:
        built(wheel, "a/ | | 2343074 Tost | slice=25\nb | | 2343074 Toast | slice=25\n")
    assert len(str(caught.value).splitlines()) == 2


def test_energy_of_alcohol_is_no_mistake(wheel: Path) -> None:
    assert "whiskey" in built(wheel, "whiskey/ | | 2346200 Whiskey | shot=42\n")


def test_another_wheel_is_refused(wheel: Path) -> None:
    wheel.write_bytes(wheel.read_bytes() + b"x")
    with pytest.raises(build.Problem, match="sha256"):
        built(wheel, "egg/s | | 2342629 Egg, whole, boiled or poached | =50\n")


def test_the_table_that_ships_was_made_of_the_lists_as_they_are() -> None:
    problems: list[str] = []
    spoken = build.read_lists(problems)
    assert [*problems, *build.check_names(spoken)] == []
    assert [
        (
            food.name,
            food.plural,
            food.aliases,
            food.portions,
            max(food.parts, key=lambda part: part.share).fdc_id,
        )
        for food in spoken
    ] == [(food.name, food.plural, food.aliases, food.portions, food.fdc_id) for food in FOODS]


def test_every_list_is_told_by_its_file_in_the_folder() -> None:
    assert {path.suffix for path in build.SPOKEN.iterdir()} == {".txt"}
    assert len(list(build.SPOKEN.iterdir())) >= 9
