"""How an answer is to be told, by the words of the question: in parts, on average, the biggest, the last three."""

from __future__ import annotations

import re

from receiver.assistants.bank.money_words import (
    DUE,
    I_WAS_PAID,
    INTERNAL,
    PAID_ME,
    PAYEES,
    PAYERS,
    PENDING,
    REFUND,
    SETTLED,
)
from receiver.assistants.bank.patterns import Pattern
from receiver.assistants.bank.peak_words import by_day_of, peak_of
from receiver.assistants.bank.question import By, Flow, Kind, Order, Per

LARGEST = Pattern(
    r"\b(?:biggest|largest|highest|most expensive|priciest|dearest|maximum|biggest ever)\b"
    r"|\bthe most (?:money )?(?:i|we|i've|we've) (?:have |had )?(?:ever )?(?:spen[dt]|paid|dropped|blown|forked out)\b"
    r"(?! (?:on|at) (?:what|which)\b)"
)

SMALLEST = Pattern(r"\b(?:smallest|lowest|cheapest|least expensive|tiniest|minimum)\b")

OLDEST = Pattern(r"\b(?:oldest|earliest|very first|first (?:time|transaction|payment|purchase))\b")

_BY_CATEGORY = Pattern(
    r"\bspending categories\b|"
    r"\b(?:by|per|each|every|which|what|top|biggest|most|main|into|across)\b(?: \w+){0,3} categor(?:y"
    r"|ies)\b|\bbreak(?: \w+){0,5} down\b|\bbreak ?down\b"
    r"|\bwhat (?:did|do|have|am|are) (?:i|we)(?: \w+)? (?:spend(?:ing)?|spent)(?: \w+){0,3} (?:most"
    r"|least)\b|\bwhat .*(?:most|bulk|majority) of (?:my|our|the) money\b"
    r"|\bwhat (?:is|am) (?:costing|i spending)(?: \w+){0,2} (?:most|on)\b|\bspend(?:ing)? (?:it |that "
    r"|my money |my cash |all my money |the most )on"
    r"(?: lately| recently| these days)?$"
    r"|\bwhat (?:did|do|have) (?:i|we) (?:spend|spent)(?: \w+){0,2} (?:money|it|that|it all) on\b"
    r"|\bsummar(?:y|ise|ize)\b|\bwhere (?:did|does|do|has|is)(?: \w+){0,3} money (?:go|going|gone|went)\b"
    r"|\bwhere's (?:\w+ ){0,3}money (?:going|gone)\b"
)

_BY_MERCHANT = Pattern(
    r"\b(?:which|what|by|per|top|each|biggest|most|favou?rite)\b(?: \w+){0,3} (?:shops?|stores?"
    r"|merchants?|places?|business(?:es)?|retailers?|companies)\b"
    r"|\bwhere (?:do|did|am|have|are) (?:i|we) (?:\w+ )?(?:spend|spent|spending|shop|go)\b|\bwho (?:do"
    r"|did|have) (?:i|we) (?:pay|paid|spend|spent|give|given)\b.*\bmost\b"
    r"|\bwhich (?!categor)\w+ (?:have|did|do|was|is) (?:i|we|most)\b.*\b(?:most|least|of it)\b"
    r"|\bwho(?:'s| has)? (?:been )?(?:paid|given) (?:the )?most\b"
    r"|\bwho (?:got|gets|took|takes|has|had|did|does)(?: \w+){0,3} (?:most|bulk|majority|lion's share)\b"
    r"|\bwhere (?:was|were|is) (?:that|it|those|most of (?:that|it|those))\b"
)

_BY_MONTH = Pattern(
    r"\b(?:going|gone|go|trending|creeping|been) (?:up|down)\b|\bup or down\b|\btrend(?:ing|s)?\b|"
    r"\bmonth by month\b|\bby (?:the )?month\b|\bmonthly (?:breakdown|spending|totals?|summary)\b"
    r"|\bfor each (?:of the )?months?\b|\b(?:each|every|per) month (?:since|over|for|in|this)\b"
)

_BY_WEEK = Pattern(
    r"\bweek by week\b|\bby (?:the )?week\b|\bweekly (?:breakdown|totals?|summary)\b"
    r"|\bfor each week\b|\b(?:each|every|per) week (?:since|over|for|in|this|so far)\b"
)

_AVERAGE = Pattern(
    r"\b(?:average|averages|averaged|usually|normally|typically|generally|tend to|mean|usual|typical)\b"
)

_PER: tuple[tuple[Pattern, Per], ...] = (
    (Pattern(r"\b(?:a|per|each|every|in an average|in a|average) week\b|\bweekly\b|\bweek$"), "week"),
    (Pattern(r"\b(?:a|per|each|every|in an average|in a|average) month\b|\bmonthly\b|\bmonth$"), "month"),
    (Pattern(r"\b(?:a|per|each|every|in a|average) day\b|\bdaily\b|\bday$"), "day"),
)

_PER_ALONE = Pattern(r"\b(?:a|per|each|every) (?:week|month|day)\b|\bweekly\b|\bdaily\b|\bmonthly\b")

_LAST_N = Pattern(
    r"\b(?:last|latest|recent|past|previous|next|first|newest|top|biggest|largest|smallest|cheapest"
    r"|oldest|most expensive|highest) "
    r"(?P<count>\d{1,3}|couple(?: of)?|few)\b(?! (?:days?|weeks?|months?|years?|fortnights?|hours?|times))"
    r"|\b(?P<before>\d{1,3}|couple of|few) (?:most recent|latest|last|recent|biggest|largest|smallest"
    r"|newest|most expensive|cheapest|highest|oldest)\b"
)

