"""The real processes, started and stopped by a test."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path


class Process:
    """`python -m MODULE` with only the settings given. Its output is collected; a port of 0 shows there."""

    def __init__(self, module: str, cwd: Path, *arguments: str, **settings: str) -> None:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("RELAY_", "RECEIVER_"))
        }
        self.lines: list[str] = []
        self._grown = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=cwd,
            env={**inherited, "PYTHONUNBUFFERED": "1", **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_for_line(self, word: str, seconds: float = 60) -> str:
        """The first line with `word` in it. Fails with all of the output when the process ends without it."""
        until = time.monotonic() + seconds
        with self._grown:
            while True:
                for line in self.lines:
                    if word in line:
                        return line
                left = until - time.monotonic()
                assert left > 0, f"no line with {word!r}:\n{self.output}"
                assert self._reader.is_alive(), f"ended without a line with {word!r}:\n{self.output}"
                self._grown.wait(min(left, 0.5))

    def port(self) -> int:
        """The port in the first line that says an address of its own: a URL on loopback."""
        return int(self.wait_for_line("://127.0.0.1:").split("://127.0.0.1:")[1].split("/")[0].split()[0])

    def wait(self, seconds: float = 60) -> int:
        code = self._process.wait(seconds)
        self._reader.join(30)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def kill(self) -> None:
        """As `kill -9`."""
        if self._process.poll() is None:
            self._process.kill()
        self.wait()

    def send_signal(self, number: int) -> None:
        self._process.send_signal(number)

    def stop(self) -> int:
        if self._process.poll() is None:
            self._process.terminate()
        return self.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._grown:
                self.lines.append(line)
                self._grown.notify_all()
