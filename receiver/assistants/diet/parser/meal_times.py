"""When something was eaten, as people say it: "for lunch", "last night", "at eleven this morning", "two days ago"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.diary import Meal
from receiver.assistants.diet.parser.numbers import CARDINALS, read_number
from receiver.assistants.diet.parser.vocabulary import ATE, MEALS
from receiver.nutrition.units import UNITS


@dataclass(frozen=True, slots=True)
class When:
    meal: Meal | None = None
    days_ago: int | None = None
    named: bool = False
    """The meal itself was named, and not only a time of day."""
    either: bool = False
    """The hour may be of the morning or of the evening: "at eight"."""


_DAY_PARTS: dict[str, Meal] = {
    "morning": "breakfast", "afternoon": "lunch", "evening": "dinner", "night": "dinner", "noon": "lunch",
    "midday": "lunch", "lunchtime": "lunch", "breakfast": "breakfast", "lunch": "lunch", "dinner": "dinner",
    "supper": "dinner",
}  # fmt: skip

_PHRASES: dict[str, When] = {
    "the day before yesterday": When(None, 2), "day before yesterday": When(None, 2),
    "yesterday": When(None, 1), "the other day": When(None, 1), "earlier today": When(None, 0),
    "later today": When(None, 0), "today": When(None, 0), "tonight": When("dinner", 0),
    "last night": When("dinner", 1), "late last night": When("dinner", 1),
    "the night before": When("dinner", 1), "in the middle of the night": When("snack"),
    "midnight": When("snack"), "at midnight": When("snack"), "noon": When("lunch"),
    "midday": When("lunch"), "noontime": When("lunch"), "bedtime": When("snack"),
    "before bed": When("snack"), "before bedtime": When("snack"), "before going to bed": When("snack"),
    "mid morning": When("snack"), "midmorning": When("snack"), "mid afternoon": When("snack"),
    "midafternoon": When("snack"), "in between meals": When("snack"),
    "between breakfast and lunch": When("snack"), "between lunch and dinner": When("snack"),
    "between meals": When("snack"),
    "when i woke up": When("breakfast"), "first thing": When("breakfast"), "late night": When("snack"),
    "the morning": When("breakfast"), "the afternoon": When("lunch"), "the evening": When("dinner"),
    "morning": When("breakfast"), "evening": When("dinner"), "afternoon": When("lunch"),
    "at night": When("dinner"), "on the way to work": When("breakfast"),
}  # fmt: skip

for _part, _meal in _DAY_PARTS.items():
    _PHRASES[f"this {_part}"] = When(_meal, 0, _part in MEALS)
    _PHRASES[f"yesterday {_part}"] = When(_meal, 1, _part in MEALS)
    _PHRASES[f"today {_part}"] = When(_meal, 0, _part in MEALS)
    if _part in MEALS:
        _PHRASES[f"yesterday's {_part}"] = When(_meal, 1, True)
        _PHRASES[f"today's {_part}"] = When(_meal, 0, True)
    else:
        _PHRASES[f"late {_part}"] = _PHRASES[f"early {_part}"] = When(_meal)
        _PHRASES[f"late this {_part}"] = _PHRASES[f"early this {_part}"] = When(_meal, 0)

_BY_FIRST_WORD: dict[str, list[tuple[tuple[str, ...], When]]] = {}
for _phrase, _when in sorted(_PHRASES.items(), key=lambda entry: -len(entry[0].split())):
    _BY_FIRST_WORD.setdefault(_phrase.split()[0], []).append((tuple(_phrase.split()), _when))

_WEEKDAYS = {
    day: number
    for number, day in enumerate(
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    )
}
_CLOCK_LEADS = frozenset(
    {"at", "around", "about", "by", "near", "roughly", "approximately", "before", "after"}
)
_AFTER_A_CLOCK = frozenset(
    {"and", ",", ".", "then", "i", "we", "with", "or", "for", "a", "an", "some", "had", "my"}
)
_HALVES = ("am", "pm", "a.m", "p.m")


def when_at(words: Sequence[str], start: int, weekday: int | None = None) -> tuple[When, int] | None:
    """What time begins at `start`, and the index after it. `weekday` is today's, 0 for Monday."""
    for phrase, when in _BY_FIRST_WORD.get(words[start], ()):
        if tuple(words[start : start + len(phrase)]) == phrase:
            return when, start + len(phrase)
    if words[start] in MEALS:
        return When(MEALS[words[start]], None, True), start + 1
    if words[start] in ("tea", "teatime") and _is_the_meal(words, start):
        return When("dinner", None, True), start + 1
    return _weekday(words, start, weekday) or _ago(words, start) or _clock(words, start)


def _is_the_meal(words: Sequence[str], start: int) -> bool:
    """ "For tea", "had my tea, sausages and mash", "tea was a pie": the evening meal, in the UK."""
    if words[start] == "teatime":
        return True
    before, after = list(words[max(start - 3, 0) : start]), list(words[start + 1 : start + 3])
    if before[-1:] in (["my"], ["our"]):
        own, before = True, before[:-1]
    else:
        own = False
    if before[-1:] == ["for"]:
        return before[-2:-1] not in (
            ["went"],
            ["go"],
            ["out"],
            ["met"],
            ["stopped"],
            ["water"],
            ["milk"],
            ["a"],
        )
    if (
        after[:1] == ["was"]
        or after[:1] == ["tonight"]
        or after == ["yesterday", "was"]
        or after == ["last", "night"]
    ):
        return not before or own or before[-1] in (",", ".", "and", "then", "but", "so")
    return own and before[-1:] in (["had"], ["ate"], ["having"]) and after[:1] == [","] and len(after) > 1


