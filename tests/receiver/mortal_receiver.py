"""A receiver that kills itself with SIGKILL at a given point of a turn; `forked.py` starts it.

The points:
    none             never
    draft            while thinking, after the first piece of the answer
    commit           inside the transaction, after its statements and before COMMIT
    before-committed after the transaction, before `committed` is sent
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection

import sqlalchemy
from sqlalchemy import event

from protocol.link_messages import Item
from receiver.assistants.assistant import Context, Effect, State
from receiver.assistants.diet import DietAssistant
from receiver.server import Server
from receiver.services import Services
from receiver.store import TurnWrite, Written
from receiver.store.sql_store import SqlStore

MORNING = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class MortalStore(SqlStore):
    point = "none"

    async def commit_turn(self, write: TurnWrite) -> Written | None:
        if self.point == "commit":

            @event.listens_for(self._engine.sync_engine, "commit")
            def _before_commit(_connection: sqlalchemy.Connection) -> None:
                die()

        written = await super().commit_turn(write)
        if self.point == "before-committed":
            die()
        return written


class MortalDiet(DietAssistant):
    async def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect]:
        async for piece in super().think(state, context, items):
            yield piece
            if isinstance(piece, str):
                die()


async def main(database: str, point: str, port: int, tell: Callable[[str], None]) -> None:
    store = await MortalStore.open(database)
    assert isinstance(store, MortalStore)
    store.point = point
    assistant = MortalDiet() if point == "draft" else DietAssistant()
    server = Server(Services(store, {"diet": assistant}, "diet", lambda: MORNING))
    await server.start("127.0.0.1", port)
    tell("listening")
    await asyncio.Event().wait()


def run(port: int, lines: Connection, database: str, point: str) -> None:
    """As a process that was forked from one in which this module is imported."""
    asyncio.run(main(database, point, port, lines.send))


# Once, for all that are forked.
DietAssistant().warm_up()
