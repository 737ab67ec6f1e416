"""Amounts in what a language model says: each has to be one that the bank, or the text about it, gave in this turn.

A model may add up wrongly, remember another figure or be talked into one, by a person or by the name of a merchant. So
every number of a sentence that can be an amount is compared with those that tools have answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from receiver.bank.number_words import normalise

SMALL = 31
"""A number alone up to this is a count or a day, or does no harm as one."""

_WORDS_OF_OTHERS = frozenset(
    {"description", "name", "tag", "tags", "merchants", "account", "error", "message"}
)
"""Keys of what people and shops call things: an amount in there is none."""

_OUR_TEXTS = frozenset({"passage", "label"})
"""Keys of texts that may be quoted: about the bank, and of a period ("in the last 90 days")."""

_POWERS = {
    "hundred": 100, "thousand": 1_000, "k": 1_000, "grand": 1_000, "million": 1_000_000, "m": 1_000_000,
    "billion": 1_000_000_000,
}  # fmt: skip
_MONEY = re.compile(r"-?\$[\d,]+(?:\.\d\d)?")
_FOREIGN = r"euros?|pounds?|yen|us dollars?|usd|rupees?|yuan"
_AMOUNT = re.compile(
    r"(?<![\w.:/-])(?P<dollar>\$)?(?P<number>\d+(?:\.\d+)?)"
    r"(?: ?(?P<power>hundred|thousand|k|grand|million|m|billion)(?!\w))?(?![\w:/-]|\.\d)"
    rf"(?: (?:(?P<unit>(?:australian )?(?:dollars?|bucks?|aud|quid))|(?P<only_cents>cents?)"
    rf"|(?P<percent>per ?cent)|(?P<foreign>{_FOREIGN}))(?!\w))?"
    r"(?(dollar)|(?(unit)(?: (?:(?:and )?(?P<cents>\d{1,2}) cents?|(?P<short>\d\d))(?![\w.:/-]))?))"
)
_OF_A_DATE = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|in|of|since|year|until|"
    r"till|\d(?:st|nd|rd|th)),?$"
)

Kind = Literal["money", "number", "other"]


@dataclass(frozen=True, slots=True)
class Claim:
    kind: Kind
    """`other`: a share, or money of another currency, which no tool gives."""
    cents: int
    whole: bool
    """No cents were said."""


class Sums:
    """The amounts that may be said."""

    def __init__(self) -> None:
        self._cents: set[int] = set()
        self._numbers: set[int] = set()

    def learn(self, data: object) -> None:
        """Take in every amount and number of a tool's result: `"$12.50"`, whole numbers, how many are listed."""
        if isinstance(data, Mapping):
            for key, value in data.items():
                if key in _OUR_TEXTS and isinstance(value, str):
                    self._learn_text(value)
                elif key not in _WORDS_OF_OTHERS:
                    self.learn(value)
        elif isinstance(data, str):
            if _MONEY.fullmatch(data):
                self._cents.add(int(Decimal(data.lstrip("-$").replace(",", "")) * 100))
        elif isinstance(data, Sequence):
            self._numbers.add(len(data))
            for part in data:
                self.learn(part)
        elif isinstance(data, int) and not isinstance(data, bool):
            self._numbers.add(abs(data))

    def _learn_text(self, text: str) -> None:
        for claim in claims(text):
            if claim.kind == "money":
                self._cents.add(claim.cents)
            else:
                self._numbers.add(claim.cents // 100)

    def allow(self, cents: int) -> None:
        """An amount that the person named and that was searched for: "none over fifty dollars"."""
        self._cents.add(cents)

    def bear_out(self, sentence: str) -> bool:
        """Whether every amount in the sentence is known, a whole one within rounding."""
        return all(self._knows(claim) for claim in claims(sentence))

    def _knows(self, claim: Claim) -> bool:
        if claim.kind != "money" and claim.cents % 100 == 0 and claim.cents // 100 in self._numbers:
            return True
        if claim.kind == "other":
            return False
        if claim.kind == "number" and claim.cents <= SMALL * 100:
            return True
        room = 50 if claim.whole else 0
        return any(abs(claim.cents - known) <= room for known in self._cents)


def claims(sentence: str) -> Iterator[Claim]:
    """The numbers of a sentence that say how much of something there is; dates and times are left out."""
    text = normalise(re.sub(r"[€£¥]", "$", sentence).replace("%", " percent "))
    for found in _AMOUNT.finditer(text):
        number = Decimal(found["number"]) * _POWERS.get(found["power"] or "", 1)
        if found["only_cents"]:
            yield Claim("money", int(number), whole=False)
        elif found["percent"] or found["foreign"]:
            yield Claim("other", int(number * 100), whole=True)
        elif found["dollar"] or found["unit"]:
            cents = found["cents"] or found["short"]
            whole = "." not in found["number"] and cents is None
            yield Claim("money", int(number * 100) + int(cents or 0), whole)
        elif "." in found["number"]:
            yield Claim("money", int(number * 100), whole=False)
        elif not _is_year(found["number"], text[: found.start()]):
            yield Claim("number", int(number * 100), whole=True)


def _is_year(number: str, before: str) -> bool:
    return len(number) == 4 and number[:2] in ("19", "20") and _OF_A_DATE.search(before.rstrip()) is not None


_DONE = r"put|moved|changed|set|tagged|untagged|removed|added|updated|(?:re)?categori[sz]ed|filed"
_CHANGED = re.compile(
    rf"\bI(?:'ve|’ve| have)?(?: just| also| now)? (?:{_DONE}|transferred|paid|sent|cancell?ed|locked|frozen|blocked)\b"
    rf"|\b(?:(?:has|have) been|(?:is|are) now) (?:{_DONE})\b"
    rf"|^\s*(?:(?:Done|Tagged|Moved|Changed|Updated|Categori[sz]ed)\b|(?:Transferred|Paid|Sent)[.!])",
    re.IGNORECASE,
)


def claims_change(sentence: str) -> bool:
    """Whether it says that something was done, which the adviser never does: it only proposes."""
    return _CHANGED.search(sentence) is not None
