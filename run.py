"""Starts the receiver and the relay together, for `make run`; Ctrl-C, or the end of either, stops both.

In production each runs by itself: `python -m receiver` and `python -m relay`.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time

STOP_SECONDS = 12.0
"""Each process finishes what is being said and stored in less; one that does not is killed."""


def main() -> int:
    processes: list[subprocess.Popen[bytes]] = []
    stop_asked = False

    def ask_to_stop(number: int, frame: object) -> None:
        nonlocal stop_asked
        stop_asked = True

    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    try:
        for module in ("receiver", "relay"):
            # A session of its own: Ctrl-C reaches this process, which stops them in order.
            processes.append(
                subprocess.Popen([sys.executable, "-m", module], start_new_session=True)  # noqa: S603
            )
        while not stop_asked and all(process.poll() is None for process in processes):
            time.sleep(0.1)
        ended = [process.returncode for process in processes if process.returncode is not None]
    finally:
        for process in reversed(processes):  # the relay first: its last turns still find the receiver
            stop(process)
    return max((abs(code) for code in ended), default=0)


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
