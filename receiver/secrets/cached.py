"""What was found in a secret store, kept for a few minutes, so that a conversation asks it once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

import structlog
from pydantic import SecretStr

from protocol.errors import SecretsUnavailable
from receiver.secrets.secret_store import SecretStore

log = structlog.get_logger(__name__)

KEPT_SECONDS = 300.0
"""A secret that is replaced in the store is used for so long yet."""

ABSENT_SECONDS = 30.0
"""A secret that has been put there is found after so long."""

MAX_KEPT = 1_000
"""Past it those are forgotten that nobody has asked for the longest; they are looked up again."""

FIND_SECONDS = 10.0
"""Longest look-up; then `SecretsUnavailable`."""

MAX_ASKED = 32
"""Look-ups at once. More wait, within their own time."""

Key = tuple[str, str]


class CachedSecrets:
    """A `SecretStore` in front of `store`. Whoever asks while the same is being looked up waits for that."""

    def __init__(
        self,
        store: SecretStore,
        *,
        kept_seconds: float = KEPT_SECONDS,
        absent_seconds: float = ABSENT_SECONDS,
        find_seconds: float = FIND_SECONDS,
        max_kept: int = MAX_KEPT,
    ) -> None:
        self._store = store
        self._kept_seconds, self._absent_seconds = kept_seconds, absent_seconds
        self._find_seconds, self._max_kept = find_seconds, max_kept
        self._found: OrderedDict[Key, tuple[float, SecretStr | None]] = OrderedDict()
        self._asked: dict[Key, asyncio.Task[SecretStr | None]] = {}
        self._places = asyncio.Semaphore(MAX_ASKED)

    async def find(self, service: str, user: str) -> SecretStr | None:
        key = (service, user)
        if (found := self._found.get(key)) is not None:
            until, secret = found
            if asyncio.get_running_loop().time() < until:
                self._found.move_to_end(key)
                return secret
            del self._found[key]
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = asyncio.create_task(self._look_up(key))
            asked.add_done_callback(lambda task: self._note(key, task))
        # Shielded: others may wait for it, too, when this one is told to stop.
        return await asyncio.shield(asked)

    async def aclose(self) -> None:
        self._found.clear()
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._store.aclose()

    async def _look_up(self, key: Key) -> SecretStr | None:
        try:
            async with asyncio.timeout(self._find_seconds), self._places:
                return await self._store.find(*key)
        except TimeoutError:
            log.warning("secrets_unavailable", service=key[0], cause="time-out")
            raise SecretsUnavailable from None

    def _note(self, key: Key, task: asyncio.Task[SecretStr | None]) -> None:
        """A failure is not kept: whoever asks next asks anew."""
        del self._asked[key]
        if task.cancelled() or task.exception() is not None:
            return
        secret = task.result()
        seconds = self._absent_seconds if secret is None else self._kept_seconds
        self._found[key] = (asyncio.get_running_loop().time() + seconds, secret)
        if len(self._found) > self._max_kept:
            self._found.popitem(last=False)
