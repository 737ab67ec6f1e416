"""What sessions tell the workers of their receiver, so that these need not ask the store all the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _nobody(*_: str) -> None:
    pass


@dataclass(slots=True)
class Signals:
    """Each is set by the worker that it is for, and does nothing where none runs. Quick; may be called anywhere."""

    outgoing: Callable[[], None] = _nobody
    """Something was stored that is to be done outside."""
    shared: Callable[[], None] = _nobody
    """A shared state was stored in which something may be due earlier than before."""
    credentials: Callable[[str], None] = _nobody
    """The user with this id has opened a session and brought credentials."""
