"""Times of day: "nine", "half eight", "twenty past four", "oh nine hundred", "9:30 p.m.", "noon"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from receiver.assistants.notes.times.words import Words, read_number

MORNING, AFTERNOON, EVENING, NIGHT, TONIGHT = "morning", "afternoon", "evening", "night", "tonight"
PARTS = (MORNING, AFTERNOON, EVENING, NIGHT, TONIGHT)
"""`NIGHT` is said of a time ("at night"), `TONIGHT` of a day: its hours after midnight are the next day's."""

PART_HOURS = {MORNING: 9, AFTERNOON: 15, EVENING: 19, NIGHT: 20, TONIGHT: 20}
"""The full hour that is meant where only a part of the day is named. It is always said back."""


_PART_SPANS = {MORNING: (5, 11), AFTERNOON: (12, 17), EVENING: (17, 20), NIGHT: (18, 23), TONIGHT: (18, 23)}
"""First and last hour of each."""


@dataclass(frozen=True, slots=True)
class Clock:
    hour: int
    """0 to 23; 1 to 12 where it is not `fixed`."""
    minute: int
    fixed: bool
    """Which half of the day is known."""
    midnight: bool = False
    """Said as "midnight": it ends the day that is named with it."""

    def halves(self) -> list[tuple[int, int]]:
        """The times of day that it may be, the earlier first."""
        if self.fixed:
            return [(self.hour, self.minute)]
        return [(self.hour % 12, self.minute), (self.hour % 12 + 12, self.minute)]

    def moved_to(self, part: str) -> Clock | None:
        """The same time by a clock of twelve hours in that part of the day; None if it has none like it.

        "At quarter past seven" was taken for the morning: "in the evening".
        """
        clock = replace(self, hour=self.hour % 12 or 12, fixed=False, midnight=False).in_part(part)
        first, last = _PART_SPANS[part]
        return clock if first <= clock.hour <= last else None

    def in_part(self, part: str) -> Clock:
        """The half of the day that goes with a part of it."""
        if self.fixed:
            return self
        hour = self.hour % 12
        if part in (AFTERNOON, EVENING) or (part in (NIGHT, TONIGHT) and hour >= 6):
            hour += 12
        ends_the_day = part != MORNING and hour == 0 and self.minute == 0
        return replace(self, hour=hour, fixed=True, midnight=ends_the_day)


@dataclass(frozen=True, slots=True)
class ReadClock:
    clock: Clock
    end: int
    certain: bool
    """A time of day by itself; a bare number is one only where a time is expected."""


_PAST = frozenset({"past", "after"})
_TO = frozenset({"to", "till", "before", "of"})
_NAMED = {
    ("noon",): Clock(12, 0, True), ("midnight",): Clock(0, 0, True, midnight=True),
    ("twelve", "noon"): Clock(12, 0, True), ("twelve", "midnight"): Clock(0, 0, True, midnight=True),
    ("first", "thing"): Clock(8, 0, True), ("last", "thing"): Clock(22, 0, True),
    ("breakfast", "time"): Clock(8, 0, True), ("breakfasttime",): Clock(8, 0, True),
    ("lunchtime",): Clock(12, 30, True), ("lunch", "time"): Clock(12, 30, True),
    ("teatime",): Clock(17, 0, True), ("tea", "time"): Clock(17, 0, True),
    ("dinner", "time"): Clock(18, 30, True), ("dinnertime",): Clock(18, 30, True),
    ("bedtime",): Clock(22, 0, True), ("bed", "time"): Clock(22, 0, True),
    ("end", "of", "the", "day"): Clock(17, 0, True), ("the", "end", "of", "the", "day"): Clock(17, 0, True),
    ("close", "of", "business"): Clock(17, 0, True),
}  # fmt: skip
"""Of those without an hour of their own, as of `PART_HOURS`, the hour is always said back."""

_LONGEST_NAME = max(map(len, _NAMED))


def read_clock(words: Words, at: int) -> ReadClock | None:
    read = _named(words, at) or _relative(words, at) or _digits(words, at) or _military(words, at)
    return read or _hour_first(words, at)


def _named(words: Words, at: int) -> ReadClock | None:
    for length in range(_LONGEST_NAME, 0, -1):
        clock = _NAMED.get(tuple(words[at : at + length]))
        if clock is not None:
            break
    else:
        return None
    end = at + length
    if clock.midnight and tuple(words[end : end + 4]) == ("as", "the", "day", "begins"):
        return ReadClock(replace(clock, midnight=False), end + 4, certain=True)
    # "Friday at midnight, the night to Saturday".
    is_told = clock.midnight and tuple(words[end : end + 3]) == ("the", "night", "to")
    return ReadClock(clock, end + 4 if is_told else end, certain=True)


def _relative(words: Words, at: int) -> ReadClock | None:
    """ "Half past eight", "half eight", "quarter to nine", "ten minutes past midnight"."""
    minutes, after = _minutes(words, at)
    if minutes is None:
        return None
    joint = words.at(after)
    if words.at(at) == "half" and joint not in _PAST:
        return _shifted(words, after, 30)  # "Half eight" is half past eight in English.
    if joint in _PAST:
        return _shifted(words, after + 1, minutes)
    if joint in _TO and minutes < 30 and (joint != "of" or minutes == 15):
        return _shifted(words, after + 1, -minutes)
    return None


