"""A person's diary as a file: CSV for a spreadsheet, JSON for a program. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

COLUMNS = (
    "date", "meal", "food", "quantity", "unit", "grams", "kcal", "protein_g", "carbs_g", "fat_g", "known", "fdc_id",
)  # fmt: skip
"""Of an item, in the order in which a CSV file has them."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Export:
    """What is kept about one user."""

    user: Row
    """`id, email, first_name, timezone, goal, created`."""
    items: Sequence[Row]
    """The diary, oldest first, each with the `COLUMNS`."""
    sessions: Sequence[Row] = field(default=())
    """`session, assistant, created, messages: [{turn, speaker, text, timestamp, ...}], summary`; none where only
    the diary was asked for."""
    shared: Mapping[str, Any] = field(default_factory=dict)
    """What all their sessions with an assistant have in common, beside the diary."""
    outgoing: Sequence[Row] = ()
    """What is still to be done outside: `session, assistant, created, body`."""


def to_csv(export: Export, max_bytes: int | None = None) -> str:
    """The diary, one item a line, with a line of names above (RFC 4180)."""
    return _line(COLUMNS) + "".join(
        _newest([_line([_cell(item[name]) for name in COLUMNS]) for item in export.items], max_bytes)
    )


def to_json(export: Export, max_bytes: int | None = None) -> str:
    """Everything, as one object `{"user": ..., "items": [...], "sessions": [...]}`.

    Behind it `"shared": {...}` and `"outgoing": [...]`, where there are any.
    """
    room = None if max_bytes is None else max_bytes - len(_dump(export, []).encode())
    items = [{name: item[name] for name in COLUMNS} for item in export.items]
    # Each stands on a line of its own, indented, with a comma.
    texts = [" " * 4 + json.dumps(item, ensure_ascii=False) + ",\n" for item in items]
    kept = len(_newest(texts, room))
    return _dump(export, items[len(items) - kept :])


def _newest(lines: Sequence[str], max_bytes: int | None) -> Sequence[str]:
    """As many of the last lines as fit."""
    if max_bytes is None:
        return lines
    room = max_bytes - len(_line(COLUMNS).encode())
    first = len(lines)
    while first > 0 and (room := room - len(lines[first - 1].encode())) >= 0:
        first -= 1
    return lines[first:]


def _line(cells: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        # A spreadsheet would take it for a formula (https://owasp.org/www-community/attacks/CSV_Injection).
        return "'" + value
    return value


def _dump(export: Export, items: Sequence[Row]) -> str:
    """Readable, but an item or a session on one line."""
    out = ["{\n", f'  "user": {json.dumps(export.user, ensure_ascii=False)},\n']
    out += ['  "items": [', _lines(items, 4), "],\n"]
    out += ['  "sessions": [', _lines(export.sessions, 4), "]"]
    if export.shared:
        out += [f',\n  "shared": {json.dumps(export.shared, ensure_ascii=False)}']
    if export.outgoing:
        out += [',\n  "outgoing": [', _lines(export.outgoing, 4), "]"]
    return "".join([*out, "\n}\n"])


def _lines(rows: Sequence[Row], indent: int) -> str:
    if not rows:
        return ""
    space = "\n" + " " * indent
    body = ",".join(space + json.dumps(row, ensure_ascii=False) for row in rows)
    return f"{body}\n  "
