"""Transactions are tried again when what went wrong may pass."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from protocol.errors import StoreUnavailable

log = structlog.get_logger(__name__)

T = TypeVar("T")

RETRY_SECONDS = (0.1, 0.3, 0.9)
"""Pauses before the second, third and fourth try of a transaction; then `store_unavailable`."""

DATABASE_ERRORS = (DBAPIError, PoolTimeout, OSError)
"""What comes of a database that cannot be used; `OSError`, with `TimeoutError`, from connecting to it."""

_PASSING_STATES = ("40001", "40P01", "55P03", "57014", "57P", "53", "08", "25P03", "23503")
"""Beginnings of SQLSTATEs (https://www.postgresql.org/docs/current/errcodes-appendix.html): serialization failure,
deadlock, lock not available, time-out, shutdown and start, too few resources, connection, idle for too long; and a
reference to a row that is gone: somebody was forgotten just then."""


def may_pass(error: Exception) -> bool:
    """Whether the same transaction may succeed in a moment: locked, too slow, disk full or failing, no link.

    One that got no connection has waited long enough.
    """
    if isinstance(error, (OperationalError, InterfaceError, OSError)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or str(state).startswith(_PASSING_STATES)


def reason(error: Exception) -> str:
    """The driver's own words, or for Postgres, which quotes values in them, the kind of error."""
    cause = getattr(error, "orig", None) or error
    if state := getattr(cause, "sqlstate", None):
        return f"{type(cause.__cause__ or cause).__name__} ({state})"
    return str(cause) or type(cause).__name__


async def retry(transaction: Callable[[], Awaitable[T]], pauses: tuple[float, ...]) -> T:
    """What `transaction` gives, tried once more after each of `pauses`. Raises one of `DATABASE_ERRORS`.

    Every transaction may be run again: one whose outcome got lost finds its own traces.
    """
    for pause in pauses:
        try:
            return await transaction()
        except DATABASE_ERRORS as error:
            if not may_pass(error):
                raise
            log.warning("store_retry", reason=reason(error), seconds=pause)
        await asyncio.sleep(pause * random.uniform(0.75, 1.25))
    return await transaction()


async def retry_or_give_up(transaction: Callable[[], Awaitable[T]], pauses: tuple[float, ...]) -> T:
    """As `retry`, but raises `StoreUnavailable`."""
    try:
        return await retry(transaction, pauses)
    except DATABASE_ERRORS as error:
        log.error("store_unavailable", reason=reason(error))
        raise StoreUnavailable from error
