"""Whole answers of which the store keeps less, for commits that are repeated as their answer got lost.

They are what should be found in no database: they stay in memory, for a few minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

KEEP_SECONDS = 300.0
"""A relay that lost its link repeats its commit within a minute or gives it up."""

MAX_ANSWERS = 1000
"""The oldest goes first."""


@dataclass(frozen=True, slots=True)
class _Answer:
    said: str
    kept: str
    whole: str
    until: float


class WholeAnswers:
    """By session and turn. `seconds` and `most` are bounds, `clock` counts seconds."""

    def __init__(
        self,
        seconds: float = KEEP_SECONDS,
        most: int = MAX_ANSWERS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._answers: dict[tuple[str, int], _Answer] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._answers)

    def add(self, session: str, turn: int, said: str, kept: str, whole: str) -> None:
        self._answers.pop((session, turn), None)
        while len(self._answers) >= self._most:
            del self._answers[next(iter(self._answers))]
        self._answers[session, turn] = _Answer(said, kept, whole, self._clock() + self._seconds)
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(self._seconds, self._sweep)

    def find(self, session: str, turn: int, said: str, kept: str) -> str | None:
        """None unless it was answered just so: a session may have been forgotten and begun anew."""
        answer = self._answers.get((session, turn))
        if answer is None or (answer.said, answer.kept) != (said, kept) or answer.until <= self._clock():
            return None
        return answer.whole

    def _sweep(self) -> None:
        now = self._clock()
        # Oldest first, and all stay for the same time.
        for key, answer in list(self._answers.items()):
            if answer.until > now:
                break
            del self._answers[key]
        self._sweeping = None
        if self._answers:
            first = next(iter(self._answers.values()))
            self._sweeping = asyncio.get_running_loop().call_later(first.until - now, self._sweep)
