"""Makes the word lists that are made of other lists.

    python -m relay.vocabulary.build foods receiver/nutrition/foods.tsv
    python -m relay.vocabulary.build ordinary /usr/share/dict/scowl

`foods` is part of `make foods`: the names of the receiver's table of foods, for the relay knows nothing of that table.
`ordinary` reads SCOWL, a collection of word lists (Debian's package `scowl`); that list changes once in years.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent

MAX_WORDS = 4
"""A food's longer names are descriptions that nobody says twice in the same way."""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")

_SCOWL = re.compile(
    r"(?:english|american|british)-(?:(?:words|contractions)\.(?:10|20|35)|(?:upper|proper-names)\.(?:10|20|35|40|50))"
)

_FOOD_HEADER = """\
# Foods as people name them. Made of the receiver's table of foods by `make foods`; not to be edited by hand.
"""

_FOOD_NAMES_HEADER = """\
# Other names of foods, which are known but not looked for. Made by `make foods`, as food.txt.
"""

_ORDINARY_HEADER = """\
# Words of everyday English in lower case, without possessives. Made by `python -m relay.vocabulary.build ordinary` of
# SCOWL 2020.12.07: its English, American and British words of sizes 10 to 35 and names of sizes up to 50.
#
# SCOWL: Copyright 2000-2018 by Kevin Atkinson. Permission to use, copy, modify, distribute and sell these word lists,
# the associated scripts, the output created from the scripts, and its documentation for any purpose is hereby granted
# without fee, provided that the above copyright notice appears in all copies and that both that copyright notice and
# this permission notice appear in supporting documentation. Kevin Atkinson makes no representations about the
# suitability of this array for any purpose. It is provided "as is" without express or implied warranty.
#
# Inflections were added with the help of WordNet 1.6, Copyright 1997 by Princeton University, all rights reserved.
# THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES,
# EXPRESS OR IMPLIED. BY WAY OF EXAMPLE, BUT NOT LIMITATION, PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES
# OF MERCHANTABILITY OR FITNESS FOR ANY PARTICULAR PURPOSE OR THAT THE USE OF THE LICENSED SOFTWARE, DATABASE OR
# DOCUMENTATION WILL NOT INFRINGE ANY THIRD PARTY PATENTS, COPYRIGHTS, TRADEMARKS OR OTHER RIGHTS.
"""


def foods(table: str) -> tuple[str, str]:
    """`food.txt` and `food_names.txt` of a `foods.tsv`.

    The first has names, their plurals, and aliases of one word: what misheard words are compared with. Aliases of
    several words found no more of what was misheard, and more that was not (measured 2026-11-21). They are in the
    second, so that they are left as they are, unless the food has a name that differs in its spaces alone: "meat loaf".
    """
    looked_for: set[str] = set()
    known: set[str] = set()
    for food in csv.DictReader(table.splitlines(), delimiter="\t"):
        aliases = food["aliases"].split(", ") if food["aliases"] else []
        names = {food["name"], food["plural"], *(alias for alias in aliases if " " not in alias)} - {""}
        looked_for |= names
        spelt = {name.replace(" ", "") for name in names}
        known |= {alias for alias in aliases if alias.replace(" ", "") not in spelt}
    looked_for = {name for name in looked_for if len(name.split()) <= MAX_WORDS}
    known = {name for name in known if len(name.split()) <= MAX_WORDS}
    return _FOOD_HEADER + _lines(looked_for), _FOOD_NAMES_HEADER + _lines(known - looked_for)


def ordinary(files: Iterable[str]) -> str:
    """`ordinary.txt` of the texts of SCOWL's files."""
    words = {word.removesuffix("'s") for text in files for word in text.lower().split()}
    return _ORDINARY_HEADER + _lines(word for word in words if _WORD.fullmatch(word))


def scowl_texts(folder: Path) -> list[str]:
    """Those of SCOWL's files that are read."""
    return [
        path.read_text(encoding="latin-1")
        for path in sorted(folder.iterdir())
        if _SCOWL.fullmatch(path.name) and path.is_file()
    ]


def _lines(words: Iterable[str]) -> str:
    return "".join(f"{word}\n" for word in sorted(words))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m relay.vocabulary.build", description="Makes the word lists."
    )
    parser.add_argument("which", choices=("foods", "ordinary"))
    parser.add_argument("source", type=Path, help="foods.tsv, or SCOWL's folder")
    arguments = parser.parse_args()
    if arguments.which == "foods":
        looked_for, known = foods(arguments.source.read_text(encoding="utf-8"))
        made = {"food.txt": looked_for, "food_names.txt": known}
    else:
        made = {"ordinary.txt": ordinary(scowl_texts(arguments.source))}
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"{name}: {text.count(chr(10))} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
