"""How the bank assistant says money, days and lists: short, for the ear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from receiver.bank.models import AUSTRALIAN_DOLLARS, Money
from receiver.bank.number_words import ordinal
from receiver.bank.period_points import MONTHS, WEEKDAYS

MAX_SAID = 5
"""Things that are read out one by one; of more, the first of them and how many others."""

_NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def money(amount: Money) -> str:
    """ "$1,234.50", "$5", "-$20.05", "43 cents"; other currencies by their code: "1,200 JPY"."""
    value = abs(amount.value)
    places = 0 if value == int(value) else amount.places
    sign = "-" if amount.units < 0 else ""
    if amount.currency == AUSTRALIAN_DOLLARS:
        if 0 < abs(amount.units) < 100:
            return f"{sign}{abs(amount.units)} cent{'' if abs(amount.units) == 1 else 's'}"
        return f"{sign}${value:,.{places}f}"
    return f"{sign}{value:,.{places}f} {amount.currency}"


def plain_amount(amount: Money) -> str:
    """For data: "1234.50"."""
    return f"{amount.value:.{amount.places}f}"


def number(value: int) -> str:
    return _NUMBERS[value] if 0 <= value < len(_NUMBERS) else f"{value:,}"


def count(value: int, noun: str) -> str:
    """ "one purchase", "13 purchases", "no purchases"."""
    ending = "" if value == 1 else "es" if noun.endswith(("s", "sh", "ch")) else "s"
    return f"{number(value)} {noun}{ending}"


def join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def some(parts: Sequence[str], total: int | None = None, at_most: int = MAX_SAID) -> str:
    """All of them, or the first and how many more; parts may have commas in them."""
    total = len(parts) if total is None else total
    parts = list(parts[:at_most])
    if total > len(parts):
        return f"{'; '.join(parts)}; and {number(total - len(parts))} more"
    if len(parts) < 3 and not any(", " in part for part in parts):
        return " and ".join(parts)
    return parts[0] if len(parts) == 1 else f"{'; '.join(parts[:-1])}; and {parts[-1]}"


def day(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """ "today", "yesterday", "on Friday", "on the 5th of March", "on the 5th of March 2025"."""
    return day_of(moment.astimezone(zone).date(), now.astimezone(zone).date())


def day_of(on: date, today: date) -> str:
    ago = (today - on).days
    if 0 <= ago < 2:
        return ("today", "yesterday")[ago]
    if 2 <= ago < 7:
        return f"on {WEEKDAYS[on.weekday()]}"
    return f"on {date_of(on, today)}"


def date_of(on: date, today: date) -> str:
    year = f" {on.year}" if (today - on).days > 300 else ""
    return f"the {ordinal(on.day)} of {MONTHS[on.month - 1]}{year}"


def category(name: str) -> str:
    """ "Rent & Mortgage" is "rent and mortgage"; what is a name of its own stays: "TV"."""
    words = name.replace("&", "and").split()
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)


def account(name: str) -> str:
    """Without its emoji."""
    kept = "".join(letter for letter in name if letter.isalnum() or letter in " '&-.,()/")
    return " ".join(kept.split()) or "an account without a name"


def no_account(said: str | None) -> str:
    """One that was not found, by its name if that can be one."""
    return f"an account called {said}" if said and len(said.split()) <= 4 else "that account"


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
