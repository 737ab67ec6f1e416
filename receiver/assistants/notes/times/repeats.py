"""What repeats, as it is said: "every Monday", "on weekdays", "every other week", "the first Monday of every month"."""

from __future__ import annotations

from dataclasses import replace

from receiver.assistants.notes.times.clock import TONIGHT
from receiver.assistants.notes.times.dates import ReadDay, read_nth_weekday, weekday_of
from receiver.assistants.notes.times.recurrence import LAST, MAX_INTERVAL, Repeat, Unit
from receiver.assistants.notes.times.when import OTHER_REPEAT, When
from receiver.assistants.notes.times.words import Words, read_number, read_ordinal

_WEEKDAYS = (0, 1, 2, 3, 4)
_WEEKEND = (5, 6)
_ADVERBS: dict[str, Repeat] = {
    "daily": Repeat("day"), "weekly": Repeat("week"), "fortnightly": Repeat("week", 2),
    "biweekly": Repeat("week", 2), "monthly": Repeat("month"), "yearly": Repeat("year"),
    "annually": Repeat("year"), "quarterly": Repeat("month", 3), "weekdays": Repeat("week", weekdays=_WEEKDAYS),
    "weekends": Repeat("week", weekdays=_WEEKEND),
}  # fmt: skip
_UNITS: dict[str, tuple[Unit, int]] = {
    "day": ("day", 1), "week": ("week", 1), "fortnight": ("week", 2), "month": ("month", 1), "year": ("year", 1),
    "quarter": ("month", 3),
}  # fmt: skip
_WITHIN_A_DAY = frozenset({"minute", "hour", "second", "half"})
_DAY_PARTS = frozenset({"morning", "afternoon", "evening", "night"})


def read_repeat(words: Words, at: int) -> ReadDay | None:
    read = _day_of_each_month(words, at) or _adverb(words, at) or _plural(words, at) or _each(words, at)
    if read is None or read.when.trouble is not None:
        return read
    return _on_day(words, read)


def _each_word(words: Words, at: int) -> bool:
    return words.at(at) in ("every", "each")


def _adverb(words: Words, at: int) -> ReadDay | None:
    """ "Daily", "weekdays", "once a week", "Monday to Friday"."""
    word = words.at(at)
    if word == "hourly":
        return ReadDay(When(trouble=OTHER_REPEAT), at + 1)
    if word in _ADVERBS:
        return ReadDay(When(repeat=_ADVERBS[word]), at + 1)
    if word == "once" and words.at(at + 1) in ("a", "every", "each") and words.at(at + 2) in _UNITS:
        unit, interval = _UNITS[words.at(at + 2)]
        return ReadDay(When(repeat=Repeat(unit, interval)), at + 3)
    start = at + (word == "from")
    if (words.at(start), words.at(start + 2)) == ("monday", "friday") and words.at(start + 1) in (
        "to",
        "through",
    ):
        return ReadDay(When(repeat=Repeat("week", weekdays=_WEEKDAYS)), start + 3)
    return None


def _plural(words: Words, at: int) -> ReadDay | None:
    """ "Mondays", "Tuesdays and Thursdays"."""
    days: list[int] = []
    end = at
    while words.at(end).endswith("days"):
        number = weekday_of(words.at(end).removesuffix("s"))
        if number is None:
            break
        days.append(number)
        end += 1
        if words.at(end) == "and" and words.at(end + 1).endswith("days"):
            end += 1
    return ReadDay(When(repeat=Repeat("week", weekdays=tuple(sorted(set(days))))), end) if days else None


