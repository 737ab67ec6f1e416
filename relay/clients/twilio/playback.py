"""What a call has been sent to play, and how much of it the caller has heard. Sans-I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from relay.clients.twilio import messages as tm
from relay.codecs import mulaw

PIECE_BYTES = tm.RATE
"""1 s of mu-law goes out as one message, followed by a mark: so much of a sentence is known to be heard or not."""

MAX_WAITING_MARKS = 4_000
"""Marks that have not come back, more than an hour of speech; past it the oldest count as never heard."""


@dataclass(frozen=True, slots=True)
class Place:
    """A moment in an answer."""

    turn: int
    seq: int
    at_ms: int


class TwilioPlayback:
    """Of one stream."""

    def __init__(self, stream_sid: str) -> None:
        self._stream_sid = stream_sid
        self._waiting: dict[str, Place] = {}  # by mark, in the order in which they come back
        self._turn = -1  # the latest that was sent

    def play(self, turn: int, seq: int, pcm: bytes) -> Iterator[tm.Fields]:
        """The messages for one sentence (s16le, 8 kHz)."""
        self._turn = turn
        sound = mulaw.encode(pcm)
        for start in range(0, len(sound), PIECE_BYTES):
            piece = sound[start : start + PIECE_BYTES]
            place = Place(turn, seq, (start + len(piece)) * 1000 // tm.RATE)
            name = f"{turn}:{seq}:{place.at_ms}"
            self._waiting[name] = place
            if len(self._waiting) > MAX_WAITING_MARKS:
                del self._waiting[next(iter(self._waiting))]
            yield tm.media(self._stream_sid, piece)
            yield tm.mark(self._stream_sid, name)

    def begins(self, turn: int) -> bool:
        """Whether nothing of this answer has been sent yet."""
        return turn != self._turn

    def reached(self, name: str) -> Place | None:
        """A mark has come back: how far the caller has heard. None for one that was not waited for.

        After a `clear` come the marks of what was dropped: those are waited for no longer, and say nothing.
        """
        if name not in self._waiting:
            return None
        while True:
            earliest = next(iter(self._waiting))
            place = self._waiting.pop(earliest)
            if earliest == name:
                return place

    def clear(self) -> tm.Fields | None:
        """The message that drops what is queued; None when there is nothing that has not been heard."""
        if not self._waiting:
            return None
        self._waiting.clear()
        return tm.clear(self._stream_sid)
