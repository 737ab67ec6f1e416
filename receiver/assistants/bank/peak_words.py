"""Words that ask for the day, week or month in which most or least was spent."""

from __future__ import annotations

from receiver.assistants.bank.patterns import Pattern
from receiver.assistants.bank.question import By, Order

_UNIT = r"(?P<unit>days?|dates?|weekday|weeks?|fortnight|months?|weekends?)"
_MOST = r"most|biggest|highest|heaviest|worst|dearest|priciest|largest|(?:most )?expensive|exxiest|maximum"
_LEAST = r"least|lowest|smallest|cheapest|lightest|best|quietest|least expensive|minimum"
_THING = (
    r"(?! (?:\w+ ){0,2}(?:purchases?|payments?|transactions?|expenses?|bills?|things?|items?|shop"
    r"|order|amount|buy)\b)"
)
_WHICH = Pattern(
    rf"\b(?:which|what)(?:'s| is| was| were)? (?:single |one |exact )?{_UNIT}\b(?P<habit> of the week)?.*?"
    rf"\b(?:(?P<most>{_MOST})|(?P<least>{_LEAST}))\b{_THING}"
)
_NAMED = Pattern(
    rf"\b(?:(?P<most>{_MOST})|(?P<least>{_LEAST})) (?:(?:spending|spend|shopping|money|single) )?{_UNIT}\b"
    rf"(?P<habit> of the week)?"
)
_IN_ONE = Pattern(
    rf"\b(?P<most>(?:the |my )?most)(?P<least>\b) (?:money )?(?:i|we|i've|we've)\b.* (?:in|on) (?:a"
    rf"|an|one|any) (?:single |one )?{_UNIT}(?P<habit>\b)"
)
_WHEN = Pattern(
    rf"\bwhen (?:did|do|have|was|were|am|are) (?:i|we)(?: \w+)? (?:spend|spent|spending|splurge|blow|blown)\b.*?"
    rf"\b(?:(?P<most>{_MOST})|(?P<least>{_LEAST}))\b{_THING}(?! (?:at|on) \w+$)"
)
_HABIT = Pattern(
    r"\b(?:do|am|are) (?:i|we)\b|\b(?:usually|normally|typically|generally|tend to|on average)\b"
)
_DAY_BY_DAY = Pattern(
    r"\bday by day\b|\bby (?:the )?day\b(?! of)|\bdaily (?:breakdown|totals?|summary)\b|\b(?:for|on) each day\b"
    r"|\b(?:each|every|per) day (?:since|over|for|in|this|last|so far)\b"
)
_BY_DAY_OF_WEEK = Pattern(r"\b(?:by|per|each|every|for each) (?:day of the week|weekday)\b")


def peak_of(said: str) -> tuple[By, Order] | None:
    """By what time it is asked for, and which of its ends: the largest or the smallest."""
    for pattern in (_WHICH, _NAMED, _IN_ONE, _WHEN):
        found = pattern.search(said)
        if found is None:
            continue
        order: Order = "largest" if found["most"] else "smallest"
        if pattern is _WHEN:
            return "day", order
        unit = found["unit"].removesuffix("s")
        if found["habit"] or unit == "weekday" or (unit == "day" and _HABIT.search(said)):
            return "weekday", order
        if unit in ("day", "date"):
            return "day", order
        return ("month" if unit == "month" else "week"), order
    return None


def is_habit(said: str) -> bool:
    """What somebody does again and again, rather than what they did."""
    return _HABIT.search(said) is not None


def by_day_of(said: str) -> By:
    """Not the most of them, but each: "day by day"."""
    if _BY_DAY_OF_WEEK.search(said):
        return "weekday"
    return "day" if _DAY_BY_DAY.search(said) else "none"
