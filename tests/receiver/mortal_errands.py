"""A receiver that kills itself with SIGKILL around a delivery; `forked.py` starts it.

What is delivered is written to a file, a word a line. The points:
    none         never
    committed    after the transaction, before anything is delivered
    delivering   in the first delivery, before it is done
    delivered    after the first delivery, before the store knows
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from receiver.assistants.assistant import Context
from receiver.outbox import Patience
from receiver.server import Server
from receiver.services import Services
from receiver.store import TurnWrite, Written
from receiver.store.sql_store import SqlStore
from tests.receiver.errands import ErrandAssistant


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class MortalStore(SqlStore):
    point = "none"

    async def commit_turn(self, write: TurnWrite) -> Written | None:
        written = await super().commit_turn(write)
        if self.point == "committed":
            die()
        return written


class MortalErrands(ErrandAssistant):
    def __init__(self, file: Path, point: str) -> None:
        super().__init__()
        self._file = file
        self._point = point

    async def deliver(self, body: Mapping[str, Any], context: Context) -> None:
        if self._point == "delivering":
            die()
        with self._file.open("a") as file:
            file.write(f"{body['word']}\n")
        if self._point == "delivered":
            die()


async def main(database: str, point: str, file: Path, port: int, tell: Callable[[str], None]) -> None:
    store = await MortalStore.open(database)
    assert isinstance(store, MortalStore)
    store.point = point
    services = Services(store, {"errands": MortalErrands(file, point)}, "errands")
    server = Server(services, patience=Patience(lease=0.5, poll=0.2))
    await server.start("127.0.0.1", port)
    tell("listening")
    await asyncio.Event().wait()


def run(port: int, lines: Connection, database: str, point: str, file: Path) -> None:
    """As a process that was forked from one in which this module is imported."""
    asyncio.run(main(database, point, file, port, lines.send))
