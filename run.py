"""Starts the receiver and the relay together, for `make run`; Ctrl-C stops both, and one that crashes is started again.

In production each runs by itself: `python -m receiver` and `python -m relay`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

STOP_SECONDS = 12.0
"""Each process finishes what is being said and stored in less; one that does not is killed."""

WRONG_SETTING = 2
"""Exit code of one that has said which of its settings is wrong."""

START_SECONDS = 5.0
"""One that exits with any error sooner than this has said what is wrong, too, and would find it again."""

RESTART_SECONDS = 1.0
MAX_RESTARTS = 20
"""Of both together; then something is badly wrong, and both are stopped."""


class Child:
    """`python -m MODULE`, in a session of its own: Ctrl-C reaches this process, which stops both in order."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.start()

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen([sys.executable, "-m", self.module], start_new_session=True)  # noqa: S603

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def main() -> int:
    stop_asked = False

    def ask_to_stop(number: int, frame: object) -> None:
        nonlocal stop_asked
        stop_asked = True

    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    if port := os.environ.get("RECEIVER_PORT"):
        os.environ.setdefault("RELAY_RECEIVER", f"tcp://127.0.0.1:{port}")
    children: list[Child] = []
    restarts = 0
    try:
        for module in ("receiver", "relay"):
            children.append(Child(module))
        while not stop_asked:
            for child in children:
                code = child.process.poll()
                if code is None:
                    continue
                early = time.monotonic() - child.started < START_SECONDS
                failed_to_start = code == WRONG_SETTING or (code > 0 and early)
                if failed_to_start or restarts == MAX_RESTARTS:
                    return abs(code) or 1
                restarts += 1
                how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
                print(f"run: the {child.module} {how}; starting it again", flush=True)
                time.sleep(RESTART_SECONDS)
                child.start()
            time.sleep(0.1)
        return 0
    finally:
        for child in reversed(children):  # the relay first: its last turns still find the receiver
            child.stop()


if __name__ == "__main__":
    sys.exit(main())
