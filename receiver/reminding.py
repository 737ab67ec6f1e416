"""Asks assistants what is due without anybody having said something, at its time: once, however many receivers.

What an assistant answers goes into the outbox, in the transaction that stores its state without it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import structlog

from protocol.errors import StoreUnavailable
from receiver.assistants.assistant import Assistant
from receiver.clock import timestamp
from receiver.faults import describe
from receiver.services import Services
from receiver.sharing import sharing_of
from receiver.store import Sharing
from receiver.worker import POLL_SECONDS, Worker, seconds_until

log = structlog.get_logger(__name__)

BATCH = 100
"""Users that are asked about before the store is asked for more."""

TROUBLE_SECONDS = 30.0
"""Pause for what an assistant fails at, or leaves as due as it was."""

TROUBLED_POLL_SECONDS = 1.0
"""Pause while all that is due is such: what is due next is not seen behind it."""


class Reminding(Worker):
    def __init__(self, services: Services, poll_seconds: float = POLL_SECONDS) -> None:
        super().__init__(poll_seconds)
        self._services = services
        self._store = services.store
        self._assistants: dict[str, tuple[Assistant, Sharing]] = {}
        for assistant in services.assistants.values():
            sharing = sharing_of(assistant)
            if sharing is not None and type(assistant).due is not Assistant.due:
                self._assistants[sharing.key] = (assistant, sharing)
        self._keys = sorted(self._assistants)
        self._asked: set[tuple[str, str]] = set()
        """In the round before."""
        self._troubled: dict[tuple[str, str], str] = {}
        """When to ask again, where asking did not help: else it would be asked about for ever."""

    def start(self) -> None:
        """Nothing runs where nothing is ever due."""
        if self._keys:
            self._services.signals.shared = self.wake
            super().start()

    async def _round(self) -> float:
        now = self._services.clock()
        moment = timestamp(now)
        self._troubled = {at: until for at, until in self._troubled.items() if until > moment}
        first = await self._store.next_due(self._keys)
        if seconds_until(first, now) > 0:
            self._asked.clear()
            return seconds_until(first, now)
        due = await self._store.read_due(self._keys, moment, BATCH + len(self._troubled))
        again = timestamp(now + timedelta(seconds=TROUBLE_SECONDS))
        self._troubled |= {at: again for at in due if at in self._asked}
        self._asked = {at for at in due if at not in self._troubled}
        for user, key in due:
            if (user, key) in self._asked and not await self._ask(user, key, now):
                self._troubled[user, key] = again
        return 0.0 if self._asked else TROUBLED_POLL_SECONDS

    async def _ask(self, user: str, key: str, now: datetime) -> bool:
        """False: the assistant failed."""
        assistant, sharing = self._assistants[key]
        try:
            given = await self._store.apply_due(
                user, assistant.name, sharing, timestamp(now), partial(assistant.due, now=now)
            )
        except StoreUnavailable:
            raise
        except Exception as error:
            # As for answers: what goes wrong in an assistant for somebody must keep nobody else waiting.
            log.error("assistant_bug", assistant=assistant.name, **describe(error))
            return False
        if given:
            self._services.signals.outgoing()
        return True
