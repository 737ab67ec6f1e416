"""The whole diary as a file, for the `export` of a page."""

from __future__ import annotations

from datetime import date
from typing import Literal

from protocol.diary import MAX_EXPORT_BYTES, DiaryFile
from protocol.errors import MalformedMessage
from receiver.store.export import Export, to_csv, to_json

Format = Literal["csv", "json"]


def checked_format(name: object) -> Format:
    """Raises `MalformedMessage` unless it is one of those there are."""
    if name == "csv":
        return "csv"
    if name == "json":
        return "json"
    raise MalformedMessage("'export' needs a 'format': csv or json.")


def diary_file(export: Export, form: Format, today: date) -> DiaryFile:
    write = to_csv if form == "csv" else to_json
    return DiaryFile(
        name=f"diary-{today.isoformat()}.{form}",
        media_type="text/csv" if form == "csv" else "application/json",
        text=write(export, MAX_EXPORT_BYTES),
    )
