"""Words that name some days: "yesterday", "last week", "March", "the 5th of May 2025", "Friday", "two months ago".

What could be either means the past, since that is where money was spent: "Friday" is the latest one before today,
"March" the latest that has begun. Texts come normalised (`number_words.normalise`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from receiver.bank.calendar_days import (
    ONE_DAY,
    Days,
    Unit,
    add_units,
    days_of,
    latest_date,
    latest_month,
    latest_weekday,
)
from receiver.bank.feasts import FEASTS, SEASONS, latest, season
from receiver.bank.number_words import ordinal

Cycle = Literal["week", "month", "year"]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    days: Days
    name: str
    """To be said after "since" or "before"."""
    preposition: str = ""
    """What is said before the name where nothing else is: "in March", "on Friday"."""
    cycle: Cycle | None = None
    """How often it comes again, for one that names no year: "from Friday to Monday" begins before that Monday."""
    anchor: date | None = None
    """The exact day, where `days` are a whole week or month around it: "two weeks ago"."""
    end: int = 0
    """Where the words end in the text."""

    def a_cycle_earlier(self) -> Point:
        """The same a week, month or year before; the point itself where it does not come again."""
        if self.cycle is None:
            return self
        first, last = (add_units(day, self.cycle, -1) for day in (self.days.first, self.days.last))
        if self.days == days_of("month", self.days.first):
            last = days_of("month", first).last  # of February, there are two
        return replace(self, days=Days(first, last))


def _alternatives(names: tuple[str, ...], shorts: dict[str, int]) -> dict[str, int]:
    return {name.lower(): number for number, name in enumerate(names)} | shorts


_WEEKDAY = _alternatives(
    WEEKDAYS, {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4}
)
_MONTH = _alternatives(
    MONTHS,
    {"jan": 0, "feb": 1, "apr": 3, "aug": 7, "sep": 8, "sept": 8, "oct": 9, "nov": 10, "dec": 11},
)
_ANY_WEEKDAY = "|".join(sorted(_WEEKDAY, key=len, reverse=True))
_ANY_MONTH = "|".join(sorted(_MONTH, key=len, reverse=True))

_YEAR = r"(?:(?P<year>20\d\d)|20 (?P<short_year>\d\d)|(?P<which_year>last|this) year)"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)"
_UNIT_NAMES: dict[str, Unit] = {
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "financial year": "financial year",
    "tax year": "financial year",
    "calendar month": "month",
    "calendar year": "year",
}
_AGO_UNITS: dict[str, Unit] = {
    "day": "day", "week": "week", "fortnight": "week", "month": "month", "year": "year"
}  # fmt: skip
_ANY_UNIT = "|".join(sorted(_UNIT_NAMES, key=len, reverse=True))
_LAST = r"last|previous"
_PART_OF_DAY = r"(?: (?:morning|afternoon|arvo|evening|night))?"
"""Said after a day; the whole day is taken."""
_THIS = r"this|the current|current"
_NEXT = "next|the coming|the next"
"""What lies ahead is only named so."""

Said = Mapping[str, str | None]
"""The named groups of a form; another form may lack some."""


def _relative_day(said: Said, today: date) -> Point:
    words = said["words"] or ""
    if words.startswith("yesterday") or words == "last night":
        back, name = 1, "yesterday"
    elif words == "tomorrow":
        back, name = -1, "tomorrow"
    elif words.endswith("before yesterday"):
        back, name = 2, "the day before yesterday"
    else:
        back, name = 0, "today"
    day = today - timedelta(days=back)
    return Point(Days(day, day), name)


def _weekday(said: Said, today: date) -> Point:
    number = _WEEKDAY[said["weekday"] or ""]
    name, which, week = WEEKDAYS[number], said.get("which"), said.get("week")
    monday = days_of("week", today).first
    if week is not None:
        monday -= timedelta(weeks=1) if week in ("last", "previous") else timedelta()
        day, name = monday + timedelta(days=number), f"{name} {week} week"
    elif which == "this":
        day = monday + timedelta(days=number)
        day -= timedelta(weeks=1) if day > today else timedelta()
    else:
        day = latest_weekday(number, today)
    return Point(Days(day, day), name, "on ", None if week else "week")


def _weekend(said: Said, today: date) -> Point:
    saturday = latest_weekday(5, today + ONE_DAY)
    last = said["which"] in ("last", "previous")
    if last and (today - saturday).days < 2:
        saturday -= timedelta(weeks=1)
    name = "last weekend" if last else "the weekend"
    return Point(Days(saturday, saturday + ONE_DAY), name, "" if last else "at ", "week")


def _whole_unit(said: Said, today: date) -> Point:
    last = said["which"] in ("last", "previous")
    if said["unit"] == "fortnight":
        monday = days_of("week", today).first
        first = monday - timedelta(weeks=2 if last else 1)
        # Which two weeks these are is not agreed on, as it is of a month.
        name = "last fortnight" if last else f"this fortnight, since the {ordinal(first.day)}"
        return Point(Days(first, first + timedelta(days=13)), name)
    unit = _UNIT_NAMES[said["unit"] or ""]
    days = days_of(unit, add_units(today, unit, -1) if last else today)
    return Point(days, f"{'last' if last else 'this'} {unit}")


def _next_unit(said: Said, today: date) -> Point:
    days = days_of(_UNIT_NAMES[said["unit"] or ""], add_units(today, _UNIT_NAMES[said["unit"] or ""], 1))
    return Point(days, f"next {said['unit']}")


def _part_of_month(said: Said, today: date) -> Point:
    """ "The first week of November" is its first seven days."""
    month = _month({**said, "which": None}, today)
    first, last = month.days.first, month.days.last
    nth = said["nth"] or ""
    if said["part"] == "half":
        days = Days(first, first.replace(day=15)) if nth == "1st" else Days(first.replace(day=16), last)
    elif nth == "last":
        days = Days(last - timedelta(days=6), last)
    else:
        begins = first + timedelta(weeks=int(nth[0]) - 1)
        days = Days(begins, begins + timedelta(days=6))
    which = {"1st": "first", "2nd": "second", "3rd": "third"}.get(nth, nth)
    return Point(days, f"the {which} {said['part']} of {month.name}", "in ", month.cycle)


def _edge(said: Said, today: date) -> Point:
    whole = _month({**said, "which": None}, today) if said["month"] else _whole_unit(said, today)
    day = whole.days.last if said["edge"] == "end" else whole.days.first
    return Point(Days(day, day), f"the {said['edge']} of {whole.name}", "at ")


def _month(said: Said, today: date) -> Point:
    number = _MONTH[said["month"] or ""] + 1
    which, year = said["which"], _year_of(said, today)
    if year is not None:
        first, name = date(year, number, 1), f"{MONTHS[number - 1]} {year}"
    else:
        first, name = latest_month(number, today), MONTHS[number - 1]
        if which in ("last", "previous") and (first.year, first.month) == (today.year, today.month):
            first, name = date(first.year - 1, number, 1), f"{name} {first.year - 1}"
        elif which == "this":
            first = date(today.year, number, 1)
    return Point(days_of("month", first), name, "in ", "year" if year is None else None)


def _date(said: Said, today: date) -> Point | None:
    day, month = int(said["day"] or ""), said.get("month")
    number = None if month is None else _MONTH[month] + 1
    year = _year_of(said, today)
    if number is not None and year is not None:
        try:
            found: date | None = date(year, number, day)
        except ValueError:
            return None
    else:
        found = latest_date(day, number, today)
    if found is None:
        return None
    name = f"the {ordinal(day)}" + ("" if number is None else f" of {MONTHS[number - 1]}")
    cycle: Cycle | None = "month" if number is None else "year"
    if year is not None:
        name, cycle = f"{name} {year}", None
    return Point(Days(found, found), name, "on ", cycle)


def _iso_date(said: Said, today: date) -> Point | None:
    try:
        day = date.fromisoformat(said["iso"] or "")
    except ValueError:
        return None
    return Point(Days(day, day), f"the {ordinal(day.day)} of {MONTHS[day.month - 1]} {day.year}", "on ")


def _ago(said: Said, today: date) -> Point | None:
    words = said["count"] or ""
    count = {"a": 1, "an": 1, "a couple of": 2, "a couple": 2, "a few": 3}.get(words) or int(words)
    if not 0 < count <= 1_000:
        return None
    name = f"{words} {said['unit']}{said['plural']} ago"
    unit = _AGO_UNITS[said["unit"] or ""]
    day = add_units(today, unit, -2 * count if said["unit"] == "fortnight" else -count)
    return Point(days_of(unit, day), name, anchor=day)


def _year(said: Said, today: date) -> Point:
    year = int(said["only_year"] or f"20{said['only_short_year']}")
    return Point(Days(date(year, 1, 1), date(year, 12, 31)), str(year), "in ")


def _feast(said: Said, today: date) -> Point:
    words = said["feast"] or ""
    name, days_of_year = next(made for pattern, made in FEASTS.items() if re.fullmatch(pattern, words))
    days = latest(days_of_year, today)
    return Point(days, name, "on " if days.first == days.last else "over ", "year")


def _season(said: Said, today: date) -> Point:
    name, year = said["season"] or "", _year_of(said, today)
    days = season(name, today)
    if year is not None:
        days = season(name, today, back=days.first.year - year)
    elif said["which"] in ("last", "previous") and today <= days.last:
        days = season(name, today, back=1)
    months = f"{MONTHS[days.first.month - 1]} to {MONTHS[days.last.month - 1]}"
    years = "" if days.first.year == today.year and year is None else f" {days.last.year}"
    return Point(days, f"{name}, {months}{years}", "in ", "year" if year is None else None)


def _weekdays(said: Said, today: date) -> Point | None:
    """ "Tuesday and Wednesday last week": the week belongs to both."""
    first, last = (_weekday({**said, "weekday": said[one]}, today) for one in ("weekday", "other"))
    if first.days.first > last.days.first or (
        said["joined"] == "and" and last.days.first - first.days.first > ONE_DAY
    ):
        return None
    names = [WEEKDAYS[point.days.first.weekday()] for point in (first, last)]
    week = f" {said['week']} week" if said["week"] else ""
    how, joined = ("on ", "and") if said["joined"] == "and" else ("from ", "to")
    return Point(Days(first.days.first, last.days.last), f"{names[0]} {joined} {names[1]}{week}", how)


def _year_of(said: Said, today: date) -> int | None:
    if said.get("which_year") is not None:
        return today.year - (said["which_year"] == "last")
    year = said.get("year") or (said.get("short_year") and f"20{said['short_year']}")
    return int(year) if year else None


_FORMS: tuple[tuple[re.Pattern[str], Callable[[Said, date], Point | None]], ...] = tuple(
    (re.compile(rf"(?:{pattern})(?!\w)"), make)
    for pattern, make in (
        (r"(?P<iso>\d{4}-\d\d-\d\d)", _iso_date),
        (r"(?P<words>(?:the )?day before yesterday|yesterday(?: (?:morning|afternoon|arvo|evening))?|last night|"
         r"tomorrow|today|tonight|this (?:morning|afternoon|arvo|evening))", _relative_day),
        (rf"(?:the )?(?P<edge>start|beginning|end) of (?:(?:(?P<which>this|the current|current|the|{_LAST}) )?"
         rf"(?P<unit>fortnight|{_ANY_UNIT})|(?P<month>{_ANY_MONTH})(?: (?:of )?{_YEAR})?)", _edge),
        (rf"(?:the )?(?P<nth>1st|2nd|3rd|4th|last) (?P<part>week|half) (?:of|in) (?P<month>{_ANY_MONTH})"
         rf"(?: (?:of )?{_YEAR})?", _part_of_month),
        (rf"(?P<feast>{'|'.join(FEASTS)})", _feast),
        (rf"(?:the )?(?:(?P<which>this|past|{_LAST}) )?(?P<season>{'|'.join(SEASONS)})(?: (?:of )?{_YEAR})?", _season),
        (rf"(?P<weekday>{_ANY_WEEKDAY}) (?P<joined>and|to|through|till|until) (?:on )?(?P<other>{_ANY_WEEKDAY})"
         rf"(?: (?:of )?(?P<week>last|this) week)?", _weekdays),
        (rf"(?P<week>last|this|previous) week(?:'s)? (?:on )?(?P<weekday>{_ANY_WEEKDAY}){_PART_OF_DAY}", _weekday),
        (rf"(?:(?P<which>last|this|previous|past) )?(?P<weekday>{_ANY_WEEKDAY}){_PART_OF_DAY}"
         rf"(?: (?:of )?(?P<week>last|this) week)?", _weekday),
        (rf"(?:the |(?P<which>this|{_LAST}) )weekend", _weekend),
        (rf"(?P<which>{_THIS}|{_LAST}) (?P<unit>fortnight|{_ANY_UNIT})", _whole_unit),
        (rf"(?:{_NEXT}) (?P<unit>{_ANY_UNIT})", _next_unit),
        (rf"(?:the )?{_DAY} (?:of |day of )?(?P<month>{_ANY_MONTH})(?:,? (?:of )?{_YEAR})?", _date),
        (rf"(?P<day>[0-3]?\d) (?:of )?(?P<month>{_ANY_MONTH})(?: {_YEAR})?", _date),
        (rf"(?P<month>{_ANY_MONTH}) (?:the )?(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?: (?:of )?{_YEAR})?", _date),
        (rf"(?:(?P<which>this|{_LAST}) )?(?P<month>{_ANY_MONTH})(?: (?:of )?{_YEAR})?", _month),
        (rf"the {_DAY}(?! (?:of|time|one|transaction|payment|purchase|week|month|quarter|half))", _date),
        (r"(?P<count>a couple of|a couple|a few|an|a|\d{1,4}) (?P<unit>day|week|fortnight|month|year)(?P<plural>s?)"
         r" ago", _ago),
        (r"(?P<only_year>20\d\d)|20 (?P<only_short_year>\d\d)(?! (?:dollars|bucks|cents))", _year),
    )
)  # fmt: skip

_UNSURE = re.compile(r"(?:may|(?:20\d\d|20 \d\d))(?![\w-])(?! 20\d\d| \d?\d(?:st|nd|rd|th))")
"""Mean days only where a word before them says so: "how much may I spend", "2000 dollars"."""


def read_point(text: str, at: int, today: date, *, introduced: bool) -> Point | None:
    """The days named by the words that begin at `at`. `introduced` says that "in", "since" or the like came before."""
    if not introduced and _UNSURE.match(text, at):
        return None
    for pattern, make in _FORMS:
        match = pattern.match(text, at)
        if match is not None:
            point = make(match.groupdict(), today)
            if point is not None:
                return replace(point, end=match.end())
    return None
