"""How calls to the emulated bank go wrong, on request of a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass
class Fault:
    """Meets calls whose path contains `path`, `times` of them, the earliest added first.

    With a `status` the call is refused with it; `delay` (seconds) comes before anything else, and alone only slows the
    call down. `lost` says how the connection is lost: before an answer, half-way through it, or after the call was
    carried out; `hang` means that no answer ever comes, and `garbage` that it is no JSON.
    """

    path: str = ""
    method: str | None = None
    times: int | None = 1
    """None: all of them."""
    status: int = 0
    retry_after: str | None = None
    delay: float = 0.0
    lost: Literal["before", "within", "after"] | None = None
    hang: bool = False
    garbage: bool = False
    body: bytes | None = None
    """In place of the answer."""

    def meets(self, method: str, path: str) -> bool:
        return self.times != 0 and self.path in path and self.method in (None, method)


TITLES = {
    400: "Bad Request",
    401: "Not Authorized",
    403: "Forbidden",
    404: "Not Found",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
