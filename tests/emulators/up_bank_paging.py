"""Pages by cursor: a cursor names the entry after or before which a page begins, whatever has come in meanwhile."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

DEFAULT_SIZE = 30
MAX_SIZE = 100

Key = tuple[Any, ...]


class BadParameter(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def size_of(query: Mapping[str, str]) -> int:
    text = query.get("page[size]", str(DEFAULT_SIZE))
    if not text.isdecimal() or not 1 <= int(text) <= MAX_SIZE:
        raise BadParameter("page[size]")
    return int(text)


def page(
    entries: Sequence[T], key: Callable[[T], Key], query: Mapping[str, str]
) -> tuple[list[T], dict[str, str] | None, dict[str, str] | None]:
    """Entries of the page that `query` asks for, and the queries of the one before it and the one after it.

    `entries` come in the order of `key`. Raises `BadParameter`.
    """
    size = size_of(query)
    after, before = _cursor(query, "page[after]"), _cursor(query, "page[before]")
    if before is not None:
        shown = [entry for entry in entries if key(entry) < before][-size:]
    else:
        shown = [entry for entry in entries if after is None or key(entry) > after][:size]
    if not shown:
        return [], None, None
    kept = {name: value for name, value in query.items() if not name.startswith("page[")}
    kept["page[size]"] = str(size)
    first, last = key(shown[0]), key(shown[-1])
    previous = {**kept, "page[before]": _written(first)} if key(entries[0]) < first else None
    following = {**kept, "page[after]": _written(last)} if key(entries[-1]) > last else None
    return shown, previous, following


def _written(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _cursor(query: Mapping[str, str], name: str) -> Key | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        read = json.loads(base64.urlsafe_b64decode(text.encode()))
    except ValueError:
        raise BadParameter(name) from None
    if not isinstance(read, list):
        raise BadParameter(name)
    return tuple(read)
