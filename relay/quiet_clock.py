"""How long it has been quiet, with the clock stopped while speech recognition cannot tell."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PAUSE_SECONDS = 30.0
"""The clock stands for this long in one quiet, all stops together; then it goes on: recognition that does not
come back, or comes back only to fail again, must not keep a turn for ever."""


@dataclass(slots=True)
class QuietClock:
    """Sans-I/O: every method is given the time, in seconds."""

    since: float = 0.0
    """When the quiet began, moved on by the time the clock stood still."""
    _stopped_at: float | None = None
    _allowance: float = MAX_PAUSE_SECONDS  # how long it may still stand in this quiet

    def restart(self, now: float) -> None:
        """Words were heard. What brings words, however late, may stop the clock for the full time again."""
        self.since, self._allowance = now, MAX_PAUSE_SECONDS
        if self._stopped_at is not None:
            self._stopped_at = now

    @property
    def stands(self) -> bool:
        return self._stopped_at is not None and self._allowance > 0

    @property
    def resumes_at(self) -> float | None:
        """When a stopped clock goes on by itself."""
        return self._stopped_at + self._allowance if self._stopped_at is not None and self.stands else None

    def after(self, wait: float) -> float | None:
        """When it will have been quiet for `wait` seconds; None while the clock stands."""
        return None if self.stands else self.since + wait

    def stop(self, now: float) -> None:
        if self._stopped_at is None:
            self._stopped_at = now

    def go_on(self, now: float) -> None:
        """Recognition is back."""
        if self._stopped_at is not None:
            stood = min(now - self._stopped_at, self._allowance)
            self.since += stood
            self._allowance -= stood
            self._stopped_at = None

    def time_out(self) -> None:
        """`resumes_at` has come; the clock stands again only after a `restart`."""
        self.since += self._allowance
        self._allowance = 0.0
