"""What is said when the bank does not do what it was asked."""

from __future__ import annotations

import math

from protocol.errors import BankBusy, BankError


def say_error(error: BankError) -> str:
    """One sentence. A wait that the bank asks for is said in words."""
    seconds = error.retry_after if isinstance(error, BankBusy) else None
    if seconds is None or not 0 < seconds < 86_400:
        return error.message
    return f"Your bank gets too many requests right now; please ask again {_in_words(seconds)}."


def _in_words(seconds: float) -> str:
    if seconds <= 50:
        return f"in {max(5, math.ceil(seconds / 5) * 5)} seconds"
    minutes = math.ceil(seconds / 60)
    if minutes == 1:
        return "in a minute"
    if minutes < 60:
        return f"in {minutes} minutes"
    hours = math.ceil(minutes / 60)
    return "in an hour" if hours == 1 else f"in {hours} hours"
