"""What the diet pages of one relay share: the bound on what they have waiting together, and what is counted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Protocol


class Waits(Protocol):
    """A page's sound."""

    @property
    def waiting(self) -> int:
        """Bytes that wait to be decoded."""
        ...


@dataclass(slots=True)
class DietCounters:
    """Since the relay was started, over all pages."""

    pieces: int = 0
    """Pieces of sound."""
    long_pieces: int = 0
    """Those over `RELAY_DIET_PIECE_BYTES`."""
    empty: int = 0
    """Seconds in which no sound came out of the pieces that came."""
    silent: int = 0
    """Seconds of sound that was next to nothing but zeros."""
    queue_full: int = 0
    """Times that a page was held back."""
    resets: int = 0
    """Turns that took longer than `RELAY_DIET_STUCK_SECONDS`."""
    idle: int = 0
    """Pages that were closed because nothing was said."""


class DietPages:
    """One a relay."""

    def __init__(self) -> None:
        self.counters = DietCounters()
        self._pages: dict[Waits, int] = {}  # what each had waiting when it was last looked at
        self._waiting = 0

    def add(self, page: Waits) -> None:
        self._pages[page] = 0

    def remove(self, page: Waits) -> None:
        self._waiting -= self._pages.pop(page, 0)

    def note(self, page: Waits) -> None:
        """Something has been put in for this page, or has been decoded."""
        if page in self._pages:
            now = page.waiting
            self._waiting += now - self._pages[page]
            self._pages[page] = now

    def waiting(self, limit: int) -> int:
        """Bytes that wait, over all pages. Looks at each of them only when that may be `limit` or more."""
        if self._waiting >= limit:
            for page in self._pages:
                self.note(page)
        return self._waiting

    def health(self) -> dict[str, int]:
        """For `/healthz`."""
        return {"pages": len(self._pages), **asdict(self.counters)}
