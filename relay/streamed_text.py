"""An answer's text while the receiver makes it: held back while it is a draft, told once its turn is committed."""

from __future__ import annotations

from protocol.link_messages import Delta

Key = tuple[int, int | None]
"""Turn and attempt; the attempt is None where a commit is thought out anew."""


class StreamedText:
    """One conversation's. Bounded by what the link takes for one answer."""

    def __init__(self) -> None:
        self._key: Key | None = None
        self._committed = False
        self._held: list[str] = []
        self._told = False  # whether anything of this turn's answer went out
        self._void = False  # whether the next piece begins the answer anew

    def draft(self, turn: int, attempt: int) -> None:
        """Thinking ahead has begun."""
        self._key, self._committed, self._held = (turn, attempt), False, []
        self._told = self._void = False

    def commit(self, turn: int, attempt: int | None) -> None:
        """The turn is over, and takes up the draft of this attempt."""
        if self._key != (turn, attempt):
            self._key, self._held = (turn, attempt), []
            self._told = self._void = False
        elif self._committed:
            self._void = True  # sent again after a lost link
        self._committed = True

    def release(self) -> str:
        """The text so far, held back while it was a draft's."""
        text = "".join(self._held)
        self._held.clear()
        self._told = self._told or bool(text)
        return text

    def take(self, delta: Delta) -> tuple[str, bool] | None:
        """What to tell of a piece: its text, and whether it voids what was told before. None: nothing yet."""
        if self._key is None or delta.turn != self._key[0]:
            return None
        restart = bool(delta.restart) or self._void
        if delta.attempt != self._key[1]:
            if delta.attempt is not None or not self._committed:
                return None  # of a draft that was given up
            # The commit is being thought out anew, and what came of its draft is void.
            self._key, restart = (delta.turn, None), True
        if not self._committed:
            if restart:
                self._held.clear()
            self._held.append(delta.text)
            return None
        restart, self._told, self._void = restart and self._told, True, False
        return delta.text, restart
