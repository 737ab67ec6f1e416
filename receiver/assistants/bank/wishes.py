"""What somebody wants changed: "put that in groceries", "tag the Uber one as work", "take it out of restaurants"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from receiver.assistants.bank.patterns import Pattern
from receiver.assistants.bank.reading import CORRECTED
from receiver.assistants.bank.slots import clean
from receiver.bank.amounts import find_bounds
from receiver.bank.category_words import find_category

Do = Literal["categorise", "uncategorise", "tag", "untag"]


@dataclass(frozen=True, slots=True)
class Wish:
    do: Do
    which: str
    """The words for the transaction, normalised."""
    to: str
    """The words for the category or the tag; empty where a category is only taken away."""


_INTRO = (
    r"^(?:(?:no|yes|okay|ok|actually|oh|and|then|so|now|please|also|just|can|could|would|will|you|i|we"
    r"|want|need|like|to|let's|let|us|i'd|should"
    r"|go ahead and) )*"
)
_PUT = (
    r"(?:re)?(?:put|move|file|categori[sz]e|set|mark|change|make|assign|switch|sort|shift|class|classify"
    r"|count|stick|log|add|place)"
)
_THING = (
    r"(?P<which>(?:that|this|it|them|those|these|the|my|yesterday's|today's|both|last|first|second|third"
    r"|all)\b.*?|.+? (?:one|transaction|payment|purchase)s?)"
)
_ONE = (
    r"(?P<which>that|this|it|that 1|this 1"
    r"|(?:the|my) (?:last )?(?:[\w']+ ){1,3}?(?:one|1|transaction|payment|purchase))"
)
_TEXTS: tuple[tuple[Do, str], ...] = (
    ("untag", rf"{_INTRO}(?:remove|take|delete|drop|strip) (?:the |my )?(?:tag (?P<to>.+?)"
              rf"|(?P<other>.+?) tag) (?:from|off(?: of)?|on) {_THING}$"),
    ("untag", rf"{_INTRO}untag (?P<to>.+?) (?:from|off(?: of)?) {_THING}$"),
    ("untag", rf"{_INTRO}untag {_THING}(?: (?:as|from) (?P<to>.+))?$"),
    ("untag", rf"{_INTRO}(?:remove|take|delete|drop) (?:the |its )?tag (?:from|off(?: of)?|on) {_THING}$"),
    ("tag", rf"{_INTRO}(?:add|put|give|stick|attach) (?:the |a |my )?(?:tag (?:called |named "
            rf"|of )?(?P<to>.+?)|(?P<other>.+?) tag) (?:to|on|onto|for) {_THING}$"),
    ("tag", rf"{_INTRO}(?:give) {_THING} (?:the |a )?(?:tag (?:called |named )?(?P<to>.+)"
            rf"|(?P<other>.+?) tag)$"),
    ("tag", rf"{_INTRO}(?:tag|label) {_THING} (?:as|with|for|under) (?:the tag |a |an )?(?P<to>.+)$"),
    ("tag", rf"{_INTRO}(?:tag|label) (?P<which>that|this|it|that one|this one|the last one) (?P<to>.+)$"),
    ("tag", rf"{_INTRO}(?:tag|label) (?P<which>the .+? (?:one|transaction|payment|purchase)) (?P<to>.+)$"),
    ("tag", rf"{_INTRO}(?:tag|label) (?P<which>(?:the |all |my |those |these )*[\w' ]+? (?:ones?|1|transactions?"
            rf"|payments?|purchases?|trips?)) (?P<to>.+)$"),
    ("categorise", rf"{_INTRO}{_ONE}(?:(?:'s| is| was) not|'s never| isn't| wasn't) (?P<other>.+?) (?:it's|it is|it was"
                   rf"|that's|that is|but|more like|it should be|should be|make it|it belongs in|it goes in)"
                   rf" (?:really |actually |more |like |a |an |in |under |the |for )*(?P<to>.+)$"),
    ("categorise", rf"{_INTRO}{_ONE}(?:'s| is| was) (?:really |actually |more |like |a |an |in |under |the |for )*"
                   rf"(?P<to>.+?) (?:and )?not (?:really |a |an |in |under |the |for )*(?P<other>.+)$"),
    ("uncategorise", rf"{_INTRO}(?:take|move|get|pull|remove) {_THING} (?:out of|from|off) (?:the "
                     rf"|my )?(?P<to>.+)$"),
    ("uncategorise", rf"{_INTRO}(?:remove|clear|delete|take) (?:the |its )?category (?:from|of|off"
                     rf"|on) {_THING}$"),
    ("uncategorise", rf"{_INTRO}(?:uncategori[sz]e|decategori[sz]e) {_THING}$"),
    ("categorise", rf"{_INTRO}{_PUT} {_THING} (?:into|in|to|under|as|onto) (?:the |a |an |my "
                   rf"|category )*(?P<to>.+)$"),
    ("categorise", rf"{_INTRO}(?P<which>that|this|it|that one|this one|the .+?) (?:should (?:be|go)"
                   rf"|belongs|is really|is actually|was actually|was really|goes|counts|needs to be)"
                   r"(?: (?:in|into|under|as|to))*(?: the)? (?P<to>.+)$"),
)  # fmt: skip
_FORMS = tuple((do, Pattern(pattern)) for do, pattern in _TEXTS)
_TRANSACTION = Pattern(
    r"^(?:that|this|it|them|those|these|both)\b|\b(?:one|ones|transactions?|payments?|purchases?|charges?"
    r"|order|trip|bill|shop|coffee|dinner)\b|^(?:my|the) last\b"
)
_NO_TAG = Pattern(r"^(?:the |a |an |my |tag |called |named )+| (?:tag|please|instead)$")


def read_wish(text: str) -> Wish | None:
    """None where it asks for no change of a transaction, such as to move money."""
    first, *corrections = CORRECTED.split(clean(text)[:300])
    wish = _read(first.strip())
    for correction in corrections:
        other = _read(correction.strip())
        to = re.sub(r"^(?:in|into|to|as|under|the|it|that|with|put|tag) ", "", correction.strip())
        if other is not None:
            wish = other
        elif wish is not None and to:
            wish = replace(wish, to=to)
    return wish


def _read(said: str) -> Wish | None:
    for do, pattern in _FORMS:
        found = pattern.match(said)
        if found is None:
            continue
        groups = found.groupdict()
        to = (groups.get("to") or groups.get("other") or "").strip()
        which = found["which"].strip()
        if not which or not _is_one(do, which, to):
            continue
        if do in ("tag", "untag"):
            to = _NO_TAG.sub("", to).strip()
            if not to and do == "tag":
                continue
        return Wish(do, which, re.sub(r" (?:category|instead|please)$", "", to))
    return None


def _is_one(do: Do, which: str, to: str) -> bool:
    """A sum of money and an account are no transaction and no category."""
    if do in ("tag", "untag"):
        return True
    named = find_category(to) is not None or "categor" in to
    if do == "uncategorise" and not to:
        return True
    if find_bounds(which) is not None and _TRANSACTION.search(which) is None:
        return False
    return named or (
        _TRANSACTION.search(which) is not None
        and len(to.split()) <= 4
        and do == "categorise"
        and not re.search(r"\b(?:savings?|account|saver|fund|loan)\b", to)
    )


_BACK = Pattern(
    r"(?:undo|revert|reverse)(?: (?:that|it|this|the last one|the change|my last change|the last change))?"
    r"|(?:put|change|move|switch|set|take) (?:it|that|them) back(?: again| to (?:how|what|where) it was)?"
    r"|go back|(?:i )?(?:did not|didn't) (?:mean|want) that|that was (?:wrong|a mistake)"
    r"|(?:put|change) it (?:back )?(?:to )?(?:how|what|the way|where) it was"
)


def wants_back(text: str) -> bool:
    return _BACK.fullmatch(clean(text)) is not None
