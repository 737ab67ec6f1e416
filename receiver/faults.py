"""How a fault is logged: its kind and its place, never its message, which may quote what a person said."""

from __future__ import annotations

import traceback


def describe(error: BaseException) -> dict[str, str]:
    """Fields for a log record."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
    return {"error": type(error).__name__, "where": where}
