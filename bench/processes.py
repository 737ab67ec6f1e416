"""Child processes on a core of their own, and what they cost."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

ROOT = Path(__file__).resolve().parent.parent

START_SECONDS = 30.0
STOP_SECONDS = 10.0
MAX_LINE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the measured server runs, and where everything that makes its load does."""

    server: int
    load: int

    @classmethod
    def choose(cls) -> Cores:
        """The first and the last core that this process may use; they are the same one on a machine with one."""
        allowed = sorted(os.sched_getaffinity(0))
        return cls(allowed[0], allowed[-1])


class BenchError(Exception):
    """A run that gave no figures, and why."""


class Child:
    """`python -m MODULE ARGUMENTS` from its start to its end, pinned to one core.

        async with Child("bench.echo_receiver", core=1) as receiver:
            port = await receiver.port()

    Only what `environment` names is set beside the parent's environment, from which every variable of ours, of
    AWS's and of Twilio's is taken out: a run must not depend on who starts it.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        core: int,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._command: Sequence[str] = (sys.executable, "-m", module, *arguments)
        self._core = core
        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("RELAY_", "RECEIVER_", "AWS_", "TWILIO_"))
        }
        self._environment = {**kept, **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None
        self._usage: psutil.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=ROOT,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            limit=MAX_LINE_BYTES,
        )
        os.sched_setaffinity(self._process.pid, {self._core})
        self._usage = psutil.Process(self._process.pid)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def line(self) -> str:
        """The next line of its output. Raises `BenchError` when it has ended or says nothing for 30 s."""
        assert self._process is not None
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_SECONDS):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise BenchError(f"{' '.join(self._command[2:4])} says nothing") from None
        if not line:
            raise BenchError(f"{' '.join(self._command[2:4])} has ended")
        return line.decode()

    async def port(self) -> int:
        """The port in the first line that names an address."""
        while True:
            if found := re.search(r"://127\.0\.0\.1:(\d+)", await self.line()):
                return int(found[1])

    def cpu_seconds(self) -> float:
        """Processor time so far, of all its threads."""
        assert self._usage is not None
        times = self._usage.cpu_times()
        return float(times.user + times.system)

    def resident_bytes(self) -> int:
        assert self._usage is not None
        return int(self._usage.memory_info().rss)

    def collect_garbage(self) -> None:
        """Ask a `bench.relay_process` for a full collection."""
        assert self._process is not None
        self._process.send_signal(signal.SIGUSR1)

    async def stop(self) -> str:
        """SIGTERM, and whatever it still says. One that does not end within 10 s is killed."""
        process = self._process
        if process is None or process.returncode is not None:
            return ""
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                said, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            said, _ = await process.communicate()
        return said.decode()
