"""Amounts in words: "over fifty dollars", "between ten and twenty bucks", "exactly $12.50"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from receiver.bank.number_words import normalise

ABOUT = Decimal("0.1")
"""How far "about" reaches, to both sides."""


@dataclass(frozen=True, slots=True)
class AmountBounds:
    """In cents, both ends included; None for an open one."""

    least: int | None = None
    most: int | None = None

    def __contains__(self, units: int) -> bool:
        return (self.least is None or units >= self.least) and (self.most is None or units <= self.most)


@dataclass(frozen=True, slots=True)
class FoundBounds:
    bounds: AmountBounds
    rest: str
    """The other words, normalised."""


_COUNTED = (
    r"(?! (?:hours?|days?|weeks?|fortnights?|months?|years?|transactions?|payments?|purchases?|times?)\b)"
)
_NUMBER = r"\d{1,9}(?:\.\d{1,2})?"
_DOLLARS = r"(?:australian )?(?:dollars?|bucks?|aud|quid)"
_CENTS = r"(?: (?:and )?(?P<{0}_cents>\d{{1,2}})(?: cents?)?(?![\w.]))?"


def _amount(name: str) -> str:
    """A sum of money: "$12.50", "12 dollars 50", "12 dollars and 50 cents", "50 cents"; alone, "12.50" and "12 50"."""
    return (
        rf"(?:(?P<{name}_cents_only>\d{{1,2}}) cents?(?!\w)"
        rf"|(?P<{name}>\$)?(?P<{name}_number>{_NUMBER})(?P<{name}_thousand> ?k| grand)?(?![\w.])"
        rf"(?: (?P<{name}_dollars>{_DOLLARS})(?!\w))?{_CENTS.format(name)}"
        rf"(?({name})|(?({name}_dollars)|{_COUNTED})))"
    )


_BETWEEN = re.compile(rf"(?<!\w)(?:between|from) {_amount('low')} (?:and|to) {_amount('high')}")
_MORE = re.compile(
    rf"(?<!\w)(?<!no )(?<!not )"
    rf"(?P<how>over|above|more than|greater than|bigger than|larger than|higher than|exceeding|"
    rf"upwards of|at least|no less than|not less than|a minimum of) {_amount('low')}"
)
_LESS = re.compile(
    rf"(?<!\w)(?P<how>no more than|not more than|at most|up to|a maximum of|under|below|less than|smaller than|"
    rf"lower than|cheaper than) {_amount('high')}"
)
_ABOUT = re.compile(rf"(?<!\w)(?:around|about|roughly|approximately|almost|nearly) {_amount('low')}")
_EXACT = re.compile(rf"(?<!\w)(?:(?:for|of|exactly|worth|was|costing) )*{_amount('low')}")

_INCLUDED = ("at least", "no less than", "not less than", "a minimum of")
_EXCLUDED = ("under", "below", "less than", "smaller than", "lower than", "cheaper than")


def find_bounds(words: str) -> FoundBounds | None:
    """The bounds that are named in `words`.

    A number without a word for money counts only after a comparison ("over fifty"), and not where something else is
    counted ("over ten days"). "More than fifty" leaves out fifty itself.
    """
    text = normalise(words)
    for pattern, make in _FORMS:
        match = pattern.search(text)
        bounds = None if match is None else make(match)
        if match is not None and bounds is not None:
            return FoundBounds(bounds, " ".join((text[: match.start()] + text[match.end() :]).split()))
    return None


def _cents(match: re.Match[str], name: str) -> int:
    if match[f"{name}_cents_only"] is not None:
        return int(match[f"{name}_cents_only"])
    amount = Decimal(match[f"{name}_number"]) * (1_000 if match[f"{name}_thousand"] else 1)
    cents = match[f"{name}_cents"]
    return int(amount * 100) + (int(cents) if cents else 0)


def _between(match: re.Match[str]) -> AmountBounds | None:
    low, high = sorted((_cents(match, "low"), _cents(match, "high")))
    return AmountBounds(low, high)


def _more(match: re.Match[str]) -> AmountBounds | None:
    return AmountBounds(least=_cents(match, "low") + (match["how"] not in _INCLUDED))


def _less(match: re.Match[str]) -> AmountBounds | None:
    return AmountBounds(most=_cents(match, "high") - (match["how"] in _EXCLUDED))


def _about(match: re.Match[str]) -> AmountBounds | None:
    cents = _cents(match, "low")
    reach = int(cents * ABOUT)
    return AmountBounds(cents - reach, cents + reach)


def _exact(match: re.Match[str]) -> AmountBounds | None:
    if not (match["low"] or match["low_dollars"] or match["low_thousand"] or match["low_cents_only"]):
        return None  # a number alone may count anything
    cents = _cents(match, "low")
    return AmountBounds(cents, cents)


_FORMS = ((_BETWEEN, _between), (_MORE, _more), (_LESS, _less), (_ABOUT, _about), (_EXACT, _exact))
