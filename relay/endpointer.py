"""When what is being said is over: after silence, a flush, a typed text. Rules 2, 3 and 5 of `relay/turn.py`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from relay.quiet_clock import QuietClock

PARTIAL_HOLD_SECONDS = 2.0
FLUSH_HOLD_SECONDS = 2.0

AT_ONCE = -math.inf
"""A time that has passed, whatever the time is."""


def words(text: str) -> list[str]:
    """The words of a partial as rule 2 compares them: case and punctuation do not count."""
    return re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.casefold())


@dataclass(slots=True)
class Endpointer:
    """Sans-I/O: every method is given the time, in seconds."""

    quiet: QuietClock = field(default_factory=QuietClock)
    _partial: list[str] = field(default_factory=list)  # words whose final is still to come
    _at_once: bool = False
    _flush_until: float | None = None
    _drained: bool = False
    _stt_lost: bool = False
    _behind: bool = False

    # What happens

    def take_partial(self, text: str, now: float) -> bool:
        """Whether it is more speech. One without words was taken back by STT: nothing is outstanding any more."""
        spoken = words(text)
        changed, self._partial = spoken != self._partial, spoken
        if changed and spoken:
            self.quiet.restart(now)
            return True
        return False

    def take_final(self, now: float) -> None:
        self._partial = []
        self.quiet.restart(now)

    def end_at_once(self) -> None:
        self._at_once = True

    def flush(self, now: float) -> None:
        self._flush_until, self._drained = now + FLUSH_HOLD_SECONDS, False

    def take_drained(self) -> None:
        self._drained = True

    def take_stt(self, *, lost: bool, now: float) -> None:
        """STT is lost, or back. The final of a lost partial will not come; the audio that is heard again brings it."""
        self._stt_lost = lost
        if lost:
            self._partial = []
        self._stop_or_go_on(now)

    def take_behind(self, behind: bool, now: float) -> None:
        self._behind = behind
        self._stop_or_go_on(now)

    def start_over(self) -> None:
        """The turn has been taken; neither typed text nor a flush hurries the next one."""
        self._at_once, self._flush_until = False, None

    # What follows

    @property
    def stt_lost(self) -> bool:
        return self._stt_lost

    def due(self, silence: float) -> float | None:
        """When what was said is over; None while that cannot be known."""
        if self._at_once:
            return AT_ONCE
        hold = PARTIAL_HOLD_SECONDS if self._partial else 0.0
        dues = (self.flush_due, self.quiet.after(silence + hold))
        return min((due for due in dues if due is not None), default=None)

    @property
    def flush_due(self) -> float | None:
        """When what the flush waits for is there, or has kept it waiting for too long; None without a flush."""
        if self._flush_until is None:
            return None
        return AT_ONCE if self._drained and not self._partial else self._flush_until

    def quiet_for(self, wait: float) -> float | None:
        """When nothing will have been said for `wait` seconds; None while words are outstanding or STT cannot tell."""
        return None if self._partial else self.quiet.after(wait)

    def _stop_or_go_on(self, now: float) -> None:
        if self._stt_lost or self._behind:
            self.quiet.stop(now)
        else:
            self.quiet.go_on(now)
