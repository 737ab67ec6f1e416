"""The JSON schema of a tool's arguments, from the pydantic model that checks them, as every provider takes it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


def schema_of(kind: type[BaseModel]) -> dict[str, Any]:
    """Plain JSON schema: no references, no titles, no null, which not every provider takes."""
    schema = kind.model_json_schema()
    plain = _plain(schema, schema.get("$defs", {}))
    assert isinstance(plain, dict)
    plain.pop("description", None)
    plain.setdefault("properties", {})
    return plain


def _plain(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_plain(entry, definitions) for entry in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _plain(definitions[part["$ref"].rpartition("/")[2]], definitions)
    merged: dict[str, Any] = {}
    for key, value in part.items():
        if key == "anyOf":
            merged |= _plain(next(kind for kind in value if kind.get("type") != "null"), definitions)
        elif key == "properties":
            merged[key] = {name: _plain(kind, definitions) for name, kind in value.items()}
        elif key not in ("title", "default", "$defs", "additionalProperties", "exclusiveMinimum"):
            merged[key] = _plain(value, definitions)
    return merged
