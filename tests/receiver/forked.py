"""Receivers as processes of their own, forked from one that has imported and made all they need.

That takes a start from a second, which is spent on imports and on the index of the foods, to some milliseconds.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.ports import next_port
from tests.receiver import mortal_errands, mortal_receiver, receiver_program

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(
    [module.__name__ for module in (mortal_receiver, mortal_errands, receiver_program)]
)


class _Forked:
    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def kill(self) -> None:
        """As `kill -9`."""
        self._process.kill()

    async def wait(self, seconds: float = 60) -> int:
        """Its exit code, minus the number of the signal that ended it. Raises `TimeoutError`."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            async with asyncio.timeout(seconds):
                await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode


class ForkedReceiver(_Forked):
    """A `mortal_receiver` that listens at `port`."""

    def __init__(self, process: ForkServerProcess, port: int) -> None:
        super().__init__(process)
        self.port = port

    @classmethod
    async def start(cls, database: str, point: str = "none") -> ForkedReceiver:
        return await cls._start(mortal_receiver, database, point)

    @classmethod
    async def start_with_errands(cls, database: str, file: Path, point: str = "none") -> ForkedReceiver:
        """A `mortal_errands`."""
        return await cls._start(mortal_errands, database, point, file)

    @classmethod
    async def _start(cls, module: Any, *arguments: object) -> ForkedReceiver:
        port = next_port()
        lines, theirs = _FORKING.Pipe(duplex=False)
        with lines, theirs:
            process = _FORKING.Process(target=module.run, args=(port, theirs, *arguments))
            process.start()
            try:
                assert await asyncio.to_thread(lines.poll, 60), "it does not listen"
                lines.recv()
                return cls(process, port)
            except BaseException:
                process.kill()
                raise


@asynccontextmanager
async def forked_receiver(database: str, point: str = "none") -> AsyncIterator[ForkedReceiver]:
    """One that is killed at the end, if it is still there."""
    receiver = await ForkedReceiver.start(database, point)
    try:
        yield receiver
    finally:
        receiver.kill()
        await receiver.wait()


class ForkedProgram(_Forked):
    """A `receiver_program`, to be met as `asyncio.subprocess.Process` is."""

    def __init__(self, process: ForkServerProcess, stdin: Connection) -> None:
        super().__init__(process)
        self.stdout = asyncio.StreamReader()
        self.stderr = asyncio.StreamReader()
        self._stdin = stdin
        self._pipes: list[asyncio.BaseTransport] = []

    @classmethod
    async def start(cls, *arguments: str, env: Mapping[str, str], cwd: Path) -> ForkedProgram:
        # Of the two ends of each pipe, the first is read from.
        (their_in, our_in), (our_out, their_out), (our_err, their_err) = (
            _FORKING.Pipe(duplex=False) for _ in range(3)
        )
        with their_in, their_out, their_err:
            process = _FORKING.Process(
                target=receiver_program.run, args=(arguments, dict(env), cwd, their_in, their_out, their_err)
            )
            process.start()
        program = cls(process, our_in)
        for reader, pipe in ((program.stdout, our_out), (program.stderr, our_err)):
            await program._read(reader, pipe)
        return program

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    async def communicate(self, said: bytes = b"") -> tuple[bytes, bytes]:
        """What it writes from here on, once it has ended. `said` fits into a pipe."""
        if not self._stdin.closed:
            os.write(self._stdin.fileno(), said)
            self._stdin.close()
        out, error = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await self.wait()
        for pipe in self._pipes:
            pipe.close()
        return out, error

    async def _read(self, reader: asyncio.StreamReader, pipe: Connection) -> None:
        with pipe:
            file = os.fdopen(os.dup(pipe.fileno()), "rb", buffering=0)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), file
        )
        self._pipes.append(transport)
