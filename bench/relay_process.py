"""The relay as it is, in a process that also notes every garbage collection.

`python -m bench.relay_process` takes the relay's settings from the environment and runs until SIGTERM; then it prints
one JSON list of `[start, seconds]`: `start` on the clock of `time.monotonic()`, and the thread's processor time, which
is how long the event loop stood still unless another process took the core meanwhile. SIGUSR1 makes it collect all
generations at once, which is the longest collection there can be.
"""

from __future__ import annotations

import gc
import json
import signal
import sys
import time
from collections import deque

from relay.__main__ import main as run_relay

MAX_COLLECTIONS = 100_000
"""More than minutes of load can cause; past it the oldest are forgotten."""


class CollectionLog:
    """For `gc.callbacks`."""

    def __init__(self) -> None:
        self.collections: deque[tuple[float, float]] = deque(maxlen=MAX_COLLECTIONS)
        self._begin = self._cpu = 0.0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._begin, self._cpu = time.monotonic(), time.thread_time()
        else:
            self.collections.append((self._begin, time.thread_time() - self._cpu))


def main() -> int:
    log = CollectionLog()
    gc.callbacks.append(log)
    signal.signal(signal.SIGUSR1, lambda number, frame: gc.collect())
    code = run_relay()
    print(json.dumps(list(log.collections)), flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
