"""How long it has been quiet, with the clock stopped while speech recognition cannot tell."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PAUSE_SECONDS = 30.0
"""After this long the clock goes on: recognition that does not come back must not keep a turn for ever."""


@dataclass(slots=True)
class QuietClock:
    """Sans-I/O: every method is given the time, in seconds."""

    since: float = 0.0
    """When the quiet began, moved on by the time the clock stood still."""
    _stopped_at: float | None = None
    _overdue: bool = False

    def restart(self, now: float) -> None:
        """Words were heard."""
        self.since = now

    @property
    def stands(self) -> bool:
        return self._stopped_at is not None and not self._overdue

    @property
    def resumes_at(self) -> float | None:
        """When a stopped clock goes on by itself."""
        return self._stopped_at + MAX_PAUSE_SECONDS if self._stopped_at is not None and self.stands else None

    def after(self, wait: float) -> float | None:
        """When it will have been quiet for `wait` seconds; None while the clock stands."""
        return None if self.stands else self.since + wait

    def stop(self, now: float) -> None:
        if self._stopped_at is None:
            self._stopped_at, self._overdue = now, False

    def go_on(self, now: float) -> None:
        """Recognition is back."""
        if self.stands:
            self._skip(now)
        self._stopped_at = None

    def time_out(self, now: float) -> None:
        """The stop has lasted `MAX_PAUSE_SECONDS`; later stops count again only after a `go_on`."""
        self._skip(now)
        self._overdue = True

    def _skip(self, now: float) -> None:
        assert self._stopped_at is not None
        self.since += now - max(self._stopped_at, self.since)
