"""A child process for work that would hold up the event loop: on-device speech.

The parent's end is `WorkerProcess`, which starts a module, keeps it running and exchanges messages with it.
The child's end is `Parent`. They speak frames of `protocol.framing` over the child's stdin and stdout; the
first message of a child is `{"type": "ready"}`, and what follows belongs to the two sides that use this.
The child is gone when the parent is: it reads the end of its stdin.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import structlog

from protocol.errors import MalformedMessage, MessageTooLarge, VoiceError
from protocol.framing import Decoder, encode

log = structlog.get_logger(__name__)

MAX_UNREAD_BYTES = 4 * 1024 * 1024
"""What may wait for a child to read it. A child reads at once whatever it is busy with, so one that leaves
this much (16 s of eight conversations) is stuck, and is killed and started again."""

STDERR_BYTES = 4096
"""How much of a child's last words is kept, for the log."""

STOP_SECONDS = 2.0
"""From SIGTERM to SIGKILL."""

STEADY_SECONDS = 10.0
"""A child that has run this long and dies is no part of a row of failures."""

FIRST_DELAY, LONGEST_DELAY = 0.1, 30.0
"""Seconds between a death and the next start: doubled at each failure in a row, with jitter."""

_READ_BYTES = 64 * 1024
_ROOT = Path(__file__).resolve().parent.parent
# Not when we are installed: PYTHONPATH comes before the standard library, which no package may shadow.
_OUR_PATH = "" if Path(sysconfig.get_path("purelib")).resolve() == _ROOT else str(_ROOT)
# ONNX Runtime would keep a device's id in the home folder, and tell its makers that it was used.
_TO_ITSELF = {"ORT_DISABLE_TELEMETRY": "1"}
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class WorkerProcess:
    """A child that is started, fed, watched and started again when it dies.

    `on_message` gets every message after `ready`; `on_down` is told, once a death, that the child is gone with
    all it held. Both are called on the event loop and must not raise. `unavailable` is the class of the errors
    raised here.
    """

    def __init__(
        self,
        module: str,
        *,
        unavailable: type[VoiceError],
        on_message: Callable[[dict[str, Any]], None],
        on_down: Callable[[], None],
        environ: Mapping[str, str] | None = None,
        start_seconds: float = 120.0,
    ) -> None:
        self._module = module
        self._unavailable = unavailable
        self._on_message = on_message
        self._on_down = on_down
        self._environ = dict(environ or {})
        self._start_seconds = start_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._ready = asyncio.Event()
        self._supervisor: asyncio.Task[None] | None = None
        self._last_words = b""

    @property
    def ready(self) -> bool:
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """Process id of the child that runs now."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start the child and wait until it is ready. Raises `unavailable` when its first start fails."""
        first = asyncio.get_running_loop().create_future()
        self._supervisor = asyncio.create_task(self._supervise(first), name=f"worker {self._module}")
        try:
            await first
        except BaseException:
            await self.close()
            raise

    async def wait_ready(self, seconds: float) -> None:
        """Return when the child is ready. Raises `unavailable` when it is not within `seconds`, or is closed."""
        if self._supervisor is None:
            raise self._unavailable()
        try:
            await asyncio.wait_for(self._ready.wait(), seconds)
        except TimeoutError:
            raise self._unavailable() from None

    def send(self, message: Mapping[str, Any]) -> None:
        """Hand a message to the child without waiting.

        Raises `unavailable` when there is no child that is ready, and `MessageTooLarge` as `framing.encode` does.
        """
        process = self._process
        if process is None or process.stdin is None or not self._ready.is_set():
            raise self._unavailable()
        process.stdin.write(encode(message))
        if process.stdin.transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            log.warning("worker does not read", worker=self._module)
            self.kill()
            raise self._unavailable()

    def kill(self) -> None:
        """End the child that runs now, at once; another one is started."""
        self._ready.clear()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def close(self) -> None:
        """Stop the child for good: SIGTERM, and SIGKILL after `STOP_SECONDS`."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.cancel()
            await asyncio.wait([supervisor])

    async def _supervise(self, first: asyncio.Future[None]) -> None:
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            started = clock()
            reason = await self._run_once(first)
            if not first.done():  # It never got as far as "ready".
                log.error("worker did not start", worker=self._module, reason=reason, stderr=self._tail())
                first.set_exception(self._unavailable())
                return
            log.warning("worker died", worker=self._module, reason=reason, stderr=self._tail())
            failures = 0 if clock() - started > STEADY_SECONDS else min(failures + 1, 16)
            delay = min(FIRST_DELAY * 2**failures, LONGEST_DELAY)
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))

    async def _run_once(self, first: asyncio.Future[None]) -> str:
        """One life of the child, from start to death. Returns what it died of."""
        self._last_words = b""
        try:
            process = await self._spawn()
        except OSError as error:
            return f"cannot be started: {error.strerror}"
        self._process = process
        stderr = asyncio.create_task(self._keep_last_words(process))
        try:
            async with asyncio.timeout(self._start_seconds) as start_limit:
                return await self._read(process, first, start_limit)
        except TimeoutError:
            return f"not ready within {self._start_seconds:g} s"
        except MessageTooLarge as error:
            return error.message
        finally:
            self._process = None
            self._ready.clear()
            await self._end(process)
            await stderr
            if first.done():
                self._on_down()

    async def _spawn(self) -> asyncio.subprocess.Process:
        # The child finds the same relay as we are, whatever the current directory holds (-P), and a session
        # of its own keeps the terminal's Ctrl-C from it.
        path = os.pathsep.join(filter(None, [_OUR_PATH, os.environ.get("PYTHONPATH")]))
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            self._module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **_ONE_THREAD, **_TO_ITSELF, **self._environ, "PYTHONPATH": path},
            start_new_session=True,
        )

    async def _read(
        self,
        process: asyncio.subprocess.Process,
        first: asyncio.Future[None],
        start_limit: asyncio.Timeout,
    ) -> str:
        assert process.stdout is not None
        decoder = Decoder()
        while data := await process.stdout.read(_READ_BYTES):
            for message in decoder.feed(data):
                if isinstance(message, MalformedMessage):
                    return message.message
                if self._ready.is_set():
                    self._on_message(message)
                elif message.get("type") == "ready":
                    start_limit.reschedule(None)
                    self._ready.set()
                    if not first.done():
                        first.set_result(None)
        return f"exit code {await process.wait()}"

    async def _keep_last_words(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while data := await process.stderr.read(_READ_BYTES):
            self._last_words = (self._last_words + data)[-STDERR_BYTES:]

    def _tail(self) -> str:
        return self._last_words.decode("utf-8", errors="replace").strip()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        """See the child off. What it still writes to stdout is read and dropped: a full pipe would hold it."""
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        gone = asyncio.create_task(_gone(process))
        done, _ = await asyncio.wait([gone], timeout=STOP_SECONDS)
        if not done:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await gone


async def _gone(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    while await process.stdout.read(_READ_BYTES):
        pass
    await process.wait()


class Parent:
    """The child's end: messages from and to the process that started it.

    Made first thing in the child. From then on, Ctrl-C is the parent's business, and anything a library prints
    goes to stderr instead of between the frames.
    """

    def __init__(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def ready(self) -> None:
        """Say that loading is done. From here on the scheduler prefers the relay's event loop to us."""
        if hasattr(os, "nice"):
            os.nice(5)
        self.send({"type": "ready"})

    def messages(self) -> Iterator[dict[str, Any]]:
        """Messages as they come, until the parent is gone. Blocks. Raises what `Decoder` does."""
        decoder = Decoder()
        while data := os.read(0, _READ_BYTES):
            for message in decoder.feed(data):
                if isinstance(message, MalformedMessage):
                    raise message
                yield message

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one message; from any thread. Ends the process when nobody is there to read it."""
        frame = memoryview(encode(message))
        with self._lock:
            try:
                while frame:
                    frame = frame[os.write(self._out, frame) :]
            except BrokenPipeError:
                os._exit(0)