def _minutes(words: Words, at: int) -> tuple[int | None, int]:
    if words.at(at) == "half":
        return 30, at + 1
    start = at + 1 if words.at(at) == "a" else at
    if words.at(start) == "quarter":
        return 15, start + 1
    number = read_number(words, at)
    if number is None or not 0 < number[0] < 60:
        return None, at
    return number[0], number[1] + (words.at(number[1]) in ("minute", "minutes"))


def _shifted(words: Words, at: int, minutes: int) -> ReadClock | None:
    """The hour there, and so many minutes after or before it."""
    named = _named(words, at)
    if named is not None:
        total = (named.clock.hour * 60 + minutes) % (24 * 60)
        return ReadClock(Clock(*divmod(total, 60), fixed=True), named.end, certain=True)
    number = read_number(words, at)
    if number is None or not 1 <= number[0] <= 12:
        return None
    total = (number[0] * 60 + minutes) % (12 * 60)
    hour, minute = divmod(total, 60)
    return _with_half(words, _skip_oclock(words, number[1]), hour or 12, minute, certain=True)


def _digits(words: Words, at: int) -> ReadClock | None:
    """ "9:30", "09:30", "1430"."""
    found = re.fullmatch("([0-9]{1,2})[:.]([0-9]{2})", words.at(at))
    if found is None:
        found = re.fullmatch("(0[0-9]|1[3-9]|2[0-3])([0-5][0-9])", words.at(at))
        if found is None:
            return None
    hour, minute = int(found.group(1)), int(found.group(2))
    if hour > 23 or minute > 59:
        return None
    if found.group(1).startswith("0"):
        return ReadClock(Clock(hour, minute, True), _after_hours(words, at + 1), certain=True)
    return _with_half(words, at + 1, hour, minute, certain=True)


def _military(words: Words, at: int) -> ReadClock | None:
    """ "Oh nine hundred", "nineteen hundred hours", "oh six thirty"."""
    zero = words.at(at) in ("oh", "o", "zero")
    hour = read_number(words, at + zero) if not zero or words.at(at + 1) not in ("oh", "o", "zero") else None
    hundred = False
    if hour is None or hour[0] >= 100:
        # "Nine hundred" is read as one number.
        hundred = hour is not None and hour[0] % 100 == 0 and hour[0] < 1000
        if not hundred or hour is None:
            return None
        hour = hour[0] // 100, hour[1]
    if not zero and not hundred and not (10 <= hour[0] <= 23 and words.at(hour[1]) == "hundred"):
        return None
    if zero and hour[0] > 9:
        return None
    end, minute = hour[1], 0
    if words.at(end) == "hundred":
        end += 1
    elif not hundred:
        rest = read_number(words, end)
        if rest is None or not 10 <= rest[0] <= 59:
            return None
        minute, end = rest
    if not zero and hour[0] < 13 and words.at(end) != "hours":
        return None  # "Nine hundred people".
    return ReadClock(Clock(hour[0], minute, True), _after_hours(words, end), certain=True)


def _hour_first(words: Words, at: int) -> ReadClock | None:
    """ "Nine", "nine o'clock", "nine thirty", "nine oh five"."""
    number = read_number(words, at)
    if number is None or number[0] > 23 or words.at(number[1]) == "past":
        return None
    hour, end = number
    after = _skip_oclock(words, end)
    if after > end:
        return _with_half(words, after, hour, 0, certain=True)
    minute = 0
    if words.at(end) in ("oh", "o", "zero"):
        ones = read_number(words, end + 1)
        if ones is not None and 0 < ones[0] < 10:
            minute, end = ones
    elif (rest := read_number(words, end)) is not None and 10 <= rest[0] <= 59 and _ends(words, rest[1]):
        minute, end = rest
    return _with_half(words, end, hour, minute, certain=False)


def _ends(words: Words, at: int) -> bool:
    """No unit follows: "at nine thirty minutes" is none."""
    return not words.at(at).startswith(("minute", "hour", "second", "day", "percent"))


def _with_half(words: Words, at: int, hour: int, minute: int, *, certain: bool) -> ReadClock:
    """With the "a.m." that may follow."""
    half = words.at(at)
    if half in ("am", "pm") and 0 < hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
        return ReadClock(Clock(hour, minute, True), at + 1, certain=True)
    fixed = hour == 0 or hour > 12
    return ReadClock(Clock(hour, minute, fixed), _after_hours(words, at) if fixed else at, certain or fixed)


def _skip_oclock(words: Words, at: int) -> int:
    if words.at(at) == "o'clock":
        return at + 1
    return at + 2 if (words.at(at), words.at(at + 1)) == ("o", "clock") else at


def _after_hours(words: Words, at: int) -> int:
    return at + 1 if words.at(at) == "hours" else at


_PART_PHRASES = {
    ("in", "the", "morning"): MORNING, ("in", "the", "afternoon"): AFTERNOON, ("in", "the", "evening"): EVENING,
    ("at", "night"): NIGHT, ("in", "the", "night"): NIGHT, ("after", "midnight"): NIGHT,
    ("morning",): MORNING, ("afternoon",): AFTERNOON, ("evening",): EVENING, ("night",): TONIGHT,
    ("tonight",): TONIGHT, ("am",): MORNING, ("pm",): AFTERNOON,
}  # fmt: skip


def read_part(words: Words, at: int) -> tuple[str, int] | None:
    """A part of the day, and the index after it."""
    for length in (3, 2, 1):
        part = _PART_PHRASES.get(tuple(words[at : at + length]))
        if part is not None:
            return part, at + length
    return None
