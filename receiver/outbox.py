"""Does what assistants want done outside, after the transaction that has stored it: at least once, and in order.

What is to be done is in the store until it is done, so that it survives this receiver; any other receiver of the
store goes on with it. Of one user and assistant one delivery is under way at a time, whoever does it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from protocol.errors import InternalError, SessionNotOpen, StoreUnavailable, VoiceError
from receiver.assistants.assistant import Assistant, Context
from receiver.clock import timestamp
from receiver.faults import describe
from receiver.services import Services
from receiver.sharing import sharing_of
from receiver.store import OutboxRow
from receiver.worker import POLL_SECONDS, Worker, seconds_until

log = structlog.get_logger(__name__)

PARALLEL = 8
"""Deliveries under way at once, of different users."""

MAX_TRIES_TO_TELL = 8
"""Times that a session is told of what was given up while it changes all the time; then without telling it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds."""

    delivery: float = 30.0
    """Longest delivery; then it has failed, and may have been done."""
    lease: float = 60.0
    """From when on another receiver may try what this one has taken and not finished: it has died, or hangs."""
    first_pause: float = 2.0
    """Before the second try; each further pause is twice as long, give or take a quarter."""
    longest_pause: float = 1800.0
    give_up: float = 86_400.0
    """After it was stored."""
    drain: float = 5.0
    """How long `stop` waits for what is under way. What is cut short is tried again."""
    poll: float = POLL_SECONDS


class Outbox(Worker):
    def __init__(self, services: Services, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        super().__init__(self._patience.poll)
        self._services = services
        self._store = services.store
        self._assistants = {
            name: assistant
            for name, assistant in services.assistants.items()
            if type(assistant).deliver is not Assistant.deliver
        }
        self._names = sorted(self._assistants)
        self._holder = uuid.uuid4().hex
        self._delivering: dict[asyncio.Task[None], OutboxRow] = {}
        self._hurried: set[str] = set()

    def start(self) -> None:
        """Nothing runs where no assistant does anything outside."""
        if self._names:
            self._services.signals.outgoing = self.wake
            self._services.signals.credentials = self._hurry
            super().start()

    async def stop(self) -> None:
        """Bounded by `Patience.drain`."""
        await super().stop()
        if self._delivering:
            await asyncio.wait(self._delivering, timeout=self._patience.drain)
        cut_short = dict(self._delivering)
        for task, row in cut_short.items():
            log.warning("delivery_cut_short", assistant=row.assistant)
            task.cancel()
        if cut_short:
            await asyncio.wait(cut_short, timeout=1)
            # The next receiver need not wait for the end of a lease.
            with contextlib.suppress(StoreUnavailable):
                for row in cut_short.values():
                    await self._store.delay_outgoing(row, timestamp(self._services.clock()))

    def _hurry(self, user: str) -> None:
        """They are here again, and what has waited may work with what they have brought."""
        self._hurried.add(user)
        self.wake()

    async def _round(self) -> float:
        now = self._services.clock()
        while self._hurried:
            user = self._hurried.pop()
            await self._store.hurry_outgoing(user, timestamp(now))
        free = PARALLEL - len(self._delivering)
        if not free:
            return self._patience.poll  # the end of any of them wakes us
        first = await self._store.next_outgoing(self._names)
        if seconds_until(first, now) > 0:
            return seconds_until(first, now)
        taken = await self._store.take_outgoing(
            self._names, timestamp(now), self._after(now, self._patience.lease), self._holder, free
        )
        under_way = {row.id for row in self._delivering.values()}
        for row in taken:
            if row.id in under_way:
                continue  # its lease is over as this machine has slept, or its clock was moved
            task = asyncio.create_task(self._deliver(row), name=f"delivery {row.id}")
            self._delivering[task] = row
            task.add_done_callback(self._delivered)
        if taken:
            return 0.0
        # Another receiver was quicker.
        return max(1.0, seconds_until(await self._store.next_outgoing(self._names), now))

    def _delivered(self, task: asyncio.Task[None]) -> None:
        self._delivering.pop(task, None)
        self.wake()
        if not task.cancelled() and (error := task.exception()) is not None:
            # The row is still there, and is taken again when its lease is over.
            log.error("delivery_not_stored", **describe(error))

    async def _deliver(self, row: OutboxRow) -> None:
        assistant = self._assistants[row.assistant]
        now = self._services.clock()
        context = replace(
            Context.of(now, row.name, row.timezone, row.locale),
            user=row.email or row.user,
            credentials=self._services.open_sessions.credentials(row.user),
        )
        try:
            async with asyncio.timeout(self._patience.delivery):
                await assistant.deliver(row.body, context)
        except TimeoutError:
            log.warning("delivery_too_slow", assistant=row.assistant, attempts=row.attempts + 1)
            await self._failed(row, assistant, InternalError(), None)
        except VoiceError as error:
            pause = getattr(error, "retry_after", None)
            log.info("delivery_failed", assistant=row.assistant, code=error.code, attempts=row.attempts + 1)
            if error.retryable:
                await self._failed(row, assistant, error, pause)
            else:
                await self._give_up(row, assistant, error)
        except Exception as error:
            # As for answers: whatever goes wrong in an assistant, the others go on. Its next version may do it.
            log.error("assistant_bug", assistant=row.assistant, **describe(error))
            await self._failed(row, assistant, InternalError(), None)
        else:
            await self._store.drop_outgoing(row)

    async def _failed(
        self, row: OutboxRow, assistant: Assistant, error: VoiceError, asked_for: float | None
    ) -> None:
        """It is tried again, or has been tried for long enough. `asked_for`: seconds that the other side said."""
        now = self._services.clock()
        tried_for = -seconds_until(row.created, now)
        if tried_for >= self._patience.give_up:
            await self._give_up(row, assistant, error)
            return
        pause = min(self._patience.first_pause * 2.0 ** min(row.attempts, 30), self._patience.longest_pause)
        pause = max(pause * random.uniform(0.75, 1.25), min(asked_for or 0.0, self._patience.longest_pause))
        await self._store.delay_outgoing(row, self._after(now, pause))

    async def _give_up(self, row: OutboxRow, assistant: Assistant, error: VoiceError) -> None:
        log.warning("delivery_given_up", assistant=row.assistant, code=error.code, attempts=row.attempts + 1)
        try:
            if await self._told(row, assistant, error):
                return
        except SessionNotOpen:
            pass  # its user was forgotten
        except StoreUnavailable:
            raise
        except Exception as bug:
            log.error("assistant_bug", assistant=row.assistant, **describe(bug))
        await self._store.drop_outgoing(row)

    async def _told(self, row: OutboxRow, assistant: Assistant, error: VoiceError) -> bool:
        """Whether the session that it came from remembers that it was given up, and the row is gone."""
        effects = list(assistant.undelivered(row.body, error))
        if row.session is None or not effects:
            return False
        sharing = sharing_of(assistant)
        for _ in range(MAX_TRIES_TO_TELL):
            snapshot = await self._store.read_session(row.session, sharing)
            state = assistant.apply(snapshot.state, effects)
            if await self._store.give_up_outgoing(row, snapshot, state):
                return True
        return False

    def _after(self, now: datetime, seconds: float) -> str:
        return timestamp(now + timedelta(seconds=seconds))