_SOME_THINGS = Pattern(
    r"\b(?:(?:last|latest|first|newest|biggest|largest|smallest|cheapest|most recent) (?:\d{1,3}|couple(?: of)?|few)"
    r"|\d{1,3} (?:last|latest|newest|biggest|largest|smallest|cheapest|most recent)) "
    r"(?:things?|items?|ones|transactions|payments|purchases|charges|debits|expenses)\b"
)

LAST_ONE = Pattern(
    r"\b(?:last|latest|most recent|newest|previous)\b(?! (?:\d|few|couple|transactions|payments|purchases"
    r"|charges|ones|things|week|month|year|deposits|refunds|bills))"
)

_ONE = Pattern(
    r"\b(?:biggest|largest|highest|most expensive|priciest|dearest|smallest|lowest|cheapest|oldest|earliest"
    r"|first)\b(?! (?:\d|\w+ies\b|few|couple)| (?:\w+ ){0,2}(?!was\b|is\b|this\b|us\b|has\b|bus\b|gas\b"
    r"|always\b|expenses?\b.*\bwas\b)\w{3,}s\b)"
)

_THAT_ONE = Pattern(
    r"\b(?:was|were|is|what's) that (?:\w+ ){0,2}(?:payment|charge|transaction|purchase|transfer"
    r"|refund|debit)\b(?!.*[\d$])"
)

_THE_MOST = Pattern(r"\bthe most (?:money )?(?:i|we|i've|we've)\b")

_COMPARED = Pattern(
    r"\b(?:more|less|higher|lower|better|worse|compare[ds]?|comparison|versus|vs|difference|than)\b"
)

_OUT = Pattern(
    r"\bwhat (?:did|have) (?:i|we) (?:get|got|order|ordered)\b(?! (?:from|off)\b)|"
    r"\b(?:buy|bought|purchased?|purchases|spend|spent|spending|expenses?|payments?|paid|pay|outgoing"
    r"|cost|bill"
    r"|(?:go|going|gone|went|come|came|coming|taken) out)\b"
    r"|\b(?:go|went|been|visit(?:ed)?|eat|ate|drank) (?:to|at)\b"
)

_USED = Pattern(
    r"\blast time\b|\bwhen did i last\b|\bhow much was\b|\bmy (?:last|latest|most recent) (?!\d"
    r"|transaction|few|couple)\w+"
)


_HAS_SETTLED = Pattern(
    r"^(?:has|have|did|is|was|were|are)\b(?! (?:anything|everything|any|all)\b).*\b(?:cleared?|settled?|processed)\b"
)


def names_some(said: str) -> bool:
    """ "The last three things", "my five biggest purchases"."""
    return _SOME_THINGS.search(said) is not None


def by_of(said: str) -> By:
    peak = peak_of(said)
    if peak is not None:
        return peak[0]
    each_day = by_day_of(said)
    if each_day != "none":
        return each_day
    if _BY_MONTH.search(said) and not _AVERAGE.search(said):
        return "month"
    if _BY_WEEK.search(said) and not _AVERAGE.search(said):
        return "week"
    if _BY_MERCHANT.search(said):
        return "merchant"
    return "category" if _BY_CATEGORY.search(said) else "none"


def per_of(said: str) -> Per | None:
    """For an average. `said` is without the days that it names: "a week ago" is none."""
    if not (_AVERAGE.search(said) or _PER_ALONE.search(said)):
        return None
    return next((per for pattern, per in _PER if pattern.search(said)), "week")


def than_usual(said: str) -> bool:
    """ "More than I normally do", with no unit of time of its own."""
    return _AVERAGE.search(said) is not None and compares(said) and not _PER_ALONE.search(said)


def order_of(said: str) -> Order:
    if LARGEST.search(said):
        return "largest"
    if SMALLEST.search(said):
        return "smallest"
    return "oldest" if OLDEST.search(said) else "newest"


def limit_of(said: str) -> int | None:
    found = _LAST_N.search(said)
    if found is not None:
        count = found["count"] or found["before"]
        number = {"couple": 2, "few": 3}.get(count.split()[0])
        return max(1, min(50, number or int(count)))
    if DUE.search(said) or _THE_MOST.search(said) or _THAT_ONE.search(said):
        return 1
    if LAST_ONE.search(said) or re.search(r"\blast time\b|\bwhen (?:did|was|have)\b", said):
        return 1
    if re.match(r"how much was that \w|(?:how much|what) did (?:i|we) pay for that\b", said):
        return 1
    return 1 if _ONE.search(said) else None


def flow_of_words(kind: Kind, said: str) -> Flow:
    if kind == "income":
        salary = I_WAS_PAID.search(said) and not PAID_ME.search(said) and "interest" not in said
        return "salary" if salary else "in"
    if kind not in ("transactions", "count"):
        return "any"
    if REFUND.search(said):
        return "refund"
    if kind == "transactions" and PAYERS.search(said):
        return "in"
    if kind == "transactions" and PAYEES.search(said):
        return "out"
    if INTERNAL.search(said):
        return "internal"
    if kind == "transactions" and (
        DUE.search(said)
        or _OUT.search(said)
        or order_of(said) in ("largest", "smallest")
        or _USED.search(said)
    ):
        return "out"
    return "any"


def held_of(said: str) -> bool | None:
    if PENDING.search(said):
        return True
    if has_settled(said):
        return None
    return False if SETTLED.search(said) else None


def has_settled(said: str) -> bool:
    """ "Has the Ampol charge cleared yet" is answered with what it is, pending or not."""
    return _HAS_SETTLED.search(said) is not None


def compares(said: str) -> bool:
    return _COMPARED.search(said) is not None
