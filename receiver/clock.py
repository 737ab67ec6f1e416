"""The time, and how it is written where times are compared as texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the time, aware."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: of two, the later one is the greater text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