def _each(words: Words, at: int) -> ReadDay | None:
    """ "Every day", "each morning", "every other Monday", "every three weeks", "every Monday and Friday"."""
    if not _each_word(words, at):
        return None
    at += 1
    nth = read_nth_weekday(words, at)
    if nth is not None and (_of_the_month(words, nth[2]) or words.at(at) in ("first", "last")):
        repeat = Repeat("month", nth=nth[0], weekdays=(nth[1],))
        return ReadDay(When(repeat=repeat), nth[2] + 3 * _of_the_month(words, nth[2]))
    interval = 1
    if words.at(at) in ("other", "second") or (words.at(at) == "single"):
        interval = 1 if words.at(at) == "single" else 2
        at += 1
    else:
        number = read_number(words, at) or (None if words.at(at) == "first" else read_ordinal(words, at))
        if number is not None and 1 <= number[0] <= MAX_INTERVAL:
            interval, at = number
    word = words.at(at)
    unit = word.removesuffix("s")
    if unit in _WITHIN_A_DAY:
        return ReadDay(When(trouble=OTHER_REPEAT), at + 1)
    if unit in ("weekday", "workday") or (word, words.at(at + 1)) == ("working", "day"):
        return ReadDay(When(repeat=Repeat("week", interval, _WEEKDAYS)), at + 1 + (word == "working"))
    if unit == "weekend":
        return ReadDay(When(repeat=Repeat("week", interval, _WEEKEND)), at + 1)
    if unit in _UNITS:
        name, times = _UNITS[unit]
        return ReadDay(When(repeat=Repeat(name, interval * times)), at + 1)
    if word in _DAY_PARTS:
        part = TONIGHT if word == "night" else word
        return ReadDay(When(repeat=Repeat("day", interval), part=part), at + 1)
    return _weekdays(words, at, interval)


def _of_the_month(words: Words, at: int) -> bool:
    return (
        words.at(at) in ("of", "in")
        and words.at(at + 1) in ("the", "each", "every")
        and words.at(at + 2) == "month"
    )


def _weekdays(words: Words, at: int, interval: int) -> ReadDay | None:
    days: list[int] = []
    while (number := weekday_of(words.at(at).removesuffix("s"))) is not None:
        days.append(number)
        at += 1
        follows = at + (words.at(at) == "and")
        follows += _each_word(words, follows)
        if weekday_of(words.at(follows).removesuffix("s")) is None:
            break
        at = follows
    if not days:
        return None
    part = words.at(at) if words.at(at) in _DAY_PARTS else None
    when = When(
        repeat=Repeat("week", interval, tuple(sorted(set(days)))), part=TONIGHT if part == "night" else part
    )
    return ReadDay(when, at + (part is not None))


def _day_of_each_month(words: Words, at: int) -> ReadDay | None:
    """ "The third of every month", "the last day of each month", "the first Monday of every month"."""
    day = _monthly_day(words, at)
    if day is None:
        return None
    repeat, end = day
    start = end + (words.at(end) in ("of", "in"))
    if not _each_word(words, start):
        return None
    other = words.at(start + 1) == "other"
    if words.at(start + 1 + other) != "month":
        return None
    return ReadDay(When(repeat=replace(repeat, interval=2 if other else 1)), start + 2 + other)


def _monthly_day(words: Words, at: int) -> tuple[Repeat, int] | None:
    start = at + (words.at(at) == "the")
    nth = read_nth_weekday(words, at)
    if nth is not None:
        return Repeat("month", nth=nth[0], weekdays=(nth[1],)), nth[2]
    if tuple(words[start : start + 2]) == ("last", "day") or words.at(start) == "end":
        return Repeat("month", day=LAST), start + 1 + (words.at(start) == "last")
    ordinal = read_ordinal(words, start)
    return None if ordinal is None else (Repeat("month", day=ordinal[0]), ordinal[1])


def _on_day(words: Words, read: ReadDay) -> ReadDay:
    """With the day that follows: "every month on the third", "weekly on Monday", "every year on the 5th of May"."""
    repeat = read.when.repeat
    assert repeat is not None
    if repeat.complete:
        return read
    start = read.end + (words.at(read.end) == "on")
    if repeat.unit == "week":
        days = _plural(words, start) or _weekdays(words, start, 1)
        if days is None or days.when.repeat is None:
            return read
        when = replace(
            read.when, repeat=replace(repeat, weekdays=days.when.repeat.weekdays), part=days.when.part
        )
        return ReadDay(when, days.end)
    if repeat.unit == "month":
        day = _monthly_day(words, start)
        if day is None:
            return read
        later = day[1]
        if (words.at(later), words.at(later + 1)) in (("of", "the"), ("in", "the")) and words.at(
            later + 2
        ) == "month":
            later += 3
        return ReadDay(replace(read.when, repeat=replace(day[0], interval=repeat.interval)), later)
    return read
