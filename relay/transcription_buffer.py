"""What was heard and is not committed yet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from protocol.errors import BufferFull
from protocol.link_messages import Item
from protocol.messages import MAX_ITEMS

MAX_CHARS = 16_384
"""Characters of the items joined with spaces: what one turn's text may hold (`protocol.messages.Text`)."""


class TranscriptionBuffer:
    """The final texts of one conversation, oldest first, guarded by a lock.

    The lock is there because a speech engine may add from a thread of its own. It is held for a list
    operation and never across an await. `clock` gives seconds and never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._items: list[Item] = []
        self._chars = 0
        self._last_addition = clock()

    def add_item(self, item: Item) -> None:
        """Append one final. Raises `BufferFull` past 1,000 items or 16,384 characters.

        Five minutes of speech have about 5,000 characters, and a turn is given up at that age: only typed
        or replayed text gets here.
        """
        with self._lock:
            if len(self._items) >= MAX_ITEMS or self._chars + len(item.text) > MAX_CHARS:
                raise BufferFull
            self._items.append(item)
            self._chars += len(item.text) + 1  # with the space before the next
            self._last_addition = self._clock()

    def get_items(self) -> list[Item]:
        """A copy of what is there."""
        with self._lock:
            return list(self._items)

    def clear_items(self) -> None:
        with self._lock:
            self._items.clear()
            self._chars = 0

    def take_items(self) -> list[Item]:
        """`get_items` and `clear_items` in one step, so that nothing added in between is lost."""
        with self._lock:
            items, self._items = self._items, []
            self._chars = 0
            return items

    def time_since_last_addition(self) -> float:
        """Seconds since the last item was added, or since the buffer was made."""
        with self._lock:
            return self._clock() - self._last_addition

    def __len__(self) -> int:
        with self._lock:
            return len(self._items)
