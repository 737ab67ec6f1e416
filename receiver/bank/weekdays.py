"""Days of the week that come again: "on weekends", "every Saturday", "on weekdays". One Friday is a period instead."""

from __future__ import annotations

import re
from dataclasses import dataclass

from receiver.bank.number_words import normalise
from receiver.bank.period_points import WEEKDAYS

Weekdays = tuple[int, ...]
"""Numbers of days of the week, Monday 0, in their order."""

WEEKEND: Weekdays = (5, 6)
WORKING: Weekdays = (0, 1, 2, 3, 4)

_DAY = "|".join(WEEKDAYS).lower()
_PART = r"(?: (?:mornings?|afternoons?|arvos?|evenings?|nights?))?"
_EACH = (
    r"(?:every|each|per|(?:an?|any|your|my|the) (?:average|typical|normal|usual|regular|ordinary|given)|an?|any) "
    r"(?:single )?"
)
_LEAD = r"(?:(?:in|on|at|over|during|for|of) )?(?:(?:the|my|our|all|just|only) )*"
_AGAIN = re.compile(
    rf"\b{_LEAD}(?:"
    rf"(?P<weekends>weekends|(?:{_EACH})weekend|(?<=which )weekend|(?<=what )weekend"
    rf"|weekend(?= (?:spend|spending|spends|purchases|expenses|costs)\b))"
    rf"|(?P<working>(?:week ?days|week ?nights|(?:working|work|business) days)"
    rf"|(?:{_EACH})(?:week ?day|week ?night|work(?:ing)? day|business day)"
    rf"|week ?day(?= (?:spend|spending|spends|purchases|expenses|costs)\b)|monday (?:to|through|till) friday)"
    rf"|(?P<days>{_DAY})s{_PART}|(?:{_EACH})(?P<day>{_DAY}){_PART}|(?P<nights>{_DAY}) (?:mornings"
    rf"|arvos|evenings|nights)"
    rf")(?! (?:before|ago))(?!\w)"
)
_IN_THE_WEEK = re.compile(
    r"\b(?:during|through|throughout|in|on) the (?:working |work )?week"
    r"(?! (?:of|to|before|after|starting|beginning|commencing|ending|just)\b)(?!\w)"
)
_ONE_WEEKEND = re.compile(r"\b(?:on|at|over) (?:the|a) weekend(?!\w)|\bweekend(?!\w)")
_LAST_WEEKENDS = re.compile(
    r"\b(?P<lead>(?:in|on|over|for|of) )?the (?:last|past) (?P<count>\d{1,2}|few|couple of) weekends\b"
)
_OTHER_WEEK = re.compile(r"\b(?:last|this|previous) (?:week|month|year|fortnight)\b|\bweekends?\b")


@dataclass(frozen=True, slots=True)
class FoundWeekdays:
    groups: tuple[Weekdays, ...]
    """Each that was named; two where one is set against the other: "on weekends or weekdays"."""
    rest: str
    """The other words, normalised."""

    @property
    def days(self) -> Weekdays:
        return tuple(sorted({day for group in self.groups for day in group}))

    @property
    def parts_of_the_week(self) -> bool:
        """Weekends against the other days."""
        return set(self.groups) == {WEEKEND, WORKING}


def find_weekdays(words: str) -> FoundWeekdays | None:
    """All that `words` name; None where they name none."""
    text = normalise(words)
    last = _LAST_WEEKENDS.search(text)
    if last is not None:
        # The weekends that lie within as many weeks.
        weeks = f"{last['lead'] or 'in '}the last {last['count']} weeks"
        return FoundWeekdays((WEEKEND,), _joined(text[: last.start()], weeks, text[last.end() :]))
    groups: list[Weekdays] = []
    rest = _AGAIN.sub(lambda found: _take(groups, _group(found)), text)
    if _OTHER_WEEK.search(text):
        # "During the week" is this week, unless a week is named besides, or it is set against the weekend.
        rest = _IN_THE_WEEK.sub(lambda _: _take(groups, WORKING), rest)
    if groups == [WORKING]:
        rest = _ONE_WEEKEND.sub(lambda _: _take(groups, WEEKEND), rest)
    if not groups:
        return None
    return FoundWeekdays(tuple(dict.fromkeys(groups)), _joined(rest))


def name_of(days: Weekdays) -> str:
    """ "weekends", "weekdays", "Saturdays", "Mondays and Tuesdays"."""
    if days == WEEKEND:
        return "weekends"
    if days == WORKING:
        return "weekdays"
    names = [f"{WEEKDAYS[day]}s" for day in days]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _group(found: re.Match[str]) -> Weekdays:
    if found["weekends"]:
        return WEEKEND
    if found["working"]:
        return WORKING
    name = found["days"] or found["day"] or found["nights"]
    return ([day.lower() for day in WEEKDAYS].index(name),)


def _take(groups: list[Weekdays], group: Weekdays) -> str:
    groups.append(group)
    return " "


def _joined(*texts: str) -> str:
    return " ".join(" ".join(texts).split())
