"""The audio between a client and speech recognition: cut to 100 ms, kept for a restart, and counted.

Two counts of samples run side by side. The client counts its own audio over the whole session, across
connections. A recognition stream counts what it was sent since it was opened, and hears silence that the
client never sent. `AudioFeed` translates, so that a final says how much of the *client's* audio it covers.

Sans-I/O, and on the path of every chunk: an append and a comparison.
"""

from __future__ import annotations

from collections import deque

from protocol.audio import BYTES_PER_SECOND, SAMPLE_BYTES, STT_CHUNK_BYTES

MAX_WAITING_BYTES = 60 * BYTES_PER_SECOND
"""Audio that waits for recognition. Past 60 s the oldest is dropped and counted in `dropped`."""

MAX_KEPT_BYTES = 10 * BYTES_PER_SECOND
"""Audio kept for a new recognition stream: what no final covers yet, the latest 10 s of it."""

MAX_MARKS = 256
"""Changes between speech and silence that are remembered since the last final."""


class AudioFeed:
    """One conversation's audio. `keep` says whether recognition can fail, so that audio is kept for it."""

    def __init__(self, *, keep: bool, position: int = 0) -> None:
        self._keep = keep
        self._waiting = bytearray()
        self._kept = bytearray()
        self.received = position
        """Samples of the session that the relay has."""
        self._given = position  # of them, those given to the recognition stream
        self._stream = 0  # samples given to the recognition stream, silence included
        self._marks: deque[tuple[int, int, bool]] = deque([(0, position, False)], MAX_MARKS)
        self.dropped = 0

    def restart_at(self, position: int) -> None:
        """The session's audio goes on from sample `position` (a client came back to another relay)."""
        self._waiting.clear()
        self.received = self._given = position
        self.forget()

    def add(self, chunk: bytes) -> bool:
        """Append a client's chunk. True when at least 100 ms wait to be taken."""
        self._waiting += chunk
        self.received += len(chunk) // SAMPLE_BYTES
        if len(self._waiting) > MAX_WAITING_BYTES:
            excess = len(self._waiting) - MAX_WAITING_BYTES
            del self._waiting[:excess]
            self._given += excess // SAMPLE_BYTES
            self.dropped += excess // SAMPLE_BYTES
            self._kept.clear()  # it no longer joins what waits
            self._mark(False)
        return len(self._waiting) >= STT_CHUNK_BYTES

    @property
    def waiting(self) -> int:
        """Samples that wait to be taken."""
        return len(self._waiting) // SAMPLE_BYTES

    def take(self, *, all_of_it: bool = False) -> bytes:
        """The next 100 ms, or with `all_of_it` also a shorter rest; empty when there is not that much."""
        if len(self._waiting) < STT_CHUNK_BYTES and not all_of_it:
            return b""
        chunk = bytes(self._waiting[:STT_CHUNK_BYTES])
        del self._waiting[:STT_CHUNK_BYTES]
        count = len(chunk) // SAMPLE_BYTES
        if chunk and self._marks[-1][2]:
            self._mark(False)
        self._given += count
        self._stream += count
        if self._keep:
            self._kept += chunk
            if len(self._kept) > MAX_KEPT_BYTES:
                del self._kept[: len(self._kept) - MAX_KEPT_BYTES]
        return chunk

    def add_silence(self, count: int) -> None:
        """`count` samples of silence go to the recognition stream that the client did not send."""
        if not self._marks[-1][2]:
            self._mark(True)
        self._stream += count

    def covered(self, end: int) -> int:
        """The client's sample at which the stream's sample `end` lies; forgets audio before it."""
        while len(self._marks) > 1 and self._marks[1][0] <= end:
            self._marks.popleft()
        stream, client, silent = self._marks[0]
        position = client if silent else client + max(0, end - stream)
        position = min(position, self._given)
        if self._keep:
            first = self._given - len(self._kept) // SAMPLE_BYTES
            if position > first:
                del self._kept[: (position - first) * SAMPLE_BYTES]
        return position

    def rewind(self) -> None:
        """The recognition stream has died: the next one counts from 0 and hears the kept audio again."""
        self._waiting[:0] = self._kept
        self._given -= len(self._kept) // SAMPLE_BYTES
        self.forget()

    def forget(self) -> None:
        """The recognition stream has ended and all is final: the next one counts from 0."""
        self._kept.clear()
        self._stream = 0
        self._marks.clear()
        self._mark(False)

    def _mark(self, silent: bool) -> None:
        self._marks.append((self._stream, self._given, silent))
