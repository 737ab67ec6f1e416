"""Single-use addresses for calls, and the memory of the streams that were there already.

The signature of a WebSocket's address is the same for ever, so an address that is signed once could be used again by
whoever has seen it. `/twilio/voice` therefore gives each call an address of its own, which lets one stream in.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from protocol.errors import SessionRefused
from relay.identity import Identity

TICKET_SECONDS = 60.0
"""How long a ticket waits for its stream. Twilio connects within seconds of reading the TwiML."""

MEMORY_SECONDS = 24 * 3600.0
"""How long a call has no other ticket, and a stream is known to have been there: as long as Twilio lets a call last."""

MAX_REMEMBERED = 100_000
"""Calls and streams that are remembered; past it the oldest are forgotten first."""

NOT_VALID = "This call's address has been used already, or is not valid any more."

V = TypeVar("V")


@dataclass(slots=True)
class Ticket:
    """Lets one stream of one call in."""

    code: str
    call_sid: str
    identity: Identity
    """Whose call it is."""
    until: float
    """When it ends, on the clock of its store."""
    used: bool = False


class Tickets:
    """All of this relay's tickets. `clock` is in seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_call: _Remembered[Ticket] = _Remembered(clock)
        self._by_code: _Remembered[Ticket] = _Remembered(clock)
        self._streams: _Remembered[bool] = _Remembered(clock)

    def issue(self, call_sid: str, identity: Identity) -> Ticket:
        """The call's ticket. Asking again gives the same one, used or not: a replayed webhook lets nobody in."""
        ticket = self._by_call.get(call_sid)
        if ticket is None:
            ticket = Ticket(secrets.token_urlsafe(32), call_sid, identity, self._clock() + TICKET_SECONDS)
            self._by_call.put(call_sid, ticket)
            self._by_code.put(ticket.code, ticket)
        return ticket

    def check(self, code: str) -> Ticket:
        """The ticket, if it still lets a stream in. Raises `SessionRefused`."""
        ticket = self._by_code.get(code)
        if ticket is None or ticket.used or self._clock() >= ticket.until:
            raise SessionRefused(NOT_VALID)
        return ticket

    def use(self, code: str) -> Ticket:
        """As `check`; from now on it lets nobody in."""
        ticket = self.check(code)
        ticket.used = True
        return ticket

    def used(self, code: str) -> Ticket | None:
        """The ticket that let a stream in under this address."""
        ticket = self._by_code.get(code)
        return ticket if ticket is not None and ticket.used else None

    def first_time(self, call_sid: str, stream_sid: str) -> bool:
        """Whether this stream of this call has not been here before."""
        key = f"{call_sid} {stream_sid}"  # neither has a space
        if self._streams.get(key):
            return False
        self._streams.put(key, True)
        return True


class _Remembered(Generic[V]):
    """Values by key, for `MEMORY_SECONDS` and `MAX_REMEMBERED` of them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._values: OrderedDict[str, tuple[float, V]] = OrderedDict()  # the oldest first

    def get(self, key: str) -> V | None:
        self._forget()
        found = self._values.get(key)
        return found[1] if found is not None else None

    def put(self, key: str, value: V) -> None:
        """Each key is put once."""
        self._values[key] = (self._clock() + MEMORY_SECONDS, value)
        if len(self._values) > MAX_REMEMBERED:
            self._values.popitem(last=False)

    def _forget(self) -> None:
        now = self._clock()
        while self._values and next(iter(self._values.values()))[0] <= now:
            self._values.popitem(last=False)