def _weekday(words: Sequence[str], start: int, today: int | None) -> tuple[When, int] | None:
    at = start + 1 if words[start] in ("on", "last", "this") else start
    if at >= len(words) or words[at] not in _WEEKDAYS:
        return None
    day = None if today is None else (today - _WEEKDAYS[words[at]]) % 7 or 7 * (words[start] == "last")
    at += 1
    part = _DAY_PARTS.get(words[at]) if at < len(words) else None
    return When(part, day, at < len(words) and words[at] in MEALS), at + (part is not None)


def _ago(words: Sequence[str], start: int) -> tuple[When, int] | None:
    """ "Two days ago", and "an hour ago", which says nothing about the day."""
    number = read_number(words, start)
    if number is None:
        return None
    quantity, at = number
    if (
        words[at : at + 1]
        and words[at] in ("day", "days", "night", "nights")
        and "ago" in words[at + 1 : at + 2]
    ):
        days = int(quantity) if 0 < quantity <= 7 else None
        return When("dinner" if words[at].startswith("night") else None, days), at + 2
    if words[at : at + 1] and words[at].rstrip("s") in ("hour", "minute", "week", "month"):
        return When(), at + 2 if "ago" in words[at + 1 : at + 2] else at + 1
    return None


def _clock(words: Sequence[str], start: int) -> tuple[When, int] | None:
    """ "At eleven", "around 8 am", "half past seven"."""
    at = start
    led = words[at] in _CLOCK_LEADS
    while at < len(words) and words[at] in _CLOCK_LEADS:
        at += 1
    if words[at : at + 2] in (["half", "past"], ["quarter", "past"], ["quarter", "to"]):
        at += 2
        led = True
    elif led and words[at : at + 1] == ["half"] and 1 <= (_number(words, at + 1) or 0) <= 12:
        at += 1  # "At half seven".
    elif words[at : at + 3] in (["a", "quarter", "past"], ["a", "quarter", "to"]):
        at += 3
        led = True
    hour = _number(words, at)
    if hour is None or not 1 <= hour <= 12:
        return _noon(words, at) if led else None
    at += 1
    if at < len(words) and words[at] in (",", ".") and words[at + 1 : at + 2] and words[at + 1].isdecimal():
        at += 1
    certain = words[start] == "at"
    if (minutes := _number(words, at)) is not None and (
        minutes in (10, 15, 20, 25, 30, 40, 45, 50) or words[at].isdecimal()
    ):
        at += 1
        if minutes in (20, 30, 40, 50) and 0 < (_number(words, at) or 0) < 10:
            at += 1
    if words[start] in ("around", "about", "by") and (not start or words[start - 1] not in ATE):
        # "Chips around three", "around eight I had eggs"; "about three" is more often how many.
        ends = {"", *_AFTER_A_CLOCK} if words[start] == "around" else {"i", "we"}
        certain = certain or (words[at] if at < len(words) else "") in ends
    half = None
    if at < len(words) and words[at] == "o'clock":
        certain, at = True, at + 1
    if at < len(words) and words[at] in _HALVES:
        certain, half, at = True, words[at][0], at + 1
    elif words[at : at + 2] in (["a", "m"], ["p", "m"]):
        certain, half, at = True, words[at], at + 2
    part = next(
        (
            word
            for word in words[at : at + 3]
            if word in ("morning", "afternoon", "evening", "night", "tonight")
        ),
        None,
    )
    if part is not None and words[at] in ("in", "this", "at", "yesterday", "last", "tonight"):
        certain, half = True, "a" if part == "morning" else "p"
        if words[at] in ("in", "at"):
            at += words[at : at + 3].index(part) + 1
    if not certain or (at < len(words) and words[at] in UNITS and words[start] != "at"):
        return None
    either = half is None and 7 <= hour <= 9
    return When(_meal_of_hour(hour, half), either=either), at


def _noon(words: Sequence[str], at: int) -> tuple[When, int] | None:
    if at < len(words) and words[at] in ("noon", "midday", "midnight", "lunchtime", "dinnertime", "bedtime"):
        return _PHRASES.get(words[at], When(MEALS.get(words[at]), None, True)), at + 1
    return None


def _number(words: Sequence[str], at: int) -> int | None:
    if at >= len(words):
        return None
    return int(words[at]) if words[at].isdecimal() and len(words[at]) < 5 else CARDINALS.get(words[at])


_SAID_ALONE: dict[int, Meal] = {
    12: "lunch", 1: "lunch", 2: "lunch", 5: "dinner", 6: "dinner", 7: "breakfast", 8: "breakfast", 9: "breakfast",
    10: "breakfast",
}  # fmt: skip


def _meal_of_hour(hour: int, half: str | None) -> Meal | None:
    """The meal eaten at an hour of a twelve-hour clock; None where no meal is likelier than others."""
    if half is None:
        # Said without "am" or "pm". Seven to nine are the morning's, unless the day was further on already.
        return _SAID_ALONE.get(hour)
    hour = hour % 12 + (12 if half == "p" else 0)
    if 4 <= hour < 10:
        return "breakfast"
    if 11 <= hour < 15:
        return "lunch"
    if 17 <= hour < 22:
        return "dinner"
    return "snack"
