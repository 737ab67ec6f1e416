"""The turns of a session before the present one, as clients are shown them and assistants read them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from protocol.client_messages import PastTurn
from receiver.store import StoredTurn

HISTORY_TURNS = 50
"""Turns that are remembered; the store keeps all of them."""

HISTORY_BYTES = 512 * 1024
"""Most of a frame that the history in `opened` may take; older turns are left out."""


class History:
    """The latest turns, oldest first."""

    def __init__(self, turns: Iterable[StoredTurn] = ()) -> None:
        self._turns: deque[PastTurn] = deque(map(past_turn, turns), maxlen=HISTORY_TURNS)

    def add(self, turn: StoredTurn) -> None:
        """Where it is the next one: it may be here already, or others before it be missing (see `reaches`)."""
        if turn.turn == (self._turns[-1].turn if self._turns else 0) + 1:
            self._turns.append(past_turn(turn))

    def reaches(self, turn: int) -> bool:
        """Whether `turn` is known, or there is nothing before it but a greeting that was never given."""
        return turn < 1 or (bool(self._turns) and self._turns[-1].turn >= turn)

    def before(self, turn: int) -> tuple[PastTurn, ...]:
        return tuple(past for past in self._turns if past.turn < turn)

    def fitting(self) -> list[PastTurn]:
        """As many of the latest turns as fit beside the rest of a frame."""
        kept: list[PastTurn] = []
        room = HISTORY_BYTES
        for turn in reversed(self._turns):
            room -= len(turn.text.encode()) + len(turn.message.encode()) + sum(map(len, turn.ids)) + 64
            if room < 0:
                break
            kept.append(turn)
        kept.reverse()
        return kept


def past_turn(turn: StoredTurn) -> PastTurn:
    return PastTurn(turn=turn.turn, text=turn.text, message=turn.answer, ids=list(turn.ids))
