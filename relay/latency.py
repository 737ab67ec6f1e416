"""Where the time of a turn went, for the `latency` message: what a person waits for, part by part."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class TurnLatency:
    """Moments of one turn, in seconds on one clock; None until they come."""

    turn: int
    silence: float
    """Seconds of quiet between the last final and the commit."""
    committing: float
    committed: float | None = None
    first_audio: float | None = None

    def stages(self, answered: float) -> dict[str, float]:
        """Milliseconds: `silence` (the wait that ends a turn), `receiver` (commit to committed), `voice`
        (committed to the first spoken sentence), `total` (commit to the first thing that the client can play or
        show)."""
        committed = self.committed if self.committed is not None else answered
        first = self.first_audio if self.first_audio is not None else answered
        stages = {
            "silence": self.silence,
            "receiver": committed - self.committing,
            "voice": first - committed,
            "total": first - self.committing,
        }
        return {name: round(seconds * 1000, 1) for name, seconds in stages.items()}
